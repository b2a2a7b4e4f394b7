"""No file that is given out makes a spreadsheet run anything, and what it holds is read in again as it was."""

import csv
import io
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core import audit
from crm.imports import import_contacts
from crm.models import Brand, Contact
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, CrmContactFactory, EmailFactory
from tests.security import every_page

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

CELLS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://evil.example","x")', "＝1", "＋1",
    "－1", "＠x", '"=1', "';=1", "x\n=1", "x,=1", 'x",=1', "=\u202e1", "%0A=1", "=WEBSERVICE(\"http://evil.example\")",
]  # fmt: skip
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")


def cells(text: str) -> Iterator[str]:
    for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        yield from line


def assert_inert(text: str) -> None:
    for cell in cells(text):
        assert not cell.startswith(DANGEROUS), cell


def poisoned() -> None:
    for number, cell in enumerate(CELLS):
        brand = BrandFactory(name=f"{cell}{number}", name_key=f"k{number}", website=f"https://acme{number}.example")
        contact = CrmContactFactory(brand=brand, first_name=cell, last_name=cell, job_title=cell, name_key=f"k{number}")
        CrmAddressFactory(contact=contact, email=f"a{number}@acme{number}.example")
        found = ContactFactory(
            first_name=cell, last_name=f"{cell}{number}", job_title=cell, company=cell, linked_brand=brand
        )
        EmailFactory(enriched_contact=found)
        audit.record("thing.done", note=cell)


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("post", "/contacts/export/", {"everything": "1"}),
        ("get", "/api/crm/exports/contacts.csv", {}),
        ("get", "/api/crm/exports/brands.csv", {}),
        ("get", "/api/crm/exports/suppressions.csv", {}),
        ("get", "/compliance/audit/csv/", {}),
        ("post", "/admin/crm/contact/", {"action": "export_csv", "select_across": "1", "index": "0"}),
    ],
)
def test_no_cell_of_any_file_is_a_formula(staff: Client, method: str, path: str, data: dict[str, str]) -> None:
    poisoned()
    keys = [str(key) for key in Contact.objects.values_list("pk", flat=True)]
    answer = getattr(staff, method)(path, data | ({"_selected_action": keys} if "admin" in path else {}))
    if "csv" in answer["Content-Type"]:
        text = every_page.body_of(answer).decode()
        assert len(list(cells(text))) > 3
        assert_inert(text)
    else:
        assert answer.status_code in {302, 404}, path  # there is no such file to be had this way
        assert "admin" in path or answer.status_code == 404


def test_the_files_do_exist(staff: Client) -> None:
    poisoned()
    for path in ("/api/crm/exports/contacts.csv", "/api/crm/exports/brands.csv"):
        answer = staff.get(path)
        assert "csv" in answer["Content-Type"], path
        assert "'=" in every_page.body_of(answer).decode()


def test_what_went_out_comes_in_again_as_it_was(staff: Client, boss: User) -> None:
    poisoned()
    before = sorted(Contact.objects.values_list("first_name", "last_name", "job_title"))
    text = every_page.body_of(staff.get("/api/crm/exports/contacts.csv"))
    Contact.objects.all().delete()
    Brand.objects.all().delete()
    report = import_contacts(io.BytesIO(text), user=boss)
    assert not report.errors
    kept = sorted(Contact.objects.values_list("first_name", "last_name", "job_title"))
    plain = [tuple(" ".join(part.split()) for part in row) for row in before]
    assert sorted(tuple(" ".join(part.split()) for part in row) for row in kept) == sorted(plain)
