import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.dedupe import merge

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def seen(field: str, value: str, page: str = "team") -> Evidence:
    return Evidence(field, value, f"https://www.brightwater.example/{page}", value, "website", NOON)


def person(name: str, title: str | None = None, page: str = "team", **fields: object) -> Person:
    first, _, last = name.rpartition(" ")
    found = Person(first, last, title, evidence=(seen("name", name, page),))
    return replace(found, **fields)  # type: ignore[arg-type]


def names(people: list[Person]) -> list[str]:
    return [found.name for found in people]


def test_one_person_on_two_pages_is_one_with_the_fields_and_evidence_of_both() -> None:
    team = person("Zoë Müller", "Head of Sales", confidence=74)
    contact = person("Zoe Muller", page="contact", confidence=63, email="zoe@brightwater.example")
    [found] = merge([contact, team])
    assert (found.name, found.title, found.email) == ("Zoë Müller", "Head of Sales", "zoe@brightwater.example")
    assert found.confidence == 74
    assert [item.url.rpartition("/")[2] for item in found.evidence] == ["team", "contact"]


def test_evidence_that_repeats_is_kept_once() -> None:
    again = replace(person("Ada Ray"), evidence=(replace(seen("name", "Ada Ray"), seen_at=datetime.now(UTC)),))
    [found] = merge([person("Ada Ray"), again])
    assert len(found.evidence) == 1


def test_the_same_profile_is_the_same_person_whatever_the_name() -> None:
    found = merge([person("Kate Ray", linkedin_id="kate-r"), person("Katharina Ray-Holm", linkedin_id="Kate-R")])
    assert len(found) == 1


def test_two_people_of_one_name_with_other_titles_and_addresses_stay_two() -> None:
    elder = person("Ada Ray", "Chief Executive", email="ada@brightwater.example")
    younger = person("Ada Ray", "Apprentice", email="ada.ray@brightwater.example")
    assert len(merge([elder, younger])) == 2
    assert len(merge([elder, younger, person("Ada Ray")])) == 2


def test_two_profiles_of_one_name_stay_two() -> None:
    assert len(merge([person("Ada Ray", linkedin_id="ada"), person("Ada Ray", linkedin_id="ada-2")])) == 2


def test_another_title_alone_does_not_part_a_person() -> None:
    [found] = merge([person("Ada Ray", "Director"), person("Ada Ray", "Board Member", "board")])
    assert found.title == "Director"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bob Ray", "Robert Ray"),
        ("R. Ray", "Robert Ray"),
        ("Robert J. Ray", "Robert Ray"),
        ("Ina Mueller", "Ina Müller"),
    ],
)
def test_variants_of_a_name_merge_when_the_title_agrees(one: str, other: str) -> None:
    assert len(merge([person(one, "Head of Sales"), person(other, "Head of Sales", "about")])) == 1
    assert len(merge([person(one, "Head of Sales"), person(other, "Buyer", "about")])) == 2


def test_variants_of_a_name_merge_when_the_address_agrees() -> None:
    mail = "m.garcia@brightwater.example"
    found = merge([person("Maria Garcia", email=mail), person("María García Márquez", "Buyer", email=mail.upper())])
    assert len(found) == 1


def test_variants_on_one_page_are_two_people() -> None:
    assert len(merge([person("Bob Ray", "Partner"), person("Robert Ray", "Partner")])) == 2


def test_variants_with_other_addresses_are_two_people() -> None:
    bob = person("Bob Ray", "Partner", email="bob@brightwater.example")
    robert = person("Robert Ray", "Partner", "about", email="robert@brightwater.example")
    assert len(merge([bob, robert])) == 2


def test_an_initial_that_two_people_share_belongs_to_neither() -> None:
    people = [person("J. Ray", "Buyer"), person("Jane Ray", "Buyer", "a"), person("John Ray", "Buyer", "b")]
    assert len(merge(people)) == 3


def test_a_shared_mailbox_joins_no_different_names() -> None:
    mail = "office@brightwater.example"
    assert len(merge([person("Ada Ray", email=mail), person("Bob Holm", email=mail)])) == 2


def test_a_written_out_first_name_is_kept_before_an_initial() -> None:
    [found] = merge([person("R. Ray", "Buyer", confidence=80), person("Robert Ray", "Buyer", "about", confidence=60)])
    assert found.first_name == "Robert"


def test_agreement_of_independent_sources_lifts_the_confidence_and_of_pages_does_not() -> None:
    page = person("Ada Ray", confidence=74)
    assert merge([page, person("Ada Ray", page="about", confidence=70)])[0].confidence == 74
    assert merge([page, person("Ada Ray", confidence=70, source="public_index")])[0].confidence > 74


def test_decision_makers_come_first_the_highest_rank_before() -> None:
    people = [
        person("Ada Ray", "Nurse", seniority="staff", confidence=80),
        person("Bo Holm", "Head of Sales", seniority="head", decision_maker=True, confidence=60),
        person("Cy Lund", "Founder", seniority="founder", decision_maker=True, confidence=60),
    ]
    assert names(merge(people)) == ["Cy Lund", "Bo Holm", "Ada Ray"]


def test_merging_is_stable_and_merging_again_changes_nothing() -> None:
    people = [person(f"{first} Ray", title) for first in ("Ada", "Bo", "Bob", "Robert") for title in ("A", "B", None)]
    once = merge(people)
    assert merge(once) == once


FINDINGS = st.lists(
    st.builds(
        lambda name, title, page, origin, email: person(
            name, title, page, source=origin[0], method=origin[1], confidence=origin[2], email=email
        ),
        st.sampled_from(["Bob Ray", "Robert Ray", "Róbert Ray", "Robert J. Ray", "Ada Ray", "Ada Holm", "☃"]),
        st.sampled_from([None, "CFO", "Buyer", "Director"]),
        st.sampled_from(["team", "about", "board"]),
        st.sampled_from(
            [
                ("website", "website_team_page", 77),
                ("linkedin", "linkedin_company_search", 90),
                ("public_index", "search_operators", 60),
                ("public_index", "company_register", 85),
            ]
        ),
        st.sampled_from([None, "a@brightwater.example"]),
    ),
    max_size=8,
)


@given(FINDINGS)
def test_merging_what_is_merged_changes_nothing(people: list[Person]) -> None:
    once = merge(people)
    assert merge(once) == once


@given(FINDINGS, st.randoms(use_true_random=False))
def test_the_order_of_the_findings_makes_no_difference(people: list[Person], chance: random.Random) -> None:
    mixed = list(people)
    chance.shuffle(mixed)
    assert sorted(map(repr, merge(mixed))) == sorted(map(repr, merge(people)))


@given(FINDINGS)
def test_no_claim_is_lost(people: list[Person]) -> None:
    def claims(of: list[Person]) -> set[tuple[str, str, str]]:
        return {(item.field, item.value, item.url) for one in of for item in one.evidence}

    assert claims(merge(people)) == claims(people)


@given(
    st.lists(
        st.builds(
            person,
            st.sampled_from(["Bob Ray", "Robert Ray", "R. Ray", "R Ray", "Robert J Ray", "Ada Ray", "☃", "Ray"]),
            st.sampled_from([None, "CEO", "Buyer"]),
            st.sampled_from(["team", "about", "board"]),
            email=st.sampled_from([None, "a@b.example", "c@b.example"]),
            linkedin_id=st.sampled_from([None, "x", "y"]),
        ),
        max_size=12,
    )
)
def test_no_finding_is_lost(people: list[Person]) -> None:
    found = merge(people)
    assert {item.url for one in people for item in one.evidence} == {item.url for one in found for item in one.evidence}
    assert len(found) <= len(people)


def test_thousands_of_namesakes_are_handled() -> None:
    crowd = [person("Ada Ray", f"Title {i}", email=f"{i}@brightwater.example") for i in range(5_000)]
    assert len(merge(crowd)) == 5_000


def test_thousands_of_one_surname_and_one_mailbox_are_handled() -> None:
    crowd = [person(f"N{i} Ray", "Partner", page=f"{i}", email="office@brightwater.example") for i in range(5_000)]
    assert len(merge(crowd, crowd)) == 5_000


SITE = ("website", "website_team_page")
LINKEDIN = ("linkedin", "linkedin_company_search")
RESULTS = ("public_index", "search_operators")
REGISTER = ("public_index", "company_register")
WIKIDATA = ("public_index", "wikidata")


def from_(origin: tuple[str, str], name: str, title: str | None = None, **fields: object) -> Person:
    return person(name, title, "-".join(origin), source=origin[0], method=origin[1], **fields)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (from_(SITE, "Ada Ray", "CFO"), from_(REGISTER, "Ada Ray", "Director")),
        (from_(SITE, "Ada Ray", "CFO"), from_(LINKEDIN, "Ada Ray", "Finance lead")),
        (from_(SITE, "Ada Ray", "CFO"), from_(REGISTER, "Ada Jane Ray", "Director")),
        (from_(SITE, "Ada Ray", "CFO"), from_(LINKEDIN, "Ada J. Ray", "Finance lead")),
        (from_(SITE, "Bob Ray", "CFO"), from_(REGISTER, "Robert Ray", "Director")),
        (from_(SITE, "B. Ray", "CFO"), from_(REGISTER, "Bo Ray", "Board Member")),
        (from_(SITE, "Ina Müller"), from_(WIKIDATA, "Ina Mueller", "Chief executive")),
        (from_(SITE, "Zoë Ray", "CFO"), from_(REGISTER, "ZOE RAY", "Daglig leder")),
        (
            from_(SITE, "Ada Ray", linkedin_url="https://www.linkedin.com/in/Ada-R/"),
            from_(RESULTS, "Ada Ray-Holm", linkedin_id="ada-r"),
        ),
    ],
)
def test_findings_of_other_origins_are_one_person(one: Person, other: Person) -> None:
    one, other = (replace(item, evidence=(replace(item.evidence[0], source=item.method),)) for item in (one, other))
    assert len(merge([one, other])) == 1


@pytest.mark.parametrize(
    ("people", "why"),
    [
        ([from_(SITE, "Bob Ray", "Head of Sales"), from_(LINKEDIN, "Robert Ray", "Buyer")], "father and son"),
        (
            [from_(SITE, "Ada Ray", "CFO"), from_(REGISTER, "Ada Ray-Holm", "Director")],
            "a married name is thin evidence",
        ),
        ([from_(SITE, "Ada Holm", "CFO"), from_(REGISTER, "Ada Ray", "Director")], "another surname"),
        (
            [from_(SITE, "Ada Ray", linkedin_id="ada"), from_(LINKEDIN, "Ada Ray", linkedin_id="ada-2")],
            "two profiles",
        ),
        (
            [
                from_(SITE, "Ada Ray", "CFO", email="ada@brightwater.example"),
                from_(WIKIDATA, "Ada Ray", "Director", email="ada.ray@brightwater.example"),
            ],
            "other titles and addresses",
        ),
        (
            [
                from_(SITE, "Robert Ray", "CFO"),
                from_(REGISTER, "Robert James Ray", "Director"),
                from_(REGISTER, "Robert Keith Ray", "Director"),
            ],
            "either may be meant",
        ),
    ],
)
def test_thin_or_contradicting_evidence_keeps_people_apart(people: list[Person], why: str) -> None:
    people = [replace(item, evidence=(replace(item.evidence[0], source=item.method),)) for item in people]
    assert len(merge(people)) == len(people), why


@pytest.mark.parametrize(
    ("origins", "confidence"),
    [
        ([SITE, SITE], 70),
        ([LINKEDIN, RESULTS], 70),
        ([REGISTER, REGISTER], 70),
        ([SITE, LINKEDIN], 75),
        ([SITE, REGISTER, WIKIDATA], 80),
        ([REGISTER, ("public_index", "sec_filing"), ("public_index", "press_release")], 80),
        ([SITE, LINKEDIN, RESULTS, REGISTER, WIKIDATA, ("public_index", "sec_filing")], 90),
    ],
)
def test_only_independent_origins_agree(origins: list[tuple[str, str]], confidence: int) -> None:
    [found] = merge([from_(origin, "Ada Ray", "CFO", confidence=70) for origin in origins])
    assert found.confidence == confidence


@pytest.mark.parametrize(
    ("titles", "shown"),
    [
        ({SITE: "CFO", REGISTER: "Director"}, "CFO"),
        ({SITE: "Salgssjef", REGISTER: "Daglig leder"}, "Salgssjef"),
        ({LINKEDIN: "CFO", REGISTER: "Board Member"}, "CFO"),
        ({SITE: "Director", LINKEDIN: "CFO"}, "Director"),
        ({WIKIDATA: "Chief executive", REGISTER: "Director"}, "Chief executive"),
    ],
)
def test_the_title_is_that_of_who_knows_the_work(titles: dict[tuple[str, str], str], shown: str) -> None:
    [found] = merge([from_(origin, "Ada Ray", title, confidence=80) for origin, title in titles.items()])
    assert found.title == shown


def test_of_titles_of_equal_worth_the_one_that_tells_the_work_is_shown() -> None:
    for titles in (["Director", "Finance Director"], ["Finance Director", "Director"]):
        [found] = merge([person("Ada Ray", title, page) for page, title in zip("ab", titles, strict=True)])
        assert found.title == "Finance Director"


def test_evidence_seen_again_is_kept_as_it_was_seen_last() -> None:
    later = replace(seen("name", "Ada Ray"), seen_at=NOON + timedelta(days=1))
    [found] = merge([person("Ada Ray"), replace(person("Ada Ray"), evidence=(later,))])
    assert found.evidence == (later,)


def gone(first: str, last: str, **fields: object) -> Person:
    claim = Evidence("left", "2024-01-31", "https://register.example/1", "resigned", "brreg", SEEN)
    return Person(first, last, source="public_index", method="company_register", evidence=(claim,), **fields)


SEEN = datetime(2026, 11, 24, tzinfo=UTC)


def test_who_is_said_to_have_left_is_less_sure_and_has_the_evidence() -> None:
    found = Person("Ada", "Example", "CFO", confidence=85, source="linkedin", method="linkedin_company_search")
    (person,) = merge([found], [gone("Ada", "Example")])
    assert person.confidence == 45
    assert [item.field for item in person.evidence] == ["left"]


def test_the_companys_own_site_outweighs_who_says_that_somebody_left() -> None:
    (person,) = merge([Person("Ada", "Example", "CFO", confidence=77, source="website")], [gone("Ada", "M. Example")])
    assert person.confidence == 67


def test_who_speaks_clearly_later_than_the_departure_is_believed() -> None:
    def at(days: int) -> int:
        claim = replace(seen("name", "Ada Example"), seen_at=SEEN + timedelta(days=days))
        found = from_(LINKEDIN, "Ada Example", "CFO", confidence=85)
        (one,) = merge([replace(found, evidence=(claim,))], [gone("Ada", "Example")])
        assert [item.field for item in one.evidence] == ["name", "left"]
        return one.confidence

    assert at(0) == at(10) == 45
    assert at(60) == 85


def test_a_departure_told_long_after_the_site_was_read_counts_in_full() -> None:
    old = replace(seen("name", "Ada Example"), seen_at=SEEN - timedelta(days=90))
    (one,) = merge([person("Ada Example", confidence=77, evidence=(old,))], [gone("Ada", "Example")])
    assert one.confidence == 37


def test_a_departure_that_was_counted_already_is_not_counted_again() -> None:
    found = from_(LINKEDIN, "Ada Example", "CFO", confidence=85)
    once = merge([found], [gone("Ada", "Example")])
    assert merge(once, [gone("Ada", "Example")]) == once


def test_a_variant_of_a_name_has_left_too_unless_two_may_be_meant() -> None:
    bob, rob = (
        from_(LINKEDIN, f"{first} Example", title, confidence=85) for first, title in (("Bob", "A"), ("R.", "B"))
    )
    assert merge([bob], [gone("Robert", "Example")])[0].confidence == 45
    assert [one.confidence for one in merge([bob, rob], [gone("Robert", "Example")])] == [85, 85]


def test_who_is_known_only_as_having_left_is_not_returned() -> None:
    assert merge([], [gone("Ada", "Example")]) == []
    assert [person.name for person in merge([Person("Bo", "Example")], [gone("Ada", "Example")])] == ["Bo Example"]


def test_a_departure_concerns_the_same_profile_or_the_only_bearer_of_the_name() -> None:
    one = Person("Ada", "Example", "CFO", email="ada@acme.example", confidence=70)
    other = Person("Ada", "Example", "Nurse", email="ada.e@acme.example", confidence=70)
    assert [person.confidence for person in merge([one, other], [gone("Ada", "Example")])] == [70, 70]
    linked = Person("Ada", "Example", "CFO", linkedin_id="ada-1", confidence=70, source="linkedin")
    assert merge([linked], [gone("Ada", "Example", linkedin_id="ada-2")])[0].confidence == 70
    assert merge([linked], [gone("A.", "Sample", linkedin_id="Ada-1")])[0].confidence == 30


def test_a_register_lends_no_title_where_somebody_says_what_they_do() -> None:
    register = Person(
        "Ada", "Example", "Director", "director", confidence=89, source="public_index", method="company_register"
    )
    site = Person("Ada", "Example", "Chief Financial Officer", "c_level", confidence=77, source="website")
    (person,) = merge([register, site])
    assert (person.title, person.seniority) == ("Chief Financial Officer", "c_level")
    assert person.confidence == 94, "two independent sources agree"
    assert merge([register])[0].title == "Director"


def test_search_results_of_several_engines_are_one_origin_and_registers_are_several() -> None:
    def at(source: str, method: str, confidence: int) -> Person:
        return Person("Ada", "Example", "CFO", confidence=confidence, source=source, method=method)

    results = [at("linkedin", "linkedin_company_search", 85), at("public_index", "search_operators", 60)]
    assert merge(results)[0].confidence == 85
    assert merge([*results, at("public_index", "wikidata", 70)])[0].confidence == 90
    assert (
        merge([*results, at("public_index", "wikidata", 70), at("public_index", "sec_edgar", 70)])[0].confidence == 95
    )
