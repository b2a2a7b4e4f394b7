from itertools import product

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


def test_agreement_of_independent_sources_lifts_to_95_at_most() -> None:
    assert confidence.agreed(70, 1) == 70
    assert confidence.agreed(70, 2) > 70
    assert confidence.agreed(94, 5) == 95
    assert confidence.agreed(99, 3) == 99
