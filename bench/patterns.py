"""Address guessing: how often the first or one of the first three guesses is right, and how honest the chances are.

With ../shared/data/patterns/domains.jsonl at hand (patterns in use at real domains, without names), invented
people are given addresses by those patterns: each domain of six people or more, one person sought, the others'
addresses known or not. Name forms are drawn by the measured weights, so that invented names are no harder than
those. The priors are fitted on the other half of the domains, for either half in turn; the project's own, fitted
on all of them, come in a line apart. Prints two lines.
"""

import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from faker import Faker  # noqa: E402 - after the path is set

from bench import _fit_patterns as measured  # noqa: E402
from enrichment.emails import mixture, names  # noqa: E402
from enrichment.emails.finder import Candidate, Known, find  # noqa: E402
from enrichment.emails.mixture import Priors  # noqa: E402
from enrichment.emails.name_forms import forms  # noqa: E402
from enrichment.emails.permutations import ALL, SPEC_CONFIDENCE, ingredients, local_part, permutations  # noqa: E402
from enrichment.emails.verification.mx import Mx  # noqa: E402

KNOWN = (0, 1, 3, 5)
LEAST_PEOPLE = 6
ROUNDS = 3
MX = Mx("found", ("mx.example.com",))
LOCALES = ["en_US", "en_GB", "de_DE", "fr_FR", "nl_NL", "es_ES", "it_IT", "sv_SE", "pl_PL"]

Person = tuple[str, str, str]


class Trial(NamedTuple):
    """What was guessed, best first, by us and in the specification's order, and what was right."""

    candidates: list[Candidate]
    in_order: list[str]
    right: str


def main() -> None:
    """Print the lines of figures."""
    Faker.seed(1)
    faker = Faker(LOCALES)
    if not measured.DATA.exists():
        print(f"patterns: no measured domains at hand; {_speed(faker)}")
        return
    halves = [measured.load(0), measured.load(1)]
    fitted = [mixture.read(measured.fit(half)) for half in reversed(halves)]
    apart = _figures(list(zip(halves, fitted, strict=True)), ROUNDS, faker)
    print(f"patterns, right first/in three, domains kept apart: {apart}; {_speed(faker)}")
    own = _figures([(measured.load(), mixture.shipped())], 2, faker)
    print(f"patterns, the project's priors on the domains they were fitted on: {own}")


def _figures(runs: Sequence[tuple[list[measured.Domain], Priors]], rounds: int, faker: Faker) -> str:
    chance = random.Random(1)
    figures = []
    for count in KNOWN:
        trials = [
            trial for domains, priors in runs for trial in _trials(domains * rounds, priors, count, faker, chance)
        ]
        first = sum(trial.right == trial.candidates[0].email for trial in trials) / len(trials)
        three = sum(trial.right in [one.email for one in trial.candidates[:3]] for trial in trials) / len(trials)
        figures.append(f"{count} known {first:.2f}/{three:.2f} (calibration error {_calibration_error(trials):.2f})")
        if not count:
            first = sum(trial.right == trial.in_order[0] for trial in trials) / len(trials)
            three = sum(trial.right in trial.in_order[:3] for trial in trials) / len(trials)
            figures.append(f"the specification's order {first:.2f}/{three:.2f}")
    return "; ".join(figures)


def _trials(
    domains: list[measured.Domain], priors: Priors, count: int, faker: Faker, chance: random.Random
) -> Iterator[Trial]:
    large = [domain for domain in domains if sum(people for _, people in domain.counts) >= LEAST_PEOPLE]
    with mock.patch.object(mixture, "shipped", return_value=priors):
        for number, domain in enumerate(large):
            host = f"company{number}.example.{domain.tld}"
            following = chance.sample([name for name, people in domain.counts for _ in range(people)], count + 1)
            people = [_person(pattern, host, faker, chance) for pattern in following]
            first, last, address = people[0]
            known = [Known(f"{given} {family}", email) for given, family, email in people[1:]]
            usual = permutations(forms(names.parse(first, last))[:1], SPEC_CONFIDENCE)
            in_order = [f"{next(iter(shares))}@{host}" for shares in usual.values()]
            yield Trial(find(first, last, host, known=known, mx=MX), in_order, address)


def _person(pattern: str, domain: str, faker: Faker, chance: random.Random) -> Person:
    """Return an invented person whose address follows `pattern`, or none that is known."""
    first, last = faker.first_name(), faker.last_name()
    written = forms(names.parse(first, last))
    form = chance.choices(written, [form.weight for form in written])[0]
    local = local_part(pattern, ingredients(form)) if pattern in ALL else None
    return first, last, f"{local or f'u{chance.randrange(10**6)}'}@{domain}"


def _calibration_error(trials: Sequence[Trial]) -> float:
    """Return the mean distance between the first guess's chance and how often such guesses are right (ten bins)."""
    bins: Mapping[int, list[tuple[float, bool]]] = {place: [] for place in range(11)}
    for trial in trials:
        best = trial.candidates[0]
        bins[int(best.probability * 10)].append((best.probability, best.email == trial.right))
    gaps = (abs(sum(told for told, _ in pairs) - sum(hit for _, hit in pairs)) for pairs in bins.values())
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
