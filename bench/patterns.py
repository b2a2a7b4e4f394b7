"""Address guessing: how often the first or one of the first three guesses is right, and how honest the chances are.

With ../shared/data/patterns/domains.jsonl at hand (patterns in use at real domains, without names), invented
people are given addresses by those patterns: each domain of six people or more once, one person sought, the
others' addresses known or not. Name forms are drawn by the measured weights. Prints one line.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from faker import Faker  # noqa: E402 - after the path is set

from enrichment.emails import names  # noqa: E402
from enrichment.emails.finder import Candidate, Known, find  # noqa: E402
from enrichment.emails.name_forms import forms  # noqa: E402
from enrichment.emails.permutations import ALL, ingredients, local_part  # noqa: E402
from enrichment.emails.verification.mx import Mx  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "patterns" / "domains.jsonl"
KNOWN = (0, 1, 3, 5)
ROUNDS = 3
MX = Mx("found", ("mx.example.com",))
# Many people of these patterns share a local part with another one; cut after eight letters is the usual rule.
CUT = {"trunc:flast": "flast", "trunc:lastf": "lastf"}

Person = tuple[str, str, str]


def main() -> None:
    """Print the line of figures."""
    Faker.seed(1)
    faker = Faker(["en_US", "en_GB", "de_DE", "fr_FR", "nl_NL", "es_ES", "it_IT", "sv_SE", "pl_PL"])
    chance = random.Random(1)
    figures = [] if DATA.exists() else ["no measured domains at hand"]
    if DATA.exists():
        domains = [json.loads(line) for line in DATA.read_text().splitlines()]
        domains = [domain["patterns"] for domain in domains if sum(domain["patterns"].values()) >= 6]
        for count in KNOWN:
            trials = list(_trials(domains, count, faker, chance))
            first = sum(right == candidates[0].email for candidates, right in trials) / len(trials)
            three = sum(right in [found.email for found in candidates[:3]] for candidates, right in trials) / len(
                trials
            )
            error = _calibration_error(trials)
            figures.append(f"{count} known {first:.2f}/{three:.2f} (calibration error {error:.2f})")
    print(f"patterns, right first/in three: {'; '.join(figures)}; {_speed(faker)}")


def _trials(
    domains: list[dict[str, int]], count: int, faker: Faker, chance: random.Random
) -> Iterator[tuple[list[Candidate], str]]:
    for number, patterns in enumerate(domains * ROUNDS):
        domain = f"company{number}.example"
        following = chance.sample([name for name, people in patterns.items() for _ in range(people)], count + 1)
        people = [_person(pattern, domain, faker, chance) for pattern in following]
        first, last, address = people[0]
        known = [Known(f"{given} {family}", email) for given, family, email in people[1:]]
        yield find(first, last, domain, known=known, mx=MX), address


def _person(pattern: str, domain: str, faker: Faker, chance: random.Random) -> Person:
    """Return an invented person whose address follows `pattern`, or none that is known."""
    first, last = faker.first_name(), faker.last_name()
    written = forms(names.parse(first, last))
    form = chance.choices(written, [form.weight for form in written])[0]
    local = None
    if (base := CUT.get(pattern, pattern)) in ALL:
        local = local_part(base, ingredients(form))
    if local and pattern in CUT:
        local = local[:8]
    return first, last, f"{local or f'u{chance.randrange(10**6)}'}@{domain}"


def _calibration_error(trials: list[tuple[list[Candidate], str]]) -> float:
    """Return the mean distance between the first guess's chance and how often such guesses are right (ten bins)."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for candidates, right in trials:
        best = candidates[0]
        bins.setdefault(int(best.probability * 10), []).append((best.probability, best.email == right))
    gaps = (abs(sum(told for told, _ in told_of) - sum(hit for _, hit in told_of)) for told_of in bins.values())
    return sum(gaps) / len(trials)


def _speed(faker: Faker) -> str:
    people = [(faker.first_name(), faker.last_name()) for _ in range(2000)]
    known = [Known("Jane Doe", "jane.doe@example.com"), Known("John Roe", "john.roe@example.com")]
    began = time.perf_counter()
    found = sum(len(find(first, last, "example.com", known=known, mx=MX)) for first, last in people)
    took = time.perf_counter() - began
    return f"{took / len(people) * 1000:.2f} ms a person, {found / took:,.0f} candidates/s"


if __name__ == "__main__":
    main()
