"""Reading people off pages: pages a second in one process, and F1 where labelled pages are at hand.

Then a made-up team page of 300 kB and one of twice the size: the time for each, their ratio (2 when the time grows with
the size), and the share of it that parsing takes. Prints two lines.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterable
from itertools import cycle, product
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from enrichment.discovery.website import cjk_names, pages, people
from enrichment.discovery.website.people import Extraction

ROOT = Path(__file__).resolve().parent.parent
LABELLED = ROOT.parent / "shared" / "data" / "teampages"
SCORER = ROOT.parent / "shared" / "tools" / "score_people.py"
FIXTURES = ROOT / "tests" / "discovery" / "website" / "pages"
ROUNDS = 5
TEAM_PAGE = 300_000  # bytes

GIVEN = ("Rosalind", "Timothy", "Anil", "Zoë", "Willem", "Hanna", "Giorgos", "Fatima", "Bronwen", "Kwame", "Ingrid")
SYLLABLES = ("Bar", "Cor", "Den", "Fal", "Gar", "Hol", "Kin", "Lan", "Mer", "Nor", "Pel", "Ros", "Sal", "Tor", "Win")
TITLES = ("Chief Executive Officer", "Head of Marketing", "Software Engineer", "Sales Manager", "Finance Director")
CARD = """<div class="team-card column" data-id="p{number}"><div class="team-card__image"><img src="/i/{number}.jpg"
 alt="" loading="lazy" width="300" height="300"></div><div class="team-card__body"><h3 class="team-card__name">
{name}</h3><p class="team-card__role">{title}</p><p class="bio">{name} joined the company in {year} after studying
engineering, and looks after our work in region {number}. Outside work, there is a garden with roses to look after.</p>
<ul class="social"><li><a href="mailto:{slug}@example.com" class="mail"><i class="icon"></i></a></li>
<li><a href="https://www.linkedin.com/in/{slug}" class="in"><i class="icon"></i></a></li></ul></div></div>
"""


def main() -> None:
    labels = LABELLED / "labels.json"
    files = sorted((LABELLED / "pages" if labels.exists() else FIXTURES).glob("*.html"))
    contents = {file.stem: file.read_bytes() for file in files}
    found = {name: _read(content) for name, content in contents.items()}  # fills the caches too
    started = time.perf_counter()
    for _round in range(ROUNDS):
        for content in contents.values():
            _read(content)
    seconds = (time.perf_counter() - started) / ROUNDS
    size = sum(map(len, contents.values()))
    figures = [
        f"extraction: {len(files)} pages of {size / len(files) / 1000:.0f} kB",
        f"{len(files) / seconds:.0f} pages/s",
        f"{size / seconds / 1e6:.1f} MB/s",
    ]
    if labels.exists() and SCORER.exists():
        figures += _scores(json.loads(labels.read_text()), found)
    print(", ".join(figures))
    print(_of_team_pages())


def _of_team_pages() -> str:
    """Return the line about the made-up pages."""
    one, two = _team_page(TEAM_PAGE), _team_page(2 * TEAM_PAGE)
    once, twice = _best(lambda: _read(one)), _best(lambda: _read(two))
    parsing = _best(lambda: pages.parse(one, None, "file:///page.html"))
    found = _read(one)
    return (
        f"extraction of a team page: {len(one) / 1000:.0f} kB with {len(found.people)} people {once * 1000:.0f} ms, "
        f"{len(two) / 1000:.0f} kB {twice * 1000:.0f} ms, ratio {twice / once:.2f}, parsing {parsing / once:.0%}"
    )


def _team_page(size: int) -> bytes:
    """Return a page of about `size` bytes that shows people, no two of one name."""
    families = ("".join(parts).capitalize() for parts in product(SYLLABLES, SYLLABLES, SYLLABLES))
    parts = ["<!DOCTYPE html><html lang=en><head><title>Our team</title></head><body><h1>Our team</h1>"]
    length = 0
    for number, (given, family, title) in enumerate(zip(cycle(GIVEN), families, cycle(TITLES), strict=False)):
        slug = f"{given}.{family}".lower()
        name = f"{given} {family}"
        parts.append(CARD.format(number=number, name=name, title=title, year=1990 + number % 30, slug=slug))
        length += len(parts[-1])
        if length >= size:
            break
    return "".join(parts).encode()


def _best(call: Callable[[], object]) -> float:
    """Return the seconds of the processor that the fastest of ROUNDS calls took."""
    return min(_timed(call) for _round in range(ROUNDS))


def _timed(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _read(content: bytes) -> Extraction:
    return people.extract(pages.parse(content, None, "file:///page.html"))


def _scores(labels: Iterable[dict[str, str]], found: dict[str, Extraction]) -> list[str]:
    scorer = _scorer()
    hits = false = missed = titled = 0
    for label in labels:
        answers = [
            {"name": cjk_names.written(person.first_name, person.last_name), "jobTitle": person.title}
            for person in found[label["id"]].people
        ]
        result = scorer.score_page(label, answers)
        hits += len(result["hits"])
        false += len(result["false"])
        missed += len(result["missed"])
        titled += sum(scorer.same_title(person, answer["jobTitle"]) for person, answer in result["hits"])
    return [f"F1 {2 * hits / (2 * hits + false + missed):.3f}", f"titles right {titled / max(1, hits):.3f}"]


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_people", SCORER)
    if spec is None or spec.loader is None:
        raise ImportError(f"{SCORER} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
