"""Fisher's exact test: are two shares different, or is that chance? For small numbers too, where others are wrong.

R. A. Fisher, The Design of Experiments (1935), chapter II. Two-sided: all tables as unlikely as the one seen, or more.
"""

from functools import lru_cache
from math import comb

# Equal chances may differ in their last digits.
SLACK = 1 + 1e-9


@lru_cache(maxsize=100_000)
def two_sided(hits_a: int, size_a: int, hits_b: int, size_b: int) -> float:
    """Return the chance (0-1) of so great a difference between two arms that do not differ. Raises ValueError."""
    _check(hits_a, size_a, hits_b, size_b)
    hits = hits_a + hits_b
    ways = [comb(size_a, k) * comb(size_b, hits - k) for k in range(max(0, hits - size_b), min(hits, size_a) + 1)]
    seen = comb(size_a, hits_a) * comb(size_b, hits_b)
    return min(1.0, sum(way for way in ways if way <= seen * SLACK) / comb(size_a + size_b, hits))


def more_in_b(hits_a: int, size_a: int, hits_b: int, size_b: int) -> float:
    """Return the chance (0-1) of so many hits in arm B, or more, if the arms do not differ. Raises ValueError."""
    _check(hits_a, size_a, hits_b, size_b)
    hits = hits_a + hits_b
    ways = (comb(size_b, k) * comb(size_a, hits - k) for k in range(hits_b, min(hits, size_b) + 1))
    return sum(ways) / comb(size_a + size_b, hits)


def _check(hits_a: int, size_a: int, hits_b: int, size_b: int) -> None:
    if not (0 <= hits_a <= size_a and 0 <= hits_b <= size_b):
        raise ValueError(f"{hits_a} of {size_a} and {hits_b} of {size_b} are no shares.")
