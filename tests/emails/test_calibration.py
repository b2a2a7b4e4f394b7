import pytest

from enrichment.emails import calibration
from enrichment.emails.patterns import Known, learn
from enrichment.emails.permutations import ALL
from enrichment.emails.verification.mx import Mx

COLLEAGUES = [Known(f"Jane {letter}oe", f"jane.{letter}oe@example.com") for letter in "bcdfghjklm"]


@pytest.mark.parametrize(("known", "least", "most"), [(0, 0.40, 0.43), (1, 0.6, 0.8), (2, 0.7, 0.87), (10, 0.85, 0.9)])
def test_agreeing_colleagues_raise_the_chance_but_never_beyond_nine_in_ten(
    known: int, least: float, most: float
) -> None:
    assert least <= calibration.pattern_chance(learn(COLLEAGUES[:known], "example.com"), "first.last") <= most


def test_a_short_pattern_is_less_of_a_rule() -> None:
    known = [Known("Jane Roe", "jane@example.com")]
    assert calibration.pattern_chance(learn(known, "example.com"), "first") < 0.6


@pytest.mark.parametrize(
    "known",
    [
        [],
        COLLEAGUES,
        [Known("Jane Roe", "cat@example.com")],
        [Known("Jane Roe", "jroe@example.com"), *COLLEAGUES[:1], Known("Ada Night", "an@example.com")],
    ],
)
def test_the_chances_of_all_patterns_leave_some_for_others(known: list[Known]) -> None:
    belief = learn(known, "example.com")
    assert sum(calibration.pattern_chance(belief, pattern) for pattern in ALL) < 1


def test_what_the_dns_says_bounds_the_chance() -> None:
    chances = {status: calibration.after_mx(0.8, status) for status in ("found", "unknown", "implicit", "null", "none")}
    assert chances == {"found": 0.8, "unknown": 0.72, "implicit": 0.4, "null": 0.008, "none": 0.008}
    assert calibration.after_mx(0.8, None) == 0.8
    assert {Mx(status).passed for status in ("null", "none")} == {False}


def test_publication_beats_every_guess() -> None:
    assert calibration.published_chance(role=False) > calibration.CEILING
    assert calibration.published_chance(role=True) < 0.5


def test_a_throw_away_address_is_hardly_a_persons() -> None:
    assert calibration.given_chance(disposable=True) < 0.1 < calibration.given_chance(disposable=False)
