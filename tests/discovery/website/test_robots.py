import pytest

from enrichment.discovery.website import robots
from enrichment.discovery.website.robots import parse, product_token
from tests.discovery.website.conftest import HOST, Serve
from tests.kit.web import Page, Raw, redirect

ORIGIN = f"https://{HOST}"
TOKEN = "ContactEnrichment"


def rules(text: str | bytes, status: int = 200) -> Page:
    return Page(text, status=status, media_type="text/plain")


def test_the_group_for_us_counts_before_the_one_for_everybody() -> None:
    found = parse("User-agent: *\nDisallow: /\n\nUser-agent: contactenrichment\nDisallow: /private\n", TOKEN)
    assert found.allows(f"{ORIGIN}/team")
    assert not found.allows(f"{ORIGIN}/private/team")


def test_the_longest_rule_wins_with_wildcards_and_ends() -> None:
    found = parse("User-agent: *\nDisallow: /team\nAllow: /team/public\nDisallow: /*.php$\n", TOKEN)
    assert found.allows(f"{ORIGIN}/team/public/board")
    assert not found.allows(f"{ORIGIN}/team/board")
    assert not found.allows(f"{ORIGIN}/about.php")
    assert found.allows(f"{ORIGIN}/about.php?x")


@pytest.mark.parametrize(
    ("agent", "token"),
    [("ContactEnrichment/0.1 (self-hosted)", TOKEN), ("AcmeBot/2.0 +https://acme.example", "AcmeBot"), ("/", TOKEN)],
)
def test_robots_txt_knows_us_by_the_first_word_of_the_user_agent(agent: str, token: str) -> None:
    assert product_token(agent) == token


@pytest.mark.parametrize(
    ("line", "delay"),
    [
        ("Crawl-delay: 2", 2.0), ("Crawl-delay: 0.5", 0.5), ("Request-rate: 1/3s", 3.0),
        ("Crawl-delay: 86400", robots.MAX_DELAY), ("Crawl-delay: -1", 0.0), ("Crawl-delay: nan", 0.0),
        ("Crawl-delay: soon", 0.0), ("Request-rate: 0/1", 0.0), ("", 0.0),
    ],
)  # fmt: skip
def test_pauses_are_kept_up_to_a_limit(line: str, delay: float) -> None:
    assert parse(f"User-agent: *\n{line}\n", TOKEN).delay == delay


def test_sitemaps_are_named() -> None:
    assert parse(f"Sitemap: {ORIGIN}/a.xml\nUser-agent: *\nsitemap: {ORIGIN}/b.xml\n", TOKEN).sitemaps == (
        f"{ORIGIN}/a.xml",
        f"{ORIGIN}/b.xml",
    )


def test_a_file_of_thousands_of_crawlers_and_rules_is_read() -> None:
    agents = "".join(f"User-agent: bot{number}\n" for number in range(8_000))
    paths = "".join(f"Disallow: /{number}/*x\n" for number in range(8_000))
    found = parse(f"{agents}User agent: {TOKEN}\n{paths}", TOKEN)
    assert not found.allows(f"{ORIGIN}/7999/xx")
    assert found.allows(f"{ORIGIN}/team")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"<html><p>Not found</html>", b"\xef\xbb\xbfUser-agent: *\nAllow: /"]
)
def test_what_holds_no_rules_forbids_nothing(serve: Serve, content: bytes) -> None:
    web = serve({"/robots.txt": rules(content)})
    assert robots.read(web.client, ORIGIN, TOKEN).allows(f"{ORIGIN}/team")


def test_a_byte_order_mark_does_not_hide_the_first_line(serve: Serve) -> None:
    web = serve({"/robots.txt": rules(b"\xef\xbb\xbfUser-agent: *\nDisallow: /")})
    assert not robots.read(web.client, ORIGIN, TOKEN).allows(f"{ORIGIN}/team")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_file_that_is_not_there_forbids_nothing(serve: Serve, status: int) -> None:
    found = robots.read(serve({"/robots.txt": rules("User-agent: *\nDisallow: /", status)}).client, ORIGIN, TOKEN)
    assert found.readable
    assert found.allows(f"{ORIGIN}/team")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(rules("", 500), id="fault"),
        pytest.param(rules("", 503), id="unavailable"),
        pytest.param(Raw(lambda _socket: None), id="broken off"),
        pytest.param(rules("#" * (robots.MAX_BYTES + 1)), id="too large"),
    ],
)
def test_a_file_that_cannot_be_had_forbids_everything(serve: Serve, answer: Page | Raw) -> None:
    found = robots.read(serve({"/robots.txt": answer}).client, ORIGIN, TOKEN)
    assert not found.readable
    assert not found.allows(f"{ORIGIN}/team")


def test_redirects_are_followed_and_a_circle_counts_as_no_file(serve: Serve) -> None:
    web = serve({"/robots.txt": redirect("/r"), "/r": rules("User-agent: *\nDisallow: /team")})
    assert not robots.read(web.client, ORIGIN, TOKEN).allows(f"{ORIGIN}/team")
    web = serve({"/robots.txt": redirect("/r"), "/r": redirect("/robots.txt")})
    assert robots.read(web.client, ORIGIN, TOKEN).allows(f"{ORIGIN}/team")
