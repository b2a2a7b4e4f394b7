"""What is exported can be read back, and harms nobody who opens it in a spreadsheet."""

import csv
import io
import logging
import tracemalloc
from unittest.mock import patch

import pytest
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st

from core.encryption import blind_index
from crm import contacts, csv_text, exports, suppression
from crm.contacts import Address, Facts
from crm.imports import import_contacts
from crm.models import Brand, Contact, Suppression
from tests.factories import BrandFactory, CrmAddressFactory, CrmContactFactory

pytestmark = pytest.mark.django_db

EVIDENCE = [{"field": "name", "value": "Ada", "url": "https://acme.example/team", "snippet": "", "source": "website"}]


def read(pieces) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(pieces), newline="")))


def exported() -> list[dict[str, str]]:
    return read(exports.contacts(Contact.objects.all()))


def example() -> Contact:
    brand = BrandFactory(
        name="Acme, “Inc.”",
        name_key="acme inc",
        domain="acme.example",
        website="https://acme.example",
        linkedin_company_url="https://linkedin.com/company/acme",
        region_code="GB",
    )
    facts = Facts("Ada", "Müller\nExample", "=CMO()", "c_level", "marketing", "https://linkedin.com/in/ada", "DE")
    given = [Address(f"{name}@acme.example", "guessed", 0.5) for name in ("ada", "a", "b")]
    contact = contacts.find_or_create(brand, facts, given, None)
    contact.lawful_basis, contact.relationship_status, contact.evidence = "contact_request", "Replied", EVIDENCE
    contact.save()
    return contact


def test_a_contact_is_one_row_with_its_primary_address_first() -> None:
    contact = example()
    contacts.make_primary(contact, contact.addresses.get(email_index=blind_index("a@acme.example")))
    assert exported() == [
        {
            "email": "a@acme.example",
            "further emails": "ada@acme.example b@acme.example",
            "first name": "Ada",
            "last name": "Müller\nExample",
            "job title": "'=CMO()",
            "seniority": "c_level",
            "department": "marketing",
            "company": "Acme, “Inc.”",
            "domain": "acme.example",
            "website": "https://acme.example",
            "company linkedin": "https://linkedin.com/company/acme",
            "company region": "GB",
            "linkedin": "https://linkedin.com/in/ada",
            "region": "DE",
            "lawful basis": "contact_request",
            "relationship status": "Replied",
            "owner": "",
            "suppressed": "",
            "source": "https://acme.example/team",
            "notes": "",
        }
    ]


def test_what_is_exported_and_imported_into_an_empty_database_is_the_same() -> None:
    example()
    CrmContactFactory(lawful_basis="manual", brand=BrandFactory(domain=None, name="-Minus", name_key="minus"))
    CrmAddressFactory(contact__lawful_basis="b2b_legitimate_interest", contact__first_name="'=Ada")
    import_contacts(io.BytesIO(b"email,name,company,source,notes\nbo@beta.example,Bo Roe,Beta,+Fair,@noon"))
    before = exported()
    text = "".join(exports.contacts(Contact.objects.all()))
    Brand.objects.all().delete()
    report = import_contacts(io.BytesIO(text.encode()))
    assert (report.created, report.errors, report.ignored) == (4, [], [])
    after = exported()
    for row in before:
        row["last name"] = " ".join(row["last name"].split())
    assert after == before
    assert Contact.objects.filter(first_name="'=Ada").exists()
    assert Brand.objects.filter(name="-Minus").exists()


def test_who_is_on_the_suppression_list_is_marked_and_stays_on_it_after_a_move() -> None:
    suppression.add(["ada@acme.example", "beta.example"], "objection")
    CrmAddressFactory(email="ada@acme.example")
    CrmAddressFactory(email="bo@beta.example")
    CrmContactFactory(brand=BrandFactory(domain="beta.example"))
    free = CrmAddressFactory(email="cy@acme.example")
    CrmAddressFactory(contact=free.contact, email="ada@acme.example", is_primary=False)
    assert [row["suppressed"] for row in exported()] == ["yes", "yes", "yes", ""]
    text = "".join(exports.contacts(Contact.objects.filter(addresses__isnull=False).distinct()))
    Brand.objects.all().delete()
    Suppression.objects.all().delete()
    report = import_contacts(io.BytesIO(text.encode()))
    assert (report.created, report.suppressed) == (1, 2)
    listed = {"ada@acme.example", "bo@beta.example"}
    assert suppression.suppressed([*listed, "cy@acme.example"]) == listed


def test_brands_are_exported_as_import_reads_them() -> None:
    example()
    BrandFactory(name="Beta", name_key="beta", domain=None)
    text = "".join(exports.brands(Brand.objects.all()))
    assert [row["company"] for row in read([text])] == ["Acme, “Inc.”", "Beta"]
    before = list(Brand.objects.order_by("name").values("name", "domain", "website", "region_code"))
    Brand.objects.all().delete()
    assert import_contacts(io.BytesIO(text.encode())).created == 2
    assert list(Brand.objects.order_by("name").values("name", "domain", "website", "region_code")) == before


def test_of_the_suppression_list_only_fingerprints_are_exported() -> None:
    suppression.add(["ada@acme.example"], "objection")
    (row,) = read(exports.suppressions(Suppression.objects.all()))
    at = Suppression.objects.get().created_at
    assert row == {
        "kind": "address",
        "fingerprint": blind_index("ada@acme.example"),
        "reason": "objection",
        "date": at.isoformat(timespec="seconds"),
    }


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44 20 7946 0000", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1", "=cmd|' /C calc'!A0"]
)
def test_what_a_spreadsheet_would_take_for_a_formula_has_an_apostrophe_in_front(cell: str) -> None:
    BrandFactory(name=cell, name_key="x", domain=None)
    (row,) = read(exports.brands(Brand.objects.all()))
    assert row["company"] == f"'{cell}"


@given(st.text(alphabet="'=+-@\t\r\nae ", max_size=8))
def test_escaping_is_undone_exactly(cell: str) -> None:
    escaped = csv_text.escaped(cell)
    assert csv_text.unescaped(escaped) == cell
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_an_export_is_read_page_by_page_in_few_queries(django_assert_num_queries) -> None:
    for _ in range(5):
        CrmAddressFactory()
    with patch.object(exports, "PAGE", 2):
        pieces = exports.contacts(Contact.objects.order_by("-last_name"))
        with django_assert_num_queries(0):
            assert next(pieces).startswith("email,further emails,")
        with django_assert_num_queries(3):  # contacts, addresses, suppression list
            assert next(pieces).count("\r\n") == 2
        with django_assert_num_queries(3 + 3 + 1):
            assert sum(piece.count("\r\n") for piece in pieces) == 3


def test_memory_does_not_grow_with_the_number_of_rows() -> None:
    few = Brand.objects.filter(name__startswith="Few")
    for name, number in (("Few", 400), ("Many", 6000)):
        Brand.objects.bulk_create(Brand(name=f"{name} {n}", name_key=f"{name} {n}".lower()) for n in range(number))

    def peak(rows: QuerySet[Brand]) -> int:
        tracemalloc.start()
        try:
            return sum(len(piece) for piece in exports.brands(rows)) and tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    with patch.object(exports, "PAGE", 200):
        peak(few)  # what is imported and cached on the first call
        assert peak(Brand.objects.all()) < 2 * peak(few)


def test_nothing_of_a_person_is_logged(caplog) -> None:
    caplog.set_level(logging.INFO)
    example()
    exported()
    import_contacts(io.BytesIO(b"email,name,company\nbo@beta.example,Bo Roe,Beta\nx,Lovelace,Beta"))
    assert not any(word in caplog.text for word in ("acme.example", "beta.example", "Roe", "Lovelace"))


def test_the_owner_is_exported_and_imported_by_user_name() -> None:
    owner = get_user_model().objects.create_user("grace")
    contact = CrmAddressFactory(contact__owner=owner).contact
    text = "".join(exports.contacts(Contact.objects.all()))
    Contact.objects.all().delete()
    report = import_contacts(io.BytesIO(text.encode()))
    assert (report.created, report.errors) == (1, [])
    assert Contact.objects.get().owner == owner
    Contact.objects.all().delete()
    report = import_contacts(io.BytesIO(text.replace("grace", "nobody").encode()))
    assert (report.created, [(error.line, error.column) for error in report.errors]) == (0, [(2, "owner")])
    assert "Nobody here has this user name" in report.errors[0].message
    assert contact.last_name not in report.errors[0].message
