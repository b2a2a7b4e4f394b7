"""Reacher: its summary is not trusted beyond its parts."""

import copy
import json
from typing import Any

import pytest

from enrichment.emails.checks import Result
from tests.emails.providers.conftest import NOW
from tests.kit.providers import BODIES, EMAIL, REACHER_SECRET, answer
from tests.kit.web import Page

PATH = "/v0/check_email"
FAILED = {"error": {"type": "SmtpError", "message": "io: incomplete"}}


def body(summary: str, **parts: Any) -> Any:
    """Return the documented answer with another summary, and with parts that are changed or replaced."""
    made = copy.deepcopy(BODIES["reacher"][PATH])
    made["is_reachable"] = summary
    for name, part in parts.items():
        made[name] = part if not isinstance(part, dict) or "error" in part else {**made.get(name, {}), **part}
    return made


def verify(asked):
    return asked.provider.verify(asked.context, EMAIL)


def test_it_is_asked_with_its_secret(asking) -> None:
    asked = asking("reacher")
    check = verify(asked)
    assert (check.email, check.by, check.result, check.reason) == (EMAIL, "reacher", Result.DELIVERABLE, "valid")
    assert (check.at, check.confidence, check.url) == (NOW, None, "")
    (request,) = asked.running.webs["reacher"].requests
    assert (request.method, json.loads(request.body)) == ("POST", {"to_email": EMAIL})
    assert request.headers["x-reacher-secret"] == REACHER_SECRET
    assert EMAIL not in request.path


@pytest.mark.parametrize(
    ("said", "result", "reason"),
    [
        (body("risky", misc={"is_role_account": True}), Result.DELIVERABLE, "valid"),
        (body("risky", smtp={"is_catch_all": True}), Result.CATCH_ALL, "catch_all"),
        (body("risky", smtp={"has_full_inbox": True}), Result.UNKNOWN, "mailbox_full"),
        (body("invalid", smtp={"has_full_inbox": True, "is_deliverable": False}), Result.UNKNOWN, "mailbox_full"),
        (body("invalid", smtp={"is_disabled": True, "is_deliverable": False}), Result.UNDELIVERABLE, "disabled"),
        (body("invalid", smtp={"is_deliverable": False}), Result.UNDELIVERABLE, "invalid"),
        (body("invalid", mx={"accepts_mail": False}, smtp=FAILED), Result.UNDELIVERABLE, "no_mail_server"),
        (body("invalid", syntax={"is_valid_syntax": False}), Result.UNDELIVERABLE, "malformed"),
        (body("unknown", smtp={"can_connect_smtp": False, "is_deliverable": False}), Result.UNKNOWN, "unreachable"),
        (body("unknown", smtp={"is_deliverable": False}), Result.UNKNOWN, "unclear"),
        (body("unknown"), Result.UNKNOWN, "unclear"),
        (body("safe", smtp={"is_deliverable": None}), Result.UNKNOWN, "unclear"),
        (body("safe", smtp=None), Result.UNKNOWN, "unclear"),
        (body("invalid", smtp=None), Result.UNKNOWN, "unclear"),
        (body("unknown", smtp=FAILED), Result.UNKNOWN, "unreachable"),
        (body("invalid", mx=FAILED, smtp=FAILED), Result.UNKNOWN, "unreachable"),
        (body("invalid", smtp={**FAILED, "description": "IpBlacklisted"}), Result.UNKNOWN, "blocked"),
        (body("invalid", smtp={**FAILED, "description": "NeedsRDNS"}), Result.UNKNOWN, "blocked"),
        (body("invalid", misc={**FAILED, "description": "IpBlacklisted"}), Result.UNKNOWN, "blocked"),
        (
            body("invalid", smtp={"is_deliverable": False}, debug={"smtp": {"verif_method": {"type": "Skipped"}}}),
            Result.UNKNOWN,
            "unclear",
        ),
        (body("brand new"), Result.UNKNOWN, "unclear"),
    ],
)
def test_an_answer_is_taken_for_what_it_says(asking, said: Any, result: Result, reason: str) -> None:
    asked = asking("reacher")
    asked.say(PATH, said)
    check = verify(asked)
    assert (check.result, check.reason) == (result, reason)
    assert "ines" not in check.sentence.lower()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Page('Missing request header "x-reacher-secret"', 400), "bad_key"),
        (answer({"error": "to_email field is required."}, 400), "http_status"),
        (answer({}, 401), "bad_key"),
        (answer({}, 404), "http_status"),
        (answer({}, 429), "rate_limited"),
        (Page("<h1>Sorry</h1>", 500), "unavailable"),
        (Page("<h1>Welcome</h1>"), "malformed"),
        (Page(b""), "malformed"),
        (answer(None), "malformed"),
        (answer([]), "malformed"),
        (answer({"is_reachable": None}), "malformed"),
    ],
)
def test_what_goes_wrong_has_a_code(asking, said: Page, code: str) -> None:
    asked = asking("reacher")
    asked.say(PATH, said)
    assert asked.code(lambda: verify(asked)) == code
    assert len(asked.paths) == 1


def test_a_wrong_secret_is_said_so(asking) -> None:
    asked = asking("reacher")
    asked.provider = asked.make(api_key="another")
    assert asked.code(lambda: verify(asked)) == "bad_key"


def test_it_finds_nothing_and_says_nothing_of_domains_and_plans(asking) -> None:
    asked = asking("reacher")
    assert asked.provider.can == {"verify"}
    assert asked.provider.find(asked.context, "Ines", "Fontana", "kestrel.example") is None
    assert asked.provider.domain(asked.context, "kestrel.example").known == ()
    assert asked.provider.quota(asked.context) is None
    assert asked.paths == []
