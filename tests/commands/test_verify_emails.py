import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.kit.dns import Behaviour, DnsServer
from tests.kit.smtp import SmtpServer

ZONE = {
    "example.com": {"MX": ["10 mx.example.com"]},
    "mx.example.com": {"A": ["192.0.2.1"]},
    "null.test": {"MX": ["0 ."]},
    "implicit.test": {"A": ["192.0.2.1"]},
    "servfail.test": Behaviour(rcode="SERVFAIL"),
}
NO_PROBE = {"result": None, "code": None, "reason": None}
Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def server(settings: Any) -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        settings.ENRICHMENT_DNS_SERVERS = [running.address]
        yield running


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on standard input and return its JSON lines."""

    def run(*arguments: str, stdin: bytes = b"") -> list[dict[str, Any]]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        output = io.StringIO()
        call_command("verify_emails", *arguments, "--json", stdout=output)
        return [json.loads(line) for line in output.getvalue().splitlines()]

    return run


def test_a_good_address_has_every_key(server: DnsServer, run: Run) -> None:
    (verdict,) = run("sarah.johnson@example.com")
    breakdown, checked_at = verdict.pop("scoreBreakdown"), verdict.pop("checkedAt")
    assert sum(row["points"] for row in breakdown) == 100
    assert datetime.fromisoformat(checked_at).tzinfo is not None
    assert [verdict] == [
        {
            "email": "sarah.johnson@example.com",
            "verificationStatus": "verified",
            "verificationScore": 100,
            "verificationMethod": "mx_check",
            "probability": 0.5,
            "syntaxValid": True,
            "mx": {"found": True, "hosts": ["mx.example.com"], "null": False, "implicit": False},
            "smtp": NO_PROBE,
            "api": {"by": None, "result": None, "reason": None, "confidence": None},
            "retryAt": None,
            "disposable": False,
            "role": False,
            "free": False,
            "didYouMean": None,
        }
    ]


@pytest.mark.parametrize(
    ("address", "mx"),
    [
        ("jane@null.test", {"found": False, "hosts": [], "null": True, "implicit": False}),
        ("jane@implicit.test", {"found": True, "hosts": ["implicit.test"], "null": False, "implicit": True}),
        ("jane@missing.test", {"found": False, "hosts": [], "null": False, "implicit": False}),
        ("jane@servfail.test", {"found": None, "hosts": [], "null": None, "implicit": None}),
        ("no address", {"found": None, "hosts": [], "null": None, "implicit": None}),
    ],
)
def test_the_dns_answer_is_yes_no_or_could_not_tell(
    server: DnsServer, run: Run, address: str, mx: dict[str, Any]
) -> None:
    (verdict,) = run(address)
    assert verdict["mx"] == mx


def test_every_line_has_its_verdict_in_order_bad_ones_too(server: DnsServer, run: Run) -> None:
    stdin = b"jane@example.com\r\n\nno address\n\xff\xfe@example.com\ninfo@example.com\njane@gmial.com"
    verdicts = run(stdin=stdin)
    assert [verdict["email"] for verdict in verdicts] == [
        "jane@example.com", "", "no address", "\ufffd\ufffd@example.com", "info@example.com", "jane@gmial.com",
    ]  # fmt: skip
    assert [verdict["syntaxValid"] for verdict in verdicts] == [True, False, False, False, True, True]
    for bad in verdicts[1:4]:
        assert (bad["verificationStatus"], bad["probability"]) == ("risky", 0.0)
        assert bad["verificationScore"] <= 10
    assert verdicts[4]["role"] is True
    assert verdicts[5]["didYouMean"] == "jane@gmail.com"


def test_no_line_is_lost_where_one_batch_ends_and_the_next_begins(server: DnsServer, run: Run) -> None:
    addresses = [f"jane{number}@example.com" for number in range(2001)]
    verdicts = run(stdin="\n".join(addresses).encode())
    assert [verdict["email"] for verdict in verdicts] == addresses


def test_no_input_gives_no_output(server: DnsServer, run: Run) -> None:
    assert run() == []


@pytest.fixture
def mail(server: DnsServer, settings: Any) -> Iterator[SmtpServer]:
    """The mail server of example.com, on this machine."""
    settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = ["127.0.0.0/8"]
    settings.ENRICHMENT_SMTP_RATE = 1000.0
    settings.ENRICHMENT_SMTP_HELO = "probe.example"
    with (
        SmtpServer({"jane@example.com": "250 OK"}) as running,
        DnsServer({**ZONE, "mx.example.com": {"A": ["127.0.0.1"]}}) as dns,
    ):
        settings.ENRICHMENT_DNS_SERVERS = [dns.address]
        settings.ENRICHMENT_SMTP_PORT = running.port
        yield running


@pytest.mark.django_db
def test_mail_servers_are_asked_for_this_call_alone(mail: SmtpServer, run: Run) -> None:
    yes, no, bad = run("jane@example.com", "nobody@example.com", "no address", "--smtp")
    assert yes["smtp"] == {"result": "deliverable", "code": 250, "reason": "accepted"}
    assert (yes["verificationMethod"], yes["probability"] > 0.9) == ("smtp_ping", True)
    assert no["smtp"] == {"result": "undeliverable", "code": 550, "reason": "no_such_user"}
    assert (no["verificationStatus"], no["verificationScore"] <= 10) == ("risky", True)
    assert bad["smtp"] == NO_PROBE
    assert not mail.messages
    asked = len(mail.asked)
    assert run("jane@example.com")[0]["smtp"] == NO_PROBE
    assert len(mail.asked) == asked


@pytest.mark.django_db
def test_mail_servers_are_asked_where_the_installation_does(mail: SmtpServer, run: Run, settings: Any) -> None:
    settings.ENRICHMENT_SMTP_PROBE = True
    assert run("jane@example.com")[0]["smtp"]["result"] == "deliverable"


@pytest.mark.django_db
def test_people_read_what_the_mail_server_said(mail: SmtpServer) -> None:
    output = io.StringIO()
    call_command("verify_emails", "nobody@example.com", "--smtp", stdout=output)
    assert "mail server: " in " ".join(output.getvalue().split())


@pytest.mark.django_db
def test_no_line_is_lost_where_mail_servers_are_asked(mail: SmtpServer, run: Run) -> None:
    addresses = [f"nobody{number}@missing.test" for number in range(201)]
    assert [verdict["email"] for verdict in run("--smtp", stdin="\n".join(addresses).encode())] == addresses


def test_providers_that_nobody_configured_are_refused_rather_than_passed_over(server: DnsServer, run: Run) -> None:
    with pytest.raises(CommandError, match="No provider is configured") as refused:
        run("jane@example.com", "--providers")
    assert refused.value.returncode == 2


def test_a_waiting_terminal_is_told_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    with pytest.raises(CommandError, match="Name an address") as refused:
        call_command("verify_emails")
    assert refused.value.returncode == 2


def test_people_read_a_table(server: DnsServer) -> None:
    output = io.StringIO()
    call_command("verify_emails", "jane.roe@example.com", "jane@gmial.com", "[bold]nonsense", stdout=output)
    text = output.getvalue().splitlines()
    assert text[0].split()[:4] == ["Address", "Score", "Status", "Chance"]
    assert text[1].split() == ["jane.roe@example.com", "●", "100", "verified", "50%", "mx.example.com"]
    assert "did you mean jane@gmail.com?" in text[2]
    assert text[3].startswith("[bold]nonsense")
