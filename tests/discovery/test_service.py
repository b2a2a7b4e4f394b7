"""Asking an outside service: every way in which it goes wrong has a code and a sentence, and no secret gets out."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.service import PATIENCE, Service, listed, parse_json, text_of
from tests.kit.web import Page, Raw, Request, WebServer, redirect

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Asked:
    """One service, served; `naps` are the seconds it was waited for."""

    def __init__(self, content: object, **options: object) -> None:
        self.server = WebServer({"*": {"/v1/people?q=acme": content, "/v1/people?q=acme&key=hush": content}})
        self.naps: list[float] = []
        self.now = NOW
        self.client = Client(Config("tests/1.0 (ops@example.com)", timeout=5.0), Resolver(["127.0.0.1:1"]))
        self.context = Context(self.client, now=lambda: self.now, sleep=self.naps.append)
        self.service = Service("acme", "The Acme register", f"http://{self.server.address}", **options)

    def get(self, **options: object) -> object:
        return self.service.get(self.context, "/v1/people", {"q": "acme"}, **options)

    def code(self) -> str:
        with pytest.raises(SourceError) as raised:
            self.get()
        assert raised.value.diagnostic.source == "acme"
        assert raised.value.diagnostic.sentence.startswith("The Acme register ")
        assert "hush" not in str(raised.value)
        return raised.value.diagnostic.code


@pytest.fixture
def serve() -> Iterator[Callable[..., Asked]]:
    running: list[Asked] = []

    def start(content: object, **options: object) -> Asked:
        asked = Asked(content, **options)
        asked.server.__enter__()
        running.append(asked)
        return asked

    yield start
    for asked in running:
        asked.client.close()
        asked.server.__exit__(None, None, None)


def answer(value: object, status: int = 200, **headers: str) -> Page:
    return Page(json.dumps(value), status, headers, "application/json")


def test_it_is_asked_with_its_headers_and_secrets_and_says_who_we_are(serve) -> None:
    asked = serve(answer({"people": [1]}), headers={"X-Token": "t"}, secret={"key": "hush"})
    assert asked.get() == {"people": [1]}
    (request,) = asked.server.requests
    assert request.path == "/v1/people?q=acme&key=hush"
    assert request.headers["x-token"] == "t"
    assert request.headers["user-agent"] == "tests/1.0 (ops@example.com)"
    assert "hush" not in asked.service.url("/v1/people", {"q": "acme"})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "bad_key"), (403, "bad_key"), (402, "quota"), (429, "rate_limited"), (500, "unavailable"),
        (503, "unavailable"), (504, "unavailable"), (400, "http_status"), (418, "http_status"),
    ],
)  # fmt: skip
def test_a_status_becomes_a_code_and_a_sentence(serve, status: int, code: str) -> None:
    assert serve(answer({"error": "no"}, status), secret={"key": "hush"}).code() == code


def test_what_is_not_there_is_none(serve) -> None:
    assert serve(answer({}, 404)).get() is None
    assert serve(answer({}, 410)).get(missing=(404, 410)) is None


@pytest.mark.parametrize("body", ["<html>", "", "{", b"\xff\xfe\x00", "[" * 100_000])
def test_what_is_not_json_is_malformed(serve, body) -> None:
    assert serve(Page(body, media_type="application/json"), secret={"key": "hush"}).code() == "malformed"


def test_a_byte_order_mark_is_no_harm() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_a_service_that_hangs_times_out(serve) -> None:
    assert serve(Raw(lambda _socket: time.sleep(1.0)), timeout=0.2, secret={"key": "hush"}).code() == "timeout"


def test_a_service_that_is_not_there_is_unreachable(serve) -> None:
    with WebServer({}) as gone:
        address = gone.address
    asked = serve(answer({}))
    asked.service = Service("acme", "The Acme register", f"http://{address}")
    assert asked.code() == "unreachable"


def test_where_it_redirects_to_is_not_trusted(serve) -> None:
    other = serve(answer({"secret": "inside"}))
    asked = serve(redirect(f"http://{other.server.address}/v1/people?q=acme"))
    assert asked.code() == "blocked"
    assert other.server.requests == []


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_retry_after_is_waited_for_once(serve, status: int) -> None:
    answers = [answer({}, status, **{"Retry-After": "2"}), answer({"people": []})]

    def say(_request: Request) -> Page:
        return answers.pop(0)

    asked = serve(say)
    assert asked.get() == {"people": []}
    assert asked.naps == [2.0]


def test_a_second_refusal_is_taken_for_an_answer(serve) -> None:
    asked = serve(answer({}, 429, **{"Retry-After": "1"}))
    assert asked.code() == "rate_limited"
    assert len(asked.server.requests) == 2


@pytest.mark.parametrize(
    "value", [str(int(PATIENCE) + 1), "soon", "", "-1", format_datetime(NOW + timedelta(minutes=5))]
)
def test_a_long_or_unreadable_retry_after_is_not_waited_for(serve, value: str) -> None:
    asked = serve(answer({}, 429, **{"Retry-After": value}))
    assert asked.code() == "rate_limited"
    assert (asked.naps, len(asked.server.requests)) == ([], 1)


def test_a_retry_after_may_be_a_date(serve) -> None:
    asked = serve(answer({}, 503, **{"Retry-After": format_datetime(NOW + timedelta(seconds=3))}))
    assert asked.code() == "unavailable"
    assert asked.naps == [3.0]


def test_two_requests_stand_apart_by_the_pause_asked_for(serve) -> None:
    asked = serve(answer({}), pause=60.0)
    asked.get()
    asked.get()
    (nap,) = asked.naps
    assert 50 < nap <= 60


def test_an_answer_is_kept_for_the_time_given_without_the_secret(serve) -> None:
    asked = serve(answer({"people": [1]}), secret={"key": "hush"})
    assert asked.get(keep=DAY) == asked.get(keep=DAY) == {"people": [1]}
    assert len(asked.server.requests) == 1
    assert "hush" not in str(asked.context.answers.changed)
    asked.now += DAY
    asked.get(keep=DAY)
    assert len(asked.server.requests) == 2


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (answer({}, 500), False),
        (Page("{", media_type="application/json"), False),
        (Page("{", media_type=None), False),
        (Page("<h1>Sorry</h1>"), False),
        (Page("<filing/>", media_type="application/xml"), True),
        (Page("{}", media_type=None), True),
        (Page("[]", media_type="application/vnd.brreg+json;charset=utf-8"), True),
    ],
)
def test_only_what_can_be_read_is_kept_no_refusals_and_no_error_pages(serve, content: Page, kept: bool) -> None:
    asked = serve(content)
    asked.service.ask(asked.context, "/v1/people", {"q": "acme"}, keep=DAY)
    assert bool(asked.context.answers.changed) is kept


def test_a_post_carries_json_or_a_form_with_headers_and_secrets(serve) -> None:
    asked = serve({}, headers={"X-Token": "t"}, secret={"key": "hush"})
    asked.server.sites["*"] = {"/v1/start?key=hush": answer({"task": 7})}
    assert asked.service.post(asked.context, "/v1/start", json={"rows": []}, headers={"X-Once": "o"}) == {"task": 7}
    assert asked.service.post(asked.context, "/v1/start", form={"a": "b"}) == {"task": 7}
    first, second = asked.server.requests
    assert (first.method, first.body, first.headers["x-token"], first.headers["x-once"]) == (
        "POST", b'{"rows": []}', "t", "o",
    )  # fmt: skip
    assert (second.body, "x-once" in second.headers) == (b"a=b", False)


@pytest.mark.parametrize(
    ("status", "code"), [(401, "bad_key"), (402, "quota"), (429, "rate_limited"), (503, "unavailable")]
)
def test_a_post_that_is_refused_is_not_repeated(serve, status: int, code: str) -> None:
    asked = serve(answer({}, status, **{"Retry-After": "1"}), secret={"key": "hush"})
    asked.server.sites["*"] = {"/v1/start?key=hush": answer({}, status, **{"Retry-After": "1"})}
    with pytest.raises(SourceError) as raised:
        asked.service.post(asked.context, "/v1/start", json={})
    assert raised.value.diagnostic.code == code
    assert (asked.naps, len(asked.server.requests)) == ([], 1)


def test_a_post_to_what_is_not_there_or_leads_elsewhere(serve) -> None:
    asked = serve(answer({}))
    assert asked.service.post(asked.context, "/v1/nothing", json={}) is None
    asked.server.sites["*"] = {"/v1/start": redirect("/v1/people?q=acme")}
    with pytest.raises(SourceError) as raised:
        asked.service.post(asked.context, "/v1/start", json={})
    assert raised.value.diagnostic.code == "blocked"


@pytest.mark.parametrize(("parallel", "most"), [(False, 1), (True, 2)])
def test_threads_wait_for_each_other_unless_the_service_is_parallel(serve, parallel: bool, most: int) -> None:
    inside, seen, lock, both = 0, 0, threading.Lock(), threading.Event()

    def busy(_request: Request) -> Page:
        nonlocal inside, seen
        with lock:
            inside += 1
            seen = max(seen, inside)
            if inside == 2:
                both.set()
        both.wait(5.0 if parallel else 0.2)
        with lock:
            inside -= 1
        return answer({})

    asked = serve(busy, parallel=parallel)
    threads = [threading.Thread(target=asked.get) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == most


def test_odd_shapes_are_read_as_nothing() -> None:
    assert listed(None) == listed("x") == listed(3) == []
    assert listed({"a": 1}) == listed([{"a": 1}, None, "x"]) == [{"a": 1}]
    assert text_of(None) == text_of(3) == text_of(["x"]) == ""
    assert text_of("  Jane\n Doe ") == "Jane Doe"
