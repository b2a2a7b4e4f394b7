"""What is particular to each engine: parameters, keys, and the errors it has of its own."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Diagnostic, SourceError
from tests.discovery.search_engines.conftest import Serve, Web, as_json, in_turn
from tests.discovery.search_engines.engines import HIT, KEY, KINDS, PROFILE, brave_page, searxng_page, serpapi_page
from tests.kit.web import Content, Page


def failure(serve: Serve, name: str, content: Content) -> tuple[Diagnostic, Web]:
    kind = KINDS[name]
    web = serve(kind.path, content)
    with pytest.raises(SourceError) as raised:
        kind.make(web.base_url).search("acme", web.context(), 1)
    return raised.value.diagnostic, web


def test_searxng_without_json_says_how_to_switch_it_on(serve: Serve) -> None:
    said, _web = failure(serve, "searxng", Page("<h1>Forbidden</h1>", status=403))
    assert said.code == "json_disabled"
    assert "formats: [html, json]" in said.sentence


def test_the_limiter_of_searxng_is_named(serve: Serve) -> None:
    said, _web = failure(serve, "searxng", Page("Too Many Requests", status=429, media_type="text/plain"))
    assert said.code == "rate_limited"
    assert "limiter.toml" in said.sentence


@pytest.mark.parametrize("failed", [[["google", "CAPTCHA"], ["bing", "timeout"]], ["google"], [["google", None, 3]]])
def test_nothing_found_while_engines_failed_is_a_failure_that_is_not_kept(serve: Serve, failed: Any) -> None:
    bad, good = as_json(searxng_page([], failed=failed)), as_json(searxng_page([HIT], failed=failed))
    web = serve("/search", in_turn(bad, good))
    engine, answers = KINDS["searxng"].make(web.base_url), Answers()
    with pytest.raises(SourceError) as raised:
        engine.search("acme", web.context(answers=answers), 1)
    assert raised.value.diagnostic.code == "engines_failed"
    assert "google" in raised.value.diagnostic.sentence
    assert len(engine.search("acme", web.context(answers=answers), 1).results) == 1


def test_searxng_is_asked_for_json_of_the_general_category(serve: Serve) -> None:
    web = serve("/search", as_json(searxng_page([])))
    KINDS["searxng"].make(f"{web.base_url}/").search("acme", web.context(), 3)
    asked = parse_qs(urlsplit(web.server.paths[0]).query)
    assert asked == {"q": ["acme"], "format": ["json"], "categories": ["general"], "pageno": ["3"]}


def test_brave_is_asked_exactly_with_the_key_in_a_header(serve: Serve) -> None:
    web = serve("/res/v1/web/search", as_json(brave_page([])))
    KINDS["brave"].make(web.base_url).search("acme", web.context(), 1)
    request = web.server.requests[0]
    assert request.headers["x-subscription-token"] == KEY
    assert KEY not in request.path
    asked = parse_qs(urlsplit(request.path).query)
    assert (asked["count"], asked["spellcheck"], asked["text_decorations"]) == (["20"], ["false"], ["false"])


def test_what_brave_escapes_and_dates_is_read(serve: Serve) -> None:
    body = brave_page([("Jane Doe - Founder &amp; CEO", PROFILE, "It&#x27;s Jane")])
    body["web"]["results"][0]["page_age"] = "2024-05-01T00:00:00"
    web = serve("/res/v1/web/search", as_json(body))
    result = KINDS["brave"].make(web.base_url).search("acme", web.context(), 1).results[0]
    assert (result.title, result.snippet, str(result.dated)) == ("Jane Doe - Founder & CEO", "It's Jane", "2024-05-01")


def brave_error(code: str, status: int, headers: dict[str, str] | None = None, *, listed: bool = False) -> Page:
    error = {"id": "1", "status": status, "code": code, "detail": f"key {KEY}"}
    errors = {"errors": [error]} if listed else {"error": error}
    return as_json({"type": "ErrorResponse", **errors, "time": 1}, status, headers)


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (brave_error("SUBSCRIPTION_TOKEN_INVALID", 422), "bad_key"),
        (brave_error("SUBSCRIPTION_TOKEN_INVALID", 422, listed=True), "bad_key"),
        (brave_error("SUBSCRIPTION_NOT_FOUND", 404), "bad_key"),
        (brave_error("VALIDATION", 422), "http_status"),
        (brave_error("QUOTA_LIMITED", 429), "quota"),
        (brave_error("RATE_LIMITED", 429), "rate_limited"),
        (Page("", status=429, headers={"X-RateLimit-Remaining": "1, 0"}), "quota"),
        (Page("", status=429, headers={"X-RateLimit-Remaining": "0, 12"}), "rate_limited"),
        (as_json({"error": "text", "errors": [None, 1]}, 422), "http_status"),
    ],
)
def test_brave_tells_its_errors_by_their_code(serve: Serve, page: Page, code: str) -> None:
    said, _web = failure(serve, "brave", page)
    assert said.code == code
    assert KEY not in said.sentence


def test_the_next_second_of_brave_is_waited_for(serve: Serve) -> None:
    limited = brave_error("RATE_LIMITED", 429, {"X-RateLimit-Reset": "1, 1419704", "X-RateLimit-Remaining": "0, 9"})
    web = serve("/res/v1/web/search", in_turn(limited, as_json(brave_page([HIT]))))
    assert KINDS["brave"].make(web.base_url).search("acme", web.context(), 1).results
    assert web.slept == [1]


def test_the_next_month_of_brave_is_not_waited_for(serve: Serve) -> None:
    limited = brave_error("QUOTA_LIMITED", 429, {"X-RateLimit-Reset": "1, 1419704"})
    said, web = failure(serve, "brave", limited)
    assert (said.code, web.slept, len(web.server.requests)) == ("quota", [], 1)


def google_error(status: int, reason: str, message: str = "") -> Page:
    error = {"code": status, "message": message, "errors": [{"domain": "usageLimits", "reason": reason}]}
    return as_json({"error": error}, status)


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (google_error(429, "rateLimitExceeded", "Quota exceeded … and limit 'Queries per day' of service"), "quota"),
        (google_error(429, "rateLimitExceeded", "… 'Queries per minute' …"), "rate_limited"),
        (google_error(403, "dailyLimitExceeded"), "quota"),
        (google_error(403, "userRateLimitExceeded"), "rate_limited"),
        (google_error(403, "accessNotConfigured"), "bad_key"),
        (google_error(400, "keyInvalid"), "bad_key"),
        (google_error(400, "badRequest", "API key not valid. Please pass a valid API key."), "bad_key"),
        (google_error(400, "invalid", "Request contains an invalid argument."), "http_status"),
        (as_json({"error": [1]}, 403), "bad_key"),
    ],
)
def test_google_tells_its_errors_by_their_reason(serve: Serve, page: Page, code: str) -> None:
    said, _web = failure(serve, "google_pse", page)
    assert said.code == code


@pytest.mark.parametrize(
    ("name", "key"), [("google_pse", {"key": [KEY], "cx": ["cx1"]}), ("serpapi", {"api_key": [KEY]})]
)
def test_keys_that_belong_into_the_query_are_there(serve: Serve, name: str, key: dict[str, list[str]]) -> None:
    web = serve(KINDS[name].path, as_json(KINDS[name].page([])))
    KINDS[name].make(web.base_url).search("acme", web.context(), 1)
    assert key.items() <= parse_qs(urlsplit(web.server.paths[0]).query).items()


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (as_json({"error": "Invalid API key. Your API key should be here: …"}, 401), "bad_key"),
        (as_json({"error": "Your account has run out of searches."}, 429), "quota"),
        (as_json({"error": "Your account has run out of searches."}), "quota"),
        (as_json({"error": "You are exceeding the hourly throughput."}, 429), "rate_limited"),
        (as_json({"error": "We couldn't get valid results for this search."}, 503), "unavailable"),
        (as_json({"error": "Google could not be reached"}), "unavailable"),
    ],
)
def test_serpapi_tells_its_errors_in_words(serve: Serve, page: Page, code: str) -> None:
    said, _web = failure(serve, "serpapi", page)
    assert said.code == code


def test_an_error_of_serpapi_beside_status_200_is_not_kept(serve: Serve) -> None:
    web = serve("/search.json", in_turn(as_json({"error": "Oops"}), as_json(serpapi_page([HIT]))))
    engine, answers = KINDS["serpapi"].make(web.base_url), Answers()
    with pytest.raises(SourceError):
        engine.search("acme", web.context(answers=answers), 1)
    assert engine.search("acme", web.context(answers=answers), 1).results
