"""Feeds of every kind, well-formed or not."""

from datetime import UTC, datetime

import pytest

from enrichment.discovery.public_index.press_feeds import MAX_ITEMS, read

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Acme</title><item><title>Acme &amp; Sons grow</title><link>https://acme.example/1</link>
<media:title>A picture</media:title><pubDate>Tue, 06 Oct 2026 08:00:00 +0200</pubDate>
<description><![CDATA[<p>First&nbsp;line.</p><script>x()</script><p>Second &eacute;.</p>]]></description></item>
</channel></rss>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item><title>News</title><link>https://acme.example/2</link>
<dc:date>2026-10-06T08:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Acme</title><entry>
<title type="html">A &lt;b&gt;bold&lt;/b&gt; move
</title>
<link rel="enclosure" href="https://acme.example/a.mp3"/><link href="https://acme.example/3"/>
<published>2026-10-06T08:00:00+02:00</published>
<updated>2026-11-01T00:00:00Z</updated>
<summary>Text</summary></entry></feed>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://acme.example/4</loc><news:news>
<news:publication_date>2026-10-06</news:publication_date><news:title>Headline</news:title></news:news></url></urlset>"""


def test_rss_is_read() -> None:
    (item,) = read(RSS.encode()) or []
    assert (item.title, item.link) == ("Acme & Sons grow", "https://acme.example/1")
    assert item.lead == "First line.\nSecond é."
    assert item.published == datetime(2026, 10, 6, 6, tzinfo=UTC)


def test_rdf_is_read() -> None:
    (item,) = read(RDF.encode()) or []
    assert (item.title, item.link, item.published) == (
        "News",
        "https://acme.example/2",
        datetime(2026, 10, 6, 8, tzinfo=UTC),
    )


def test_atom_is_read_with_the_day_it_was_published() -> None:
    (item,) = read(ATOM.encode()) or []
    assert (item.title, item.link, item.lead) == ("A bold move", "https://acme.example/3", "Text")
    assert item.published == datetime(2026, 10, 6, 6, tzinfo=UTC)


def test_a_news_sitemap_is_read() -> None:
    (item,) = read(SITEMAP.encode()) or []
    assert (item.title, item.link, item.published) == (
        "Headline",
        "https://acme.example/4",
        datetime(2026, 10, 6, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "broken",
    [
        RSS.replace("</channel></rss>", ""),
        RSS.replace("&amp;", "&"),
        "\n\n" + RSS,
        RSS.replace("grow</title>", "grow</b></title>"),
        RSS.replace(
            "<channel>", '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://127.0.0.1:1/x.dtd"><channel>'
        ),
    ],
)
def test_a_broken_feed_is_read_as_far_as_it_goes(broken: str) -> None:
    (item,) = read(broken.encode()) or []
    assert item.title.startswith("Acme")
    assert item.title.endswith("Sons grow")


def test_a_document_type_without_entities_is_harmless() -> None:
    head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://127.0.0.1:1/rss.dtd">'
    assert read((head + RSS.partition("?>")[2].strip()).encode())


def test_a_bomb_and_an_outer_entity_are_refused() -> None:
    inner = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    outer = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    for head, entity in ((inner, "&c;"), (outer, "&a;")):
        assert read(f"{head}<rss><channel><item><title>{entity}</title></item></channel></rss>".encode()) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>No feed</body></html>",
        b"{}",
        b"\xff\xfe\x00\x01",
        b"<?xml version='1.0' encoding='nonsense'?><x/>",
    ],
)
def test_what_is_no_feed_is_none(content: bytes) -> None:
    assert read(content) is None


@pytest.mark.parametrize(
    "date", ["", "yesterday", "2026-99-99", "Tue, 99 Oct 2026 08:00:00", "9999-12-31T23:59:59-23:00"]
)
def test_an_item_without_a_date_that_can_be_read_has_none(date: str) -> None:
    (item,) = read(RSS.replace("Tue, 06 Oct 2026 08:00:00 +0200", date).encode()) or []
    assert item.published is None


def test_a_date_without_a_zone_is_utc() -> None:
    (item,) = read(RSS.replace("08:00:00 +0200", "08:00:00 -0000").encode()) or []
    assert item.published == datetime(2026, 10, 6, 8, tzinfo=UTC)


def test_items_without_title_are_left_out_and_endless_feeds_cut() -> None:
    body = "<item><link>x</link></item>" + "<item><title>News</title></item>" * 1_000
    assert len(read(f"<rss><channel>{body}</channel></rss>".encode()) or []) == MAX_ITEMS - 1
