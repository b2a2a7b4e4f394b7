import gzip

import pytest

from enrichment.discovery.website import sitemaps
from tests.discovery.website.conftest import HOST, URL, Serve
from tests.kit.web import Page

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*addresses: str) -> bytes:
    return f"<urlset {NAMESPACE}>{''.join(f'<url><loc> {url} </loc></url>' for url in addresses)}</urlset>".encode()


def index(*addresses: str) -> bytes:
    items = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in addresses)
    return f"<sitemapindex {NAMESPACE}>{items}</sitemapindex>".encode()


def xml(content: bytes) -> Page:
    return Page(content, media_type="application/xml")


def addresses(web, declared: tuple[str, ...] = (), allowed=lambda _url: True, language: str = "") -> list[str]:
    return sitemaps.addresses(web.client, declared, URL, allowed, lambda: None, language=language)


def test_pages_of_the_site_are_listed_and_others_left_out(serve: Serve) -> None:
    web = serve(
        {"/sitemap.xml": xml(urlset(f"{URL}team", "https://elsewhere.example/team", "https://[x", f"{URL}team"))}
    )
    assert addresses(web) == [f"{URL}team"]


def test_the_sitemaps_that_robots_txt_names_are_read_packed_ones_too(serve: Serve) -> None:
    packed = Page(gzip.compress(urlset(f"{URL}board")), media_type="application/x-gzip")
    web = serve({"/a.xml": xml(urlset(f"{URL}team")), "/b.xml.gz": packed})
    assert addresses(web, (f"{URL}a.xml", f"{URL}b.xml.gz", "https://elsewhere.example/c.xml")) == [
        f"{URL}team",
        f"{URL}board",
    ]
    assert "/sitemap.xml" not in web.paths


def test_an_index_is_followed_pages_first_and_not_without_end(serve: Serve) -> None:
    parts = [f"{URL}post-{number}.xml" for number in range(9)]
    web = serve(
        {
            "/sitemap.xml": xml(index(*parts, f"{URL}page-1.xml", f"{URL}sitemap.xml")),
            "/page-1.xml": xml(urlset(f"{URL}team")),
        }
    )
    assert addresses(web) == [f"{URL}team"]
    assert web.paths[1] == "/page-1.xml"
    assert len(web.paths) == sitemaps.MAX_FILES


@pytest.mark.parametrize(
    ("files", "best"),
    [
        (["post-sitemap.xml", "page-sitemap.xml", "team-sitemap.xml"], ["team-sitemap.xml", "page-sitemap.xml"]),
        (["sitemap-news.xml", "sitemap-images.xml", "sitemap-1.xml"], ["sitemap-1.xml"]),
        (["wp-sitemap-posts-post-1.xml", "wp-sitemap-posts-page-1.xml"], ["wp-sitemap-posts-page-1.xml"]),
        (["sitemap_en.xml", "sitemap_de-at.xml", "sitemap_fr.xml"], ["sitemap_de-at.xml"]),
        (["sitemap-product.xml", "sitemap-mitarbeiter.xml.gz"], ["sitemap-mitarbeiter.xml.gz"]),
    ],
)
def test_the_files_that_promise_people_in_the_right_language_come_first(
    serve: Serve, files: list[str], best: list[str]
) -> None:
    web = serve({"/sitemap.xml": xml(index(*(f"{URL}{file}" for file in files)))})
    addresses(web, language="de")
    assert web.paths[1 : 1 + len(best)] == [f"/{file}" for file in best]


def test_a_sitemap_that_robots_txt_forbids_is_not_read(serve: Serve) -> None:
    web = serve({"/sitemap.xml": xml(urlset(f"{URL}team"))})
    assert addresses(web, allowed=lambda _url: False) == []
    assert web.paths == []


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(12))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            f"<!DOCTYPE urlset [{ENTITIES}]><urlset><url><loc>{URL}&e11;</loc></url></urlset>".encode(), id="bomb"
        ),
        pytest.param(
            f'<!DOCTYPE u [<!ENTITY f SYSTEM "file:///etc/hostname">]><urlset><url><loc>{URL}&f;</loc></url></urlset>'.encode(),
            id="file",
        ),
        pytest.param(b"<a>" * 100_000, id="deep"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\xff\xfe", id="binary"),
        pytest.param(f"<html><body>{HOST}</body></html>".encode(), id="a page"),
    ],
)
def test_what_is_no_sitemap_lists_nothing(content: bytes) -> None:
    assert sitemaps.read(content) == ([], [])


def test_a_packed_bomb_is_unpacked_to_the_limit_only(serve: Serve) -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * (sitemaps.MAX_BYTES * 20))
    web = serve({"/sitemap.xml": Page(bomb, media_type="application/gzip")})
    assert addresses(web) == []


def test_addresses_are_taken_up_to_a_limit() -> None:
    pages, _ = sitemaps.read(urlset(*(f"{URL}{number}" for number in range(sitemaps.MAX_ADDRESSES + 10))))
    assert len(pages) == sitemaps.MAX_ADDRESSES
