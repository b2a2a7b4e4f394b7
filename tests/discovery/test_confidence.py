from collections.abc import Callable
from itertools import product

import pytest

from enrichment.discovery import confidence


def test_website_confidence_fills_the_range_of_the_specification() -> None:
    names = ("own_page", "has_title", "structured", "has_address")
    values = [confidence.website(**dict(zip(names, flags, strict=True))) for flags in product([False, True], repeat=4)]
    assert min(values) == 60
    assert max(values) == 80


def test_everything_confirmed_adds_to_the_confidence() -> None:
    nothing = {"own_page": False, "has_title": False, "structured": False, "has_address": False}
    for name in nothing:
        assert confidence.website(**{**nothing, name: True}) > confidence.website(**nothing)


@pytest.mark.parametrize(
    ("kind", "span"),
    [(confidence.public_data, (70, 90)), (confidence.search, (50, 70)), (confidence.linkedin, (85, 95))],
)
def test_certainty_places_a_finding_within_the_range_of_its_kind(
    kind: Callable[[float], int], span: tuple[int, int]
) -> None:
    assert (kind(0), kind(1)) == span
    assert (kind(-5), kind(7)) == span
    assert span[0] < kind(0.5) < span[1]


def test_a_departure_lowers_and_less_where_the_site_still_shows_the_person() -> None:
    assert confidence.reported_left(95, on_site=False) < confidence.SEARCH.stop
    assert confidence.reported_left(80, on_site=False) < confidence.reported_left(80, on_site=True) < 80
    assert confidence.reported_left(3, on_site=False) == 0


def test_agreement_of_independent_sources_lifts_to_95_at_most() -> None:
    assert confidence.agreed(70, 1) == 70
    assert confidence.agreed(70, 2) > 70
    assert confidence.agreed(94, 5) == 95
    assert confidence.agreed(99, 3) == 99
