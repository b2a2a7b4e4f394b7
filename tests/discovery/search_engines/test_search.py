"""A search engine as a source: which requests are made, and what failures do to what was found."""

from urllib.parse import parse_qs, urlsplit

import pytest

from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, SourceError
from enrichment.discovery.search_engines.search import MAX_REQUESTS, SearchSource
from tests.discovery.search_engines.conftest import Serve, Web, as_json, in_turn
from tests.discovery.search_engines.engines import HIT, KINDS, brave_page
from tests.kit.web import Page, Request

ACME = Brand("Acme", domain="acme.example")
PATH = "/res/v1/web/search"
JOHN = ("John Roe - CFO - Acme | LinkedIn", "https://uk.linkedin.com/in/john-roe", "")
MARY = ("Mary Major | LinkedIn", "https://www.linkedin.com/in/mary-major", "Former CMO at Acme")


def source(web: Web) -> SearchSource:
    return SearchSource(KINDS["brave"].make(web.base_url))


def queries(web: Web) -> list[tuple[str, str]]:
    """What was asked: query and offset."""
    asked = (parse_qs(urlsplit(path).query) for path in web.server.paths)
    return [(one["q"][0], one["offset"][0]) for one in asked]


@pytest.mark.parametrize("name", list(KINDS))
def test_a_source_is_named_as_its_engine_and_finds_people(serve: Serve, name: str) -> None:
    kind = KINDS[name]
    web = serve(kind.path, as_json(kind.page([HIT, MARY])))
    searched = SearchSource(kind.make(web.base_url))
    findings = searched.find(ACME, web.context())
    assert searched.name == name
    assert [person.name for person in findings.people] == ["Jane Doe"]
    assert {item.source for item in findings.people[0].evidence} == {name}
    assert [person.name for person in findings.departed] == ["Mary Major"]
    assert findings.diagnostics == ()


def test_several_queries_find_a_person_once(serve: Serve) -> None:
    web = serve(PATH, in_turn(as_json(brave_page([HIT])), as_json(brave_page([HIT, JOHN]))))
    findings = source(web).find(ACME, web.context())
    assert [person.name for person in findings.people] == ["Jane Doe", "John Roe"]
    assert len(queries(web)) == len(set(queries(web))) >= 3


def test_first_pages_come_first_and_requests_are_bounded(serve: Serve) -> None:
    web = serve(PATH, as_json(brave_page([HIT], more=True)))
    source(web).find(Brand("Acme", region="CH"), web.context())
    offsets = [offset for _query, offset in queries(web)]
    assert offsets == sorted(offsets)
    assert offsets.count("1") > 0
    assert len(offsets) == MAX_REQUESTS


def test_a_page_without_people_of_the_brand_has_no_second_one(serve: Serve) -> None:
    other = ("Jane Doe - CEO - Globex | LinkedIn", "https://www.linkedin.com/in/jane-doe", "")
    web = serve(PATH, as_json(brave_page([other], more=True)))
    assert source(web).find(ACME, web.context()).people == ()
    assert {offset for _query, offset in queries(web)} == {"0"}


def test_the_first_request_failing_is_an_error(serve: Serve) -> None:
    web = serve(PATH, Page("", status=500))
    with pytest.raises(SourceError) as raised:
        source(web).find(ACME, web.context())
    assert (raised.value.diagnostic.code, raised.value.diagnostic.source) == ("unavailable", "brave")
    assert len(web.server.requests) == 1


def test_a_later_failure_ends_the_search_and_keeps_what_was_found(serve: Serve) -> None:
    web = serve(PATH, in_turn(as_json(brave_page([HIT])), Page("", status=500), as_json(brave_page([JOHN]))))
    findings = source(web).find(ACME, web.context())
    assert [person.name for person in findings.people] == ["Jane Doe"]
    assert [(said.code, said.source) for said in findings.diagnostics] == [("unavailable", "brave")]
    assert len(web.server.requests) == 2


def test_a_second_run_asks_nothing(serve: Serve) -> None:
    web, answers = serve(PATH, as_json(brave_page([HIT]))), Answers()
    first = source(web).find(ACME, web.context(answers=answers))
    asked = len(web.server.requests)
    assert source(web).find(ACME, web.context(answers=answers)) == first
    assert len(web.server.requests) == asked


def test_a_stopped_search_returns_what_there_is(serve: Serve) -> None:
    asked: list[Request] = []

    def reply(request: Request) -> Page:
        asked.append(request)
        return as_json(brave_page([HIT]))

    web = serve(PATH, reply)
    findings = source(web).find(ACME, web.context(stopped=lambda: bool(asked)))
    assert [person.name for person in findings.people] == ["Jane Doe"]
    assert len(asked) == 1


def test_a_brand_without_a_name_is_not_searched_for(serve: Serve) -> None:
    web = serve(PATH, as_json(brave_page([HIT])))
    assert source(web).find(Brand('"'), web.context()).people == ()
    assert web.server.requests == []


def test_no_link_of_a_result_is_ever_followed(serve: Serve) -> None:
    web = serve(PATH, as_json(brave_page([HIT, JOHN, MARY])))
    source(web).find(ACME, web.context())
    assert {urlsplit(path).path for path in web.server.paths} == {PATH}
