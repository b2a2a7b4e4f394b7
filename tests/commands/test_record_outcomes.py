import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from crm import suppression
from crm.models import AddressOutcome
from outreach import default_sequence, enrolments
from outreach.models import Enrolment
from tests.factories import EmailFactory
from tests.outreach.factories import AddressFactory

pytestmark = pytest.mark.django_db

Run = Callable[..., tuple[list[Any], CommandError | None]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on standard input; return its JSON lines, and the error it ended with."""

    def run(*arguments: str, stdin: bytes = b"") -> tuple[list[Any], CommandError | None]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        output, error = io.StringIO(), None
        try:
            call_command("record_outcomes", *arguments, "--json", stdout=output)
        except CommandError as raised:
            error = raised
        return [json.loads(line) for line in output.getvalue().splitlines()], error

    return run


def counts(**given: int) -> dict[str, int]:
    return {"recorded": 0, "known": 0, "suppressed": 0, "enrolmentsStopped": 0, "invalid": 0} | given


def test_outcomes_are_recorded_once_beside_what_was_predicted(run: Run) -> None:
    EmailFactory(email="ada@acme.example", probability=0.42)
    lines = (
        b"ada@acme.example,delivered,2026-11-20\n"
        b"Joan@acme.example,BOUNCED,2026-11-20T10:30:00+02:00\r\n"
        b'"grace@acme.example", replied , 2026-11-21T08:00:00Z\n\n'
        b"bo@acme.example,complained"
    )
    assert run(stdin=lines) == ([counts(recorded=4, suppressed=2)], None)
    assert run(stdin=lines) == ([counts(known=4)], None)
    rows = list(AddressOutcome.objects.order_by("id"))
    assert [(row.kind, row.happened_at) for row in rows[:3]] == [
        ("delivered", datetime(2026, 11, 20, tzinfo=UTC)),
        ("bounced", datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ("replied", datetime(2026, 11, 21, 8, tzinfo=UTC)),
    ]
    assert timezone.now() - rows[3].happened_at < timedelta(hours=1)
    assert [row.probability for row in rows] == [0.42, None, None, None]
    both = {"joan@acme.example", "bo@acme.example"}
    assert suppression.suppressed(["ada@acme.example", *both]) == both


@pytest.mark.parametrize(
    "header", ["address,outcome,date", "\ufeffAddress,Outcome", 'email,"outcome",when', "E-mail, OUTCOME , date"]
)
def test_a_file_may_begin_with_a_header(run: Run, tmp_path: Path, header: str) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(f"{header}\nada@acme.example,delivered\n", encoding="utf-8")
    assert run(str(file)) == ([counts(recorded=1)], None)


def test_a_first_line_with_an_outcome_is_no_header(run: Run) -> None:
    assert run(stdin="\ufeffada@acme.example,delivered\n".encode()) == ([counts(recorded=1)], None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("lovelace", "Write address,outcome"),
        ("lovelace@acme.example", "Write address,outcome"),
        ("lovelace@acme.example;bounced", "Write address,outcome"),
        ("lovelace@acme.example,bounced,2026-11-20,again", "Write address,outcome"),
        ("lovelace@,bounced", "first column must be an e-mail address"),
        ("love\0lace@acme.example,bounced", "first column must be an e-mail address"),
        ("lovelace\udcff@acme.example,bounced", "not UTF-8"),
        (",bounced", "first column must be an e-mail address"),
        ("lovelace@acme.example,", "one of delivered, bounced, replied, complained"),
        ("lovelace@acme.example,lost", "one of delivered, bounced, replied, complained"),
        ("lovelace@acme.example,outcome", "one of delivered, bounced, replied, complained"),
        ("lovelace@acme.example,bounced,yesterday", "must be a date such as"),
        ("lovelace@acme.example,bounced,2026-02-30", "must be a date such as"),
        ("lovelace@acme.example,bounced,2999-01-01", "between 1970 and now"),
        ("lovelace@acme.example,bounced,0001-01-01T00:00:00+14:00", "between 1970 and now"),
        ('"lovelace@acme.example,bounced', "Write address,outcome"),
        (f"{'a' * 200_000}@acme.example,bounced", "no line of CSV"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_good_ones_are_recorded(run: Run, line: str, message: str) -> None:
    stdin = f"ada@acme.example,delivered\n\n{line}\njoan@acme.example,delivered\n".encode("utf-8", "surrogateescape")
    (problem, summary), error = run(stdin=stdin)
    assert (problem["line"], problem["error"]) == (3, "invalid_line")
    assert message in problem["message"]
    assert "lovelace" not in problem["message"]
    assert summary == counts(recorded=2, invalid=1)
    assert error is not None
    assert (str(error), error.returncode) == ("1 of 3 lines could not be read.", 1)


def test_a_person_reads_sentences(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stdin = b"ada@acme.example,bounced,2026-11-20\nada@acme.example,bounced,2026-11-20\nnonsense\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    with pytest.raises(CommandError):
        call_command("record_outcomes")
    printed = capsys.readouterr()
    assert printed.out == ("1 recorded, 1 known already; 1 put on the suppression list, 0 enrolments stopped.\n")
    assert printed.err == "Line 3: Write address,outcome or address,outcome,date.\n"


def test_a_bounce_stops_the_enrolment_that_would_write_again(run: Run) -> None:
    default_sequence.create()
    for email in ("ada@acme.example", "joan@beta.example"):
        with transaction.atomic():
            enrolments.enrol(AddressFactory(email=email).contact, user=None)
    stdin = b"ada@acme.example,bounced\njoan@beta.example,delivered\n"
    assert run(stdin=stdin) == ([counts(recorded=2, suppressed=1, enrolmentsStopped=1)], None)
    assert Enrolment.objects.get(state="active").address.email == "joan@beta.example"


def test_many_lines_go_in_batches(run: Run) -> None:
    stdin = "".join(f"ada{n}@acme.example,delivered\n" for n in range(2500)).encode()
    assert run(stdin=stdin) == ([counts(recorded=2500)], None)
    assert AddressOutcome.objects.count() == 2500


def test_a_missing_file_is_bad_usage(run: Run, tmp_path: Path) -> None:
    lines, error = run(str(tmp_path / "missing.csv"))
    assert lines == []
    assert error is not None
    assert error.returncode == 2
    assert "missing.csv: No such file" in str(error)


def test_a_terminal_on_standard_input_is_bad_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(b""))
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stream)
    with pytest.raises(CommandError, match="Name a CSV file") as caught:
        call_command("record_outcomes")
    assert caught.value.returncode == 2
