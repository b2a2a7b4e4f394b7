"""From the title and the snippet of a result to a person, or to nobody."""

from datetime import date

import pytest

from enrichment.discovery.base import Brand
from enrichment.discovery.search_engines.base import MAX_SNIPPET, MAX_TITLE, Result
from enrichment.discovery.search_engines.companies import company_of
from enrichment.discovery.search_engines.results import Found, best, person_in, profile_at
from tests.discovery.search_engines.conftest import NOW

ACME = Brand("Acme GmbH", domain="acme.example")
URL = "https://www.linkedin.com/in/jane-doe"


def read(title: str, snippet: str = "", brand: Brand = ACME, url: str = URL, dated: date | None = None) -> Found | None:
    return person_in(Result(title, url, snippet, dated), company_of(brand), "brave", NOW)


def someone(title: str, snippet: str = "", brand: Brand = ACME) -> Found:
    found = read(title, snippet, brand)
    assert found
    return found


CONFIRMED = [
    ("Jane Doe - CEO - Acme | LinkedIn", "CEO"),
    ("Jane Doe – CEO – Acme | LinkedIn", "CEO"),
    ("Jane Doe — CEO — Acme | LinkedIn", "CEO"),
    ("Jane Doe | CEO | Acme | LinkedIn", "CEO"),
    ("Jane Doe – CEO at Acme", "CEO"),
    ("Jane Doe - CEO @ Acme, Inc. | Author | LinkedIn", "CEO"),
    ("Jane Doe, CEO at Acme | LinkedIn", "CEO"),
    ("Jane Doe - CEO of Acme | Linke...", "CEO"),
    ("Jane Doe - Founder & CEO, Acme - LinkedIn", "Founder & CEO"),
    ("Jane Doe - CEO | Author | Speaker - Acme | LinkedIn", "CEO"),
    ("Jane Doe - VP Marketing, EMEA - Acme | LinkedIn", "VP Marketing, EMEA"),
    ("Jane Doe - Acme Group - VP Sales", "VP Sales"),
    ("Jane Doe - CEO - acme.example", "CEO"),
    ("JANE DOE - CEO - ACME - LinkedIn Deutschland", "CEO"),
    ("jane doe - owner - acme", "owner"),
    ("Jane Doe, CFA - CFO - Acme | LinkedIn", "CFO"),
    ("Dr. Jane Doe MD - Chief Medical Officer - Acme | LinkedIn", "Chief Medical Officer"),
    ("🚀 Jane Doe (She/Her), MBA, PMP® - CMO - Acme", "CMO"),
    ("(3) Jane Doe - Managing Director - Acme | LinkedIn", "Managing Director"),
    ("Jane Doe - Geschäftsführerin Acme GmbH | LinkedIn", "Geschäftsführerin"),
    ("Jane Doe - Directrice générale chez Acme France | LinkedIn", "Directrice générale"),
    ("Jane Doe - Ex-Globex, CEO - Acme | LinkedIn", "CEO"),
    ("Jane Doe - Ex-Globex, CEO at Acme", "CEO"),
    ("Jane Doe - CEO at Acme, author … - LinkedIn", "CEO"),
]


@pytest.mark.parametrize(("title", "role"), CONFIRMED)
def test_a_title_that_confirms_role_and_company_counts_as_linkedins(title: str, role: str) -> None:
    found = someone(title)
    assert (found.person.name, found.person.title, found.departed) == ("Jane Doe", role, False)
    assert (found.person.source, found.person.method) == ("linkedin", "linkedin_company_search")
    assert 85 <= found.person.confidence <= 95


UNCONFIRMED = [
    ("Jane Doe - Acme | LinkedIn", "", None),
    ("Jane Doe - Helping people grow - Acme | LinkedIn", "", None),
    ("Jane Doe - Chief Marketing Offi… - Acme", "", "Chief Marketing"),
    ("Jane Doe - Chief Marketing Offi…", "Chief Marketing Officer at Acme · Berlin", "Chief Marketing Officer"),
    ("Jane Doe - CEO - Acm... | LinkedIn", "Experience: Acme", "CEO"),
    ("Jane Doe - CEO - Acme ... | LinkedIn", "Experience: Acme", "CEO"),
    ("Jane Doe - Advisor at Globex - Acme | LinkedIn", "", None),
    ("Jane Doe - Founder and former CEO at Acme", "", "Founder and former CEO"),
    ("Jane Doe | LinkedIn", "Berlin · CEO at Acme · 500+ connections", "CEO"),
    ("Jane Doe | LinkedIn", "Jane is the CEO of Acme.", "CEO"),
    ("Jane Doe | LinkedIn", "Experience: Acme Education: Foo University", None),
    ("Jane Doe | LinkedIn", "Erfahrung: Acme GmbH · Standort: Berlin", None),
    ("Jane Doe | LinkedIn", "See acme.example for more", None),
    ("Jane Doe - CEO - Globex | LinkedIn", "Board Member at Acme", "Board Member"),
]


@pytest.mark.parametrize(("title", "snippet", "role"), UNCONFIRMED)
def test_what_says_less_is_a_finding_in_a_public_index(title: str, snippet: str, role: str | None) -> None:
    found = someone(title, snippet)
    assert (found.person.name, found.person.title, found.departed) == ("Jane Doe", role, False)
    assert (found.person.source, found.person.method) == ("public_index", "search_operators")
    assert 50 <= found.person.confidence <= 70


LEFT = [
    ("Jane Doe - Former CEO - Acme | LinkedIn", "", "Former CEO"),
    ("Jane Doe - ex-Acme CEO | LinkedIn", "", "ex-Acme CEO"),
    ("Jane Doe - Ehemaliger Geschäftsführer bei Acme", "", "Ehemaliger Geschäftsführer bei Acme"),
    ("Jane Doe - Ancien directeur général chez Acme", "", "Ancien directeur général chez Acme"),
    ("Jane Doe - Investor, ex-Acme - LinkedIn", "", "Investor, ex-Acme"),
    ("Jane Doe - Speaker (former CEO at Acme)", "", "Speaker (former CEO at Acme)"),
    ("Jane Doe - CEO at Acme (former)", "", "CEO at Acme (former)"),
    ("Jane Doe - Former VP, Sales at Acme", "", "Former VP, Sales at Acme"),
    ("Jane Doe - CEO - Globex | LinkedIn", "Berlin · former CEO at Acme", "former CEO at Acme"),
    ("Jane Doe | LinkedIn", "Experience: Globex. Previously at Acme", "Previously at Acme"),
    ("Jane Doe | LinkedIn", "Past: Acme", "Acme"),
]


@pytest.mark.parametrize(("title", "snippet", "words"), LEFT)
def test_who_left_is_told_apart_with_the_words_that_say_so(title: str, snippet: str, words: str) -> None:
    found = someone(title, snippet)
    left = [item for item in found.person.evidence if item.field == "left"]
    assert found.departed
    assert found.person.source == "public_index"
    assert [item.value for item in left] == [words]


NOBODY = [
    ("Jane Doe | LinkedIn", ""),
    ("Jane Doe - CEO - Globex | LinkedIn", ""),
    ("Jane Doe - CEO - Globex | LinkedIn", "I once met the people of Acme"),
    ("Jane Doe - CEO - Acme Robotics | LinkedIn", ""),
    ("Jane Doe - Partner - Acme & Sons | LinkedIn", ""),
    ("Jane Doe - CEO - Acm... | LinkedIn", ""),
    ("Jane Doe - Head of Acme", ""),
    ("Jane Doe | LinkedIn", "CEO at Acme Robotics"),
    ("Jane Doe | LinkedIn", "Works for General Acme"),
    ("Jane Doe | LinkedIn", "the acme of skill"),
    ("Jane Doe | LinkedIn", "Education: Acme University"),
    ("Jane Doe | LinkedIn", "Education: Acme · 500+ connections"),
    ("Jane Doe | LinkedIn", "View the profile. People also viewed. John Roe. CEO at Acme"),
    ('100+ "Jane Doe" profiles | LinkedIn', "CEO at Acme"),
    ("Jane Doe on LinkedIn: We at Acme are hiring", ""),
    ("Jane Doe's Post - Acme", ""),
    ("Jane - CEO - Acme", ""),
    ("Jane D. - CEO - Acme", ""),
    ("Jane Alexandra Do…", "CEO at Acme"),
    ("Acme - CEO - Jane Doe", ""),
    ("Sign Up | LinkedIn", "Acme"),
    ("|||| - - –", "CEO at Acme"),
    ("", "CEO at Acme"),
]


@pytest.mark.parametrize(("title", "snippet"), NOBODY)
def test_nobody_is_made_of_what_names_no_person_at_the_brand(title: str, snippet: str) -> None:
    assert read(title, snippet) is None


@pytest.mark.parametrize(
    ("title", "brand", "name"),
    [
        ("Jean-Luc Martin - PDG - Acme", ACME, ("Jean-Luc", "Martin")),
        ("Willem van der Berg – CEO – Acme", ACME, ("Willem", "van der Berg")),
        ("山田太郎 - 代表取締役 - 株式会社アクメ | LinkedIn", Brand("アクメ株式会社"), ("太郎", "山田")),
        ("山田 太郎 – アクメ株式会社 代表取締役社長", Brand("アクメ"), ("太郎", "山田")),
        ("محمد علي - CEO - Acme | LinkedIn", ACME, ("محمد", "علي")),
        ("Jane Doe - CEO - Mueller und Soehne", Brand("Müller & Söhne GmbH & Co. KG"), ("Jane", "Doe")),
        ("Jane Doe - CEO - Brightwater", Brand("Brightwater Instruments", domain="brightwater.com"), ("Jane", "Doe")),
        ("Jane Doe - CEO - Bright Water", Brand("Brightwater"), ("Jane", "Doe")),
        ("Jane Doe - CEO at Johnson & Roe", Brand("Johnson & Roe"), ("Jane", "Doe")),
        ("Jane Doe - CEO - The Acme Company", ACME, ("Jane", "Doe")),
    ],
)
def test_names_and_companies_are_read_in_many_spellings(title: str, brand: Brand, name: tuple[str, str]) -> None:
    found = someone(title, brand=brand)
    assert (found.person.first_name, found.person.last_name) == name
    assert found.person.source == "linkedin"


def test_a_mention_in_japanese_is_found() -> None:
    found = someone("山田太郎 | LinkedIn", "職歴: 株式会社アクメ · 学歴: 東京", Brand("アクメ株式会社"))
    assert found.person.source == "public_index"


def test_the_person_has_role_profile_and_evidence_for_every_field() -> None:
    found = read(
        "Jane Doe - Chief Marketing Officer - Acme | LinkedIn",
        "Berlin · Acme",
        url="https://de.linkedin.com/in/Jane-Doe-1A2B/de?trk=public_profile&originalSubdomain=de#top",
    )
    assert found
    person = found.person
    assert (person.seniority, person.department, person.decision_maker) == ("c_level", "marketing", True)
    assert (person.linkedin_url, person.linkedin_id) == (
        "https://www.linkedin.com/in/jane-doe-1a2b",
        "jane-doe-1a2b",
    )
    assert [(item.field, item.value) for item in person.evidence] == [
        ("name", "Jane Doe"),
        ("title", "Chief Marketing Officer"),
        ("linkedin", "https://www.linkedin.com/in/jane-doe-1a2b"),
    ]
    assert {item.url for item in person.evidence} == {person.linkedin_url}
    assert {(item.source, item.seen_at) for item in person.evidence} == {("brave", NOW)}
    assert person.evidence[0].snippet == "Jane Doe - Chief Marketing Officer - Acme | LinkedIn … Berlin · Acme"


def test_a_title_that_the_snippet_bears_out_is_surer_and_an_old_page_less_sure() -> None:
    title = "Jane Doe - CEO - Acme | LinkedIn"
    plain, borne_out = someone(title), someone(title, "Experience: Acme")
    old = read(title, dated=date(2020, 1, 1))
    recent = read(title, dated=date(2026, 9, 1))
    assert old
    assert recent
    assert old.person.confidence < plain.person.confidence == recent.person.confidence < borne_out.person.confidence


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.linkedin.com/in/jane-doe", "https://www.linkedin.com/in/jane-doe"),
        ("http://LinkedIn.com/in/Jane-Doe/?trk=x", "https://www.linkedin.com/in/jane-doe"),
        ("https://uk.linkedin.com/in/jane-doe/en", "https://www.linkedin.com/in/jane-doe"),
        ("https://www.linkedin.com/in/zo%C3%AB-doe", "https://www.linkedin.com/in/zo%C3%AB-doe"),
        ("https://www.linkedin.com/pub/jane-doe/1/2a/3b4", "https://www.linkedin.com/pub/jane-doe/1/2a/3b4"),
        ("https://www.linkedin.com/pub/dir/Jane/Doe", None),
        ("https://www.linkedin.com/in/jane-doe/recent-activity/all", None),
        ("https://www.linkedin.com/company/acme", None),
        ("https://www.linkedin.com/posts/jane-doe_acme", None),
        ("https://www.linkedin.com/in/", None),
        ("https://www.linkedin.com/jobs/in/jane-doe", None),
        ("https://linkedin.com.evil.example/in/jane-doe", None),
        ("https://evil.example/linkedin.com/in/jane-doe", None),
        ("https://notlinkedin.com/in/jane-doe", None),
        ("javascript://linkedin.com/in/jane-doe", None),
        ("http://[linkedin.com/in/jane-doe", None),
        ("", None),
    ],
)
def test_only_personal_profiles_are_taken_in_one_spelling(url: str, expected: str | None) -> None:
    profile = profile_at(url)
    assert (profile.url if profile else None) == expected


def test_one_profile_in_several_results_is_one_person_the_surest_one() -> None:
    weak = someone("Jane Doe | LinkedIn", "Experience: Acme")
    sure = someone("Jane Doe - CEO - Acme | LinkedIn")
    assert best([weak, sure, weak]) == ((sure.person,), ())


def test_that_somebody_left_counts_more_than_a_mention_but_less_than_a_confirmed_title() -> None:
    mention = someone("Jane Doe | LinkedIn", "Experience: Acme")
    left = someone("Jane Doe | LinkedIn", "Former CEO at Acme")
    sure = someone("Jane Doe - CEO - Acme | LinkedIn")
    assert best([mention, left]) == ((), (left.person,))
    assert best([left, sure]) == ((sure.person,), ())


@pytest.mark.parametrize(
    "text",
    ["- " * 500, "Acme " * 300, "(" * 1500, "at Acme, " * 200, "ex-" * 500, "\ud800 at Acme", "Experience:" * 130],
)
def test_hostile_texts_are_read_without_an_exception(text: str) -> None:
    title, snippet = f"Jane Doe - {text}"[:MAX_TITLE], text[:MAX_SNIPPET]
    for found in (read(title, snippet), read(text[:MAX_TITLE], snippet)):
        assert found is None or found.person.name


@pytest.mark.parametrize("brand", [Brand(""), Brand("&"), Brand("The"), Brand("GmbH"), Brand("x" * 9000)])
def test_strange_brands_are_compared_without_an_exception(brand: Brand) -> None:
    assert read("Jane Doe - CEO - Acme | LinkedIn", "CEO at Acme", brand) is None
