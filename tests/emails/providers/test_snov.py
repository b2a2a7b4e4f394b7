"""Snov.io: tokens, tasks, and hashes that stand in four places."""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from enrichment.emails.checks import Result
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import Quota
from enrichment.emails.providers.snov import PAUSES
from tests.emails.providers.conftest import NOW
from tests.kit.providers import BODIES, DOMAIN, EMAIL, SNOV_ID, SNOV_SECRET, answer, form_of
from tests.kit.web import Page, Request

TOKEN = "/v1/oauth/access_token"
START, RESULT = "/v2/emails-by-domain-by-name/start", "/v2/emails-by-domain-by-name/result"
CHECK, CHECKED = "/v2/email-verification/start", "/v2/email-verification/result"
PEOPLE = "/v2/domain-search/prospects/result/pe0ple"
MAIL = "/v2/domain-search/prospects/search-emails/result/ma1l"


def verify(asked):
    return asked.provider.verify(asked.context, EMAIL)


def find(asked):
    return asked.provider.find(asked.context, "Ines", "Fontana", DOMAIN)


def result(path: str, *found: dict[str, Any]) -> Any:
    """Return the documented result of the finder or the verifier with these in it."""
    body = copy.deepcopy(BODIES["snov"][path])
    body["data"] = [{"people": "Ines Fontana", "result": list(found)}] if path == RESULT else list(found)
    return body


def test_an_address_is_found_with_what_is_known_of_the_mailbox(asking) -> None:
    asked = asking("snov")
    found = find(asked)
    assert (found.email, found.by, found.confidence, found.evidence, found.at) == (EMAIL, "snov", None, (), NOW)
    assert (found.check.email, found.check.result) == (EMAIL, Result.DELIVERABLE)
    token, start, done = asked.running.webs["snov"].requests
    assert form_of(token) == {
        "grant_type": "client_credentials", "client_id": SNOV_ID, "client_secret": SNOV_SECRET,
    }  # fmt: skip
    assert json.loads(start.body) == {"rows": [{"first_name": "Ines", "last_name": "Fontana", "domain": DOMAIN}]}
    assert (done.method, done.path) == ("GET", f"{RESULT}?task_hash=f1nd")
    assert [request.headers.get("authorization") for request in (token, start, done)] == [
        None, "Bearer token", "Bearer token",
    ]  # fmt: skip


def test_the_address_that_takes_mail_is_preferred(asking) -> None:
    asked = asking("snov")
    other = {"email": f"ines@{DOMAIN}", "smtp_status": "unknown", "unknown_status_reason": "catchall"}
    asked.say(RESULT, result(RESULT, other, {"email": EMAIL, "smtp_status": "valid"}))
    assert find(asked).email == EMAIL
    asked.say(RESULT, result(RESULT, other))
    assert find(asked).check.result is Result.CATCH_ALL


@pytest.mark.parametrize("data", [[], None, [{"people": "Ines Fontana", "result": []}], [{"result": [{"email": 3}]}]])
def test_nobody_is_found(asking, data: Any) -> None:
    asked = asking("snov")
    asked.say(RESULT, {"status": "completed", "data": data})
    assert find(asked) is None


@pytest.mark.parametrize(
    ("fields", "expected", "reason"),
    [
        ({"smtp_status": "valid"}, Result.DELIVERABLE, "valid"),
        ({"smtp_status": "not_valid", "is_valid_format": True}, Result.UNDELIVERABLE, "invalid"),
        ({"smtp_status": "not_valid", "is_valid_format": False}, Result.UNDELIVERABLE, "malformed"),
        ({"smtp_status": "unknown", "unknown_status_reason": "catchall"}, Result.CATCH_ALL, "catch_all"),
        ({"smtp_status": "unknown", "unknown_status_reason": "banned"}, Result.UNKNOWN, "blocked"),
        ({"smtp_status": "unknown", "unknown_status_reason": "connection_error"}, Result.UNKNOWN, "unreachable"),
        ({"smtp_status": "unknown", "unknown_status_reason": "greylist"}, Result.UNKNOWN, "greylisted"),
        ({"smtp_status": "unknown", "unknown_status_reason": "hidden_by_owner"}, Result.UNKNOWN, "directory_hidden"),
        ({"smtp_status": "unknown"}, Result.UNKNOWN, "unclear"),
        ({"smtp_status": "brand new"}, Result.UNKNOWN, "unclear"),
        ({}, Result.UNKNOWN, "unclear"),
        (None, Result.UNKNOWN, "unclear"),
    ],
)
def test_a_status_is_taken_for_what_it_says(asking, fields: Any, expected: Result, reason: str) -> None:
    asked = asking("snov")
    others = {"email": f"other@{DOMAIN}", "result": {"smtp_status": "not_valid"}}
    asked.say(CHECKED, result(CHECKED, others, {"email": EMAIL.title(), "result": fields}))
    check = verify(asked)
    assert (check.email, check.by, check.result, check.reason) == (EMAIL, "snov", expected, reason)
    assert "ines" not in check.sentence.lower()


def test_the_address_that_was_asked_about_is_not_in_the_answer(asking) -> None:
    asked = asking("snov")
    asked.say(CHECKED, result(CHECKED, {"email": f"other@{DOMAIN}", "result": {"smtp_status": "valid"}}))
    assert verify(asked).result is Result.UNKNOWN


@pytest.mark.parametrize("working", ["in_progress", "in progress"])
def test_a_task_is_asked_for_until_it_is_done(asking, working: str) -> None:
    asked = asking("snov")
    answers = [{"status": working, "data": []}, {"status": working}, BODIES["snov"][CHECKED]]
    asked.say(CHECKED, lambda _request: answer(answers.pop(0)))
    assert verify(asked).result is Result.DELIVERABLE
    assert asked.naps == list(PAUSES[:3])


def test_patience_has_an_end(asking) -> None:
    asked = asking("snov")
    asked.say(CHECKED, {"status": "in_progress"})
    check = verify(asked)
    assert (check.result, check.reason, check.retry_at) == (
        Result.UNKNOWN, "still_checking", NOW + timedelta(minutes=5),
    )  # fmt: skip
    assert asked.naps == list(PAUSES)
    asked.say(RESULT, {"status": "in_progress"})
    assert asked.code(lambda: find(asked)) == "timeout"


@pytest.mark.parametrize(
    "begun",
    [
        {"data": {"task_hash": "f1nd"}, "meta": {}},
        {"data": [], "meta": {"task_hash": "f1nd"}, "links": []},
        {"task_hash": "f1nd"},
        {"data": None, "meta": None, "links": {"result": "https://elsewhere.example/v2/x/result/f1nd"}},
    ],
)
def test_the_hash_of_a_task_may_stand_in_four_places(asking, begun: Any) -> None:
    asked = asking("snov")
    asked.say(START, begun)
    assert find(asked).email == EMAIL
    assert asked.running.webs["snov"].paths[-1] == f"{RESULT}?task_hash=f1nd"


@pytest.mark.parametrize(
    "begun", [{}, [], None, {"data": {"task_hash": "../../v1"}}, {"data": {"task_hash": 7}}, {"links": {"result": ""}}]
)
def test_a_task_without_a_hash_is_malformed(asking, begun: Any) -> None:
    asked = asking("snov")
    asked.say(START, answer(begun))
    assert asked.code(lambda: find(asked)) == "malformed"
    assert asked.paths == [TOKEN, START]


def test_a_token_serves_until_shortly_before_its_end(asking) -> None:
    asked = asking("snov")
    find(asked)
    asked.now += timedelta(minutes=58)
    verify(asked)
    assert asked.paths.count(TOKEN) == 1
    asked.now += timedelta(minutes=1)
    verify(asked)
    assert asked.paths.count(TOKEN) == 2


def test_a_token_that_was_taken_back_is_asked_for_anew_once(asking) -> None:
    asked = asking("snov")
    tokens = iter(["token-1", "token-2", "token-3"])

    def start(request: Request) -> Page:
        if request.headers["authorization"] != "Bearer token-2":
            return answer({"message": "Unauthenticated."}, 401)
        return answer(BODIES["snov"][START])

    asked.running.say("snov", {TOKEN: lambda _request: answer({"access_token": next(tokens), "expires_in": 3600}),
                               START: start})  # fmt: skip
    assert find(asked).email == EMAIL
    assert asked.paths == [TOKEN, START, TOKEN, START, RESULT]
    asked.say(START, answer({}, 401))
    assert asked.code(lambda: find(asked)) == "bad_key"
    assert asked.paths.count(START) == 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (answer({"message": "invalid_client"}, 401), "bad_key"),
        (answer({"error": "invalid_client"}, 400), "bad_key"),
        (answer({"access_token": None}), "malformed"),
        (answer({"access_token": "näh"}), "malformed"),
        (answer([]), "malformed"),
        (Page("<h1>Sorry</h1>", 502), "unavailable"),
    ],
)
def test_without_a_token_nothing_is_asked(asking, body: Page, code: str) -> None:
    asked = asking("snov")
    asked.say(TOKEN, body)
    assert asked.code(lambda: find(asked)) == code
    assert asked.paths == [TOKEN]


@pytest.mark.parametrize("expires", [None, "soon", -5, 0])
def test_a_token_that_does_not_say_how_long_it_lasts_serves_once(asking, expires: Any) -> None:
    asked = asking("snov")
    asked.say(TOKEN, {"access_token": "token", "expires_in": expires})
    assert find(asked).email == EMAIL


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (answer({"status": "not_enough_credits", "data": []}), "quota"),
        (answer({"success": False, "errors": ["Not enough credits"]}), "quota"),
        (answer({"success": False, "message": "You ran out of credits"}), "quota"),
        (answer({"success": False, "errors": ["Wrong rows"]}), "http_status"),
        (answer({"errors": {"code": 404, "title": "Sorry, but url or entity not found", "source": ""}}, 404),
         "http_status"),
        (answer({}, 403), "bad_key"),
        (answer({}, 422), "http_status"),
        (answer({}, 429), "rate_limited"),
        (Page("", 500), "unavailable"),
        (Page("<h1>Welcome</h1>"), "malformed"),
        (Page(b""), "malformed"),
        (answer([]), "malformed"),
        (answer({"status": None, "data": None}), "malformed"),
    ],
)  # fmt: skip
def test_what_goes_wrong_has_a_code(asking, body: Page, code: str) -> None:
    asked = asking("snov")
    for path, ask in ((START, find), (RESULT, find), (CHECK, verify), (CHECKED, verify)):
        asked.say(path, body)
        assert asked.code(lambda ask=ask: ask(asked)) == code


def test_a_domain_comes_with_people_whose_address_takes_mail(asking) -> None:
    asked = asking("snov")
    findings = asked.provider.domain(asked.context, DOMAIN)
    assert findings.known == (Known("Marta Lindqvist", f"marta.lindqvist@{DOMAIN}", source="provider", at=NOW),)
    assert (findings.catch_all, findings.requests) == (None, 2)
    asked.say(MAIL, {"status": "completed", "data": {"emails": [{"email": EMAIL, "smtp_status": "unknown"}]}})
    assert asked.provider.domain(asked.context, DOMAIN).known == ()


def test_a_handful_of_people_is_paid_for_and_kept_when_the_credits_end(asking) -> None:
    asked = asking("snov")
    (person,) = BODIES["snov"][PEOPLE]["data"]
    mails = [BODIES["snov"][MAIL], BODIES["snov"][MAIL], {"status": "not_enough_credits"}]
    asked.running.say(
        "snov",
        {
            PEOPLE: {"status": "completed", "data": [person] * 9},
            MAIL: lambda _request: answer(mails.pop(0) if mails else BODIES["snov"][MAIL]),
        },
    )
    findings = asked.provider.domain(asked.context, DOMAIN)
    assert (len(findings.known), findings.requests) == (2, 4)
    assert asked.provider.domain(asked.context, DOMAIN).requests == 6


@pytest.mark.parametrize(
    ("body", "quota"),
    [
        (BODIES["snov"]["/v1/get-balance"], Quota(None, 25000, NOW + timedelta(days=31))),
        ({"success": True, "balance": 12}, Quota(None, 12)),
        ({"success": True, "data": {"balance": "much"}}, None),
    ],
)
def test_what_is_left_of_the_plan(asking, body: Any, quota: Quota | None) -> None:
    asked = asking("snov")
    asked.say("/v1/get-balance", body)
    assert asked.provider.quota(asked.context) == quota
