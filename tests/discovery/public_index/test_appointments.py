"""Who was appointed and who leaves, by the sentences of press releases. Everybody is invented."""

import pytest

from enrichment.discovery.base import Brand
from enrichment.discovery.public_index.appointments import JOINED, LEFT, read
from enrichment.discovery.search_engines.companies import company_of

ACME = company_of(Brand("Acme", "https://www.acme.example/", "acme.example"))


@pytest.mark.parametrize(
    ("sentence", "name", "title"),
    [
        ("Acme appoints Jane Doe as Chief Financial Officer", "Jane Doe", "Chief Financial Officer"),
        ("Acme GmbH names Dr. Jane Doe to the role of VP Sales, effective 1 May", "Jane Doe", "VP Sales"),
        ("Acme promotes Jean-Luc Roe to VP Operations to lead growth", "Jean-Luc Roe", "VP Operations"),
        ("Jane Doe joins Acme as VP Sales", "Jane Doe", "VP Sales"),
        ("Jane Doe has been appointed Head of Marketing at Acme.", "Jane Doe", "Head of Marketing"),
        ("Jane Doe, formerly of Globex, joins Acme as Head of Sales", "Jane Doe", "Head of Sales"),
        ("Acme announces that Jane Doe has been appointed General Counsel", "Jane Doe", "General Counsel"),
        ("We have appointed Jane Doe as our new Chief Technology Officer.", "Jane Doe", "Chief Technology Officer"),
        ("Acme ernennt Petra Lindner zur Geschäftsführerin", "Petra Lindner", "Geschäftsführerin"),
        ("Petra Lindner wird neue Vertriebsleiterin", "Petra Lindner", "Vertriebsleiterin"),
        ("Acme nomme Claire Dupont au poste de Directrice Générale", "Claire Dupont", "Directrice Générale"),
        ("Claire Dupont est nommée Directrice Marketing", "Claire Dupont", "Directrice Marketing"),
        ("Acme nombra a Ana García directora comercial", "Ana García", "directora comercial"),
        ("Acme nomina Luca Bianchi Direttore Vendite", "Luca Bianchi", "Direttore Vendite"),
        ("Acme benoemt Jan de Vries tot Directeur Verkoop", "Jan de Vries", "Directeur Verkoop"),
    ],
)  # fmt: skip
def test_an_appointment_gives_name_and_title(sentence: str, name: str, title: str) -> None:
    (change,) = read(sentence, ACME)
    assert (f"{change.first_name} {change.last_name}", change.kind, change.title) == (name, JOINED, title)
    assert change.sentence == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "Jane Doe steps down as CEO",
        "Jane Doe leaves Acme",
        "Jane Doe is to retire from Acme after 20 years",
        "Jane Doe, CFO of Acme, resigns",
        "Jane Doe verlässt Acme",
        "Jane Doe quitte Acme",
    ],
)
def test_a_departure_is_told_apart(sentence: str) -> None:
    (change,) = read(sentence, ACME)
    assert (change.first_name, change.last_name, change.kind) == ("Jane", "Doe", LEFT)


@pytest.mark.parametrize(
    "sentence",
    [
        "Globex appoints Jane Doe as CEO",
        "Jane Doe joins Globex as VP Sales",
        "Jane Doe has been appointed Head of Marketing at Globex",
        "Jane Doe leaves Globex",
        "Acme welcomes visitors to the fair",
        "Acme named Company of the Year",
        "Our product is named best tool",
        "Acme appoints Globex as distributor",
        "Acme names its new office in Porto",
        "Acme appoints Jane as CFO",
        "Acme appoints a new auditor",
        "The ship leaves Hamburg",
        "Jane Doe says that Acme is growing",
        "",
    ],
)
def test_other_news_and_other_companies_changes_are_left_alone(sentence: str) -> None:
    assert read(sentence, ACME) == []


def test_several_sentences_and_hostile_texts() -> None:
    text = "Big news.\nAcme appoints Jane Doe as CFO. John Roe steps down as CFO."
    assert [(change.first_name, change.kind) for change in read(text, ACME)] == [("Jane", JOINED), ("John", LEFT)]
    for odd in (
        "A" * 100_000,
        "Jane Doe " * 5_000,
        "appoints " * 5_000,
        "(" * 5_000,
        "\x00\n" * 5_000,
        "Jane, " * 5_000,
    ):
        assert read(odd, ACME) == []
