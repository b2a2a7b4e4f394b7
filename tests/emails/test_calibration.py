from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.emails import calibration
from enrichment.emails.calibration import CERTAIN, SHARED, Hypothesis, chances
from enrichment.emails.checks import OUTCOME, SMTP, Check, Result
from enrichment.emails.verification.mx import Mx
from tests.emails.evidence import NOW, accepted, catch_all, check, outcome, refused, unclear

A = "jane.roe@example.com"
# A company of which nothing is known: first.last, flast, first and a long tail.
COMPANY = [Hypothesis(0.42, stranger=0.02), Hypothesis(0.15, stranger=0.04), Hypothesis(0.12, stranger=0.07)]

fuzz = settings(derandomize=True, max_examples=200, deadline=None, database=None)


def asked(place: int, *checks: Check, people: list[Hypothesis] = COMPANY) -> list[float]:
    """The company's chances once `checks` came in about the candidate at `place`."""
    return chances([replace(one, checks=checks) if at == place else one for at, one in enumerate(people)], NOW)


def alone(chance: float, *checks: Check, **fields) -> float:
    (result,) = chances([Hypothesis(chance, checks=checks, **fields)], NOW)
    return result


def test_without_answers_the_prior_stands() -> None:
    assert chances(COMPANY, NOW) == pytest.approx([0.42, 0.15, 0.12])
    assert chances([], NOW) == []


def test_a_refusal_leaves_hardly_a_chance_and_raises_the_others() -> None:
    after = asked(0, refused(A))
    assert 0.005 < after[0] < 0.03
    assert after[1] == pytest.approx(0.15 / 0.58, rel=0.05)
    assert after[1] / after[2] == pytest.approx(0.15 / 0.12)


def test_an_accepted_mailbox_is_very_likely_theirs_the_more_so_the_longer_its_name() -> None:
    assert asked(0, accepted(A))[0] > 0.95
    full, short = asked(1, accepted(A))[1], asked(2, accepted(A))[2]
    assert 0.6 < short < full < 0.95


def test_even_after_every_address_was_refused_none_is_likely() -> None:
    published = Hypothesis(claims=(0.95,))
    everything = [replace(one, checks=[refused(A)]) for one in [published, *COMPANY]]
    assert max(chances(everything, NOW)) < 0.03


def test_a_refusal_outweighs_the_page_that_published_the_address() -> None:
    assert alone(0, refused(A), claims=(0.95,)) < 0.03
    assert alone(0, refused(A, "hunter"), claims=(0.95,)) < 0.2


@pytest.mark.parametrize(
    "said",
    [
        catch_all(A),
        unclear(A, "blocked"),
        unclear(A, "greylisted"),
        unclear(A, "directory_hidden"),
        unclear(A, "timeout"),
        unclear(A, "mailbox_full"),
        catch_all(A, "hunter"),
    ],
    ids=lambda said: f"{said.by} {said.reason}",
)
def test_an_answer_that_says_nothing_of_the_mailbox_moves_nothing(said: Check) -> None:
    assert asked(0, said) == pytest.approx(chances(COMPANY, NOW))


def test_what_becomes_of_a_message_is_stronger_than_a_server_and_that_than_a_provider() -> None:
    for_it = [asked(1, said)[1] for said in (accepted(A, "hunter"), accepted(A), outcome(A, "replied"))]
    assert for_it == sorted(for_it)
    against = [asked(1, said)[1] for said in (refused(A, "hunter"), refused(A), outcome(A, "bounced"))]
    assert against == sorted(against, reverse=True)


def test_a_delivery_is_good_news_and_a_reply_is_proof() -> None:
    delivered, replied = asked(1, outcome(A, "delivered"))[1], asked(1, outcome(A, "replied"))[1]
    assert 0.4 < delivered < 0.8 < 0.97 < replied


def test_where_answers_disagree_the_stronger_wins_and_doubt_remains() -> None:
    server, provider = refused(A), accepted(A, "hunter")
    assert asked(0, server)[0] < asked(0, server, provider)[0] < 0.2
    assert asked(0, provider)[0] > asked(0, accepted(A), refused(A, "hunter"))[0] > 0.5
    assert 0.6 < asked(0, outcome(A, "replied"), server)[0] < asked(0, outcome(A, "replied"))[0]
    assert asked(0, outcome(A, "bounced"), accepted(A))[0] < asked(0, accepted(A))[0] / 2


def test_a_server_that_wavers_is_taken_at_its_latest_clear_word() -> None:
    before, after = accepted(A, days=40), refused(A, days=2)
    assert asked(0, before, after) == asked(0, after)
    assert asked(0, after, unclear(A, "greylisted")) == asked(0, after)


def test_an_old_answer_counts_less() -> None:
    for said in (accepted, refused):
        ages = [asked(1, said(A, days=days))[1] for days in (0, 90, 365, 2000, 20_000)]
        assert ages == sorted(ages, reverse=said is accepted)
        assert ages[-1] == pytest.approx(0.15, abs=0.001)
    year = calibration.HALF_LIFE / timedelta(days=1)
    odds = [one / (1 - one) for one in (alone(0.3, accepted(A, days=days)) for days in (0, year, 1e5))]
    assert odds[1] ** 2 == pytest.approx(odds[0] * odds[2], rel=0.01)


def test_an_answer_from_a_clock_ahead_of_ours_is_fresh() -> None:
    assert asked(0, accepted(A, days=-1)) == asked(0, accepted(A))


def test_a_providers_own_doubt_counts() -> None:
    sure, unsure, silent = (asked(1, accepted(A, "hunter", confidence=value))[1] for value in (1.0, 0.4, None))
    assert 0.15 < unsure < sure == silent


def test_a_shared_mailbox_takes_mail_whoever_has_it() -> None:
    role = {"claims": (0.3,), "stranger": SHARED}
    assert alone(0, accepted(A), **role) == alone(0, outcome(A, "replied"), **role) == pytest.approx(0.3)
    assert alone(0, refused(A), **role) < 0.03


def test_those_who_agree_strengthen_each_other_and_those_who_do_not_share() -> None:
    one, both = alone(0.42, claims=(0.6,)), alone(0.42, claims=(0.6, 0.6))
    assert 0.42 < one < both
    first, second, guess = chances([Hypothesis(claims=(0.6,)), Hypothesis(claims=(0.6,)), Hypothesis(0.42)], NOW)
    assert first == second < one
    assert guess < 0.42


def test_whoever_names_a_domain_that_takes_no_mail_is_not_believed() -> None:
    gone, guess = chances([Hypothesis(claims=(0.95,), mx="none"), Hypothesis(0.42, mx="found")], NOW)
    assert gone < 0.02
    assert guess == pytest.approx(0.42, abs=0.01)


def test_what_the_dns_says_bounds_the_chance() -> None:
    expected = {"found": 0.8, "unknown": 0.72, "implicit": 0.4, "null": 0.008, "none": 0.008, None: 0.8}
    for status, chance in expected.items():
        assert calibration.after_mx(0.8, status) == chance
        assert alone(0.8, mx=status) == pytest.approx(chance)
    assert {Mx(status).passed for status in ("null", "none")} == {False}


def test_a_mailbox_that_answers_makes_good_for_a_missing_record() -> None:
    assert alone(0.42, accepted(A), mx="implicit") > 0.8


def test_nothing_is_certain() -> None:
    sure = alone(0.9, accepted(A), accepted(A, "hunter"), outcome(A, "replied"), claims=(0.99, 0.99))
    assert sure == CERTAIN < 1


def test_publication_beats_every_guess() -> None:
    assert calibration.published_chance(role=False) >= 0.95
    assert calibration.published_chance(role=True) < 0.5


def test_a_provider_is_trusted_by_its_confidence_its_pages_and_its_age() -> None:
    def trust(confidence: float | None = 0.9, *, seen: bool = True, role: bool = False, age: float = 1.0) -> float:
        return calibration.found_chance(confidence, seen=seen, role=role, age=age)

    assert trust() > trust(seen=False) > trust(0.5, seen=False) > trust(0.5, seen=False, age=0.5)
    assert trust(0.1) < trust(None) < trust(1.0) < calibration.PUBLISHED
    assert trust(role=True) <= calibration.PUBLISHED_ROLE
    assert (trust(7.0), trust(-1.0)) == (trust(1.0), 0)


def test_the_shorter_the_local_part_the_likelier_it_is_somebody_elses() -> None:
    patterns = ("first.last", "first_last", "last.first", "flast", "first.l", "first", "fl", None)
    likely = [calibration.stranger(pattern, role=False) for pattern in patterns]
    assert likely[:3] == [likely[0]] * 3
    assert likely[0] < likely[3] == likely[4] < likely[5] == likely[6]
    assert calibration.stranger("first", role=True) == SHARED


def test_a_throw_away_address_is_hardly_a_persons() -> None:
    assert calibration.given_chance(disposable=True) < 0.1 < calibration.given_chance(disposable=False)


checks = st.lists(
    st.builds(
        check,
        st.just(A),
        st.sampled_from(Result),
        st.sampled_from([SMTP, OUTCOME, "hunter", "snov"]),
        days=st.floats(-10, 4000),
        confidence=st.none() | st.floats(0, 1),
    ),
    max_size=4,
)
hypotheses = st.lists(
    st.builds(
        Hypothesis,
        st.floats(0, 1),
        st.lists(st.floats(0, 1), max_size=2).map(tuple),
        st.sampled_from(list(calibration.MX)),
        st.sampled_from([0.0, 0.02, 0.07, SHARED]),
        checks,
    ),
    min_size=1,
    max_size=8,
)


def shared_out(given: list[Hypothesis]) -> list[Hypothesis]:
    """The same with guesses that add up to 1 at most, as those of a pattern do."""
    total = max(1.0, sum(one.guessed for one in given))
    return [replace(one, guessed=one.guessed / total) for one in given]


@given(hypotheses.map(shared_out))
@fuzz
def test_the_chances_of_one_persons_candidates_are_one_at_most(people: list[Hypothesis]) -> None:
    result = chances(people, NOW)
    assert len(result) == len(people)
    assert all(0 <= one <= CERTAIN for one in result)
    assert sum(result) <= 1 + 1e-9


@given(hypotheses.map(shared_out), st.data())
@fuzz
def test_refusing_one_candidate_never_lowers_another_nor_raises_itself(people: list[Hypothesis], data) -> None:
    place = data.draw(st.integers(0, len(people) - 1))
    giver = data.draw(st.sampled_from([SMTP, OUTCOME, "reacher"]))
    people[place] = replace(people[place], checks=[one for one in people[place].checks if one.by != giver])
    before, after = chances(people, NOW), asked(
        place, *people[place].checks, refused(A, giver), people=people
    )  # fmt: skip
    for other, (earlier, later) in enumerate(zip(before, after, strict=True)):
        assert later <= earlier + 1e-12 if other == place else later >= earlier - 1e-12


@given(hypotheses.map(shared_out), st.data())
@fuzz
def test_confirming_one_candidate_never_raises_another_nor_lowers_itself(people: list[Hypothesis], data) -> None:
    place = data.draw(st.integers(0, len(people) - 1))
    people[place] = replace(people[place], checks=[one for one in people[place].checks if one.by != SMTP])
    before, after = chances(people, NOW), asked(place, *people[place].checks, accepted(A), people=people)
    for other, (earlier, later) in enumerate(zip(before, after, strict=True)):
        assert later >= earlier - 1e-12 if other == place else later <= earlier + 1e-12
