"""Hunter, as it documents itself, and as it does not."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from enrichment.emails.checks import Check, Result
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import Objected, Quota
from enrichment.emails.providers.hunter import PAUSES
from tests.emails.providers.conftest import NOW
from tests.kit.providers import BODIES, DOMAIN, EMAIL, PAGE, answer, colleague, hunter_error
from tests.kit.web import Page, Request

FINDER, VERIFIER, SEARCH, COUNT = "/v2/email-finder", "/v2/email-verifier", "/v2/domain-search", "/v2/email-count"


def changed(path: str, **fields: Any) -> Any:
    """Return the documented body with other fields in its data."""
    body = copy.deepcopy(BODIES["hunter"][path])
    body["data"].update(fields)
    return body


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def verify(asked) -> Check:
    return asked.provider.verify(asked.context, EMAIL)


def find(asked):
    return asked.provider.find(asked.context, "Ines", "Fontana", DOMAIN)


def test_an_address_comes_with_its_sources_and_its_check(asking) -> None:
    asked = asking("hunter")
    found = find(asked)
    assert (found.email, found.by, found.confidence, found.at) == (EMAIL, "hunter", 0.97, NOW)
    (claim,) = found.evidence
    assert (claim.field, claim.value, claim.url, claim.source) == ("email", EMAIL, PAGE, "hunter")
    assert claim.seen_at == day("2026-05-18")
    assert (found.check.result, found.check.at) == (Result.DELIVERABLE, day("2026-06-14"))
    (request,) = asked.running.webs["hunter"].requests
    assert dict(parse_qsl(urlsplit(request.path).query)) == {
        "domain": DOMAIN, "first_name": "Ines", "last_name": "Fontana",
    }  # fmt: skip
    assert request.headers["x-api-key"] == asked.running.access["hunter"]["api_key"]


@pytest.mark.parametrize(
    "body",
    [hunter_error(404), changed(FINDER, email=None, score=None), changed(FINDER, email="no address")],
)
def test_nobody_is_found(asking, body: Any) -> None:
    asked = asking("hunter")
    asked.say(FINDER, body)
    assert find(asked) is None


def test_an_address_without_a_check_has_none_unless_the_domain_takes_everything(asking) -> None:
    asked = asking("hunter")
    asked.say(FINDER, changed(FINDER, verification={"date": None, "status": None}, sources=None))
    assert (find(asked).check, find(asked).evidence) == (None, ())
    asked.say(FINDER, changed(FINDER, verification=None, accept_all=True))
    assert find(asked).check.result is Result.CATCH_ALL


@pytest.mark.parametrize(
    ("fields", "result", "reason", "confidence"),
    [
        ({}, Result.DELIVERABLE, "valid", 1.0),
        ({"status": "invalid", "score": 4}, Result.UNDELIVERABLE, "invalid", None),
        ({"status": "accept_all", "score": 72}, Result.CATCH_ALL, "catch_all", 0.72),
        ({"status": "webmail", "score": 50}, Result.UNKNOWN, "webmail", None),
        ({"status": "disposable", "score": 50}, Result.UNKNOWN, "disposable", None),
        ({"status": "unknown", "score": 30}, Result.UNKNOWN, "unclear", 0.3),
        ({"status": "unknown", "block": True, "score": None}, Result.UNKNOWN, "blocked", None),
        ({"status": "brand new"}, Result.DELIVERABLE, "valid", 1.0),
        ({"status": "brand new", "result": "risky"}, Result.UNKNOWN, "unclear", 1.0),
        ({"status": None, "result": "risky", "accept_all": True}, Result.CATCH_ALL, "catch_all", 1.0),
        ({"status": None, "result": "undeliverable"}, Result.UNDELIVERABLE, "invalid", None),
        ({"status": None, "result": None, "score": "97"}, Result.UNKNOWN, "unclear", 0.97),
    ],
)
def test_a_status_is_taken_for_what_it_says(
    asking, fields: dict[str, Any], result: Result, reason: str, confidence: float | None
) -> None:
    asked = asking("hunter")
    asked.say(VERIFIER, changed(VERIFIER, **fields))
    check = verify(asked)
    assert (check.email, check.by, check.result, check.reason) == (EMAIL, "hunter", result, reason)
    assert (check.confidence, check.url, check.at) == (confidence, PAGE, NOW)
    assert "ines" not in check.sentence.lower()


def test_while_it_is_still_checking_the_same_question_is_repeated(asking) -> None:
    asked = asking("hunter")
    answers = [Page(b"", 202), answer({"data": {}}, 202), answer(BODIES["hunter"][VERIFIER])]
    asked.say(VERIFIER, lambda _request: answers.pop(0))
    assert verify(asked).result is Result.DELIVERABLE
    assert asked.naps == list(PAUSES[:2])
    assert len({request.path for request in asked.running.webs["hunter"].requests}) == 1


def test_a_check_that_does_not_end_is_unknown_and_to_be_repeated_later(asking) -> None:
    asked = asking("hunter")
    asked.say(VERIFIER, Page(b"", 202))
    check = verify(asked)
    assert (check.result, check.reason) == (Result.UNKNOWN, "still_checking")
    assert check.retry_at == NOW + timedelta(minutes=5)
    assert asked.naps == list(PAUSES)
    asked.say(FINDER, Page(b"", 202))
    assert asked.code(lambda: find(asked)) == "timeout"


def test_a_mail_server_that_answered_oddly_says_nothing(asking) -> None:
    asked = asking("hunter")
    asked.say(VERIFIER, answer({"data": {"status": "invalid"}}, 222))
    check = verify(asked)
    assert (check.result, check.reason) == (Result.UNKNOWN, "server_failed")
    assert check.retry_at == NOW + timedelta(minutes=15)
    asked.say(FINDER, Page(b"", 222))
    assert asked.code(lambda: find(asked)) == "unavailable"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (hunter_error(401), "bad_key"),
        (hunter_error(403), "rate_limited"),
        (hunter_error(429, "too_many_requests"), "quota"),
        (hunter_error(400, "wrong_params", "Last name has wrong format"), "http_status"),
        (hunter_error(422), "http_status"),
        (answer({"errors": {"id": "x"}}, 400), "http_status"),
        (Page("<h1>Oops</h1>", 500), "unavailable"),
        (Page("<h1>Welcome</h1>"), "malformed"),
        (Page(b""), "malformed"),
        (Page(b"", 204), "http_status"),
        (answer(None), "malformed"),
        (answer([]), "malformed"),
        (answer({"data": None}), "malformed"),
        (answer({"data": []}), "malformed"),
    ],
)
def test_what_goes_wrong_has_a_code(asking, body: Page, code: str) -> None:
    asked = asking("hunter")
    for path, ask in ((FINDER, find), (VERIFIER, verify)):
        asked.say(path, body)
        assert asked.code(lambda ask=ask: ask(asked)) == code
    asked.say(SEARCH, body)
    assert asked.code(lambda: asked.provider.domain(asked.context, DOMAIN)) == code


def test_a_wrong_key_is_said_so_without_the_key(asking) -> None:
    asked = asking("hunter")
    asked.provider = asked.make(api_key="another")
    assert asked.code(lambda: verify(asked)) == "bad_key"


def test_a_person_who_objected_is_an_answer_of_its_own(asking) -> None:
    asked = asking("hunter")
    for path, ask, email in ((VERIFIER, verify, EMAIL), (FINDER, find, "")):
        asked.say(path, hunter_error(451, "claimed_email"))
        with pytest.raises(Objected) as raised:
            ask(asked)
        assert raised.value.email == email
        assert EMAIL not in str(raised.value)


def test_a_domain_comes_with_its_people_its_pattern_and_whether_it_takes_everything(asking) -> None:
    asked = asking("hunter")
    findings = asked.provider.domain(asked.context, DOMAIN)
    assert (findings.catch_all, findings.pattern, findings.total, findings.requests) == (False, "first.last", 3, 1)
    assert findings.known == (
        Known("Marta Lindqvist", f"marta.lindqvist@{DOMAIN}", source="provider", at=day("2026-06-14")),
        Known("Jonas Okafor", f"jonas.okafor@{DOMAIN}", source="provider", at=day("2026-06-14")),
    )


@pytest.mark.parametrize(
    ("fields", "at", "right"),
    [
        ({"type": "generic"}, None, None),
        ({"first_name": None}, None, None),
        ({"value": "x"}, None, None),
        ({"verification": None}, "2026-05-18", True),
        ({"verification": {"status": "accept_all", "date": "2026-07-01"}}, "2026-05-18", True),
        ({"sources": []}, "2026-06-14", True),
        ({"sources": [], "verification": {"status": "unknown"}}, None, None),
        ({"verification": {"status": "invalid", "date": "2026-07-01"}}, None, None),
        ({"sources": [], "verification": {"status": "invalid", "date": "2026-07-01"}}, "2026-07-01", False),
    ],
)
def test_only_people_whose_address_was_seen_or_checked_are_known(
    asking, fields: dict[str, Any], at: str | None, right: bool | None
) -> None:
    asked = asking("hunter")
    asked.say(SEARCH, changed(SEARCH, emails=[colleague("Marta", "Lindqvist", **fields)]))
    known = asked.provider.domain(asked.context, DOMAIN).known
    assert [(pair.at, pair.right) for pair in known] == ([(day(at), right)] if at else [])


def test_nothing_is_spent_on_a_domain_of_which_it_knows_nobody(asking) -> None:
    asked = asking("hunter")
    asked.say(COUNT, changed(COUNT, total=1, personal_emails=0))
    findings = asked.provider.domain(asked.context, DOMAIN)
    assert (findings.known, findings.total, findings.requests) == ((), 1, 0)
    assert asked.paths == [COUNT]


def many(request: Request) -> Page:
    offset = int(dict(parse_qsl(urlsplit(request.path).query))["offset"])
    people = [colleague("Marta", f"Name{chr(97 + offset // 10)}{chr(97 + number)}") for number in range(10)]
    return answer(changed(SEARCH, emails=people))


def test_a_second_page_is_read_and_no_third(asking) -> None:
    asked = asking("hunter")
    asked.say(SEARCH, many)
    findings = asked.provider.domain(asked.context, DOMAIN)
    assert (len(findings.known), findings.requests) == (20, 2)
    assert asked.paths == [COUNT, SEARCH, SEARCH]


def test_a_plan_that_ends_after_the_first_page_keeps_it(asking) -> None:
    asked = asking("hunter")
    asked.say(SEARCH, lambda request: many(request) if "offset=0" in request.path else hunter_error(400, "pagination"))
    findings = asked.provider.domain(asked.context, DOMAIN)
    assert (len(findings.known), findings.requests) == (10, 1)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("{f}{last}", "flast"), ("{first}_{last}", "first_last"), ("{first}{x}", ""), (None, ""), ({}, "")],
)
def test_patterns_have_our_names(asking, pattern: Any, name: str) -> None:
    asked = asking("hunter")
    asked.say(SEARCH, changed(SEARCH, pattern=pattern))
    assert asked.provider.domain(asked.context, DOMAIN).pattern == name


@pytest.mark.parametrize(
    ("fields", "quota"),
    [
        ({}, Quota(600, 1400, datetime(2026, 12, 7, tzinfo=UTC))),
        ({"requests": {"searches": {"used": 600, "available": 500}}, "reset_date": None}, Quota(600, 0)),
        ({"requests": None, "reset_date": "soon"}, Quota(600, 1400)),
        ({"requests": None, "calls": None}, None),
    ],
)
def test_what_is_left_of_the_plan(asking, fields: dict[str, Any], quota: Quota | None) -> None:
    asked = asking("hunter")
    asked.say("/v2/account", changed("/v2/account", **fields))
    assert asked.provider.quota(asked.context) == quota
