from datetime import UTC, datetime, timedelta

import pytest

from core.http import Response
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Context
from enrichment.discovery.website import caching
from enrichment.discovery.website.caching import PageCache
from tests.discovery.website.conftest import HOST, TEAM, URL, Serve, Web, linking, page
from tests.kit.web import Page, Request, redirect

MONDAY = datetime(2024, 3, 4, 9, tzinfo=UTC)
DATE = "Mon, 04 Mar 2024 08:00:00 GMT"
NAMES = ["Zoë Müller", "Willem van der Berg", "Hanna Nowak"]


def answering(body: str, **headers: str):
    """Return a page with validators that knows how to say that it has not changed."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(request: Request) -> Page:
        asked = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
        known = {sent.get("ETag"), sent.get("Last-Modified")} - {None}
        if known & set(asked):
            return Page(status=304, headers=sent, media_type=None)
        return Page(body, headers=sent)

    return answer


def team_site(serve: Serve, **headers: str) -> Web:
    return serve({"/": linking("/team"), "/team": answering(page(TEAM), **headers)})


def names(web: Web, answers: Answers, now: datetime = MONDAY) -> list[str]:
    return [person.name for person in web.read(answers=answers, now=now).people]


def asked(web: Web, path: str = "/team") -> list[dict[str, str]]:
    """Return the conditions with which a page was asked for."""
    conditions = ("if-none-match", "if-modified-since")
    return [
        {name: request.headers[name] for name in conditions if name in request.headers}
        for request in web.server.requests
        if request.path == path
    ]


def again(answers: Answers) -> Answers:
    """Return what the next run gets of one run's answers."""
    return Answers(answers.changed)


# Conditional requests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "condition"),
    [
        ({"ETag": '"v1"'}, {"if-none-match": '"v1"'}),
        ({"ETag": 'W/"v1"'}, {"if-none-match": 'W/"v1"'}),
        ({"Last_Modified": DATE}, {"if-modified-since": DATE}),
        ({"ETag": '"v1"', "Last_Modified": DATE}, {"if-none-match": '"v1"', "if-modified-since": DATE}),
    ],
)
def test_a_page_that_has_not_changed_is_not_sent_again(
    serve: Serve, headers: dict[str, str], condition: dict[str, str]
) -> None:
    web, answers = team_site(serve, **headers), Answers()
    assert names(web, answers) == NAMES
    following = again(answers)
    assert names(web, following, MONDAY + timedelta(days=2)) == NAMES
    assert asked(web) == [{}, condition]
    (kept,) = following.changed
    assert kept.key == f"website {URL}team"
    assert kept.fetched_at == MONDAY + timedelta(days=2), "the site has said that it is still so"


def test_a_page_that_has_changed_takes_the_place_of_the_kept_one(serve: Serve) -> None:
    answers = Answers()
    names(team_site(serve, ETag='"v1"'), answers)
    changed = serve({"/": linking("/team"), "/team": answering(page(TEAM.replace("Hanna", "Marta")), ETag='"v2"')})
    following = again(answers)
    assert names(changed, following) == [*NAMES[:2], "Marta Nowak"]
    assert following.get(f"website {URL}team").etag == '"v2"'


def test_the_kept_page_keeps_its_address_and_charset(serve: Serve) -> None:
    body = page(TEAM).encode("latin-1")
    latin = Page(body, headers={"ETag": '"v1"'}, media_type="text/html; charset=iso-8859-1")
    not_changed = Page(status=304, media_type=None)

    def answer(request: Request) -> Page:
        return not_changed if request.headers.get("if-none-match") == '"v1"' else latin

    web, answers = serve({"/": linking("/team"), "/team": redirect("/people/"), "/people/": answer}), Answers()
    web.read(answers=answers)
    found = web.read(answers=again(answers))
    assert [person.name for person in found.people] == NAMES
    assert found.people[0].evidence[0].url == f"{URL}people/"
    assert asked(web, "/people/") == [{}, {"if-none-match": '"v1"'}]


def test_a_page_that_now_leads_elsewhere_is_asked_for_anew(serve: Serve) -> None:
    answers = Answers()
    web = serve({"/": linking("/team"), "/team": answering(page(TEAM), Last_Modified=DATE)})
    names(web, answers)
    other = answering(page(TEAM.replace("Hanna", "Marta")), Last_Modified=DATE)
    web = serve({"/": linking("/team"), "/team": redirect("/staff"), "/staff": other})
    assert names(web, again(answers)) == [*NAMES[:2], "Marta Nowak"], "the date was that of another page"
    assert asked(web, "/staff") == [{"if-modified-since": DATE}, {}]


def test_not_changed_is_asked_again_where_nothing_is_kept(serve: Serve) -> None:
    answers = iter([Page(status=304, media_type=None), Page(page(TEAM))])
    web = serve({"/": linking("/team"), "/team": lambda _request: next(answers)})
    assert names(web, Answers()) == NAMES
    assert asked(web) == [{}, {}]


def test_a_site_that_says_not_changed_to_everything_is_a_trouble(serve: Serve) -> None:
    web = serve({"/": linking("/team"), "/team": Page(status=304, media_type=None)})
    found = web.read(answers=Answers())
    assert [item.code for item in found.diagnostics] == ["pages_failed", "no_people"]
    assert "304" in found.diagnostics[0].sentence


# Pages that need not be asked for ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "age", "hours", "requests"),
    [
        ("max-age=7200", "0", 1, 1),
        ("public, MAX-AGE = 7200", "0", 1, 1),
        ("max-age=7200", "0", 3, 2),
        ("max-age=7200", "5400", 1, 2),
        ("max-age=31536000, immutable", "0", 23, 1),
        ("max-age=31536000", "0", 25, 2),
        ("immutable", "0", 23, 1),
        ("max-age=7200, no-cache", "0", 1, 2),
        ("max-age=0", "0", 1, 2),
        ("max-age=soon", "0", 1, 2),
        ("s-maxage=7200", "0", 1, 2),
        ("max-age=-1", "x", 1, 2),
        ("max-age=99999999999999999999", "0", 23, 1),
    ],
)
def test_a_page_is_used_without_asking_for_as_long_as_it_says_and_a_day_at_most(
    serve: Serve, control: str, age: str, hours: int, requests: int
) -> None:
    web, answers = team_site(serve, ETag='"v1"', Cache_Control=control, Age=age), Answers()
    names(web, answers)
    assert names(web, again(answers), MONDAY + timedelta(hours=hours)) == NAMES
    assert len(asked(web)) == requests


def test_a_day_counts_anew_when_the_site_has_confirmed_the_page(serve: Serve) -> None:
    web, answers = team_site(serve, ETag='"v1"', Cache_Control="max-age=3600"), Answers()
    names(web, answers)
    second = again(answers)
    names(web, second, MONDAY + timedelta(hours=2))
    names(web, again(second), MONDAY + timedelta(hours=2, minutes=30))
    assert len(asked(web)) == 2


def test_robots_txt_is_asked_in_every_run_and_decides_about_kept_pages_too(serve: Serve) -> None:
    web, answers = team_site(serve, ETag='"v1"', Cache_Control="max-age=7200"), Answers()
    names(web, answers)
    rules = Page("User-agent: *\nDisallow: /team", media_type="text/plain")
    closed = serve({"/": linking("/team"), "/team": page(TEAM), "/robots.txt": rules})
    assert names(closed, again(answers)) == []
    assert "/robots.txt" in closed.paths


# What is kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cache_Control": "max-age=7200"},
        {"ETag": '"v1"', "Cache_Control": "private, No-Store"},
        {"ETag": '"v1"', "Vary": "*"},
        {"ETag": '"v\x071"'},
        {"ETag": '"' + "v" * 300 + '"'},
        {"Last_Modified": "yesterday\x1b evening, about nine"},
    ],
)
def test_a_page_without_good_validators_or_that_wants_not_to_be_stored_is_not_kept(
    serve: Serve, headers: dict[str, str]
) -> None:
    web, answers = team_site(serve, **headers), Answers()
    assert names(web, answers) == NAMES
    assert answers.changed == ()


def test_pages_of_other_sites_errors_and_large_pages_are_not_kept(serve: Serve) -> None:
    kept = {"ETag": '"v1"'}
    large = page("x" * (caching.MAX_BYTES + 1))
    web = serve(
        sites={
            HOST: {
                "/": linking("/team", "/about", "/people", "/staff"),
                "/team": redirect("https://other.example/team"),
                "/about": Page("broken", status=500, headers=kept),
                "/people": Page(large, headers=kept),
                "/staff": Page(page(TEAM), headers=kept, media_type="application/xhtml+xml"),
            },
            "other.example": {"/team": Page(page(TEAM), headers=kept)},
        }
    )
    answers = Answers()
    web.read(answers=answers)
    assert [answer.key for answer in answers.changed] == [f"website {URL}staff"]


def test_what_may_no_longer_be_kept_is_forgotten(serve: Serve) -> None:
    answers = Answers()
    names(team_site(serve, ETag='"v1"'), answers)
    for now_so in (Page(page(TEAM), headers={"ETag": '"v2"', "Cache-Control": "no-store"}), Page(status=404)):
        following = again(answers)
        serve({"/": linking("/team"), "/team": now_so}).read(answers=following)
        assert [answer.content for answer in following.changed] == [b""]
        last = serve({"/": linking("/team"), "/team": page(TEAM)})
        last.read(answers=again(following))
        assert asked(last) == [{}]


def test_a_fault_of_the_site_leaves_the_kept_page(serve: Serve) -> None:
    answers = Answers()
    names(team_site(serve, ETag='"v1"'), answers)
    following = again(answers)
    serve({"/": linking("/team"), "/team": Page(status=503)}).read(answers=following)
    assert following.changed == ()


def test_pages_are_kept_up_to_a_number(serve: Serve) -> None:
    answers = Answers()
    cache = PageCache(Context(serve().client, answers=answers))
    for number in range(caching.MAX_PAGES + 5):
        address = f"{URL}{number}"
        cache.keep(address, Response(address, 200, {"etag": '"v"'}, b"<p>", "text/html", None))
    assert len(answers.changed) == caching.MAX_PAGES


def test_a_fragment_makes_no_other_page(serve: Serve) -> None:
    answers = Answers()
    cache = PageCache(Context(serve().client, answers=answers))
    cache.keep(f"{URL}team#zoe", Response(f"{URL}team", 200, {"etag": '"v"'}, b"<p>", "text/html", None))
    assert cache.validators(f"{URL}team") == {"If-None-Match": '"v"'}
