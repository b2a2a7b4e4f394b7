"""Register numbers as sites print them. The numbers are invented; their check digits are right."""

import pytest

from enrichment.discovery.clues import CZ_ICO, FR_SIREN, GB_COMPANY, NO_ORGNR, SCHEMES, SK_ICO, US_CIK
from enrichment.discovery.register_numbers import MAX_CLUES, MAX_TEXT, found_in

URL = "https://www.brightwater.example/legal"


def numbers(text: str, language: str | None = None, domain: str | None = None) -> list[tuple[str, str]]:
    return [(clue.scheme, clue.value) for clue in found_in(text, URL, language=language, domain=domain)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SIREN : 999 000 102", (FR_SIREN, "999000102")),
        ("N° SIREN 999.000.102", (FR_SIREN, "999000102")),
        ("SIRET : 999\u00a0000\u00a0102\u202f00014", (FR_SIREN, "999000102")),
        ("SIRET n° 99900010200014", (FR_SIREN, "999000102")),
        ("Acme SAS, RCS Paris B 999 000 102", (FR_SIREN, "999000102")),
        ("immatriculée au R.C.S. de Lyon sous le numéro 999 000 102", (FR_SIREN, "999000102")),
        ("au capital de 10 000 €, 999 000 102 RCS Nanterre", (FR_SIREN, "999000102")),
        ("Registre du Commerce et des Sociétés de Lille : 999000102", (FR_SIREN, "999000102")),
        ("TVA intracommunautaire : FR 48 999 000 102", (FR_SIREN, "999000102")),
        ("Org.nr: 999 000 118", (NO_ORGNR, "999000118")),
        ("Org. nr. NO 999 000 118 MVA", (NO_ORGNR, "999000118")),
        ("Organisasjonsnummer\n999000118MVA", (NO_ORGNR, "999000118")),
        ("Foretaksnummer 999 000 118", (NO_ORGNR, "999000118")),
        ("Brightwater AS, NO999000118MVA", (NO_ORGNR, "999000118")),
        ("Organization number: 999 000 118", (NO_ORGNR, "999000118")),
        ("Registered in England and Wales (No. 01234567)", (GB_COMPANY, "01234567")),
        ("Registered in England & Wales under company number 1234567.", (GB_COMPANY, "01234567")),
        ("Registered in England and Wales with registered company number: 01234567", (GB_COMPANY, "01234567")),
        ("Registered in Scotland, company no. SC123456", (GB_COMPANY, "SC123456")),
        ("Company registration number: OC 301234", (GB_COMPANY, "OC301234")),
        ("Registered office: 1 Example Street, London, England. Company No: 1234567", (GB_COMPANY, "01234567")),
        ("CIK: 0000012345", (US_CIK, "12345")),
        ("CIK Number 1234567890", (US_CIK, "1234567890")),
    ],
)
def test_a_number_beside_its_label_is_a_clue(text: str, expected: tuple[str, str]) -> None:
    assert numbers(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "SIREN : 999 000 103",
        "SIREN : 9990001020",
        "Org.nr: 999 000 119",
        "Org.nr 556012-5790",
        "IČO: 87654301",
        "TVA : FR 47 999 000 102",
        "999 000 102",
        "Call 999 000 118",
        "Company number 123456789, England",
        "Registered charity in England and Wales (No. 1234567)",
        "Registered in England and Wales, charity number 1234567",
        "VAT registration number GB 123 4567 89, England",
        "Company number 00000000, England",
        "DIČ: CZ8001011234",
        "CIK 12",
        "Company number ١٢٣٤٥٦٧٨, England",
        "SIREN ٩٩٩٠٠٠١٠٢",
        "",
    ],
)
def test_what_has_no_label_or_a_wrong_check_digit_is_no_clue(text: str) -> None:
    assert numbers(text) == []


def test_a_company_number_of_no_stated_country_counts_on_a_british_domain_only() -> None:
    assert numbers("Company No. 12345678", domain="brightwater.ie") == []
    assert numbers("Company No. 12345678", domain="brightwater.co.uk") == [(GB_COMPANY, "12345678")]


@pytest.mark.parametrize(
    ("text", "language", "domain", "expected"),
    [
        ("IČO: 876 54 300", None, "brightwater.cz", [CZ_ICO]),
        ("IČO: 87654300", None, "brightwater.sk", [SK_ICO]),
        ("IČO 87654300", "cs-CZ", "brightwater.com", [CZ_ICO]),
        ("IČ: 87654300", "sk", None, [SK_ICO]),
        ("IČO: 87654300, zapsaná v obchodním rejstříku", None, None, [CZ_ICO]),
        ("IČO: 87654300, DIČ: CZ87654300", None, None, [CZ_ICO]),
        ("IČO: 87654300, IČ DPH: SK2020000000", None, None, [SK_ICO]),
        ("Obchodný register Mestského súdu Bratislava III, IČO: 87654300", None, None, [SK_ICO]),
        ("Obchodní rejstřík, IČO: 87654300", "sk", "brightwater.sk", [CZ_ICO]),
        ("IČO: 87654300", None, None, [CZ_ICO, SK_ICO]),
        ("IČO: 87654300", "en", "brightwater.com", [CZ_ICO, SK_ICO]),
    ],
)
def test_an_ico_is_czech_or_slovak_by_words_domain_or_language(
    text: str, language: str | None, domain: str | None, expected: list[str]
) -> None:
    assert numbers(text, language, domain) == [(scheme, "87654300") for scheme in expected]


def test_a_short_ico_is_padded() -> None:
    assert numbers("IČO: 999911", domain="brightwater.cz") == [(CZ_ICO, "00999911")]


def test_the_number_of_the_sites_host_is_left_out() -> None:
    text = "Éditeur : Brightwater SAS, RCS Paris 999 000 102. Hébergeur : Nuage SAS, RCS Lille 999 000 110."
    assert numbers(text) == [(FR_SIREN, "999000102")]


def test_the_owners_number_after_the_hosts_is_kept() -> None:
    text = "Hébergé par Nuage SAS. Éditeur : Brightwater SAS, RCS Paris 999 000 102"
    assert numbers(text) == [(FR_SIREN, "999000102")]


def test_a_number_printed_twice_is_one_clue_with_its_surroundings() -> None:
    (clue,) = found_in("Brightwater SAS\nSIREN 999 000 102, SIRET 99900010200014", URL, language="fr", domain=None)
    assert clue.url == URL
    assert clue.scheme in SCHEMES
    assert clue.snippet.startswith("Brightwater SAS SIREN 999 000 102")


def test_a_page_of_nothing_but_numbers_gives_no_more_than_it_may() -> None:
    text = " ".join(f"CIK {number}" for number in range(1000, 3000))
    clues = found_in(text, URL, language=None, domain=None)
    assert len(clues) == MAX_CLUES
    assert all(len(clue.snippet) <= 300 for clue in clues)


def test_what_stands_beyond_the_cap_is_not_read() -> None:
    assert numbers("x" * MAX_TEXT + " CIK 12345") == []


@pytest.mark.parametrize(
    "unit", ["SIREN ", "RCS ", "IČO: 1 ", "registered in england and wales ", "1 ", "Hébergeur ", "("]
)
def test_hostile_repetition_is_read_without_backtracking_for_ever(unit: str) -> None:
    # The suite's own time limit is the judge here: quadratic reading of this takes hours.
    assert numbers(unit * (MAX_TEXT // len(unit))) == []
