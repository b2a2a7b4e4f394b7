"""Names as registers write them. All invented."""

import pytest

from enrichment.discovery.public_index.registers.names import cased, person, split, without_titles


@pytest.mark.parametrize(
    ("written", "proper"),
    [
        ("JEAN-LUC", "Jean-Luc"),
        ("PATRICK O'NEIL", "Patrick O'Neil"),
        ("RONA MCDONALD", "Rona McDonald"),
        ("IAN MACKIE", "Ian Mackie"),
        ("JAN VAN DER BERG", "Jan van der Berg"),
        ("DE LA TOUR", "de la Tour"),
        ("LE GOFF", "Le Goff"),
        ("ÉLODIE DUPRÉ", "Élodie Dupré"),
        ("NOVÁKOVÁ-SVOBODOVÁ", "Nováková-Svobodová"),
        ("PŘÍKLAD", "Příklad"),
        ("Kari McEksempel", "Kari McEksempel"),
        ("VAN", "Van"),
        ("SAMPLE III", "Sample III"),
        ("D'SOUZA", "D'Souza"),
    ],
)
def test_capitals_are_lowered_where_people_lower_them(written: str, proper: str) -> None:
    assert cased(written) == proper


def test_a_french_particle_is_small_before_its_apostrophe() -> None:
    assert cased("JEANNE D'ARC", elided=True) == "Jeanne d'Arc"


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("Ing. Peter Príklad, PhD.", "Peter Príklad"),
        ("Dr. h. c. prof. Ing. Peter Malý, DrSc.", "Peter Malý"),
        ("PaedDr. PhDr. Jana Malá", "Jana Malá"),
        ("Mgr. art. Jana Malá", "Jana Malá"),
        ("Dipl.-Ing. Hans Beispiel MBA", "Hans Beispiel"),
        ("Jana Malá Ph.D.", "Jana Malá"),
        ("J. R. Sample", "J. R. Sample"),
        ("Sir Tom Sample", "Tom Sample"),
    ],
)
def test_titles_are_no_part_of_a_name(written: str, bare: str) -> None:
    assert without_titles(written) == bare


def test_particles_belong_to_the_family_name() -> None:
    assert split("Jan Willem van der Berg") == ("Jan", "van der Berg")
    assert split("Madonna") == ("", "Madonna")


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("MARIE CLAIRE", "EXEMPLE", ("Marie", "Exemple")),
        ("MARIE", "EXEMPLE (DUPRÉ)", ("Marie", "Exemple")),
        ("Kari", None, None),
        (None, "Prøve", None),
        (7, ["Prøve"], None),
        ("[NON-DIFFUSIBLE]", "[NON-DIFFUSIBLE]", None),
        ("J***", "W*********", None),
        ("1234", "Prøve", None),
        ("Kari", "x" * 100, None),
        ("Ka\x00ri\ud800", "Prøve", ("Kari", "Prøve")),
    ],
)
def test_only_what_is_a_name_becomes_one(first: object, last: object, expected: tuple[str, str] | None) -> None:
    assert person(first, last) == expected
