from dataclasses import replace
from datetime import UTC, datetime

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
