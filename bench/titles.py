"""Job titles: how many are classified in a second, and how many rightly where labelled ones are at hand. One line."""

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from enrichment.discovery.titles import Role, classify  # noqa: E402 - after the path is set

LABELLED = ROOT.parent / "shared" / "data" / "titles.jsonl"
SAMPLE = (
    "CEO & Co-Founder", "Vice President, Client Services", "Senior Software Engineer", "Practice Manager",
    "Executive Assistant to the CEO", "Leiter:in Marketing (m/w/d)", "Directrice générale adjointe",
    "Coordenadora da Comunicação", "Prezes Zarządu", "Försäljningschef", "Генеральный директор", "代表取締役社長",
)  # fmt: skip
TITLES = 20_000

Label = dict[str, object]


def main() -> None:
    """Print titles a second, each title another one, and the shares of right answers."""
    classify(SAMPLE[0])  # reads the table
    titles = [f"{SAMPLE[number % len(SAMPLE)]}, {number}" for number in range(TITLES)]
    began = time.perf_counter()
    for title in titles:
        classify(title)
    figures = [f"titles: {TITLES / (time.perf_counter() - began):,.0f} a second"]
    if LABELLED.exists():
        figures += _shares([json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()])
    print(", ".join(figures))


def _shares(labels: list[Label]) -> list[str]:
    roles = [(label, classify(str(label["title"]))) for label in labels]
    return [
        f"{field} right {sum(_right(label, role, field) for label, role in roles) / len(roles):.3f}"
        for field in ("seniority", "department", "decision_maker")
    ] + [f"of {len(roles)}"]


def _right(label: Label, role: Role, field: str) -> bool:
    other = label.get("alt")
    also = other.get(field, []) if isinstance(other, dict) else []
    return getattr(role, field) in [label[field], *also]


if __name__ == "__main__":
    main()
