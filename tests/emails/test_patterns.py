from datetime import UTC, datetime, timedelta

import pytest

from enrichment.emails.mixture import OTHER, Component, Priors
from enrichment.emails.patterns import CEILING, HALF_LIFE_YEARS, PRIOR, Belief, Explanation, Known, explain, learn
from enrichment.emails.permutations import ALL, STANDARD

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def known_at(domain: str, *addresses: str) -> list[Known]:
    """Return the addresses with the names that their dots, or their owner's, tell."""
    owners = {"jroe": "Jane Roe", "mmuster": "Max Muster", "anight": "Ada Night"}
    return [Known(owners.get(local) or local.replace(".", " "), f"{local}@{domain}") for local in addresses]


def ranked(belief: Belief) -> list[str]:
    return sorted(ALL, key=belief.of, reverse=True)


def test_every_pattern_has_a_prior_and_some_mass_is_left_for_other_addresses() -> None:
    assert set(PRIOR) == set(ALL)
    assert 0.85 < sum(PRIOR.values()) < 0.97


def test_without_known_addresses_the_usual_patterns_lead() -> None:
    belief = learn([], "example.com")
    assert belief.total == 0
    assert ranked(belief)[:3] == ["first.last", "flast", "first"]
    assert belief.of("first.last") == pytest.approx(0.46, abs=0.02)


def test_countries_have_their_own_taste() -> None:
    assert ranked(learn([], "firma.de"))[:3] == ["first.last", "f.last", "last"]
    assert ranked(learn([], "bedrijf.nl"))[:2] == ["first.last", "first"]
    assert "lastfirst" in ranked(learn([], "gongsi.cn"))[:2]
    unknown = learn([], "company.example")
    assert {pattern: unknown.of(pattern) for pattern in ALL} == pytest.approx(dict(PRIOR))


def test_belief_follows_the_known_addresses() -> None:
    belief = learn(known_at("example.com", "jroe", "mmuster", "ada.night"), "example.com")
    assert belief.counts == {"flast": 2, "first.last": 1}
    assert belief.of("flast") > 0.55
    assert ranked(belief)[:2] == ["flast", "first.last"]


def test_a_rule_of_a_house_is_believed_sooner_than_a_short_name() -> None:
    # Measured: a second colleague follows `first.last` in 87 of 100 cases, `first` in 55.
    assert learn(known_at("example.com", "jane.roe"), "example.com").of("first.last") > 0.8
    assert learn([Known("Jane Roe", "jane@example.com")], "example.com").of("first") < 0.65


def test_a_pattern_alone_is_never_certain() -> None:
    known = known_at("example.com", *(f"jane.{letter}oe" for letter in "bcdfghjklmnpqrstvwxz"))
    belief = learn(known, "example.com")
    assert belief.of("first.last") == CEILING
    assert sum(map(belief.of, ALL)) <= 1


def test_an_address_that_no_pattern_explains_weakens_the_usual_ones() -> None:
    belief = learn([Known("Jane Roe", "purple.cat@example.com")], "example.com")
    assert belief.total == 1
    assert not belief.counts
    assert belief.of("first.last") < learn([], "example.com").of("first.last") * 0.6


def test_the_newer_and_the_surer_account_weighs_more() -> None:
    old = Known("Jane Roe", "jroe@example.com", "crm", NOW - timedelta(days=365.25 * HALF_LIFE_YEARS))
    told = Known("Max Muster", "mmuster@example.com", "provider", NOW)
    fresh = Known("Ada Night", "ada.night@example.com", "smtp", NOW)
    belief = learn([old, told, fresh], "example.com", NOW)
    assert belief.counts == pytest.approx({"flast": 1.0, "first.last": 1.0}, abs=0.001)
    assert learn([old], "example.com", NOW).of("flast") < learn(known_at("example.com", "jroe"), "example.com").of(
        "flast"
    )


def test_an_address_of_tomorrow_is_as_good_as_one_of_today() -> None:
    belief = learn([Known("Jane Roe", "jroe@example.com", at=NOW + timedelta(days=900))], "example.com", NOW)
    assert belief.total == 1


def test_a_refused_address_speaks_against_its_pattern_and_for_the_others() -> None:
    before = learn([], "example.com")
    after = learn([Known("Jane Roe", "jane.roe@example.com", "smtp", right=False)], "example.com")
    assert (after.total, dict(after.counts)) == (0, {})
    assert after.of("first.last") < before.of("first.last") * 0.6
    assert all(after.of(pattern) > before.of(pattern) for pattern in ("flast", "first", "f.last"))


def test_a_refusal_weighs_less_than_a_colleague_whose_mail_arrives() -> None:
    known = [*known_at("example.com", "jane.roe"), Known("Ada Night", "ada.night@example.com", right=False)]
    assert ranked(learn(known, "example.com"))[0] == "first.last"


def test_a_rare_spelling_that_is_refused_says_little_of_the_pattern() -> None:
    usual = Known("Hans Müller", "hans.mueller@example.com", right=False)
    rare = Known("Hans Müller", "hans.muller@example.com", right=False)
    assert learn([rare], "example.com").of("first.last") > learn([usual], "example.com").of("first.last")


def test_wrong_guesses_for_a_person_whose_address_is_known_are_no_news() -> None:
    right = Known("Jane Roe", "jroe@example.com", "smtp")
    wrong = Known("Jane Roe", "jane.roe@example.com", "smtp", right=False)
    assert learn([wrong, right], "example.com") == learn([right], "example.com")


def test_of_two_accounts_of_an_address_the_later_counts() -> None:
    published = Known("Jane Roe", "jane.roe@example.com", "website", NOW - timedelta(days=700))
    bounced = Known("Jane Roe", "jane.roe@example.com", "outcome", NOW, right=False)
    for order in ([published, bounced], [bounced, published]):
        belief = learn(order, "example.com", NOW)
        assert belief.total == 0
        assert belief.of("first.last") < 0.3


def test_short_addresses_follow_the_rule_that_long_ones_show() -> None:
    jonathan = Known("Jonathan Featherstone", "jfeather@example.com")
    cut = learn([jonathan, *known_at("example.com", "jroe", "mmuster")], "example.com")
    assert cut.counts == {"flast8": 3}
    numbered = learn([jonathan, Known("Elena Farbsen", "efarbsen2+news@example.com")], "example.com")
    assert numbered.counts == {"flast8": 2}
    whole = Known("Alexandra Featherstone", "afeatherstone@example.com")
    both = learn([jonathan, whole, *known_at("example.com", "jroe", "mmuster")], "example.com")
    assert both.counts == {"flast8": 2, "flast": 2}


def test_the_priors_can_be_others() -> None:
    kind = Component(1.0, {**dict.fromkeys(ALL, 0.01), "f_last": 9.0, OTHER: 1.0}, 10 + 0.01 * (len(ALL) - 1))
    belief = learn(known_at("example.com", "jane.roe"), "example.com", priors=Priors((kind,), {}))
    assert ranked(belief)[0] == "f_last"


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
        ("Jonathan Featherstone", "jfeather", "flast8"),
        ("Jane Ann Roe", "jane.ann.roe", "first.middle.last"),
        ("ROE Jane", "jane.roe", "first.last"),
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
