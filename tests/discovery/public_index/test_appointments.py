"""Who got a post and who gave one up, by the words of a release. Companies and people are invented."""

import pytest

from enrichment.discovery.public_index.appointments import Change, read

JANE = "Jane Doe"


def changes(text: str, brand: str = "Acme") -> list[tuple[str, str, str]]:
    return [(change.name, change.title, change.kind) for change in read(text, brand)]


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("Acme appoints Jane Doe as Chief Financial Officer", "Chief Financial Officer"),
        ("Acme GmbH appoints Jane Doe as Chief Financial Officer, effective 1 March", "Chief Financial Officer"),
        ("ACME APPOINTS JANE DOE AS CFO", "CFO"),
        ("Acme Appoints Jane Doe As Chief Financial Officer To Drive Growth", "Chief Financial Officer"),
        (
            "LONDON, 6 October 2026 – Acme today announced that it has appointed Jane Doe as its new Chief Marketing "
            "Officer, reporting to the CEO.",
            "Chief Marketing Officer",
        ),
        ("Acme Is Pleased To Announce The Appointment Of Jane Doe As Chief Revenue Officer", "Chief Revenue Officer"),
        ("Appointment of Jane Doe as Chief Revenue Officer", "Chief Revenue Officer"),
        ("We are delighted to welcome Jane Doe as our new Head of Growth.", "Head of Growth"),
        ("The board of directors has named Jane Doe chief executive officer", "chief executive officer"),
        ("Acme names Jane Doe CFO", "CFO"),
        ("Acme names industry veteran Jane Doe chief executive officer", "chief executive officer"),
        ("Acme hires former Beta executive Jane Doe as VP Sales", "VP Sales"),
        (
            "Acme promotes Jane Doe to Executive Vice President, Sales and Marketing",
            "Executive Vice President, Sales and Marketing",
        ),
        ("Acme appoints Jane Doe, previously of Beta, as Chief Product Officer", "Chief Product Officer"),
        ("Acme appoints Dr. Jane Doe as Sr. Vice President of Sales at Acme", "Sr. Vice President of Sales"),
        ("Acme appoints Jane Doe to its Board of Directors", "Board Director"),
        ("Acme welcomes new Chief Financial Officer Jane Doe", "Chief Financial Officer"),
        ("Acme appoints Jane Doe as Acme's first Chief AI Officer", "Chief AI Officer"),
        ("Jane Doe joins Acme as VP Sales", "VP Sales"),
        ("Jane Doe joins Acme's leadership team as VP, Sales", "VP, Sales"),
        ("Jane Doe joins us as Chief People Officer", "Chief People Officer"),
        ("Jane Doe joins as Chief People Officer", "Chief People Officer"),
        ("Jane Doe has been appointed Chief Financial Officer", "Chief Financial Officer"),
        (
            "Jane Doe, previously at Beta, has been appointed as Chief Financial Officer of Acme.",
            "Chief Financial Officer",
        ),
        ("Jane Doe appointed CEO", "CEO"),
        ("Jane Doe becomes President of Europe", "President of Europe"),
        ("Acme ernennt Jane Doe zur Finanzvorständin", "Finanzvorständin"),
        ("Acme beruft Jane Doe zum 1. Januar zur Geschäftsführerin", "Geschäftsführerin"),
        ("Der Aufsichtsrat der Acme AG ernennt Jane Doe zum Vorstand", "Vorstand"),
        ("Jane Doe wird neue Geschäftsführerin der Acme GmbH", "Geschäftsführerin"),
        ("Jane Doe wurde zur Vertriebsleiterin ernannt", "Vertriebsleiterin"),
        ("Acme nomme Jane Doe au poste de directrice générale", "directrice générale"),
        ("Jane Doe est nommée directrice financière d'Acme", "directrice financière"),
        ("Jane Doe rejoint Acme en tant que directrice marketing", "directrice marketing"),
        ("Acme nombra a Jane Doe directora general", "directora general"),
        ("Jane Doe ha sido nombrada directora financiera de Acme", "directora financiera"),
        ("Acme nomina Jane Doe direttore generale", "direttore generale"),
        ("Jane Doe è stata nominata amministratore delegato di Acme", "amministratore delegato"),
        ("Acme benoemt Jane Doe tot financieel directeur", "financieel directeur"),
        ("Acme utnevner Jane Doe til daglig leder", "daglig leder"),
    ],
)
def test_an_appointment_is_read_with_its_title(sentence: str, title: str) -> None:
    assert changes(sentence) == [(JANE, title, "joined")]


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("CFO Jane Doe steps down", "CFO"),
        ("Jane Doe to step down as Chief Financial Officer of Acme", "Chief Financial Officer"),
        ("Jane Doe leaves Acme", ""),
        ("Jane Doe is leaving the company", ""),
        ("After ten years, Jane Doe has left Acme.", ""),
        ("Acme announces the retirement of CEO Jane Doe", "CEO"),
        ("Jane Doe resigns as CEO with effect from March", "CEO"),
        ("Jane Doe retires after 30 years", ""),
        ("Jane Doe verlässt Acme", ""),
        ("Jane Doe tritt als Geschäftsführerin zurück", "Geschäftsführerin"),
        ("Jane Doe quitte Acme", ""),
        ("Jane Doe lascia l'azienda", ""),
    ],
)
def test_a_departure_is_read(sentence: str, title: str) -> None:
    assert changes(sentence) == [(JANE, title, "left")]


@pytest.mark.parametrize(
    "sentence",
    [
        "Beta Ltd appoints Jane Doe as CFO",
        "Beta Ltd, a customer of Acme, appoints Jane Doe as CFO",
        "Acme's customer Beta hires Jane Doe as CFO",
        "Acme Robotics appoints Jane Doe as CFO",
        "Jane Doe joins Beta as CEO",
        "Jane Doe joins Acme partner Beta as CEO",
        "Jane Doe joins the company Gamma as CEO",
        "Former Acme CFO Jane Doe joins Beta as CEO",
        "Jane Doe has been appointed CEO of Beta",
        "Jane Doe appointed Chief Financial Officer at Beta",
        "Jane Doe appointed Sales Director of Beta GmbH",
        "Beta CFO Jane Doe steps down",
        "Jane Doe leaves Beta",
        "Jane Doe resigns from the board of Beta",
    ],
)
def test_what_happens_at_another_company_is_not_taken(sentence: str) -> None:
    assert changes(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Jane Doe named CEO of the Year",
        "Acme names Jane Doe customer of the year",
        "Acme names Beta its supplier of choice",
        "Acme appoints New Chief Financial Officer",
        "Acme welcomes Prime Minister Jane Doe",
        "Acme CEO Jane Doe appointed to a government council",
        "Jane Doe joins Acme for a talk",
        "Jane Doe, who joined Acme in 2015 as Sales Manager, speaks about rivers",
        "Jane Doe leaves a legacy",
        "Jane Doe steps down as CFO to become CEO",
        "Jane Doe steps down as CFO and remains on the board",
        "How Acme hires engineers as a team",
        "Acme appoints",
        "as as as to to",
        "",
    ],
)
def test_what_is_no_appointment_is_left_alone(sentence: str) -> None:
    assert changes(sentence) == []


def test_several_people_of_one_sentence_are_told_apart() -> None:
    assert changes("Acme appoints John Smith as CFO and Jane Doe as COO") == [
        ("John Smith", "CFO", "joined"),
        (JANE, "COO", "joined"),
    ]
    assert changes("Acme appoints Jane Doe and John Smith as Managing Directors") == [
        (JANE, "Managing Director", "joined"),
        ("John Smith", "Managing Director", "joined"),
    ]


def test_a_predecessor_who_retires_has_left() -> None:
    assert changes("Acme appoints Jane Doe as CTO to succeed John Smith, who retires in March.") == [
        (JANE, "CTO", "joined"),
        ("John Smith", "", "left"),
    ]


def test_who_leaves_a_post_for_another_is_still_there() -> None:
    text = "Jane Doe steps down as CFO on Friday. Acme appoints Jane Doe as Chief Executive Officer."
    assert changes(text) == [(JANE, "Chief Executive Officer", "joined")]


def test_the_sentence_is_kept_and_no_longer_than_evidence_may_be() -> None:
    text = "Good news. Acme appoints Jane Doe as CFO, " + "who has been everywhere " * 40 + ". More follows."
    (change,) = read(text, "Acme")
    assert change.sentence.startswith("Acme appoints Jane Doe as CFO, who has been")
    assert len(change.sentence) == 300


def test_a_brand_of_several_words_and_a_legal_form_is_recognised() -> None:
    assert changes("Acme River Labs Ltd appoints Jane Doe as CFO", "Acme River Labs") == [(JANE, "CFO", "joined")]
    assert changes("Acme appoints Jane Doe as CFO", "Acme River Labs") == []


@pytest.mark.parametrize(
    "text",
    [
        "Acme appoints " * 2_000,
        "Jane Doe " * 3_000,
        "Jane Doe steps down " * 1_000,
        ", " * 10_000,
        "A. " * 9_000,
        "(" * 20_000,
        "\x00\ud800 Acme appoints \x00",
    ],
)
def test_long_and_strange_texts_raise_nothing(text: str) -> None:
    assert all(isinstance(change, Change) for change in read(text, "Acme"))


@pytest.mark.parametrize("brand", ["", " ", "(", "*", "Jane Doe"])
def test_any_brand_name_will_do(brand: str) -> None:
    assert isinstance(read("Acme appoints Jane Doe as CFO. Jane Doe steps down.", brand), list)
