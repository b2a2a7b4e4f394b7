"""What all engines have in common: results, nothing found, failures of the service, what is kept, no secrets."""

import socket
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from enrichment.discovery.answers import Answers
from enrichment.discovery.base import SourceError
from tests.discovery.search_engines.conftest import NOW, Serve, as_json, in_turn
from tests.discovery.search_engines.engines import HIT, KEY, KINDS, PROFILE, TITLE, Kind
from tests.kit.web import Page, Raw

QUERY = 'site:linkedin.com/in "Acme"'


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def test_results_come_with_title_url_and_snippet(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, as_json(kind.page([HIT])))
    found = kind.make(web.base_url).search(QUERY, web.context(), 1)
    assert [(one.title, one.url, one.snippet) for one in found.results] == [(TITLE, PROFILE, "Berlin · CEO at Acme")]
    assert found.fetched_at == NOW
    assert parse_qs(urlsplit(web.server.paths[0]).query)["q"] == [QUERY]


def test_nothing_found_is_no_error(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, as_json(kind.page([])))
    found = kind.make(web.base_url).search(QUERY, web.context(), 1)
    assert found.results == ()
    assert not found.more


def test_a_further_page_is_announced_and_asked_for_in_the_engines_way(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, as_json(kind.page([HIT], True)))
    engine = kind.make(web.base_url)
    assert engine.search(QUERY, web.context(), 1).more
    engine.search(QUERY, web.context(), 2)
    first, second = (parse_qs(urlsplit(path).query) for path in web.server.paths)
    changed = {name: (first[name], second[name]) for name in first if first[name] != second[name]}
    assert next(iter(changed.items())) in (
        ("pageno", (["1"], ["2"])),
        ("offset", (["0"], ["1"])),
        ("start", (["1"], ["11"])),
        ("start", (["0"], ["10"])),
    )
    assert len(changed) == 1


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b"[]", b'"text"', b"null", b"12", b"\xff\xfe", b"[" * 100_000],
    ids=["html", "empty", "list", "text", "null", "number", "bytes", "deep"],
)
def test_what_is_no_json_object_is_malformed(serve: Serve, kind: Kind, body: bytes) -> None:
    web = serve(kind.path, Page(body, media_type="application/json"))
    with pytest.raises(SourceError) as raised:
        kind.make(web.base_url).search(QUERY, web.context(), 1)
    assert raised.value.diagnostic.code == "malformed"


@pytest.mark.parametrize("value", [None, 1, "text", [], {}, [None], [[]], [{"title": None}], [{"url": 1, "link": {}}]])
def test_wrong_types_at_any_depth_are_no_results(serve: Serve, kind: Kind, value: Any) -> None:
    filled = kind.page([HIT], True)
    for name in filled:
        web = serve(kind.path, as_json({**filled, name: value}))
        engine = kind.make(web.base_url)
        try:
            found = engine.search(QUERY, web.context(), 1)
        except SourceError:
            continue  # a failure that the body states
        assert all(isinstance(one.title, str) and one.url for one in found.results)
    for name in ("web", "queries"):
        web = serve(kind.path, as_json({name: {"results": value, "nextPage": value}}))
        assert kind.make(web.base_url).search(QUERY, web.context(), 1).results == ()


def test_a_very_long_list_and_very_long_texts_are_cut(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, as_json(kind.page([("T" * 5000, PROFILE, "s" * 5000)] * 150)))
    found = kind.make(web.base_url).search(QUERY, web.context(), 1)
    assert len(found.results) == 50
    assert len(found.results[0].title) == 300
    assert len(found.results[0].snippet) == 1500


@pytest.mark.parametrize(("status", "code"), [(500, "unavailable"), (503, "unavailable"), (418, "http_status")])
def test_a_service_out_of_order_is_told(serve: Serve, kind: Kind, status: int, code: str) -> None:
    web = serve(kind.path, Page("<h1>Oops</h1>", status=status))
    with pytest.raises(SourceError) as raised:
        kind.make(web.base_url).search(QUERY, web.context(), 1)
    assert raised.value.diagnostic.code == code


def test_too_many_requests_are_told(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, Page("slow down", status=429))
    with pytest.raises(SourceError) as raised:
        kind.make(web.base_url).search(QUERY, web.context(), 1)
    assert raised.value.diagnostic.code == "rate_limited"
    assert len(web.server.requests) == 1


def test_a_short_retry_after_is_waited_for(serve: Serve, kind: Kind) -> None:
    reply = in_turn(Page("slow down", status=429, headers={"Retry-After": "2"}), as_json(kind.page([HIT])))
    web = serve(kind.path, reply)
    assert kind.make(web.base_url).search(QUERY, web.context(), 1).results
    assert web.slept == [2.0]


def test_a_connection_that_breaks_is_unreachable(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, Raw(lambda connection: connection.close()))
    with pytest.raises(SourceError) as raised:
        kind.make(web.base_url).search(QUERY, web.context(), 1)
    assert raised.value.diagnostic.code == "unreachable"


def test_a_service_that_hangs_times_out(serve: Serve, kind: Kind) -> None:
    def hang(connection: socket.socket) -> None:
        connection.settimeout(20)
        connection.recv(1)  # until the client goes away

    web = serve(kind.path, Raw(hang))
    engine = kind.make(web.base_url)
    engine._service.timeout = 0.3  # type: ignore[attr-defined]
    with pytest.raises(SourceError) as raised:
        engine.search(QUERY, web.context(), 1)
    assert raised.value.diagnostic.code == "timeout"


def test_an_answer_is_kept_for_a_week(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, as_json(kind.page([HIT])))
    engine, answers = kind.make(web.base_url), Answers()
    first = engine.search(QUERY, web.context(answers=answers), 1)
    later = engine.search(QUERY, web.context(answers=answers, now=NOW + timedelta(days=6, hours=23)), 1)
    assert later == first
    assert len(web.server.requests) == 1
    engine.search(QUERY, web.context(answers=answers, now=NOW + timedelta(days=7)), 1)
    assert len(web.server.requests) == 2


def test_a_malformed_answer_is_not_kept(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, in_turn(Page("<h1>Maintenance</h1>"), as_json(kind.page([HIT]))))
    engine, answers = kind.make(web.base_url), Answers()
    with pytest.raises(SourceError):
        engine.search(QUERY, web.context(answers=answers), 1)
    assert engine.search(QUERY, web.context(answers=answers), 1).results


def test_the_key_is_in_no_kept_answer_and_no_message(serve: Serve, kind: Kind) -> None:
    web = serve(kind.path, in_turn(as_json(kind.page([HIT])), Page("no", status=403), Page("no", status=500)))
    engine, answers = kind.make(web.base_url), Answers()
    engine.search(QUERY, web.context(answers=answers), 1)
    assert [KEY in kept.key for kept in answers.changed] == [False]
    for page in (2, 3):
        with pytest.raises(SourceError) as raised:
            engine.search(QUERY, web.context(answers=answers), page)
        assert KEY not in raised.value.diagnostic.sentence
