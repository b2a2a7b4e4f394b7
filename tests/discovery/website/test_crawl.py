import threading

import pytest

from enrichment.discovery.base import Diagnostic, Findings, Limits, SourceError
from tests.discovery.website.conftest import HOST, TEAM, URL, Serve, card, linking, page
from tests.kit.web import Page, Raw, Request, redirect

NAMES = ["Zoë Müller", "Willem van der Berg", "Hanna Nowak"]


def names(found: Findings) -> list[str]:
    return [person.name for person in found.people]


def codes(found: Findings) -> list[str]:
    return [diagnostic.code for diagnostic in found.diagnostics]


def refused(web, website: str | None = URL) -> Diagnostic:
    with pytest.raises(SourceError) as error:
        web.read(website)
    return error.value.diagnostic


def hang(until: threading.Event) -> Raw:
    return Raw(lambda _socket: until.wait(20))


def broken() -> Raw:
    return Raw(lambda _socket: None)


# What is found -----------------------------------------------------------------------------------


def test_the_team_page_is_found_and_its_people_come_with_evidence(serve: Serve) -> None:
    web = serve({"/": linking("/products", "/team", "/contact"), "/team": page(TEAM), "/contact": page("")})
    found = web.read()
    assert names(found) == NAMES
    zoe = found.people[0]
    assert (zoe.title, zoe.email, zoe.seniority) == ("Head of Marketing", "zoe@brightwater.example", "head")
    assert {item.url for item in zoe.evidence} == {f"https://{HOST}/team"}
    assert found.diagnostics == ()


def test_a_page_that_its_link_calls_a_team_page_counts_as_one(serve: Serve) -> None:
    body = page(card("Zoë Müller", "Head of Marketing") + card("Hanna Nowak", "Sales Manager"))
    named = serve({"/": linking("/people"), "/people": body}).read()
    on_home = serve({"/": body}).read()
    assert names(named) == names(on_home)
    assert named.people[0].confidence >= on_home.people[0].confidence
    assert named.people[0].confidence >= 74


def test_posts_jobs_and_testimonials_are_not_even_asked_for(serve: Serve) -> None:
    decoys = ["/blog/meet-our-team", "/jobs/team", "/testimonials", "/news/2024/leadership", "/2023/05/our-team"]
    web = serve({"/": linking("/team", *decoys), "/team": page(TEAM), **{path: page(TEAM) for path in decoys}})
    assert names(web.read()) == NAMES
    assert web.pages == ["/", "/team"]


def test_addresses_of_nobody_in_person_are_kept_apart(serve: Serve) -> None:
    contact = page(
        '<a href="mailto:info@brightwater.example">Mail</a> <a href="mailto:zoe@brightwater.example">Zoë</a>'
    )
    found = serve({"/": linking("/team", "/contact"), "/team": page(TEAM), "/contact": contact}).read()
    assert found.addresses == ("info@brightwater.example",)


def test_the_team_page_may_be_on_another_host_of_the_domain_and_on_no_other_domain(serve: Serve) -> None:
    home = linking("https://people.brightwater.example/team", "https://brightwater-fans.example/team")
    sites = {HOST: {"/": home}, "people.brightwater.example": {"/team": page(TEAM)}}
    web = serve(sites={**sites, "brightwater-fans.example": {"/team": page(TEAM.replace("Hanna", "Marta"))}})
    assert names(web.read()) == NAMES
    assert not [request for request in web.server.requests if request.host == "brightwater-fans.example"]


def test_a_page_that_leads_to_another_domain_tells_nothing(serve: Serve) -> None:
    away = {"/team": page(TEAM)}
    web = serve(
        sites={HOST: {"/": linking("/team"), "/team": redirect("https://other.example/team")}, "other.example": away}
    )
    assert names(web.read()) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/%C3%BCber-uns/team", "Team"),
        ("/quienes-somos.html", "Quiénes somos"),
        ("/qui-sommes-nous", "L’équipe"),
        ("/chi-siamo/", "Chi siamo"),
        ("/zespol", "Zespół"),
        ("/ledelse", "Ledelse"),
        ("/company/officer", "役員紹介"),
        ("/x1/y2", "Unser Team"),
        ("/?page_id=7", "Our people"),
    ],
)
def test_team_pages_are_recognised_in_many_languages(serve: Serve, path: str, text: str) -> None:
    pages = {"/?page_id=7": page(TEAM)} if "?" in path else {path: page(TEAM)}
    web = serve({"/": linking(path, text=text), **pages})
    assert names(web.read()) == NAMES


def test_frames_and_instant_redirects_are_followed(serve: Serve) -> None:
    start = '<html><head><meta http-equiv="Refresh" content="0; url=/start"></head><body></body></html>'
    frames = '<html><frameset><frame name="main" src="team.html"></frameset></html>'
    assert names(serve({"/": start, "/start": frames, "/team.html": page(TEAM)}).read()) == NAMES


def test_a_hint_is_followed_only_while_nobody_was_found(serve: Serve) -> None:
    hints = ["/h1", "/h2", "/h3", "/h4", "/h5"]
    web = serve({"/": linking(*hints), **{path: page("") for path in hints}})
    assert codes(web.read()) == ["no_people"]
    assert len(web.pages) == 4, "the home page and three hints"
    web = serve({"/": linking("/team", *hints), "/team": page(TEAM), **{path: page("") for path in hints}})
    web.read()
    assert web.pages == ["/", "/team"]


def test_profiles_are_read_as_long_as_they_tell_something_new(serve: Serve) -> None:
    profiles = [f"/team/{number}" for number in range(9)]
    told = {
        path: page(f"<h1>Zoë Müller</h1><p>Head of Marketing</p><p>zoe{number}@brightwater.example</p>")
        for number, path in enumerate(profiles[:4])
    }
    silent = {path: page(f"<p>Nothing new, number {path}</p>") for path in profiles[4:]}
    web = serve({"/": linking("/team"), "/team": page(TEAM + linking(*profiles)), **told, **silent})
    web.read()
    asked = [path for path in web.pages if path.startswith("/team/")]
    assert set(told) <= set(asked)
    assert len(asked) < len(profiles)


# What is asked for once ---------------------------------------------------------------------------


def test_spellings_of_one_address_are_asked_for_once(serve: Serve) -> None:
    spellings = ["/team", "/team/", "/team#zoe", "/team?utm_source=mail", "/team/index.html", f"http://{HOST}/team"]
    web = serve({"/": linking(*spellings, "https://brightwater.example/team"), "/team": page(TEAM)})
    assert names(web.read()) == NAMES
    assert web.pages == ["/", "/team"]


def test_the_canonical_address_counts_as_read(serve: Serve) -> None:
    team = page(TEAM, head=f'<link rel="canonical" href="{URL}our-people">')
    web = serve({"/": linking("/team"), "/team": team + linking("/our-people"), "/our-people": page(TEAM)})
    web.read()
    assert web.pages == ["/", "/team"]


def test_files_are_not_asked_for(serve: Serve) -> None:
    web = serve({"/": linking("/team.pdf", "/board.PDF?x=1", "/people.jpg", "/team.vcf")})
    web.read()
    assert web.pages == ["/"]


def test_relative_links_that_go_round_and_round_end(serve: Serve) -> None:
    pages = {"/" + "team/" * depth: page('<a href="team/">Team</a>') for depth in range(1, 9)}
    web = serve({"/": linking("team/"), **pages})
    web.read(limits=Limits(max_pages=50))
    assert len(web.pages) <= 3


# Sitemaps -----------------------------------------------------------------------------------------


def sitemap(*paths: str) -> Page:
    urls = "".join(f"<url><loc>{URL.rstrip('/')}{path}</loc></url>" for path in paths)
    return Page(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>', media_type="text/xml")


def test_the_sitemap_helps_where_the_home_page_links_to_nothing(serve: Serve) -> None:
    web = serve({"/": page(""), "/sitemap.xml": sitemap("/blog/team", "/team", "/a"), "/team": page(TEAM)})
    assert names(web.read()) == NAMES
    assert web.pages == ["/", "/team"]


def test_the_sitemap_is_left_alone_where_links_promise_enough(serve: Serve) -> None:
    web = serve({"/": linking("/team", "/about"), "/team": page(TEAM), "/about": page("<p>About</p>")})
    web.read()
    assert "/sitemap.xml" not in web.paths


# robots.txt ---------------------------------------------------------------------------------------


def robots_txt(text: str) -> Page:
    return Page(text, media_type="text/plain")


@pytest.mark.parametrize("agent", ["*", "contactenrichment"])
def test_a_site_that_wants_no_programs_is_left_alone(serve: Serve, agent: str) -> None:
    web = serve({"/": linking("/team"), "/robots.txt": robots_txt(f"User-agent: {agent}\nDisallow: /")})
    diagnostic = refused(web)
    assert diagnostic.code == "robots"
    assert HOST in diagnostic.sentence
    assert set(web.paths) == {"/robots.txt"}


def test_rules_for_other_programs_do_not_matter(serve: Serve) -> None:
    rules = robots_txt("User-agent: OtherBot\nDisallow: /\n")
    assert names(serve({"/": linking("/team"), "/team": page(TEAM), "/robots.txt": rules}).read()) == NAMES


def test_pages_that_may_not_be_read_are_not_asked_for_and_named(serve: Serve) -> None:
    rules = robots_txt("User-agent: *\nDisallow: /team")
    web = serve({"/": linking("/team", "/about"), "/about": page(""), "/team": page(TEAM), "/robots.txt": rules})
    found = web.read()
    assert "/team" not in web.pages
    assert codes(found) == ["robots", "no_people"]


@pytest.mark.parametrize("status", [500, 503])
def test_rules_that_cannot_be_had_forbid_everything_this_time(serve: Serve, status: int) -> None:
    web = serve({"/": page(TEAM), "/robots.txt": Page(status=status)})
    diagnostic = refused(web)
    assert diagnostic.code == "robots"
    assert str(status) in diagnostic.sentence
    assert web.pages == []


@pytest.mark.parametrize("status", [401, 404])
def test_missing_rules_forbid_nothing(serve: Serve, status: int) -> None:
    web = serve({"/": linking("/team"), "/team": page(TEAM), "/robots.txt": Page(status=status)})
    assert names(web.read()) == NAMES


def test_each_host_is_asked_for_its_own_rules(serve: Serve) -> None:
    people = {"/team": page(TEAM), "/robots.txt": robots_txt("User-agent: *\nDisallow: /")}
    home = linking("https://people.brightwater.example/team")
    web = serve(sites={HOST: {"/": home}, "people.brightwater.example": people})
    assert names(web.read()) == []
    assert "/team" not in web.pages


# Where the site is --------------------------------------------------------------------------------


def test_a_brand_without_a_website_says_so(serve: Serve) -> None:
    web = serve()
    for website in (None, "", "  ", "http://", "https://[broken"):
        assert refused(web, website).code == "no_website"
    assert web.paths == []


def test_the_domain_serves_where_no_website_is_given(serve: Serve) -> None:
    web = serve(sites={"brightwater.example": {"/": page(TEAM)}})
    assert names(web.read(None, domain="brightwater.example")) == NAMES


def test_a_page_that_leads_to_linkedin_is_not_followed_there(serve: Serve) -> None:
    away = "https://www.linkedin.com/company/brightwater"
    web = serve(
        sites={
            HOST: {"/": linking("/team", "/about"), "/team": redirect(away), "/about": page(TEAM)},
            "www.linkedin.com": {"/company/brightwater": page(TEAM)},
        }
    )
    assert names(web.read()) == NAMES
    assert refused(serve(sites={HOST: {"/": redirect(away)}, "www.linkedin.com": {}})).code == "no_website"
    assert not [request for request in web.server.requests if request.host == "www.linkedin.com"]


def test_a_page_that_leads_where_programs_are_not_wanted_is_not_followed_there(serve: Serve) -> None:
    other = {"/team": page(TEAM), "/robots.txt": robots_txt("User-agent: *\nDisallow: /")}
    web = serve(
        sites={HOST: {"/": linking("/team"), "/team": redirect("https://other.example/team")}, "other.example": other}
    )
    web.read()
    assert [request.path for request in web.server.requests if request.host == "other.example"] == ["/robots.txt"]


def test_linkedin_is_never_asked(serve: Serve) -> None:
    web = serve(sites={"www.linkedin.com": {"/": page(TEAM)}})
    assert refused(web, "https://www.linkedin.com/company/brightwater").code == "no_website"
    assert web.paths == []


def test_a_host_that_does_not_exist_is_unreachable(serve: Serve) -> None:
    diagnostic = refused(serve(), "https://www.nowhere.example/")
    assert diagnostic.code == "unreachable"
    assert "www.nowhere.example" in diagnostic.sentence


@pytest.mark.parametrize("given", ["brightwater.example", "https://brightwater.example"])
def test_www_is_tried_where_the_bare_domain_does_not_answer(serve: Serve, given: str) -> None:
    assert names(serve({"/": page(TEAM)}).read(given)) == NAMES


def test_the_bare_domain_is_tried_where_www_does_not_answer(serve: Serve) -> None:
    web = serve(sites={"brightwater.example": {"/": page(TEAM)}})
    assert names(web.read(URL)) == NAMES


def test_http_is_tried_where_https_breaks_off(serve: Serve) -> None:
    # Both schemes lead to one server here: the first attempt is https, the second http.
    attempts: list[str] = []

    def rules(request: Request) -> Page | Raw:
        attempts.append(request.path)
        return broken() if len(attempts) == 1 else Page(status=404)

    found = serve({"/robots.txt": rules, "/": page(TEAM)}).read()
    assert names(found) == NAMES
    assert {item.url for person in found.people for item in person.evidence} == {f"http://{HOST}/"}


def test_a_site_that_breaks_off_every_time_is_unreachable(serve: Serve) -> None:
    assert refused(serve({"/robots.txt": broken(), "/": broken()})).code == "unreachable"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_refusal_is_told_with_its_status_and_advice(serve: Serve, status: int) -> None:
    diagnostic = refused(serve({"/": Page("no", status=status)}))
    assert diagnostic.code == "http_status"
    assert str(status) in diagnostic.sentence
    assert diagnostic.sentence.count(".") >= 4, "the host, and a second sentence with advice"


def test_the_root_is_read_where_nothing_is_at_the_address_given(serve: Serve) -> None:
    assert names(serve({"/": page(TEAM)}).read(f"{URL}old/start.html")) == NAMES


def test_a_home_page_that_is_no_page_says_so(serve: Serve) -> None:
    assert refused(serve({"/": Page(b"%PDF-1.7", media_type="application/pdf")})).code == "not_html"


def test_a_site_that_moved_is_read_where_it_is_now_and_the_user_told(serve: Serve) -> None:
    web = serve(
        sites={HOST: {"/": redirect("https://www.stillwater.example/")}, "www.stillwater.example": {"/": page(TEAM)}}
    )
    found = web.read()
    assert names(found) == NAMES
    assert codes(found) == ["moved"]
    assert "stillwater.example" in found.diagnostics[0].sentence


def test_a_site_that_moved_where_programs_are_not_wanted_is_not_used(serve: Serve) -> None:
    away = {"/": page(TEAM), "/robots.txt": robots_txt("User-agent: *\nDisallow: /")}
    web = serve(sites={HOST: {"/": redirect("https://www.stillwater.example/")}, "www.stillwater.example": away})
    assert refused(web).code == "robots"


# What the user is told ----------------------------------------------------------------------------


def test_a_site_without_people_says_how_much_was_read(serve: Serve) -> None:
    found = serve({"/": linking("/about"), "/about": page("<h1>About us</h1>")}).read()
    assert codes(found) == ["no_people"]
    assert "2 pages" in found.diagnostics[0].sentence


def test_a_site_that_needs_javascript_says_so(serve: Serve) -> None:
    shell = '<html><body><div id="root"></div><script src="/app.js"></script></body></html>'
    found = serve({"/": shell}).read()
    assert codes(found) == ["needs_javascript"]


def test_people_with_one_name_only_are_left_out_and_named(serve: Serve) -> None:
    team = page(
        "<h1>Our team</h1>"
        + card("Zoë", "Head of Marketing")
        + card("Hanna", "Sales Manager")
        + card("Otto", "Engineer")
    )
    found = serve({"/": linking("/team"), "/team": team}).read()
    assert names(found) == []
    assert "single_names" in codes(found)
    assert "Hanna" in found.diagnostics[0].sentence


def test_pages_that_failed_are_counted_with_the_reason_of_the_first(serve: Serve) -> None:
    web = serve({"/": linking("/team", "/people"), "/team": page(TEAM), "/people": Page("", status=500)})
    found = web.read()
    assert names(found) == NAMES
    assert codes(found) == ["pages_failed"]
    assert "500" in found.diagnostics[0].sentence


def test_dead_links_are_nothing_to_report(serve: Serve) -> None:
    assert serve({"/": linking("/team", "/people"), "/team": page(TEAM)}).read().diagnostics == ()


def test_the_page_limit_holds_and_is_told_when_promising_pages_are_left(serve: Serve) -> None:
    teams = [f"/team?page={number}" for number in range(1, 9)]
    pages = {path: page(card(f"{'ABCDEFGHI'[number]}nna Holm", "Buyer")) for number, path in enumerate(teams)}
    web = serve({"/": linking(*teams), **pages})
    found = web.read(limits=Limits(max_pages=3))
    assert len(web.pages) == 3
    assert codes(found)[0] == "page_limit"


def test_a_limit_that_left_nothing_out_is_not_told(serve: Serve) -> None:
    web = serve({"/": linking("/team"), "/team": page(TEAM)})
    assert web.read(limits=Limits(max_pages=2)).diagnostics == ()


def test_a_site_that_hangs_is_given_up_at_the_time_limit_with_what_was_found(serve: Serve) -> None:
    over = threading.Event()
    web = serve(
        {"/": page(TEAM + linking("/people", "/board", "/leadership")), "/people": hang(over), "/board": hang(over)}
    )
    try:
        found = web.read(limits=Limits(max_seconds=1.0))
    finally:
        over.set()
    assert names(found) == NAMES
    assert "time_limit" in codes(found)


def test_a_job_that_was_stopped_ends_early_with_what_was_found(serve: Serve) -> None:
    stopped = threading.Event()

    def last_page(_request: Request) -> Page:
        stopped.set()
        return Page(page(TEAM))

    web = serve({"/": linking("/team", "/about"), "/team": last_page, "/about": last_page})
    found = web.read(stopped=stopped.is_set)
    assert "no_people" not in codes(found)
    assert len(web.pages) <= 3
    web = serve({"/": linking("/team"), "/team": page(TEAM)})
    assert names(web.read(stopped=lambda: True)) == []
    assert "/team" not in web.pages


# Hostile sites ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "href",
    [
        "http://[::1", "https://brightwater.example:99999999/team", "javascript:alert(1)//team", "//", "https:///team",
        "ftp://www.brightwater.example/team", "https://user:pw@www.brightwater.example/team", "/team\x00",
        "/te\nam?" + "x" * 9000, "https://www.brightwater.example:0/team", "/team/" + "a/" * 400,
        "https://xn--\ud7ff.example/team", "/%ff%fe/team",
    ],
)  # fmt: skip
def test_malformed_links_do_no_harm(serve: Serve, href: str) -> None:
    web = serve({"/": linking(href, "/people"), "/people": page(TEAM)})
    assert names(web.read()) == NAMES


def test_a_page_of_thousands_of_links_is_read_within_the_limits(serve: Serve) -> None:
    many = "".join(f'<a href="/team/{number}">Team {number}</a>' for number in range(3_000))
    web = serve({"/": page(many), "/robots.txt": Page(status=404)})
    web.read(limits=Limits(max_pages=4))
    assert len(web.pages) == 4
