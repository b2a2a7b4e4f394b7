"""How EDGAR refuses, breaks and is asked politely. Companies are invented."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.base import Brand, Findings, SourceError
from enrichment.discovery.clues import Clues
from enrichment.discovery.public_index import sec_issuers
from enrichment.discovery.public_index.sec_edgar import SecEdgarSource
from enrichment.discovery.public_index.sec_service import PAUSE, Edgar
from tests.discovery.public_index.edgar import (
    AGENT,
    BRAND,
    CIK,
    LISTED,
    NAME,
    SEARCH,
    SUBMISSIONS,
    company,
    entry,
    form4,
    hits,
    look_up,
    path,
    row,
    tickers,
)
from tests.discovery.public_index.registers.desk import Desk, answer, codes, open_desk, titles
from tests.kit.web import Content, Page, Raw

Serve = Callable[[Mapping[str, Content]], Desk]
BLOCK_PAGE = "<html><title>SEC.gov | Undeclared Automated Tool</title></html>"
TOO_FAST = "<html><h1>Request Rate Threshold Exceeded</h1></html>"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that opens an EDGAR with these pages until the test ends."""
    with ExitStack() as stack:
        yield lambda pages: stack.enter_context(open_desk(pages))


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (Page(BLOCK_PAGE, 403), "no_contact"),
        (Page(TOO_FAST, 403), "rate_limited"),
        (answer({}, 429), "rate_limited"),
        (answer({}, 429, **{"Retry-After": "600"}), "rate_limited"),
        (answer({}, 503), "unavailable"),
        (answer({}, 400), "http_status"),
        (Page(BLOCK_PAGE), "malformed"),
        (Page('{"0": {"cik'), "malformed"),
        (Raw(lambda connection: connection.close()), "unreachable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("place", [LISTED, SUBMISSIONS])
def test_a_failure_is_told_by_its_code(serve: Serve, place: str, page: Any, code: str) -> None:
    desk = serve({LISTED: tickers((CIK, NAME)), place: page})
    with pytest.raises(SourceError) as caught:
        look_up(desk)
    assert (caught.value.diagnostic.code, caught.value.diagnostic.source) == (code, "sec_edgar")
    assert desk.answers.changed == ()


def test_a_refusal_names_what_to_set(serve: Serve) -> None:
    with pytest.raises(SourceError, match=r"\(403\).*ENRICHMENT_USER_AGENT"):
        look_up(serve({LISTED: Page(BLOCK_PAGE, 403)}))


def test_a_short_retry_after_is_waited_for(serve: Serve) -> None:
    pages = iter([answer({}, 429, **{"Retry-After": "2"})])
    desk = serve({**company((row("4", "2026-10-02", 1), form4())), LISTED: lambda _: next(pages, tickers((CIK, NAME)))})
    assert list(titles(look_up(desk))) == ["Michael Sample"]
    assert 2.0 in desk.slept


def test_an_edgar_that_hangs_is_given_up(serve: Serve) -> None:
    def hang(connection: socket.socket) -> None:
        connection.recv(1)  # until the client has had enough

    desk = serve({LISTED: Raw(hang)})
    source: Any = SecEdgarSource(user_agent=AGENT, base_url=desk.base_url)
    source._edgar._www.timeout = 0.2
    with pytest.raises(SourceError) as caught:
        source.find(BRAND, desk.context(Clues()))
    assert caught.value.diagnostic.code == "timeout"


def test_who_was_found_before_a_failure_stays_found(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4()), (row("4", "2026-10-01", 2), Page("", 500))))
    found = look_up(desk)
    assert (list(titles(found)), codes(found)) == (["Michael Sample"], ["unavailable"])


def test_a_company_whose_filings_cannot_be_read_at_all_is_an_error(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), Page("<html><p>Down"))))
    with pytest.raises(SourceError) as caught:
        look_up(desk)
    assert caught.value.diagnostic.code == "malformed"


@pytest.mark.parametrize("place", [LISTED, SUBMISSIONS])
def test_json_of_another_form_is_malformed(serve: Serve, place: str) -> None:
    with pytest.raises(SourceError, match="other than documented"):
        look_up(serve({LISTED: tickers((CIK, NAME)), place: answer([1])}))


def test_an_entry_without_a_name_is_malformed(serve: Serve) -> None:
    with pytest.raises(SourceError) as caught:
        look_up(serve({LISTED: tickers((CIK, NAME)), SUBMISSIONS: entry(name=None)}))
    assert caught.value.diagnostic.code == "malformed"


def test_a_source_that_is_stopped_returns_what_there_is(serve: Serve) -> None:
    desk = serve(company(*((row("4", "2026-10-02", number), form4()) for number in range(3))))
    context = desk.context(Clues(), stopped=lambda: path(2) in desk.paths)
    found = SecEdgarSource(user_agent=AGENT, base_url=desk.base_url).find(BRAND, context)
    assert list(titles(found)) == ["Michael Sample"]
    assert [asked for asked in desk.paths if asked.startswith("/Archives")][-1] == path(2)


@pytest.mark.parametrize(
    "agent", ["ContactEnrichment/0.1", "Acme/1.0 (https://acme.example)", "Acme (noreply@acme.example)"]
)
def test_the_public_edgar_is_not_asked_without_an_address_to_write_to(serve: Serve, agent: str) -> None:
    desk = serve({})
    with pytest.raises(SourceError, match="ENRICHMENT_USER_AGENT") as caught:
        SecEdgarSource(user_agent=agent).find(BRAND, desk.context(Clues()))
    assert caught.value.diagnostic.code == "no_contact"


def test_an_edgar_of_the_operators_own_needs_no_contact(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4())))
    assert list(titles(look_up(desk, agent="ContactEnrichment/0.1"))) == ["Michael Sample"]


@pytest.fixture
def public(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The SEC's own hosts, served here: each knows only its own paths."""
    monkeypatch.setattr(sec_issuers, "_KEPT", [])
    desk = serve({})
    pages = company((row("4", "2026-10-02", 1), form4()))
    desk.server.sites = {
        "www.sec.gov": {name: page for name, page in pages.items() if name != SUBMISSIONS},
        "data.sec.gov": {SUBMISSIONS: pages[SUBMISSIONS]},
        "efts.sec.gov": {SEARCH: hits()},
    }
    overrides = dict.fromkeys(desk.server.sites, desk.server.endpoint)
    desk.client = Client(Config(AGENT, timeout=5.0, host_delay=0.0, overrides=overrides), Resolver(["127.0.0.1:1"]))
    yield desk
    desk.client.close()


def look_up_in_public(desk: Desk, brand: Brand = BRAND) -> Findings:
    return SecEdgarSource(user_agent=AGENT).find(brand, desk.context(Clues()))


def test_each_public_host_is_asked_for_its_part_with_a_contact_and_pauses(public: Desk) -> None:
    found = look_up_in_public(public)
    assert list(titles(found)) == ["Michael Sample"]
    assert found.people[0].evidence[0].url.startswith("https://www.sec.gov/Archives/edgar/data/1234567/")
    assert [request.host for request in public.server.requests] == ["www.sec.gov", "data.sec.gov", "www.sec.gov"]
    assert {request.headers["user-agent"] for request in public.server.requests} == {AGENT}
    look_up_in_public(public, Brand("Brightwater Labs"))
    assert public.server.requests[-1].host == "efts.sec.gov"
    assert all(0 < seconds <= PAUSE for seconds in public.slept)


def test_requests_to_a_public_host_are_paused_between(public: Desk) -> None:
    edgar, context = Edgar(user_agent=AGENT), public.context(Clues())
    for number in range(3):
        edgar.document(f"/{number}", context)
    assert len(public.slept) == 2


def test_the_public_list_of_companies_is_fetched_once_a_day(public: Desk) -> None:
    look_up_in_public(public)
    look_up_in_public(public, Brand("Somebody"))
    assert public.paths.count(LISTED) == 1
    public.now += timedelta(days=1)
    look_up_in_public(public)
    assert public.paths.count(LISTED) == 2
