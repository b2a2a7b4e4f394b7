from enrichment.discovery.base import Context, Limits
from enrichment.discovery.website.fetching import Fetched, Fetcher
from tests.discovery.website.conftest import URL, Serve, page
from tests.kit.web import Page


class Clock:
    """A clock that stands still but for those who sleep."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def fetcher(web, clock: Clock, **limits: float) -> Fetcher:
    return Fetcher(Context(web.client, Limits(**limits)), "ContactEnrichment", lambda: clock.now, clock.sleep)


def slow_site(serve: Serve, delay: str):
    return serve(
        {f"/{path}": page("") for path in "abc"} | {"/robots.txt": Page(f"User-agent: *\nCrawl-delay: {delay}")}
    )


def test_the_pause_that_robots_txt_asks_for_lies_between_requests(serve: Serve) -> None:
    clock = Clock()
    polite = fetcher(slow_site(serve, "2"), clock)
    polite.fetch(f"{URL}a")
    assert clock.now == 1_000, "the first page need not wait"
    polite.fetch(f"{URL}b")
    polite.fetch(f"{URL}c")
    assert clock.now >= 1_004


def test_the_pause_ends_with_the_time_allowed(serve: Serve) -> None:
    clock = Clock()
    hurried = fetcher(slow_site(serve, "5"), clock, max_seconds=1.0)
    assert hurried.fetch(f"{URL}a").response is not None
    assert hurried.fetch(f"{URL}b") == Fetched(f"{URL}b")
    assert clock.now < 1_002
    assert hurried.over()


def test_without_a_wish_there_is_no_pause_of_ours(serve: Serve) -> None:
    clock = Clock()
    free = fetcher(slow_site(serve, "0"), clock)
    for path in "abc":
        free.fetch(URL + path)
    assert clock.now == 1_000


def test_rules_are_asked_for_once(serve: Serve) -> None:
    web = serve({"/a": page(""), "/b": page("")})
    once = fetcher(web, Clock())
    once.fetch(f"{URL}a")
    once.fetch(f"{URL}b")
    assert web.paths == ["/robots.txt", "/a", "/b"]


def test_a_request_near_the_end_gets_no_more_time_than_is_left(serve: Serve) -> None:
    clock = Clock()
    last = fetcher(serve(), clock, max_seconds=20.0)
    assert last.timeout() is None, "the client's own limit holds"
    clock.now += 17
    assert last.timeout() == 3
