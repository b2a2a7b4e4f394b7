import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.kit.dns import DnsServer

ZONE = {
    "example.com": {"MX": ["10 mx.example.com"]},
    "mx.example.com": {"A": ["192.0.2.1"]},
    "null.test": {"MX": ["0 ."]},
}
Run = Callable[..., tuple[list[Any], CommandError | None]]


@pytest.fixture
def server(settings: Any) -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        settings.ENRICHMENT_DNS_SERVERS = [running.address]
        yield running


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on lines of standard input; return its JSON lines, and the error it ended with."""

    def run(*arguments: str, stdin: bytes = b"") -> tuple[list[Any], CommandError | None]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        output, error = io.StringIO(), None
        try:
            call_command("find_email", *arguments, "--json", stdout=output)
        except CommandError as raised:
            error = raised
        return [json.loads(line) for line in output.getvalue().splitlines()], error

    return run


def lines(*queries: object) -> bytes:
    return "\n".join(json.dumps(query) for query in queries).encode() + b"\n"


def test_a_name_and_a_domain_give_all_candidates_best_first(server: DnsServer, run: Run) -> None:
    ((answer,), error) = run("Sarah Johnson", "example.com")
    assert error is None
    best = answer["candidates"][0]
    assert best == {
        "email": "sarah.johnson@example.com",
        "pattern": "first.last",
        "confidence": 95,
        "verificationScore": 100,
        "verificationStatus": "verified",
        "probability": pytest.approx(0.45, abs=0.03),
        "scoreBreakdown": best["scoreBreakdown"],
    }
    assert [(row["label"], row["points"]) for row in best["scoreBreakdown"]] == [
        ("Pattern first.last", 75), ("MX record", 15), ("Format", 10),
    ]  # fmt: skip
    assert len(answer["candidates"]) >= 13


def test_json_lines_are_answered_in_order(server: DnsServer, run: Run) -> None:
    stdin = lines(
        {"name": "Jane Roe", "domain": "example.com"},
        {"firstName": "Max", "lastName": "Muster", "domain": "null.test"},
        {
            "name": "Ada Night",
            "domain": "EXAMPLE.com",
            "known": [{"name": "Jane Roe", "email": "jroe@example.com"}, {"name": "Bo Li", "email": "bli@example.com"}],
        },
    )
    answers, error = run(stdin=stdin)
    assert error is None
    best = [answer["candidates"][0] for answer in answers]
    assert [candidate["email"] for candidate in best] == [
        "jane.roe@example.com", "max.muster@null.test", "anight@example.com",
    ]  # fmt: skip
    assert [candidate["verificationScore"] for candidate in best] == [100, 10, 100]


def test_each_domain_is_looked_up_once_for_all_people(server: DnsServer, run: Run) -> None:
    answers, _ = run(stdin=lines(*({"name": f"Jane {'xyz'[i]}oe", "domain": "example.com"} for i in range(3))))
    assert len(answers) == 3
    assert server.questions.count(("example.com", "MX")) == 1


def test_without_dns_nobody_is_asked_and_nothing_is_verified(server: DnsServer, run: Run) -> None:
    ((answer,), _) = run("Sarah Johnson", "example.com", "--no-dns")
    best = answer["candidates"][0]
    assert (best["verificationScore"], best["verificationStatus"]) == (79, "unknown")
    assert server.questions == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"nonsense", "invalid_json"),
        (b'{"name": "Jane', "invalid_json"),
        (b'{"name": "\xff\xfe", "domain": "example.com"}', "invalid_json"),
        (b'["Jane Roe", "example.com"]', "invalid_line"),
        (b"null", "invalid_line"),
        (b'{"domain": "example.com"}', "invalid_name"),
        (b'{"name": 5, "domain": "example.com"}', "invalid_name"),
        (b'{"name": " ", "domain": "example.com"}', "invalid_name"),
        (b'{"firstName": "Jane", "domain": "example.com"}', "invalid_name"),
        (b'{"name": "' + b"x" * 201 + b'", "domain": "example.com"}', "invalid_name"),
        (b'{"name": "Jane Roe"}', "invalid_domain"),
        (b'{"name": "Jane Roe", "domain": "https://example.com/"}', "invalid_domain"),
        (b'{"name": "Jane Roe", "domain": ["example.com"]}', "invalid_domain"),
        (b'{"name": "Jane Roe", "domain": "example.com", "known": "bo@example.com"}', "invalid_known"),
        (b'{"name": "Jane Roe", "domain": "example.com", "known": [{"email": "bo@example.com"}]}', "invalid_known"),
    ],
)
def test_a_bad_line_is_answered_in_its_place_and_the_command_fails_at_the_end(
    server: DnsServer, run: Run, line: bytes, code: str
) -> None:
    good = lines({"name": "Jane Roe", "domain": "example.com"})
    answers, error = run(stdin=good + line + b"\n" + good)
    assert [list(answer) for answer in answers] == [["candidates"], ["error", "message"], ["candidates"]]
    assert answers[1]["error"] == code
    assert answers[1]["message"].endswith((".", "stdin", "input."))
    assert error is not None
    assert error.returncode == 1


def test_blank_lines_are_passed_over(server: DnsServer, run: Run) -> None:
    answers, error = run(stdin=b"\n" + lines({"name": "Jane Roe", "domain": "example.com"}) + b"  \n\n")
    assert (len(answers), error) == (1, None)


def test_a_name_that_gives_no_address_is_no_mistake(server: DnsServer, run: Run) -> None:
    answers, error = run(
        stdin=lines({"name": "Cher", "domain": "example.com"}, {"name": "😀", "domain": "example.com"})
    )
    assert (answers, error) == ([{"candidates": []}] * 2, None)


@pytest.mark.parametrize("arguments", [("Jane Roe",), ("Jane Roe", "localhost"), ("  ", "example.com")])
def test_wrong_arguments_are_bad_usage(run: Run, arguments: tuple[str, ...]) -> None:
    answers, error = run(*arguments)
    assert answers == []
    assert error is not None
    assert error.returncode == 2


def test_a_malformed_dns_server_is_bad_usage(run: Run, settings: Any) -> None:
    settings.ENRICHMENT_DNS_SERVERS = ["nameserver"]
    _, error = run("Jane Roe", "example.com")
    assert error is not None
    assert error.returncode == 2
    assert "ENRICHMENT_DNS_SERVERS" in str(error)


def test_people_read_a_table(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    call_command("find_email", "Sarah Johnson", "example.com", stdout=output)
    text = output.getvalue().splitlines()
    assert text[0] == "Sarah Johnson at example.com"
    assert text[1].split() == ["Address", "Pattern", "Confidence", "Score", "Status", "Chance"]
    *first, chance = text[2].split()
    assert first == ["sarah.johnson@example.com", "first.last", "●", "95", "●", "100", "verified"]
    assert 0.42 <= int(chance.rstrip("%")) / 100 <= 0.48
    assert "\x1b" not in output.getvalue()
