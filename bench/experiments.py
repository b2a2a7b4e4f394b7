"""How often does the verdict on an A/B test name a winner where there is none, and find one where there is?

Two equal arms, many times over: our one exact test at the planned size, beside the habit of looking every day and
stopping at the first p < 0.05.
"""

import os
import random
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enrichment_project.settings")
django.setup()

from outreach import exact_test  # noqa: E402 - after Django is set up
from outreach.experiments import LEVEL, Arm, judge, size_for  # noqa: E402

RUNS, STEP = 4_000, 10
SHARE, BETTER = 0.04, 0.10


def run(share_a: float, share_b: float, size: int, chance: random.Random) -> tuple[str, bool]:
    """Return the verdict's winner, and whether somebody who looks every ten companies would have named one."""
    hits, peeked = [0, 0], False
    for number in range(1, size + 1):
        hits[0] += chance.random() < share_a
        hits[1] += chance.random() < share_b
        if not peeked and number % STEP == 0:
            peeked = exact_test.two_sided(hits[0], number, hits[1], number) < LEVEL
    a, b = Arm("A", size=size, positive=hits[0]), Arm("B", size=size, positive=hits[1])
    return judge((a, b), size).winner, peeked


def main() -> None:
    chance, size = random.Random(6), size_for(SHARE, BETTER)
    equal = [run(SHARE, SHARE, size, chance) for _ in range(RUNS)]
    better = [run(SHARE, BETTER, size, chance) for _ in range(RUNS // 4)]
    false = sum(bool(winner) for winner, _ in equal) / RUNS
    peeking = sum(peeked for _, peeked in equal) / RUNS
    found = sum(winner == "B" for winner, _ in better) / len(better)
    print(
        f"experiments: {size} companies an arm; equal arms ({SHARE:.0%}): a false winner in {false:.1%} of {RUNS:,} "
        f"runs, looking every {STEP} companies {peeking:.1%}; {SHARE:.0%} against {BETTER:.0%}: found in {found:.0%}"
    )


if __name__ == "__main__":
    main()
