import pytest

from enrichment.emails.name_forms import Form
from enrichment.emails.permutations import (
    ALL,
    MAX_LOCAL_PART,
    RARE,
    SPEC_CONFIDENCE,
    STANDARD,
    ingredients,
    local_part,
    permutations,
)

JOHN = Form("john", "doe", middle="quincy")


def test_the_specifications_eight_come_first_in_its_order_with_its_confidence() -> None:
    made = permutations([JOHN], STANDARD)
    assert [next(iter(made[pattern])) for pattern in list(made)[:8]] == [
        "john.doe", "johndoe", "john_doe", "j.doe", "jdoe", "john.d", "john", "doe.john",
    ]  # fmt: skip
    assert list(SPEC_CONFIDENCE.values()) == [95, 90, 85, 80, 75, 70, 65, 60]
    assert list(made)[:8] == list(SPEC_CONFIDENCE)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("last", "doe"), ("firstl", "johnd"), ("fl", "jd"), ("lastfirst", "doejohn"), ("lastf", "doej"),
        ("fml", "jqd"), ("fmlast", "jqdoe"), ("first-last", "john-doe"), ("lfirst", "djohn"),
        ("last_first", "doe_john"), ("f_last", "j_doe"), ("l.first", "d.john"), ("last.f", "doe.j"),
        ("first.m.last", "john.q.doe"), ("first.middle.last", "john.quincy.doe"), ("fi2last", "jodoe"),
        ("firstli2", "johndo"), ("lf", "dj"), ("f-last", "j-doe"),
    ],
)  # fmt: skip
def test_a_patterns_name_is_its_recipe(pattern: str, expected: str) -> None:
    assert local_part(pattern, ingredients(JOHN)) == expected


def test_every_pattern_can_be_formed_of_full_names() -> None:
    made = permutations([Form("jonathan", "featherstone", middle="quincy")], ALL)
    assert list(made) == [*STANDARD, *RARE]
    assert len({local for shares in made.values() for local in shares}) == len(ALL)


def test_an_initial_stands_for_no_whole_name() -> None:
    made = permutations([Form("j", "doe")], STANDARD)
    assert {"first.last", "first", "firstlast", "firstl"}.isdisjoint(made)
    assert made["f.last"] == {"j.doe": 1.0}


def test_an_eight_cuts_after_eight_letters() -> None:
    long = ingredients(Form("jonathan", "featherstone"))
    assert (local_part("flast8", long), local_part("lastf8", long)) == ("jfeather", "feathers")
    assert local_part("flast8", ingredients(JOHN)) == "jdoe"


@pytest.mark.parametrize("pattern", ["first.m.last", "first.middle.last", "fml"])
def test_patterns_with_a_middle_name_need_one(pattern: str) -> None:
    assert local_part(pattern, ingredients(Form("john", "doe"))) is None


def test_a_middle_initial_is_no_middle_name() -> None:
    assert local_part("first.middle.last", ingredients(Form("john", "doe", middle="q"))) is None


def test_a_local_part_longer_than_mail_allows_is_left_out() -> None:
    long = Form("j" * 40, "d" * 40)
    made = permutations([long], STANDARD)
    assert "first.last" not in made
    assert all(len(local) <= MAX_LOCAL_PART for shares in made.values() for local in shares)


def test_spellings_that_come_to_the_same_local_part_add_up() -> None:
    forms = [Form("jean-luc", "doe", weight=0.6), Form("jeanluc", "doe", weight=0.4)]
    made = permutations(forms, ["first.last", "flast"])
    assert made["first.last"] == {"jean-luc.doe": 0.6, "jeanluc.doe": 0.4}
    assert made["flast"] == {"jdoe": pytest.approx(1.0)}
