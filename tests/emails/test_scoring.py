import itertools

import pytest

from enrichment.emails import scoring
from enrichment.emails.patterns import Belief, Known, learn
from enrichment.emails.scoring import Points, Proof, total
from enrichment.emails.verification.mx import Mx

FOUND = Mx("found", ("mx.example.com",))
ANSWERS = [None, FOUND, *(Mx(status) for status in ("implicit", "null", "none", "unknown"))]
FULL = [Points("Pattern first.last", 75, "")]


def test_the_specifications_worked_example_scores_100() -> None:
    score = total(FULL, FOUND)
    assert [row.points for row in score.breakdown] == [75, 15, 10]
    assert (score.value, score.status) == (100, "verified")


@pytest.mark.parametrize(
    ("score", "status"),
    [(100, "verified"), (80, "verified"), (79, "unknown"), (50, "unknown"), (49, "risky"), (0, "risky")],
)
def test_the_thresholds_are_80_and_50(score: int, status: str) -> None:
    assert scoring.status(score) == status


def test_pattern_points_compare_a_pattern_with_the_persons_best() -> None:
    belief = learn([], "example.com")
    points = {
        pattern: scoring.pattern_points(pattern, belief, belief.of("first.last"), 1.0)[0].points
        for pattern in ("first.last", "flast", "first", "f.last", "first.l")
    }
    assert points["first.last"] == 75
    assert points["flast"] == round(75 * belief.of("flast") / belief.of("first.last"))
    assert 35 > points["flast"] > points["first"] > points["f.last"] > points["first.l"] >= 0


def test_the_evidence_of_a_pattern_counts_the_known_addresses() -> None:
    belief = learn([Known("Jane Roe", "jroe@example.com"), Known("Ada Night", "cat@example.com")], "example.com")
    (row,) = scoring.pattern_points("flast", belief, belief.of("flast"), 1.0)
    assert row.evidence.startswith("1 of 2 known addresses at example.com")


def test_the_evidence_stays_true_where_old_addresses_count_less() -> None:
    belief = Belief("example.com", {"flast": 1.52}, 2.71)
    said = [scoring.pattern_points(pattern, belief, 1.0, 1.0)[0].evidence for pattern in ("flast", "first")]
    assert [text.partition(" at ")[0] for text in said] == ["1.5 of 2.7 known addresses", "0 of 2.7 known addresses"]


def test_a_rarer_spelling_loses_in_proportion() -> None:
    belief = learn([], "example.com")
    rows = scoring.pattern_points("first.last", belief, belief.of("first.last"), 0.4)
    assert [row.points for row in rows] == [75, -45]


@pytest.mark.parametrize(
    ("mx", "proofs", "disposable", "expected"),
    [
        (FOUND, (), False, 100),
        (Mx("implicit", ("example.com",)), (), False, 100),
        (Mx("unknown"), (), False, 79),
        (None, (), False, 79),
        (Mx("null"), (), False, 10),
        (Mx("none"), (), False, 10),
        (FOUND, (), True, 10),
        (FOUND, (Proof.CATCH_ALL,), False, 79),
        (FOUND, (Proof.HIDDEN_DIRECTORY,), False, 79),
        (FOUND, (Proof.REJECTED,), False, 10),
        (FOUND, (Proof.REJECTED, Proof.DELIVERABLE), False, 10),
        (FOUND, (Proof.CATCH_ALL, Proof.DELIVERABLE), False, 90),
        (Mx("unknown"), (Proof.DELIVERABLE,), False, 90),
        (FOUND, (Proof.FULL,), False, 49),
        (FOUND, (Proof.FULL, Proof.VOUCHED), False, 49),
        (FOUND, (Proof.FULL, Proof.REJECTED), False, 10),
        (FOUND, (Proof.VOUCHED, Proof.REJECTED), False, 10),
    ],
)
def test_proof_moves_the_sum(mx: Mx | None, proofs: tuple[Proof, ...], disposable: bool, expected: int) -> None:
    assert total(FULL, mx, proofs=proofs, disposable=disposable).value == expected


def test_a_confirmed_mailbox_lifts_a_rare_pattern() -> None:
    score = total([Points("Pattern f.last", 5, "")], FOUND, proofs=[Proof.DELIVERABLE])
    assert [row.points for row in score.breakdown] == [5, 15, 10, 60]
    assert score.value == 90


def test_a_proof_is_shown_with_the_sentence_that_says_so_even_if_it_moves_nothing() -> None:
    score = total(FULL, FOUND, proofs={Proof.DELIVERABLE: "The mail server takes it: 250."})
    assert score.breakdown[-1] == Points("The mailbox was confirmed", 0, "The mail server takes it: 250. At least 90")
    refused = total(FULL, FOUND, proofs={Proof.REJECTED: "The mail server refuses it: 550 5.1.1"})
    assert refused.breakdown[-1].points == -90
    assert refused.breakdown[-1].evidence == "The mail server refuses it: 550 5.1.1. At most 10"


def test_a_proof_without_a_sentence_states_its_rule() -> None:
    assert total(FULL, FOUND, proofs=[Proof.VOUCHED]).breakdown[-1].evidence == "At least 90"


def test_a_found_address_is_worth_what_the_provider_is_sure_of() -> None:
    (sure,) = scoring.found_points("hunter", 0.97, "https://blog.example/post")
    assert (sure.label, sure.points, sure.evidence) == ("Found by Hunter", 73, "97% sure; https://blog.example/post")
    (silent,) = scoring.found_points("snov", None, None)
    assert (silent.points, silent.evidence) == (52, "names no page")


def test_the_rows_add_up_to_the_score_whatever_is_known() -> None:
    subsets = [set(some) for size in range(3) for some in itertools.combinations(Proof, size)]
    for mx, points, proofs, disposable in itertools.product(ANSWERS, (0, 1, 39, 75, 200), subsets, (False, True)):
        score = total([Points("Pattern", points, "")], mx, proofs=proofs, disposable=disposable)
        assert sum(row.points for row in score.breakdown) == score.value
        assert 0 <= score.value <= 100


@pytest.mark.parametrize(
    ("local", "points"),
    [
        ("sarah.johnson", 75),
        ("anna-lena.weiss-gross", 75),
        ("jäne.roe", 75),
        ("jroe", 50),
        ("j.roe", 50),
        ("jane_roe", 50),
        ("info", 40),
        ("sales-uk", 40),
        ("x4711", 40),
        ("a", 40),
        ("first.middle.last", 40),
    ],
)
def test_without_a_name_the_shape_decides(local: str, points: int) -> None:
    assert [row.points for row in scoring.shape_points(local)] == [points]


def test_no_shape_is_risky_by_itself_even_when_the_dns_is_silent() -> None:
    assert total(scoring.shape_points("x4711"), Mx("unknown")).status == "unknown"


def test_a_text_that_is_no_address_scores_nothing() -> None:
    score = scoring.invalid("No @-sign.")
    assert (score.value, score.status, sum(row.points for row in score.breakdown)) == (0, "risky", 0)


def test_the_strongest_proof_names_the_method() -> None:
    assert scoring.method({"mx_check", "published", "pattern"}) == "published"
    assert scoring.method({"mx_check", "pattern"}) == "pattern"
    assert scoring.method(set()) is None
