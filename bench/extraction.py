"""Reading people off pages: pages a second in one process, and F1 where labelled pages are at hand. Prints one line."""

import importlib.util
import json
import sys
import time
from collections.abc import Iterable
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
