import pytest

from enrichment.emails.patterns import PRIOR, Explanation, Known, explain, learn
from enrichment.emails.permutations import ALL, STANDARD


def test_every_pattern_has_a_prior_and_some_mass_is_left_for_other_addresses() -> None:
    assert set(PRIOR) == set(ALL)
    assert 0.7 < sum(PRIOR.values()) < 0.9


def test_belief_without_known_addresses_is_the_prior() -> None:
    belief = learn([], "example.com")
    assert belief.total == 0
    assert {pattern: belief.of(pattern) for pattern in ALL} == pytest.approx(dict(PRIOR))


def test_belief_follows_the_known_addresses() -> None:
    known = [
        Known("Jane Roe", "jroe@example.com"),
        Known("Max Muster", "mmuster@example.com"),
        Known("Ada Night", "ada.night@example.com"),
    ]
    belief = learn(known, "example.com")
    assert belief.of("flast") == pytest.approx((PRIOR["flast"] + 2) / 4)
    assert belief.of("first.last") == pytest.approx((PRIOR["first.last"] + 1) / 4)
    assert belief.of("first") == pytest.approx(PRIOR["first"] / 4)


def test_an_address_that_no_pattern_explains_weakens_all_of_them() -> None:
    belief = learn([Known("Jane Roe", "purple.cat@example.com")], "example.com")
    assert belief.total == 1
    assert not belief.counts
    assert belief.of("first.last") == pytest.approx(PRIOR["first.last"] / 2)


@pytest.mark.parametrize(
    "pair",
    [
        Known("Jane Roe", "jane.roe@example.org"),
        Known("Jane Roe", "jane.roe@mail.example.com"),
        Known("Jane Roe", "info@example.com"),
        Known("Jane Roe", "no-reply@example.com"),
        Known("Jane Roe", "example.com"),
        Known("Jane Roe", ""),
    ],
)
def test_other_domains_and_role_accounts_tell_nothing(pair: Known) -> None:
    assert learn([pair], "example.com").total == 0


def test_an_address_known_twice_counts_once() -> None:
    pairs = [Known("Jane Roe", "jane.roe@example.com"), Known("Jane Roe", "Jane.Roe@EXAMPLE.com")]
    assert learn(pairs, "example.com").total == 1


def test_a_domain_is_the_same_in_either_spelling() -> None:
    belief = learn([Known("Jane Roe", "jane.roe@Müller.example")], "xn--mller-kva.example")
    assert belief.counts == {"first.last": 1}


def test_a_rare_pattern_is_worth_trying_once_a_known_address_follows_it() -> None:
    assert learn([], "example.com").patterns == STANDARD
    assert learn([Known("Jane Roe", "jane-roe@example.com")], "example.com").patterns == (*STANDARD, "first-last")


@pytest.mark.parametrize(
    ("name", "local", "pattern"),
    [
        ("Jane Roe", "jane.roe", "first.last"),
        ("Jane Roe", "jroe", "flast"),
        ("Jane Roe", "jane", "first"),
        ("Jane Roe", "roe.jane", "last.first"),
        ("Jane Roe", "jane.roe2", "first.last"),
        ("Jane Roe", "jane.roe+news", "first.last"),
        ("Dr. Jane Roe", "jane.roe", "first.last"),
        ("Roe, Jane", "jane.roe", "first.last"),
        ("Michael Roe", "mike.roe", "first.last"),
        ("Jane Q. Roe", "jane.q.roe", "first.m.last"),
        ("Ludwig van der Berg", "lvanderberg", "flast"),
        ("José García Márquez", "jose.garcia", "first.last"),
        ("Jane", "jane", "first"),
    ],
)
def test_the_pattern_of_an_address_is_recognised(name: str, local: str, pattern: str) -> None:
    explanation = explain(name, local)
    assert explanation is not None
    assert explanation.pattern == pattern


@pytest.mark.parametrize(("name", "local"), [("Jane Roe", "x4711"), ("Jane Roe", "12"), ("", "jane"), ("😀", "")])
def test_an_address_that_is_not_made_of_the_name_is_not_explained(name: str, local: str) -> None:
    assert explain(name, local) is None


def test_a_spelling_shows_the_companys_habit() -> None:
    assert explain("Jürgen Größer", "jurgen.groser") is None
    assert explain("Jürgen Größer", "juergen.groesser") == Explanation("first.last", (("umlaut", "spelled out"),))
    assert explain("Jürgen Größer", "jurgen.grosser") == Explanation("first.last", (("umlaut", "plain"),))


def test_an_address_that_fits_every_spelling_shows_no_habit() -> None:
    assert explain("Jean-Luc Roe", "jroe") == Explanation("flast")


def test_which_of_their_names_people_use_is_no_habit_of_the_company() -> None:
    explanation = explain("Michael Roe", "mike.roe")
    assert explanation is not None
    assert explanation.habits == ()
