import threading

import pytest

from enrichment.discovery.base import Diagnostic, Findings, Limits, SourceError
from enrichment.discovery.clues import CZ_ICO, Clues
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


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/x", "Vedení společnosti"), ("/x", "Náš tým"), ("/x", "Ръководство"), ("/x", "Нашият екип"),
        ("/x", "Наши сотрудники"), ("/x", "经营团队"), ("/x", "メンバー紹介"), ("/x", "Zarząd"),
        ("/x", "Ledningsgruppen"),
        ("/x", "Vores medarbejdere"), ("/x", "Henkilöstömme"), ("/x", "Corpo diretivo"), ("/x", "Conoce al equipo"),
        ("/x", "Consiglio di amministrazione"), ("/x", "Onze collega's"), ("/x", "Nos collaborateurs"),
        ("/x", "Team & Karriere"), ("/sotrudniki", "x"), ("/om-oss/medarbetare", "x"), ("/o-nas/kadra", "x"),
    ],
)  # fmt: skip
def test_team_pages_are_read_before_others_in_many_languages(serve: Serve, path: str, text: str) -> None:
    home = page(f'<a href="/contact">Contact</a> <a href="/about">About us</a> <a href="{path}">{text}</a>')
    web = serve({"/": home, path: page(TEAM), "/contact": page("Call"), "/about": page("Who")})
    assert names(web.read(limits=Limits(max_pages=2))) == NAMES


def test_names_on_a_team_page_lead_to_profiles_wherever_these_are(serve: Serve) -> None:
    listed = "".join(f'<p><a href="/x/{number}">{name}</a></p>' for number, name in enumerate(NAMES))
    profiles = {f"/x/{number}": page(card(name, "Buyer")) for number, name in enumerate(NAMES)}
    posts = '<a href="/author/edwin">Edwin Marchbanks</a>'
    web = serve({"/": linking("/team"), "/team": page(f"<h1>Team</h1>{listed}{posts}"), **profiles})
    assert {(person.name, person.title) for person in web.read().people} >= {(name, "Buyer") for name in NAMES}
    assert "/author/edwin" not in web.paths
    elsewhere = serve({"/": page(listed), **profiles})
    elsewhere.read()
    assert elsewhere.pages == ["/"], "on other pages a name may be anybody's"


# Listings that go on ------------------------------------------------------------------------------

LETTERS = "ABCDEFGHIJ"


def listing(number: int, following: str) -> str:
    """Return a page of a team's listing with two people of its own."""
    two = "".join(card(f"{first}nna Holm{LETTERS[number].lower()}", "Buyer") for first in LETTERS[:2])
    return page(f"<h1>Our team</h1>{two}{following}")


@pytest.mark.parametrize(
    ("paths", "following"),
    [
        (["/team", "/team?page=2", "/team?page=3"], '<a href="{}">{}</a>'),
        (["/team/", "/team/page/2/", "/team/page/3/"], '<a href="{}">{}</a>'),
        (["/team", "/team/2", "/team/3"], '<a href="{}">{}</a>'),
        (["/team", "/team?x%5BcurrentPage%5D=2", "/team?x%5BcurrentPage%5D=3"], '<a href="{}">»</a>'),
        (["/team", "/team?start=10", "/team?start=20"], '<a href="{}">Nächste Seite ›</a>'),
        (["/team", "/team/b", "/team/c"], '<a rel="nofollow next" href="{}">2</a>'),
        (["/team", "/team-b", "/team-c"], '<link rel="next" href="{}">'),
    ],
)
def test_a_listing_is_read_to_its_end(serve: Serve, paths: list[str], following: str) -> None:
    pages = {
        path: listing(number, following.format(paths[number + 1], number + 2) if number < 2 else "")
        for number, path in enumerate(paths)
    }
    web = serve({"/": linking(paths[0]), **pages})
    assert len(web.read().people) == 6
    assert web.pages == ["/", *paths]


def test_a_listing_is_left_where_it_brings_nobody_new(serve: Serve) -> None:
    numbers = "".join(f'<a href="/team?page={number}">{number}</a>' for number in range(1, 30))
    same = {f"/team?page={number}": listing(0, f"{number} {numbers}") for number in range(2, 30)}
    web = serve({"/": linking("/team"), "/team": listing(0, numbers), **same})
    assert len(web.read().people) == 2 * (len(web.pages) - 1)
    assert len(web.pages) <= 4, "the page after next may be under way"
    assert "/team?page=1" not in web.paths, "that is the first"


# Several languages --------------------------------------------------------------------------------


def alternates(**paths: str) -> str:
    return "".join(f'<link rel="alternate" hreflang="{code}" href="{path}">' for code, path in paths.items())


def test_a_page_is_read_in_one_language(serve: Serve) -> None:
    teams = {"en": "/team", "de": "/unser-team", "fr": "/notre-equipe"}
    pages = {path: page(TEAM + f"<p>{code}</p>" + linking(*teams.values()), head=alternates(**teams))
             for code, path in teams.items()}  # fmt: skip
    web = serve({"/": linking("/team"), **pages})
    assert names(web.read()) == NAMES
    assert web.pages == ["/", "/team"]


@pytest.mark.parametrize(
    "foreign", ["/de/team", "/de-AT/team", "/ch/de/team", "/team?lang=de", "//de.brightwater.example/team"]
)
def test_pages_in_another_language_are_read_only_while_nobody_is_found(serve: Serve, foreign: str) -> None:
    theirs = {"/de/team": page(TEAM), "/de-AT/team": page(TEAM), "/ch/de/team": page(TEAM), "/team?lang=de": page(TEAM)}
    sites = {HOST: {"/": linking("/staff", foreign), "/staff": page(TEAM + "!"), **theirs},
             "de.brightwater.example": {"/team": page(TEAM)}}  # fmt: skip
    web = serve(sites=sites)
    web.read()
    assert web.pages == ["/", "/staff"]
    empty = serve(sites={**sites, HOST: {**sites[HOST], "/staff": page("Nobody")}})
    assert names(empty.read()) == NAMES


def test_a_home_page_that_says_nothing_leads_to_one_in_a_language_that_is_read(serve: Serve) -> None:
    head = alternates(th="/", ko="/k/", en="/e/", de="/d/")
    home = page('<a href="/th/1">หน้า</a>', head=head).replace("lang=en", "lang=th")
    web = serve({"/": home, "/e/": linking("/e/team"), "/e/team": page(TEAM)})
    assert names(web.read()) == NAMES
    assert web.pages == ["/", "/e/", "/e/team"]


def test_a_choice_of_languages_is_made(serve: Serve) -> None:
    home = "<html><body>" + "".join(f'<a href="/{code}/">{code}</a>' for code in ("nl", "en", "fr")) + "</body></html>"
    dutch = page('<a href="/nl/team">Team</a><a href="/en/team">Team</a>').replace("lang=en", "lang=nl")
    web = serve({"/": home, "/nl/": dutch, "/nl/team": page(TEAM), "/en/team": page(TEAM + "!")})
    assert names(web.read()) == NAMES
    assert web.pages == ["/", "/nl/", "/nl/team"]


# Legal notices and register numbers ---------------------------------------------------------------


def test_the_legal_notice_is_read_early_even_where_many_pages_show_people(serve: Serve) -> None:
    teams = {f"/team-{letter}": page(card(f"{letter}nna Holm", "Buyer")) for letter in LETTERS}
    web = serve({"/": linking(*teams, "/contact", "/about", "/impressum"), **teams, "/impressum": page("Brightwater")})
    web.read()
    assert web.pages.index("/impressum") <= 4
    assert {"/about", "/contact"} < set(web.pages)
    web.server.requests.clear()
    web.read(limits=Limits(max_pages=5))
    assert "/impressum" in web.pages


@pytest.mark.parametrize("where", ["/", "/impressum", "/kontakty", "/o-nas"])
def test_register_numbers_are_put_up_for_other_sources(serve: Serve, where: str) -> None:
    pages = {path: page(path) for path in ("/impressum", "/kontakty", "/o-nas")}
    number = "<footer>Brightwater s.r.o., IČO: 12345679</footer>"
    shown = linking(*pages).replace("<body>", f"<body>{number}").replace("lang=en", "lang=cs")
    web = serve({"/": linking(*pages), **pages, where: shown})
    clues = Clues()
    web.read(clues=clues)
    (clue,) = clues.follow(CZ_ICO, lambda: False)
    assert (clue.value, clue.url) == ("12345679", f"https://{HOST}{where}")


def test_register_numbers_on_other_pages_are_somebody_elses(serve: Serve) -> None:
    team = page(TEAM + "<p>IČO: 12345679</p>").replace("lang=en", "lang=cs")
    clues = Clues()
    serve({"/": linking("/team"), "/team": team}).read(clues=clues)
    assert list(clues.follow(CZ_ICO, lambda: False)) == []


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


def test_the_sitemap_is_asked_when_the_links_led_to_no_team(serve: Serve) -> None:
    pages = {"/about": page("About"), "/contact": page("Call"), "/impressum": page("Owner")}
    web = serve({"/": linking(*pages), **pages, "/staff": page(TEAM), "/sitemap.xml": sitemap("/blog/x", "/staff")})
    assert names(web.read()) == NAMES
    assert web.paths[-2:] == ["/sitemap.xml", "/staff"]
    web.server.requests.clear()
    web.read(limits=Limits(max_pages=4))
    assert "/sitemap.xml" not in web.paths, "no page of it could be read"


def test_reading_ends_when_page_after_page_tells_nothing_new(serve: Serve) -> None:
    offices = {f"/about-{letter}": page(f"<p>Office {letter}</p>") for letter in LETTERS}
    web = serve({"/": linking("/team", *offices), "/team": page(TEAM), **offices})
    assert names(web.read(limits=Limits(max_pages=30))) == NAMES
    assert len(web.pages) < 11


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


MENU = (
    "<nav>Home Products Company Careers Contact</nav>" + "<footer>We use cookies to make this site better.</footer>" * 8
)


@pytest.mark.parametrize(
    "shell",
    [
        f'{MENU}<div id="root"></div>',
        f'{MENU}<main id="__next"><div class="spinner"><svg></svg></div></main>',
        f"{MENU}<app-root></app-root>",
        f"{MENU}<noscript>You need to enable JavaScript to run this app.</noscript>",
        "<p>Loading …</p>",
    ],
)
def test_a_shell_with_a_menu_and_a_note_on_cookies_is_still_a_shell(serve: Serve, shell: str) -> None:
    found = serve({"/": f"<html><body>{shell}<script src='/app.js'></script></body></html>"}).read()
    assert codes(found) == ["needs_javascript"]


@pytest.mark.parametrize(
    "body",
    [
        f'<div id="root">{MENU}</div><script src="/app.js"></script>',
        f'{MENU}<div id="map"></div><script src="/map.js"></script>',
        "<p>Under construction</p>",
        f'{MENU * 5}<div id="app"></div><script src="/chat.js"></script>',
    ],
)
def test_a_page_that_has_its_text_needs_no_javascript(serve: Serve, body: str) -> None:
    assert codes(serve({"/": f"<html><body>{body}</body></html>"}).read()) == ["no_people"]


def test_a_team_page_that_needs_javascript_is_told_even_where_the_rest_does_not(serve: Serve) -> None:
    shell = '<html><title>Team</title><body><div id="root"></div><script src="/app.js"></script></body></html>'
    pages = {"/about": page("About us"), "/contact": page("Call us"), "/press-contact": page("Call them")}
    web = serve({"/": linking("/team", *pages), **pages, "/team": shell})
    assert codes(web.read()) == ["needs_javascript"]
    somebody = {"/about": page("<h2>Our founder</h2>" + card("Zoë Müller", "Founder and CEO"))}
    web = serve({"/": linking("/team", *pages), **pages, **somebody, "/team": shell})
    found = web.read()
    assert (names(found), codes(found)) == (["Zoë Müller"], ["needs_javascript"])


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
    more = f'<a rel="next" href="{href}">2</a>'
    head = f'<link rel="canonical" href="{href}"><link rel="alternate" hreflang="de" href="{href}">'
    web = serve({"/": linking(href, "/people"), "/people": page(TEAM + more, head=head)})
    assert names(web.read()) == NAMES


def test_a_page_of_thousands_of_links_is_read_within_the_limits(serve: Serve) -> None:
    many = "".join(f'<a href="/team/{number}">Team {number}</a>' for number in range(3_000))
    web = serve({"/": page(many), "/robots.txt": Page(status=404)})
    web.read(limits=Limits(max_pages=4))
    assert len(web.pages) == 4


def test_a_page_that_is_too_much_work_is_cut_off_and_the_user_is_told(serve: Serve) -> None:
    cards = "".join(f"<div><h3>Ada{'a' * (n % 9)} Example</h3><p>CEO of section {n}</p></div>" for n in range(60_000))
    found = serve({"/": f"<html><body><h1>Our team</h1>{cards}</body></html>"}).read()
    (note,) = [diagnostic for diagnostic in found.diagnostics if diagnostic.code == "page_cut"]
    assert note.sentence.startswith("1 page was too large or too involved to be read to the end")
    assert found.people
