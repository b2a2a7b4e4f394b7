"""`manage.py suppress`: the list, the enrolments it stops, and its exit codes."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from crm.models import Suppression
from outreach import enrolments
from outreach.models import Enrolment, Sequence
from tests.outreach.factories import AddressFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def suppress(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command and return what it printed, parsed."""

    def run(*values: str, **options: Any) -> list[dict[str, Any]]:
        call_command("suppress", *values, json=True, **options)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes, terminal: bool = False) -> None:
    stream = io.TextIOWrapper(io.BytesIO(data))
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr("sys.stdin", stream)


def test_addresses_and_domains_are_added_once_and_stop_enrolments(suppress: Any, sequence: Sequence) -> None:
    for email in ("ada@acme.example", "grace@beta.example", "joan@gamma.example"):
        with transaction.atomic():
            enrolments.enrol(AddressFactory(email=email).contact, user=None)
    given = ("ADA@acme.example", "beta.example")
    assert suppress(*given, reason="objection") == [{"added": 2, "known": 0, "enrolmentsStopped": 2}]
    assert suppress(*given) == [{"added": 0, "known": 2, "enrolmentsStopped": 0}]
    assert set(Suppression.objects.values_list("kind", "reason")) == {("address", "objection"), ("domain", "objection")}
    assert Enrolment.objects.get(state="active").address.email == "joan@gamma.example"


def test_check_answers_for_each_value_in_order(suppress: Any) -> None:
    suppress("ada@acme.example", "beta.example")
    asked = [
        "ada@acme.example",
        "x@sub.beta.example",
        "joan@gamma.example",
        "beta.example",
        "@beta.example",
        "acme.example",
    ]
    assert suppress(*asked, check=True) == [
        {"value": value, "suppressed": listed}
        for value, listed in zip(asked, [True, True, False, True, True, False], strict=True)
    ]


def test_removing_takes_off_the_list(suppress: Any) -> None:
    suppress("ada@acme.example", "beta.example")
    assert suppress("beta.example", "unknown.example", remove=True) == [{"removed": 1}]
    assert Suppression.objects.get().kind == "address"


def test_a_person_reads_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("suppress", "ada@acme.example")
    call_command("suppress", "ada@acme.example", "joan@acme.example", check=True)
    call_command("suppress", "ada@acme.example", "ADA@acme.example", "joan@acme.example", remove=True)
    assert capsys.readouterr().out.splitlines() == [
        "1 added, 0 known already, 0 enrolments stopped.",
        "ada@acme.example: on the list",
        "joan@acme.example: not on the list",
        "1 removed, 1 not on the list.",
    ]


def test_values_come_one_a_line_on_standard_input_too(suppress: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, "\ufeffada@acme.example\r\n\n  müller.example \n".encode())
    assert suppress()[0]["added"] == 2
    assert suppress("xn--mller-kva.example", check=True) == [{"value": "xn--mller-kva.example", "suppressed": True}]


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_given_is_bad_usage(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    stdin(monkeypatch, b"\n", terminal)
    with pytest.raises(CommandError, match="Name an address or a domain") as caught:
        call_command("suppress")
    assert caught.value.returncode == 2


@pytest.mark.parametrize("option", [{}, {"remove": True}, {"check": True}])
@pytest.mark.parametrize("malformed", ["ada@", "@", "not a domain", "a\udcffb.example", "ada@acme..example"])
def test_a_malformed_value_is_bad_usage_and_writes_nothing(option: dict[str, bool], malformed: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("suppress", "ada@acme.example", malformed, **option)
    assert caught.value.returncode == 2
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("arguments", [["--reason", "whim"], ["--check", "--remove"]])
def test_unknown_reasons_and_contradictions_are_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("suppress", "ada@acme.example", *arguments)
    assert not Suppression.objects.exists()
