import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.kit.dns import Behaviour, DnsServer

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
    assert run("sarah.johnson@example.com") == [
        {
            "email": "sarah.johnson@example.com",
            "verificationStatus": "verified",
            "verificationScore": 100,
            "verificationMethod": "mx_check",
            "probability": 0.5,
            "syntaxValid": True,
            "mx": {"found": True, "hosts": ["mx.example.com"], "null": False, "implicit": False},
            "smtp": NO_PROBE,
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


def test_probing_is_refused_rather_than_pretended(server: DnsServer, run: Run, settings: Any) -> None:
    with pytest.raises(CommandError, match="SMTP probing is not part of this version") as refused:
        run("jane@example.com", "--smtp")
    assert refused.value.returncode == 2
    settings.ENRICHMENT_SMTP_PROBE = True
    with pytest.raises(CommandError, match="SMTP probing is not part of this version") as refused:
        run("jane@example.com")
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
