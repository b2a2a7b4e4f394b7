import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm import suppression
from crm.models import Brand, Contact, Suppression

pytestmark = pytest.mark.django_db

Run = Callable[..., tuple[Any, CommandError | None]]
FILE = b"""\
email;name;company;country;unsubscribed;shoe size
ada@acme.example;Ada Example;Acme;GB;no;42
ADA@acme.example;Ada Example;Acme;;;
bo@beta.example;Bo Roe;Beta;Nowhere;;
cy@acme.example;Cy Poe;Acme;;yes;
di@gamma.example;Di Doe;Gamma;;;
"""
REPORT = {
    "rows": 5,
    "created": 1,
    "updated": 0,
    "unchanged": 0,
    "suppressed": 2,
    "duplicates": 1,
    "errors": [
        {
            "line": 4,
            "column": "country",
            "message": "This is no country: write its code, such as US or DE, or its English name.",
        }
    ],
    "dryRun": False,
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command, with bytes on standard input; return its JSON, and the error it ended with."""

    def run(*arguments: str, stdin: bytes = b"") -> tuple[Any, CommandError | None]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        output, error = io.StringIO(), None
        try:
            call_command("import_contacts", *arguments, "--json", stdout=output)
        except CommandError as raised:
            error = raised
        return json.loads(output.getvalue() or "null"), error

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    suppression.add(["gamma.example"], "objection")
    path = tmp_path / "contacts.csv"
    path.write_bytes(FILE)
    return path


def test_the_report_counts_every_row_and_bad_rows_are_exit_code_1(run: Run, file: Path) -> None:
    report, error = run(str(file))
    assert report == REPORT
    assert error is not None
    assert (str(error), error.returncode) == ("1 of 5 rows have errors.", 1)
    assert Contact.objects.get().addresses.get().email == "ada@acme.example"
    assert suppression.suppressed(["cy@acme.example"])


def test_a_dry_run_says_the_same_and_writes_nothing(run: Run, file: Path) -> None:
    assert run(str(file), "--dry-run")[0] == REPORT | {"dryRun": True}
    assert not Brand.objects.exists()
    assert Suppression.objects.count() == 1


def test_good_rows_from_standard_input_are_exit_code_0(run: Run) -> None:
    report, error = run("-", stdin=b"\n".join(FILE.splitlines()[:2]))
    assert (report["rows"], report["created"], error) == (1, 1, None)


def test_a_person_reads_sentences_without_an_address(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("import_contacts", str(file))
    printed = capsys.readouterr()
    assert printed.out == (
        "Suppressed, not imported: lines 5, 6.\n"
        "Columns without a meaning here: shoe size.\n"
        "5 rows: 1 created, 0 updated, 0 unchanged, 2 suppressed, 1 duplicates, 1 with errors.\n"
    )
    assert printed.err.startswith("Line 4, country: This is no country")
    with pytest.raises(CommandError):
        call_command("import_contacts", str(file), "--dry-run")
    assert "Nothing was written: this was a dry run." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_exit_code_2(run: Run, tmp_path: Path, name: str) -> None:
    report, error = run(str(tmp_path / name))
    assert report is None
    assert error is not None
    assert error.returncode == 2


def test_a_file_without_a_header_is_exit_code_2(run: Run) -> None:
    report, error = run("-", stdin=b"ada@acme.example,Ada,Example\n")
    assert report is None
    assert error is not None
    assert (error.returncode, str(error)[:40]) == (2, "The first line must name the columns: em")
