import csv
import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm.brands import name_key
from tests.factories import BrandFactory, CrmAddressFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _contacts() -> None:
    for name, domain in [("Acme GmbH", "acme.example"), ("Beta", "beta.example"), ("Beta Ltd", None)]:
        brand = BrandFactory(name=name, name_key=name_key(name), domain=domain)
        CrmAddressFactory(contact__brand=brand, contact__last_name="Müller", email=f"ada@{brand.name_key}.example")


def emails(text: str) -> list[str]:
    return [row["email"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("export_contacts", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], ["acme", "beta", "beta"]),
        (["--brand", "acme.example"], ["acme"]),
        (["--brand", "www.ACME.example"], ["acme"]),
        (["--brand", "ACME"], ["acme"]),
        (["--brand", "beta"], ["beta", "beta"]),
        (["--brand", "beta.example"], ["beta"]),
    ],
)
def test_all_contacts_or_those_of_a_brand_go_to_stdout(arguments: list[str], found: list[str]) -> None:
    assert emails(run(*arguments)) == [f"ada@{name}.example" for name in found]


def test_a_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    assert run("--output", str(file)) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(emails(file.read_text(encoding="utf-8"))) == 3
    assert b",M\xc3\xbcller," in file.read_bytes()


@pytest.mark.parametrize("brand", ["Gamma", "gamma.example", ""])
def test_a_brand_that_is_not_there_is_bad_usage(brand: str) -> None:
    with pytest.raises(CommandError, match="no brand of this name") as caught:
        run("--brand", brand)
    assert caught.value.returncode == 2


def test_a_file_that_cannot_be_written_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as caught:
        run("--output", str(tmp_path / "missing" / "contacts.csv"))
    assert caught.value.returncode == 2


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_stops_early_sees_no_error() -> None:
    from django.db import connection

    place = connection.settings_dict
    if connection.vendor == "sqlite":
        environment = {"DATABASE_URL": f"sqlite:///{place['NAME']}"}
    else:
        environment = {"DATABASE_URL": f"postgresql://{place['USER']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"}
    command = f"{sys.executable} manage.py export_contacts | true; test ${{PIPESTATUS[0]}} = 0"
    done = subprocess.run(
        ["bash", "-c", command], env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
