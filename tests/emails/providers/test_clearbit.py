"""Clearbit: it knows people, not mailboxes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from enrichment.emails.checks import Result
from enrichment.emails.providers.clearbit import PAUSES
from tests.emails.providers.conftest import NOW
from tests.kit.providers import BODIES, DOMAIN, EMAIL, answer
from tests.kit.web import Page

PERSON, SEARCH, CONTACT = "/v2/people/find", "/v1/people/search", "/v1/people/p-2/email"


def verify(asked):
    return asked.provider.verify(asked.context, EMAIL)


def find(asked):
    return asked.provider.find(asked.context, "Ines", "Fontana", DOMAIN)


def test_a_person_it_knows_says_nothing_of_the_mailbox(asking) -> None:
    asked = asking("clearbit")
    check = verify(asked)
    assert (check.result, check.reason) == (Result.UNKNOWN, "known_person")
    assert check.at == datetime(2016, 11, 7, tzinfo=UTC)
    asked.say(PERSON, answer({"error": {"type": "unknown_record", "message": "Unknown person."}}, 404))
    assert verify(asked).reason == "unknown_person"


def test_an_address_of_the_one_person_of_this_name(asking) -> None:
    asked = asking("clearbit")
    found = find(asked)
    assert (found.email, found.by, found.confidence, found.at) == (EMAIL, "clearbit", None, NOW)
    assert found.check.result is Result.DELIVERABLE
    assert asked.paths == [SEARCH, CONTACT]


@pytest.mark.parametrize("verified", [False, None, "yes"])
def test_one_that_it_does_not_call_verified_has_no_check(asking, verified: Any) -> None:
    asked = asking("clearbit")
    asked.say(CONTACT, {"email": EMAIL, "verified": verified})
    assert find(asked).check is None


def test_of_namesakes_nobody_is_meant(asking) -> None:
    asked = asking("clearbit")
    person = BODIES["clearbit"][SEARCH]["results"][1]
    for results in ([person, {**person, "id": "p-3"}], [], None, [{"id": None, "name": person["name"]}]):
        asked.say(SEARCH, {"results": results})
        assert find(asked) is None
    assert CONTACT not in asked.paths


@pytest.mark.parametrize("name", ["../../v2/people/find?email=x", "p 2", "", None, 7, "\ud800"])
def test_an_id_that_would_lead_elsewhere_is_not_followed(asking, name: Any) -> None:
    asked = asking("clearbit")
    person = BODIES["clearbit"][SEARCH]["results"][1]
    asked.say(SEARCH, [{**person, "id": name}])
    assert find(asked) is None
    assert asked.paths == [SEARCH]


def test_while_it_is_still_looking_the_same_question_is_repeated(asking) -> None:
    asked = asking("clearbit")
    answers = [Page("", 202), answer(BODIES["clearbit"][PERSON])]
    asked.say(PERSON, lambda _request: answers.pop(0))
    assert verify(asked).reason == "known_person"
    assert asked.naps == list(PAUSES[:1])


def test_patience_has_an_end(asking) -> None:
    asked = asking("clearbit")
    asked.say(PERSON, Page("", 202))
    check = verify(asked)
    assert (check.reason, check.retry_at) == ("still_checking", NOW + timedelta(minutes=5))
    assert asked.naps == list(PAUSES)
    asked.say(SEARCH, Page("", 202))
    assert asked.code(lambda: find(asked)) == "timeout"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (answer({"error": {"type": "auth_invalid"}}, 401), "bad_key"),
        (answer({"error": {"type": "quota"}}, 402), "quota"),
        (answer({"error": {"type": "email_invalid"}}, 422), "http_status"),
        (answer({}, 429), "rate_limited"),
        (Page("", 500), "unavailable"),
        (Page("<h1>Clearbit is now part of something else</h1>"), "malformed"),
        (Page(b""), "malformed"),
    ],
)
def test_what_goes_wrong_has_a_code(asking, said: Page, code: str) -> None:
    asked = asking("clearbit")
    for path, ask in ((PERSON, verify), (SEARCH, find), (CONTACT, find)):
        asked.say(path, said)
        assert asked.code(lambda ask=ask: ask(asked)) == code


def test_a_wrong_key_is_said_so(asking) -> None:
    asked = asking("clearbit")
    asked.provider = asked.make(api_key="another")
    assert asked.code(lambda: verify(asked)) == "bad_key"
