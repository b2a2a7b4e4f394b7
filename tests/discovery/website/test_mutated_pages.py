"""Two thousand damaged pages: whatever bytes come, extraction answers with people or nobody, never with an error."""

import random
from pathlib import Path

from enrichment.discovery.website import pages, people

PAGES = Path(__file__).with_name("pages")
SMALL = 6_000  # bytes of a page that is damaged
MUTATIONS = 2_000
SPLINTERS = (
    b"<", b">", b"</", b"<!--", b"-->", b"<script>", b"<table><tr>", b'"', b"&", b"&#x110000;", b"\x00", b"\xff\xfe",
    b"<svg>", b"<div hidden>", b"<a href='mailto:", b"data-cfemail='zz", b"[at]", b"{\"@graph\":[", b"<li>" * 40,
    "\u0645\u0631".encode(), "😀".encode(), b"\xe2\x80\xae", b"\xed\xa0\x80",
)  # fmt: skip


def test_no_damage_to_a_page_makes_extraction_fail() -> None:
    whole = [file.read_bytes()[:SMALL] for file in sorted(PAGES.glob("*.html"))]
    assert len(whole) > 10
    found = nobody = 0
    for number in range(MUTATIONS):
        rng = random.Random(number)  # so that a failure can be seen again
        content = rng.choice(whole)
        for _ in range(rng.randint(1, 8)):
            content = damaged(content, whole, rng)
        charset = rng.choice([None, None, "utf-8", "iso-8859-1", "utf-16", "shift_jis", "no-such-charset"])
        extraction = people.extract(pages.parse(content, charset, "https://www.brightwater.example/team"))
        found += bool(extraction.people)
        nobody += not extraction.people
    assert found > MUTATIONS // 10, "some are still read"
    assert nobody > MUTATIONS // 100, "some are damaged beyond reading"


def damaged(content: bytes, whole: list[bytes], rng: random.Random) -> bytes:
    """Return the page with one thing gone, doubled, moved, turned, or out of another page."""
    start = rng.randrange(len(content) + 1)
    end = min(start + rng.choice([1, 3, 20, 200, 1_000]), len(content))
    piece = content[start:end]
    match rng.randrange(6):
        case 0:
            return content[:start] + content[end:]
        case 1:
            return content[:end] + piece + content[end:]
        case 2:
            place = rng.randrange(len(content) + 1)
            return content[:place] + piece + content[place:]
        case 3:
            return content[:start] + rng.choice(SPLINTERS) + content[start:]
        case 4:
            return (
                content[:start] + bytes(byte ^ (1 << rng.randrange(8)) for byte in piece[:20]) + content[start + 20 :]
            )
        case _:
            other = rng.choice(whole)
            cut = rng.randrange(len(other) + 1)
            return content[:start] + other[cut : cut + 500] + content[end:]
