"""What a hostile server can send to whoever parses it: every reader answers with little, and with no exception.

The time limit of each test is the proof that the work is bounded: unbounded, these would take hours or all memory.
tests/discovery/website/test_work.py, test_sitemaps.py and tests/outreach/test_bounces_hostile.py have more of them.
"""

import gzip
import importlib
import io
import json
import pkgutil
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.dns import Resolver, Status
from crm.csv_columns import FileError
from crm.imports import import_contacts
from crm.models import Contact
from enrichment.discovery.base import Brand, Context, SourceError
from enrichment.discovery.public_index import press_feeds
from enrichment.discovery.website import sitemaps
from enrichment.discovery.website.crawl import WebsiteSource
from enrichment.discovery.website.pages import MAX_BYTES, parse
from enrichment.discovery.website.people import MAX_PEOPLE, extract
from enrichment_project import redaction
from tests.core.conftest import MakeClient, Serve
from tests.kit.dns import Behaviour, DnsServer
from tests.kit.web import Page, redirect

pytestmark = pytest.mark.timeout(60)

HOST, URL = "www.brightwater.example", "https://www.brightwater.example/team"
PERSON = '{"@type": "Person", "name": "Rosalind Carver", "jobTitle": "Managing Director"}'


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def state(text: str) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{text}</script>'


HTML: dict[str, Callable[[], str | bytes]] = {
    "nested": lambda: "<div>" * 100_000 + "Anna Kerr, Managing Director",
    "nested tables and lists": lambda: "<table><tr><td><ul><li>" * 50_000,
    "a million attributes": lambda: "<p " + " ".join(f"a{n}=x" for n in range(1_000_000)) + ">Anna Kerr</p>",
    "attributes without end": lambda: "<p " + "a='" * 900_000,
    "entities": lambda: "<p>" + "&amp;&#x41;&notin;&bogus;&#99999999;&#x0;&#xD800;" * 80_000,
    "ampersands": lambda: "<p>" + "&" * 3_000_000,
    "entities of its own": lambda: '<!DOCTYPE html [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><p>' + "&b;" * 500_000,
    "an outer entity": lambda: '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><h1>Our team</h1><p>&x;',
    "xinclude": lambda: '<html xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/>',
    "comments": lambda: "<!--" * 900_000,
    "half a comment": lambda: "<!-- " + "-" * 3_000_000,
    "closing tags": lambda: "</p>" * 900_000,
    "quotes in quotes": lambda: "<p title='" + "\"'" * 1_500_000,
    "white space": lambda: "<p>Anna Kerr" + " \t\n\u00a0" * 900_000 + "Managing Director</p>",
    "letters": lambda: "<p>" + "a" * 3_000_000,
    "at signs": lambda: "<p>" + "a@" * 1_500_000,
    "digits": lambda: "<p>+" + "1 2-3(4)" * 450_000,
    "marks on a letter": lambda: "<h3>Anna K" + "\u0301" * 1_000_000 + "rr</h3><p>Chair</p>",
    "names in a chain": lambda: "<p>" + "Anna van der Kerr-" * 200_000,
    "refreshes": lambda: f'<meta http-equiv="refresh" content="0;url={URL}">' * 40_000,
    "bases": lambda: '<base href="http://[">' * 150_000,
    "UTF-16": lambda: ("<p>Anna Kerr</p>" * 100_000).encode("utf-16"),
    "two marks of order": lambda: b"\xff\xfe\xfe\xff" * 900_000,
    "UTF-7": lambda: b'<meta charset="utf-7">' + b"+ADw-script+AD4-" * 200_000,
    "a charset that is none": lambda: b'<meta charset="' + b"x" * 1_000_000 + b'">',
    "a charset that unpacks": lambda: b'<meta charset="zlib_codec">' + zlib.compress(b"a" * 1_000_000),
    "NUL": lambda: b"<p>Anna\0Kerr</p>" * 200_000,
    "JSON in lists": lambda: ld("[" * 10_000 + "]" * 10_000),
    "JSON in objects": lambda: ld('{"member":' * 10_000 + PERSON + "}" * 10_000),
    "a graph of names": lambda: ld('{"@graph":[' + ",".join([PERSON] * 4_000) + "]}"),
    "a huge number": lambda: ld('{"@type":"Person","name":' + "9" * 400_000 + "}"),
    "a number beyond all": lambda: ld('{"@type":"Person","name":"Anna Kerr","jobTitle":1e999999,"age":-Infinity}'),
    "a long key": lambda: ld('{"' + "k" * 400_000 + '":' + PERSON + "}"),
    "half of a pair": lambda: ld('{"@type":"Person","name":"\\ud800nna Kerr","jobTitle":"Managing Director"}'),
    "escapes": lambda: ld('{"@type":"Person","name":"' + "\\u0000" * 60_000 + '"}'),
    "state in lists": lambda: state("[" * 10_000 + "]" * 10_000),
    "state in objects": lambda: state('{"props":' * 10_000 + PERSON + "}" * 10_000),
    "a wide state": lambda: state("[" + ",".join(['{"name":"Anna Kerr","role":"Chair"}'] * 60_000) + "]"),
    "assignments": lambda: "<script>" + "window.__STATE__ = {" * 150_000 + "</script>",
}


@pytest.mark.parametrize("kind", HTML)
def test_a_page_is_read_in_bounded_work(kind: str) -> None:
    content = HTML[kind]()
    raw = content.encode() if isinstance(content, str) else content
    found = extract(parse(raw[:MAX_BYTES], None, URL))
    assert len(found.people) <= MAX_PEOPLE
    told = json.dumps([(person.name, person.title) for person in found.people], ensure_ascii=False)
    told.encode()  # no half of a pair
    assert len(told) < 200_000
    assert "\0" not in told
    assert "root:" not in told


LOC = f"<url><loc>https://{HOST}/team</loc></url>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
XML = {
    "billion laughs": f"<!DOCTYPE x [{LAUGHS}]><x>&l9;</x>".encode(),
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><x>{"&a;" * 100_000}</x>'.encode(),
    "parameters": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x.dtd">%a;%b;]><x/>',
    "an outer file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><loc>&a;</loc><title>&a;</title></x>',
    "an outer type": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
    "an attribute's default": b'<!DOCTYPE x [<!ATTLIST x y CDATA "z"><!ENTITY a "&a;">]><x>&a;</x>',
    "xinclude": b'<x xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="file:///etc/passwd" parse="text"/></x>',
    "a style sheet": b'<?xml-stylesheet href="file:///etc/passwd" type="text/xsl"?><x/>',
    "another charset": f"<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x [{LAUGHS}]><x>&l9;</x>".encode("utf-16"),
    "a charset that lies": f"<?xml version='1.0' encoding='utf-7'?><x>{LOC}</x>".encode("utf-16-be"),
    "nested": b"<x>" * 200_000,
    "attributes": b"<x " + b" ".join(b"a%d='x'" % n for n in range(150_000)) + b"/>",
    "name spaces": b"".join(b"<a%d:x xmlns:a%d='u%d'>" % (n, n, n) for n in range(60_000)),
    "half a section": b"<x><![CDATA[" + b"]" * 2_000_000,
    "instructions": b"<x>" + b"<?x " * 400_000,
}


@pytest.mark.parametrize("kind", XML)
def test_a_sitemap_or_a_feed_opens_nothing_and_unfolds_nothing(kind: str) -> None:
    pages, files = sitemaps.read(XML[kind])
    items = press_feeds.read(XML[kind]) or []
    told = repr((pages, files, items))
    assert len(told) < 100_000
    assert "root:" not in told
    assert "lollol" not in told


def gzipped(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = gzip.compress(data, 9)
    return data


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(data) + packer.flush()


FLOOD = b"<p>Anna Kerr</p>" * 4_000_000
PACKED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: gzipped(FLOOD, 1)),
    "gzip in gzip": ("gzip, gzip", lambda: gzipped(FLOOD, 2)),
    "a chain": (", ".join(["gzip"] * 50), lambda: gzipped(b"x", 50)),
    "deflate": ("deflate", lambda: zlib.compress(FLOOD, 9)),
    "bare deflate": ("deflate", lambda: bare_deflate(FLOOD)),
    "members": ("gzip", lambda: gzip.compress(b"<p>x</p>") * 200_000),
    "brotli": ("br", lambda: b"\x8b\xff\xff\xff\xff" * 1_000),
    "zstandard": ("zstd", lambda: b"\x28\xb5\x2f\xfd" * 1_000),
    "a lie": ("gzip", lambda: b"<p>not packed</p>"),
}


@pytest.fixture(scope="module")
def packed() -> dict[str, Page]:
    return {
        f"/{kind.replace(' ', '-')}": Page(make(), headers={"Content-Encoding": encoding})
        for kind, (encoding, make) in PACKED.items()
    }


@pytest.mark.parametrize("kind", PACKED)
def test_what_is_packed_is_unpacked_up_to_the_limit(
    serve: Serve, client_for: MakeClient, packed: dict[str, Page], kind: str
) -> None:
    server = serve({HOST: {"/": packed[f"/{kind.replace(' ', '-')}"]}})
    source, client = WebsiteSource("Test/1"), client_for(server, max_bytes=200_000)
    try:
        found = source.find(Brand("Brightwater", f"https://{HOST}/"), Context(client))
    except SourceError:
        return
    assert len(found.people) <= 1


def test_a_sitemap_packed_in_itself_is_no_sitemap(serve: Serve, client_for: MakeClient) -> None:
    inner = f"<urlset>{LOC}</urlset>".encode() + b" " * 50_000_000
    server = serve({HOST: {"/sitemap.xml": Page(gzipped(inner, 2), media_type="application/gzip")}})
    client = client_for(server)
    assert sitemaps.addresses(client, (), f"https://{HOST}/", lambda _url: True, lambda: None) == []


@pytest.mark.parametrize("way", ["redirect", "refresh", "link"])
def test_a_site_without_end_is_left(serve: Serve, client_for: MakeClient, way: str) -> None:
    def further(request: Any) -> Page:
        step = f"/team-{len(request.path)}{'x' * len(request.path)}"
        if way == "redirect":
            return redirect(step)
        if way == "refresh":
            return Page(f'<meta http-equiv="refresh" content="0;url={step}">', headers={"Refresh": f"0;url={step}"})
        return Page("".join(f'<a href="{step}-{n}">Our team {n}</a>' for n in range(2_000)))

    class Endless(dict[str, Any]):
        def get(self, key: Any, default: Any = None) -> Any:
            return Page("", 404) if key == "/robots.txt" else further

        def __contains__(self, key: object) -> bool:
            return True

        def __getitem__(self, key: str) -> Any:
            return self.get(key)

    server = serve({HOST: Endless()})
    try:
        WebsiteSource("Test/1").find(Brand("Brightwater", f"https://{HOST}/"), Context(client_for(server)))
    except SourceError:
        pass
    assert 1 < len(server.requests) < 80


# Regular expressions ----------------------------------------------------------------------------------

# Repeated, each is what some way of reading goes back over again and again.
UNITS = [
    *("a", "A", "1", " ", "a ", "A ", "a.", "a-", "A. ", "<", "&", "'", '"', "(", "[ at ", "a@", "@", ",", "\n", "\t"),
    *(
        "é",
        "://",
        "a=",
        "%",
        "-",
        "_",
        "/",
        "\\",
        "aA",
        "=",
        "a,b ",
        "{",
        ";",
        "a:",
        "AB12",
        "0",
        "+1 ",
        "\r",
        "\u00a0",
    ),
]
LENGTH = 400  # at which a way that is exponential takes ages; what is quadratic is a matter of limits


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield every compiled pattern of the product once, with where it is."""
    seen = set()
    for package in ("core", "crm", "outreach", "enrichment", "enrichment_project"):
        for info in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if ".migrations" in info.name or ".management" in info.name or info.name.endswith("wsgi"):
                continue
            for name, value in vars(importlib.import_module(info.name)).items():
                for pattern in _in(value):
                    if (pattern.pattern, pattern.flags) not in seen:
                        seen.add((pattern.pattern, pattern.flags))
                        yield f"{info.name}.{name}", pattern


def _in(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth < 3:
        for inner in (*value.keys(), *value.values()):
            yield from _in(inner, depth + 1)
    elif isinstance(value, tuple | list | set | frozenset) and depth < 3:
        for inner in value:
            yield from _in(inner, depth + 1)


def test_no_pattern_goes_back_for_ever() -> None:
    count = 0
    for _place, pattern in patterns():
        count += 1
        for unit in UNITS:
            text = (unit * LENGTH)[:LENGTH] + "\0!"
            for _ in pattern.finditer(text.encode() if isinstance(pattern.pattern, bytes) else text):
                pass
    assert count > 200


@pytest.mark.parametrize("unit", ["a", "a@", "=", " ", "a=", "Bearer ", "://", "key=", "eyJ", "enr_", "a.b-"])
def test_a_long_line_of_the_log_is_cleaned(unit: str) -> None:
    line = unit * (60_000 // len(unit))
    assert len(redaction.text(line)) <= 2 * len(line)


# DNS --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        Behaviour(garbage=True),
        Behaviour({"TXT": ["x" * 200] * 300}, truncated=True),
        {"TXT": ["\x00\xff" * 60]},
        {"CNAME": ["evil.example"]},
        {"MX": [f"{n} mx{n}.evil.example" for n in range(400)]},
    ],
    ids=["garbage", "huge", "bytes", "an alias of itself", "many exchangers"],
)
def test_no_answer_of_the_dns_is_without_bounds(entry: Any) -> None:
    with DnsServer({"evil.example": entry}) as server:
        resolver = Resolver([server.address], timeout=0.2, lifetime=0.3)
        for kind in ("A", "MX", "TXT"):
            answer = resolver.lookup("evil.example", kind)
            assert answer.status in set(Status)
            assert sum(map(len, answer.records)) < 200_000


# Files that are read in -------------------------------------------------------------------------------

CSV = {
    "a million columns": b"email," + b"," * 1_000_000 + b"\nada@acme.example\n",
    "a million headings": b"email," + b"email," * 160_000 + b"\n" + b"ada@acme.example," * 60_000,
    "a field without end": b'email,name\n"' + b"a" * 5_000_000,
    "quotes": b"email,name\n" + b'"' * 3_000_000,
    "rows of nothing": b"email\n" + b"\n" * 100_000,
    "delimiters": b"email;name\n" + b";" * 2_000_000,
    "NUL": b"email,name\n" + b"\0" * 1_000_000 + b"\nada\0@acme.example,Ada\n",
    "UTF-16": "email,name\n".encode("utf-16") + b"\xd8\x00" * 200_000,
    "half of UTF-16": b"\xff\xfee\0m\0a\0i\0l\0\n\0\x00",
    "UTF-32": "email,name\nada@acme.example,Ada\n".encode("utf-32"),
    "carriage returns": b"email\r" + b"\r" * 50_000,
    "a zip": b"PK\x03\x04" + bytes(range(256)) * 4_000,
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", CSV)
def test_a_file_is_read_line_by_line_or_refused(kind: str) -> None:
    try:
        report = import_contacts(io.BytesIO(CSV[kind]))
        told = json.dumps(report.as_json())
    except FileError as error:
        told = str(error)
    assert len(told) < 300_000
    assert Contact.objects.count() <= 1
