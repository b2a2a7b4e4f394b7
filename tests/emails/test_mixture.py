import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.emails.mixture import OTHER, Component, predict, read, shipped
from enrichment.emails.permutations import ALL

fuzz = settings(derandomize=True, max_examples=100, deadline=None, database=None)

# Two kinds of companies: one keeps to `a`, the other is of two minds.
FIRM = Component(0.5, {"a": 9.0, "b": 0.5, OTHER: 0.5}, 10.0)
LOOSE = Component(0.5, {"a": 0.5, "b": 0.5, OTHER: 1.0}, 2.0)
MIXED = (FIRM, LOOSE)

FIGURES = {
    "shares": {"a": 0.5, "b": 0.3, OTHER: 0.2},
    "components": [{"share": 1.0, "strength": 2.0, "mean": {"a": 0.5, "b": 0.3, OTHER: 0.2}}],
    "smoothing": {"components": 10, "patterns": 10},
    "tlds": {
        "example": {"components": [1000.0], "patterns": {"b": 1000.0}},
        "test": {"components": [1.0], "patterns": {"b": 1.0}},
    },
}


def test_before_anything_is_known_the_kinds_count_by_their_share() -> None:
    assert predict(MIXED, {}, {}) == pytest.approx({"a": 0.575, "b": 0.15, OTHER: 0.275})


def test_one_kind_counts_as_a_dirichlet_does() -> None:
    assert predict((LOOSE,), {"b": 1.5}, {})["b"] == pytest.approx((0.5 + 1.5) / (2 + 1.5))


def test_known_addresses_tell_the_kind_of_company() -> None:
    # By Bayes: "a" twice is likelier in the firm kind, by 9/10 x 10/11 to 1/4 x 1.5/3.
    odds = (9 / 10 * 10 / 11) / (1 / 4 * 1.5 / 3)
    firm = odds / (1 + odds)
    expected = firm * 11 / 12 + (1 - firm) * 2.5 / 4
    assert predict(MIXED, {"a": 2.0}, {})["a"] == pytest.approx(expected)


def test_what_is_refused_goes_to_the_others_in_proportion() -> None:
    chances = predict((LOOSE,), {}, {"a": 1.0})
    assert chances["a"] == pytest.approx(0.5 / 3)
    assert chances[OTHER] / chances["b"] == pytest.approx(2)


def test_a_refusal_speaks_against_the_kind_that_would_have_had_it() -> None:
    chances = predict(MIXED, {}, {"a": 1.0})
    firm = (1 / 10) / (1 / 10 + 3 / 4)
    assert chances["a"] == pytest.approx(firm * 9 / 11 + (1 - firm) * 0.5 / 3)


@given(
    st.dictionaries(st.sampled_from([*ALL, OTHER]), st.floats(0.001, 500), max_size=6),
    st.dictionaries(st.sampled_from(ALL), st.floats(0.001, 50), max_size=4),
)
@fuzz
def test_chances_always_add_up_to_one(counts: dict[str, float], against: dict[str, float]) -> None:
    chances = predict(shipped().everywhere, counts, against)
    assert math.isclose(sum(chances.values()), 1, rel_tol=1e-6)
    assert min(chances.values()) > 0


def test_a_large_top_level_domain_has_its_own_taste_and_a_small_one_hardly() -> None:
    priors = read(FIGURES)
    general, small, large = (
        predict(priors.of(f"company.{tld}"), {}, {})["b"] for tld in ("invalid", "test", "example")
    )
    assert general == pytest.approx(0.3)
    assert 0.3 < small < 0.45
    assert large > 0.9


def test_the_shipped_figures_are_complete() -> None:
    priors = shipped()
    assert {"com", "de", "nl", "jp", "cn", "ru"} <= set(priors.by_tld)
    for components in (priors.everywhere, *priors.by_tld.values()):
        assert sum(one.share for one in components) == pytest.approx(1, abs=0.001)
        for one in components:
            assert set(one.patterns) == {*ALL, OTHER}
            assert sum(one.patterns.values()) == pytest.approx(one.strength)
            assert min(one.patterns.values()) > 0


@pytest.mark.parametrize("key", list(FIGURES))
def test_figures_that_lack_a_part_are_refused(key: str) -> None:
    with pytest.raises(KeyError):
        read({name: value for name, value in FIGURES.items() if name != key})
