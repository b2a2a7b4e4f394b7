"""How much of a page is read: a page made to be slow is cut short, and what was found until then is kept."""

import json
from collections.abc import Callable

import pytest

from enrichment.discovery.website import lines, work
from enrichment.discovery.website.pages import MAX_BYTES, parse
from enrichment.discovery.website.people import extract
from enrichment.discovery.website.structured_data import find as find_stated
from tests.discovery.website.reading import URL

FIRST = "<title>Our team</title><h1>Our team</h1><div><h3>Rosalind Carver</h3><p>Managing Director</p></div>"
CARD = '<div class="card"><h3>Anna K{0}rr</h3><p>Head of Sales</p><a href="mailto:a{0}@example.com">Mail</a></div>'


def letters(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(3))


SLOW: dict[str, Callable[[], str]] = {
    "tiny elements": lambda: "<i>a</i>" * 150_000,
    "tiny lines": lambda: "<p>a</p>" * 60_000,
    "nested tables": lambda: ("<table><tr><td>" * 80 + "x" + "</td></tr></table>" * 80) * 1_000,
    "near-names": lambda: "".join(f"<p>X{letters(n)} Q{letters(n * 7)}</p>" for n in range(60_000)),
    "cards": lambda: "".join(CARD.format(letters(n)) for n in range(15_000)),
    "addresses in a row": lambda: ("<p>" + "a@b.example " * 160 + "</p>") * 1_500,
    "open brackets": lambda: ("<p>" + "[ at " * 390 + "</p>") * 1_500,
    "scripts": lambda: ("<script>" + "a='x'+'@'+" * 1_700 + "'b.example'</script>") * 150,
    "headings": lambda: "".join(f"<h{n % 6 + 1}>Our team {n}</h{n % 6 + 1}>" for n in range(60_000)),
    "broken lines": lambda: "<p>" + "Anna Kerr<br>Chair<br>" * 40_000,
}
BOUNDED: dict[str, Callable[[], str]] = {
    "deep nesting": lambda: "<div>" * 200_000 + "Anna Kerr",
    "one long text": lambda: "<p>" + "Anna Kerr is head of sales " * 140_000,
    "one long word": lambda: "<p>" + "A" * 3_900_000,
    "dotted capitals": lambda: ("<p>" + "A." * 990 + "</p>") * 200,
    "a wide table": lambda: "<table><tr>" + "<td>x</td>" * 5_000 + "</tr><tr>" + "<td>y</td>" * 5_000,
    "huge attributes": lambda: "<p class='" + "team-" * 700_000 + "'>x",
    "many classes": lambda: f'<p class="{" ".join(f"c{n}x" for n in range(50_000))}">x</p>' * 10,
    "unclosed tags": lambda: "<b><i><a href=x><span>" * 100_000,
    "cards in cards": lambda: '<div class="vcard"><p class="fn">Anna Kerr</p><p class="title">Chair</p>' * 25_000,
    "a nest of JSON": lambda: '<script type="application/ld+json">' + "[" * 1_900_000 + "</script>",
    "commas of JSON": lambda: '<script type="application/ld+json">{' + "," * 400_000 + " " * 90_000 + "</script>",
    "style sheets": lambda: "<style>" + "bidi-override" * 250_000 + "</style>",
    "open tags": lambda: "<a" * 1_900_000,
    "text in many pieces": lambda: "<p>" + "Anna<wbr>" * 50_000,
}


@pytest.mark.parametrize("shape", SLOW)
def test_a_page_made_to_be_slow_is_cut_and_keeps_who_was_found(shape: str) -> None:
    found = extract(parse((FIRST + SLOW[shape]()).encode()[:MAX_BYTES], None, URL))
    assert found.cut
    assert "Rosalind Carver" in [person.name for person in found.people]


@pytest.mark.parametrize("shape", [*SLOW, *BOUNDED])
def test_walking_any_page_leaves_steps_for_reading_it(shape: str) -> None:
    content = (SLOW | BOUNDED)[shape]().encode()[:MAX_BYTES]
    outline = lines.outline(parse(content, None, URL))
    assert outline.work.left > work.LIMIT // 3
    assert len(outline.lines) < lines.MAX_LINES + 10  # a few end what is open


@pytest.mark.parametrize("shape", BOUNDED)
def test_what_only_looks_costly_is_read_to_the_end(shape: str) -> None:
    found = extract(parse((FIRST + BOUNDED[shape]()).encode()[:MAX_BYTES], None, URL))
    assert "Rosalind Carver" in [person.name for person in found.people]
    assert not found.cut


def test_a_large_team_page_is_read_in_full() -> None:
    cards = "".join(CARD.format(letters(number)) for number in range(450))
    filler = "<p>We make instruments that measure rivers and lakes, and look after them for many years.</p>" * 3_000
    found = extract(parse(f"<h1>Our team</h1>{cards}{filler}".encode(), None, URL))
    assert (len(found.people), found.cut) == (450, False)


def test_the_work_grows_with_the_page_and_no_faster() -> None:
    def steps(count: int) -> int:
        page = parse(("<h1>Our team</h1>" + "".join(CARD.format(letters(n)) for n in range(count))).encode(), None, URL)
        outline = lines.outline(page)
        return work.LIMIT - outline.work.left

    assert steps(400) <= 2.1 * steps(200)


def test_steps_are_counted_until_there_are_none_left() -> None:
    counter = work.Work(left=10)
    assert counter.spend(10)
    assert not counter.cut
    assert not counter.spend(1)
    assert counter.cut


def test_structured_data_stops_when_the_steps_are_used_up() -> None:
    people = [{"@type": "Person", "name": f"Anna K{letters(n)}", "jobTitle": "Nurse"} for n in range(300)]
    page = parse(f'<script type="application/ld+json">{json.dumps(people)}</script>'.encode(), None, URL)
    counter = work.Work(left=1_000)
    assert 0 < len(find_stated(page, counter)) < 300
    assert counter.cut
