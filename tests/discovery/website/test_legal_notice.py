import pytest

from tests.discovery.website.reading import read, stored, titles


def test_an_impressum_names_who_represents_the_company_and_not_its_suppliers() -> None:
    assert titles(stored("german_imprint")) == {
        "Annegret Mühlbauer": "Geschäftsführer",
        "Jörg Stein": "Geschäftsführer",
        "Uwe Sandmann": "Prokurist",
        "Katrin Blume": None,
    }


def test_mentions_legales_name_the_publisher_and_not_the_host() -> None:
    assert titles(stored("french_legal")) == {
        "Marie-Claire Dupont": "Gérante",
        "Yann Le Goff": "Directeur de la publication",
    }


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        ("<h1>Impressum</h1><p>Geschäftsführer: Max Muster, Musterstraße 1</p>", {"Max Muster": "Geschäftsführer"}),
        (
            "<h1>Impressum</h1><p>Geschäftsführung:<br>Eva Muster und Jan Probe</p>",
            {"Eva Muster": "Geschäftsführung", "Jan Probe": "Geschäftsführung"},
        ),
        ("<h1>Impressum</h1><p>Inhaberin: Frau Eva Muster</p>", {"Eva Muster": "Inhaberin"}),
        (
            "<h1>Impressum</h1><p>Vertretungsberechtigter Vorstand: Dr. Eva Muster (Vorsitzende)</p>",
            {"Eva Muster": "Vertretungsberechtigter Vorstand"},
        ),
        ("<h1>Impressum</h1><p>Muster GmbH<br>Vertreten durch:<br>Max Muster</p>", {"Max Muster": "Geschäftsführer"}),
        ("<h1>Impressum</h1><p>Probe e.V.<br>Vertreten durch: Eva Muster</p>", {"Eva Muster": "Vorstand"}),
        ("<h1>Impressum</h1><p>Verantwortlich für den Inhalt: Eva Muster</p>", {"Eva Muster": None}),
        ("<h1>Note legali</h1><p>Amministratore unico: Mario Esempio</p>", {"Mario Esempio": "Amministratore unico"}),
        ("<h1>Aviso legal</h1><p>Representante legal: Lucía Ejemplo</p>", {"Lucía Ejemplo": "Representante legal"}),
        (
            "<h1>Legal notice</h1><p>Managing Directors: Jane Sample and Peter Proof</p>",
            {"Jane Sample": "Managing Director", "Peter Proof": "Managing Director"},
        ),
        ("<h1>Контакти</h1><p>ЕИК 123456789</p><p>Управител: Иван Примеров</p>", {"Иван Примеров": "Управител"}),
    ],
)
def test_labels_of_legal_notices(notice: str, expected: dict[str, str | None]) -> None:
    assert titles(read(notice)) == expected


def test_the_evidence_shows_the_label() -> None:
    (muster,) = read("<h1>Impressum</h1><p>Geschäftsführer: Max Muster</p>").people
    assert muster.method == "website_legal_notice"
    assert [(item.field, item.snippet) for item in muster.evidence] == [
        ("name", "Geschäftsführer: Max Muster"),
        ("title", "Geschäftsführer: Max Muster"),
    ]


def test_a_title_on_a_card_is_no_label_for_the_next_name() -> None:
    found = read(
        "<h1>Unser Team</h1><h3>Max Muster</h3><p>Geschäftsführer</p>"
        "<h3>Eva Probe</h3><p>Assistentin der Geschäftsführung</p>"
    )
    assert titles(found)["Eva Probe"] == "Assistentin der Geschäftsführung"


def test_the_director_of_a_film_represents_nobody() -> None:
    assert read("<h1>Now showing</h1><p>Director: Jane Sample</p><p>Starring: Peter Proof</p>").people == ()
