"""Contacts out of CSV files as other programs write them: once, however often they are read, and no opt-out lost."""

import io
import re
from unittest.mock import patch

import pytest
from django.contrib.auth import get_user_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.names import name_key
from crm import contacts, csv_text, imports, suppression
from crm.contacts import Address, Facts
from crm.imports import FileError, Report, import_contacts
from crm.models import Brand, Contact, ContactAddress, Suppression
from tests.crm import at_once
from tests.factories import BrandFactory, CrmContactFactory

pytestmark = pytest.mark.django_db

HEADER = "email,first name,last name,company"
ADA = "ada@acme.example,Ada,Example,Acme"
COUNTED = ("created", "updated", "unchanged", "suppressed", "duplicates", "failed")


def run(*lines: str, dry_run: bool = False, encoding: str = "utf-8", **arguments: object) -> Report:
    return import_contacts(io.BytesIO("\n".join(lines).encode(encoding)), dry_run=dry_run, **arguments)


def counts(report: Report) -> dict[str, int]:
    assert sum(getattr(report, name) for name in COUNTED) == report.rows
    return {name: number for name in COUNTED if (number := getattr(report, name))}


def twice(*lines: str) -> dict[str, int]:
    """Return the counts of an import, which a dry run before it has to foretell without writing anything."""
    before = everything()
    foretold = run(*lines, dry_run=True)
    assert everything() == before
    report = run(*lines)
    assert (counts(foretold), foretold.errors) == (counts(report), report.errors)
    return counts(report)


def everything() -> list[object]:
    rows: list[object] = []
    for model in (Brand, Contact, ContactAddress, Suppression):
        rows += model.objects.order_by("pk").values()
    return rows


def test_a_row_becomes_a_contact_with_all_that_it_says() -> None:
    user = get_user_model().objects.create_user("boss")
    report = run(
        "Work-Email,Secondary Email,First_Name,SURNAME,Job Title,Seniority,Department,Brand,Website,"
        "LinkedIn Profile URL,Country,Lawful Basis,Relationship,Lead Source,Notes,Shoe size",
        'Ada@acme.example,"a@acme.example; ada@beta.example",Ada,Müller,CMO,C-Level,Marketing,Acme GmbH,'
        "www.acme.example/de,linkedin.com/in/ada,Germany,Contact_request,customer,Fair,Met\tthere,42",
        user=user,
    )
    assert (counts(report), report.ignored) == ({"created": 1}, ["Shoe size"])
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name, contact.name_key) == ("Ada", "Müller", "ada muller")
    assert (contact.job_title, contact.seniority, contact.department) == ("CMO", "c_level", "marketing")
    assert (contact.linkedin_url, contact.region_code) == ("https://linkedin.com/in/ada", "DE")
    assert (contact.lawful_basis, contact.relationship_status) == ("contact_request", "Customer")
    assert (contact.created_by, contact.updated_at is not None) == (user, True)
    (entry,) = contact.evidence
    assert (entry["value"], entry["snippet"], entry["source"]) == ("Fair", "Met there", "import")
    assert set(entry) == {"field", "value", "url", "snippet", "source", "seenAt"}, "as every other entry"
    assert [(row.email, row.is_primary, row.origin) for row in contact.addresses.all()] == [
        ("Ada@acme.example", True, "manual"),
        ("a@acme.example", False, "manual"),
        ("ada@beta.example", False, "manual"),
    ]
    brand = contact.brand
    assert (brand.name, brand.domain, brand.website) == ("Acme GmbH", "acme.example", "https://www.acme.example/de")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_delimiter_and_line_end_is_read(encoding: str, delimiter: str, end: str) -> None:
    text = f'{HEADER}{end}ada@acme.example,Zoë,"O’Neill{end}Größe",Acme{end}{end}'.replace(",", delimiter)
    report = import_contacts(io.BytesIO(text.encode(encoding)))
    assert counts(report) == {"created": 1}
    assert str(Contact.objects.get()) == "Zoë O’Neill Größe"


def test_a_semicolon_file_may_have_commas_in_its_headings_and_excels_first_line() -> None:
    report = run("sep=;", "", "e-mail;name;company;title, long", "ada@acme.example;Ada Example;Acme, Inc.;x")
    assert counts(report) == {"created": 1}
    assert Brand.objects.get().name == "Acme, Inc."


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada Example", "Ada", "Example"),
        ("Dr. Ada B. van Example", "Ada B.", "van Example"),
        ("Example; Ada".replace(";", ","), "Ada", "Example"),
        ("Ada", "Ada", ""),
        ("Prince", "Prince", ""),
    ],
)
def test_a_whole_name_is_taken_apart(name: str, first: str, last: str) -> None:
    run("name;email;company", f"{name};ada@acme.example;Acme")
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name) == (first, last)


@pytest.mark.parametrize(
    ("country", "code"), [("de", "DE"), ("UK", "GB"), ("USA", "US"), ("south korea", "KR"), ("England", "GB"), ("", "")]
)
def test_a_region_is_a_code_or_an_english_name(country: str, code: str) -> None:
    run(f"{HEADER},country", f"{ADA},{country}")
    assert Contact.objects.get().region_code == code


def test_without_a_basis_a_new_contact_was_entered_by_hand_and_a_known_one_stays_as_it_is() -> None:
    run(HEADER, ADA)
    assert Contact.objects.get().lawful_basis == "manual"
    Contact.objects.update(lawful_basis=None)
    assert twice(HEADER, ADA) == {"unchanged": 1}
    assert twice(f"{HEADER},lawful basis", f"{ADA},contact_request") == {"updated": 1}
    assert Contact.objects.get().lawful_basis == "contact_request"


# Brands


def test_a_brand_is_found_by_domain_then_by_name_and_takes_on_what_it_lacks() -> None:
    by_domain = BrandFactory(name="Acme Group", name_key="acme group", domain="acme.example")
    by_name = BrandFactory(name="Beta", name_key="beta", domain=None)
    lines = [
        "email,name,company,domain,company country",
        "ada@acme.example,Ada Example,Something else,shop.acme.example,",
        "bo@beta.example,Bo Roe,BETA Ltd,beta.example,FR",
        "cy@beta.example,Cy Doe,,beta.example,",
        "di@gamma.example,Di Poe,,,",
    ]
    assert twice(*lines) == {"created": 4}
    assert Contact.objects.get(first_name="Ada").brand == by_domain
    by_name.refresh_from_db()
    assert (by_name.domain, by_name.region_code, by_name.contacts.count()) == ("beta.example", "FR", 2)
    gamma = Brand.objects.get(domain="gamma.example")
    assert (gamma.name, gamma.contacts.count()) == ("gamma.example", 1)
    before = everything()
    assert twice(*lines) == {"unchanged": 4}
    assert everything() == before


def test_what_a_dry_run_would_have_made_the_next_rows_find() -> None:
    with patch.object(imports, "BATCH", 2):
        assert twice(
            "email,name,company,domain,website",
            "ada@acme.example,Ada Example,Acme,,",
            "bo@acme.example,Bo Roe,Acme,acme.example,",
            "ada@acme.example,Ada Example,,acme.example,",
            "ada@acme.example,Ada Example,Acme,,https://acme.example",
            ",Bo Roe,Acme,,",
            ",Bo Poe,Acme,,",
            ",Bo Poe,Acme,,",
        ) == {"created": 3, "duplicates": 4}
    assert Brand.objects.get().domain == "acme.example"


def test_pages_on_platforms_are_nobodys_domain() -> None:
    lines = ["email,name,company,website,linkedin"]
    lines.append("ada@acme.example,Ada Example,Acme,https://www.facebook.com/acme,linkedin.com/company/acme")
    lines.append("bo@beta.example,Bo Roe,Beta,https://www.linkedin.com/in/bo,")
    assert twice(*lines) == {"created": 2}
    acme = Brand.objects.get(name="Acme")
    assert (acme.domain, acme.website) == (None, "https://www.facebook.com/acme")
    assert (acme.linkedin_company_url, acme.contacts.get().linkedin_url) == ("https://linkedin.com/company/acme", None)
    beta = Brand.objects.get(name="Beta")
    assert (beta.website, beta.contacts.get().linkedin_url) == ("", "https://www.linkedin.com/in/bo")


def test_a_file_without_people_is_one_of_companies() -> None:
    lines = ["company;domain;website", "Acme;acme.example;https://acme.example", "Acme;acme.example;", ";beta.example;"]
    assert twice(*lines) == {"created": 2, "duplicates": 1}
    assert twice(*lines) == {"unchanged": 2, "duplicates": 1}
    assert not Contact.objects.exists()


# The same person


def test_reading_a_file_again_changes_nothing() -> None:
    lines = [
        "email,further emails,name,company,website,source,suppressed",
        "ada@acme.example,a@acme.example,Ada Example,Acme,https://acme.example,Fair,",
        ",,Bo Roe,Acme,,,",
        "cy@acme.example,,Cy Poe,Acme,,,yes",
    ]
    assert twice(*lines) == {"created": 2, "suppressed": 1}
    before = everything()
    assert twice(*lines) == {"unchanged": 2, "suppressed": 1}
    assert everything() == before


@pytest.mark.parametrize("batch", [1, 1000])
def test_duplicates_in_the_file_are_one_contact_with_what_either_says(batch: int) -> None:
    with patch.object(imports, "BATCH", batch):
        assert twice(
            f"{HEADER},title,further emails",
            f"{ADA},,",
            "ADA@acme.example,ada,EXAMPLE,Acme Ltd,CMO,",
            f"{ADA},CEO,other@acme.example",
            "other@acme.example,A.,Example,Acme,,",
            "ada@beta.example,Ada,Example,Acme,,",
        ) == {"created": 2, "duplicates": 3}
    contact = Contact.objects.get(job_title="CMO")
    assert sorted(row.email for row in contact.addresses.all()) == ["ada@acme.example", "other@acme.example"]


@pytest.mark.parametrize("batch", [1, 1000])
def test_a_known_contact_takes_on_what_it_lacks_and_keeps_the_rest(batch: int) -> None:
    brand = BrandFactory(name="Acme", name_key="acme")
    facts = Facts("Ada", "Example", job_title="CMO", seniority="c_level")
    contact = contacts.find_or_create(brand, facts, [Address("ada@acme.example", "guessed", 0.4)], None)
    contact.relationship_status = "Replied"
    contact.save()
    lines = [f"{HEADER},title,seniority,linkedin,relationship status,further emails"]
    lines.append(f"{ADA},CEO,staff,https://linkedin.com/in/ada,New,a@acme.example")
    lines.append("A@acme.example,Augusta,Example,Acme,,,,,")
    with patch.object(imports, "BATCH", batch):
        assert twice(*lines) == {"updated": 1, "duplicates": 1}
    contact = Contact.objects.get()
    assert (contact.job_title, contact.seniority, contact.relationship_status) == ("CMO", "c_level", "Replied")
    assert contact.linkedin_url == "https://linkedin.com/in/ada"
    assert [(row.email, row.is_primary, row.origin) for row in contact.addresses.all()] == [
        ("ada@acme.example", True, "guessed"),
        ("a@acme.example", False, "manual"),
    ]


def test_of_two_with_one_address_the_row_means_the_one_of_its_name() -> None:
    brand = BrandFactory(name="Acme", name_key="acme")
    shared = [Address("office@acme.example", "published")]
    other = contacts.find_or_create(brand, Facts("Bo", "Roe"), shared, None)
    ada = contacts.find_or_create(brand, Facts("Ada", "Example"), shared, None)
    assert twice(f"{HEADER},title", "office@acme.example,Ada,Example,Acme,CMO") == {"updated": 1}
    assert list(Contact.objects.filter(job_title="CMO")) == [ada]
    assert twice(f"{HEADER},title", "office@acme.example,Cy,Poe,Acme,CTO") == {"updated": 1}
    assert list(Contact.objects.filter(job_title="CTO")) == [other]


# The suppression list


@pytest.mark.parametrize(
    ("listed", "row"),
    [
        ("Ada@ACME.example", "ada@acme.example,,Ada,Acme,"),
        ("acme.example", "ada@acme.example,,Ada,Acme,"),
        ("acme.example", "ada@mail.acme.example,,Ada,Acme,"),
        ("acme.example", "ada@other.example,,Ada,Acme,acme.example"),
        ("acme.example", ",,Ada,Acme,https://www.acme.example"),
        ("ada@acme.example", "ada@acme.example,other@acme.example,Ada,Acme,"),
    ],
)
def test_who_is_on_the_list_is_not_imported_and_named_by_line_only(listed: str, row: str) -> None:
    suppression.add([listed], "objection")
    lines = ["email,further emails,first name,company,website", row]
    assert twice(*lines) == {"suppressed": 1}
    report = run(*lines)
    assert report.suppressed_lines == [2]
    assert "@" not in f"{report.sentence()} {report.as_json()}"
    assert not Brand.objects.exists()


def test_a_further_address_that_is_on_the_list_is_left_out_alone() -> None:
    suppression.add(["old@acme.example"], "bounced")
    assert twice(f"{HEADER},further emails", f"{ADA},old@acme.example new@acme.example") == {"created": 1}
    assert [row.email for row in ContactAddress.objects.all()] == ["ada@acme.example", "new@acme.example"]


@pytest.mark.parametrize(
    ("column", "word", "reason"),
    [
        ("Suppressed", "yes", "manual"),
        ("Opt out", "TRUE", "unsubscribed"),
        ("Unsubscribed", "1", "unsubscribed"),
        ("unsubscribed at", "2026-03-01 10:30", "unsubscribed"),
        ("Unsubscribed", "opted out", "unsubscribed"),
        ("Do not contact", "x", "objection"),
    ],
)
def test_an_opt_out_goes_on_the_list_and_is_not_imported(column: str, word: str, reason: str) -> None:
    user = get_user_model().objects.create_user("boss")
    lines = [f"{HEADER},further emails,country,{column}", f"{ADA},a@acme.example,Nowhere,{word}"]
    assert counts(run(*lines, dry_run=True)) == {"suppressed": 1}
    assert not Suppression.objects.exists()
    assert counts(run(*lines, user=user)) == {"suppressed": 1}
    assert {(row.reason, row.created_by) for row in Suppression.objects.all()} == {(reason, user)}
    both = {"ada@acme.example", "a@acme.example"}
    assert suppression.suppressed(both) == both
    assert not Contact.objects.exists()


@pytest.mark.parametrize("word", ["", "no", "FALSE", "0", "subscribed"])
def test_who_did_not_opt_out_is_imported(word: str) -> None:
    assert twice(f"{HEADER},unsubscribed", f"{ADA},{word}") == {"created": 1}
    assert not Suppression.objects.exists()


def test_what_is_neither_yes_nor_no_is_an_error_and_nobody_is_imported() -> None:
    report = run(f"{HEADER},unsubscribed", f"{ADA},perhaps")
    assert counts(report) == {"failed": 1}
    assert (report.errors[0].column, report.errors[0].message[:15]) == ("unsubscribed", "Write yes or no")
    assert not Contact.objects.exists()


@pytest.mark.parametrize("batch", [1, 1000])
def test_an_opt_out_holds_for_the_rows_that_follow(batch: int) -> None:
    lines = [f"{HEADER},opt out", f"{ADA},yes", "ADA@acme.example,Ada,Example,Acme,no"]
    with patch.object(imports, "BATCH", batch):
        assert twice(*lines) == {"suppressed": 2}
    assert not Contact.objects.exists()


def test_an_opt_out_without_an_address_is_an_error() -> None:
    report = run(f"{HEADER},opt out", ",Ada,Example,Acme,yes", "ada@,Ada,Example,Acme,yes")
    assert [(error.line, error.column) for error in report.errors] == [(2, "email"), (3, "email")]


# Errors


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("email", "lovelace@", "is not an e-mail address: write it like"),
        ("email", "Lovelace <lovelace@acme.example>", "is not an e-mail address: write it like"),
        ("further emails", "b@acme.example lovelace", "is not an e-mail address"),
        ("further emails", " ".join(f"a{n}@acme.example" for n in range(30)), "at most 20 addresses"),
        ("first name", "", "no name: write first name"),
        ("first name", "lovelace" * 30, "longer than 200 characters: shorten it"),
        ("first name", "love\x00lace", "save the file as UTF-8"),
        ("first name", "love\ufffdlace", "save the file as UTF-8"),
        ("company", "", "company is missing"),
        ("domain", "lovelace", "not a company's domain"),
        ("domain", "co.uk", "not a company's domain"),
        ("website", "javascript:lovelace()", "not an address on the web"),
        ("website", "https://lovelace:secret@acme.example", "not an address on the web"),
        ("website", "https://[lovelace", "not an address on the web"),
        ("linkedin", "lovelace", "not an address on the web"),
        ("country", "Lovelace", "no country: write its code"),
        ("lawful basis", "lovelace", "one of b2b_legitimate_interest, contact_request, manual"),
        ("relationship status", "lovelace", "one of New, Contacted"),
        ("seniority", "lovelace!", "one word of at most 20 letters"),
    ],
)
def test_a_bad_cell_is_told_by_line_and_column_and_the_good_rows_are_imported(
    column: str, cell: str, message: str
) -> None:
    bad = {"email": "x@gmail.com", "first name": "Bo", "company": "Acme"} | {column: cell}
    good = [{"email": f"a{n}@acme.example", "first name": "Ada", "company": "Acme"} for n in range(2)]
    report = run(
        ";".join(bad).upper(), *(";".join(row.get(name, "") for name in bad) for row in (good[0], bad, good[1]))
    )
    assert counts(report) == {"created": 2, "failed": 1}
    (error,) = report.errors
    assert (error.line, error.column) == (3, column.upper() if cell or column == "company" else "last name")
    assert message in error.message
    assert "lovelace" not in error.message.lower()


def test_a_row_has_all_its_errors() -> None:
    report = run(f"{HEADER},country", "ada,,Example,,Nowhere")
    assert [error.column for error in report.errors] == ["email", "country"]
    assert counts(report) == {"failed": 1}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('bo@acme.example,"Bo,Roe,Acme', csv_text.NO_CSV),
        ('bo@acme.example,"Bo"x,Roe,Acme', csv_text.NO_CSV),
        (f"bo@acme.example,{'Bo' * 60_000},Roe,Acme", csv_text.NO_CSV),
        ("bo@acme.example,Bo,Roe,Acme,Inc.", "more cells than the first line"),
    ],
)
def test_a_line_that_is_no_csv_costs_itself_only(line: str, problem: str) -> None:
    report = run(HEADER, ADA, line, "cy@acme.example,Cy,Poe,Acme", 'di@acme.example,Di,"Two\nLines",Acme', "x,,,")
    assert counts(report) == {"created": 3, "failed": 2}
    (first, *_, last) = report.errors
    assert (first.line, first.column) == (3, "")
    assert problem in first.message
    assert last.line == 7


@pytest.mark.parametrize("text", ["", "\n\n", "ada@acme.example,Ada,Example", "kind,fingerprint,reason,date\na,b,c,d"])
def test_a_file_without_a_header_is_refused_whole(text: str) -> None:
    with pytest.raises(FileError, match="first line must name the columns"):
        run(text)
    assert not Contact.objects.exists()


@given(data=st.binary(max_size=300) | st.text(alphabet='ae@.,;\t"\n\r\0=é', max_size=300).map(str.encode))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("start", [b"", b"email,name,company,website,country,opt out\n", b"\xff\xfee\0", b"company\n"])
def test_no_bytes_raise_anything_but_the_sentence_about_the_header(start: bytes, data: bytes) -> None:
    try:
        report = import_contacts(io.BytesIO(start + data), dry_run=True)
    except FileError as error:
        assert re.match("The first line", str(error))  # noqa: PT017
    else:
        counts(report)


@given(rows=st.lists(st.tuples(*[st.text(max_size=20)] * 8), max_size=5))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_cells_a_dry_run_foretells_the_import(rows: list[tuple[str, ...]]) -> None:
    def line(cells: tuple[str, ...]) -> str:
        quoted = (cell.encode("utf-8", "replace").decode().replace('"', '""') for cell in cells)
        return ",".join(f'"{cell}"' for cell in quoted)

    header = "first name,last name,company,title,source,notes,seniority,country"
    twice(header, *map(line, rows), *map(line, rows))


# At once, and many


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_one_contact_and_one_brand() -> None:
    lines = [f"{HEADER},domain", *(f"a{n}@acme{n}.example,Ada,Example,Acme {n},acme{n}.example" for n in range(20))]
    assert at_once.run(lambda: run(*lines)) == []
    assert (Brand.objects.count(), Contact.objects.count(), ContactAddress.objects.count()) == (20, 20, 20)


def test_rows_go_in_batches_of_few_queries(django_assert_max_num_queries) -> None:
    BrandFactory(name="Acme", name_key="acme")
    lines = [HEADER, *(f"a{n}@acme.example,Ada,Example{n},Acme" for n in range(2500))]
    with django_assert_max_num_queries(230):  # SQLite takes 999 values in a statement
        assert counts(run(*lines)) == {"created": 2500}
    with django_assert_max_num_queries(60):
        assert counts(run(*lines)) == {"unchanged": 2500}


def test_a_contact_of_another_brand_with_the_same_address_is_somebody_else() -> None:
    other = CrmContactFactory(first_name="Ada", last_name="Example", name_key=name_key("Ada", "Example"))
    contacts.add_addresses(other, [Address("ada@acme.example", "manual")])
    assert twice(HEADER, ADA) == {"created": 1}
