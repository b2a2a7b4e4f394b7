import json

from enrichment.discovery.website import structured_data
from tests.discovery.website.reading import page, person, read, stored, titles


def script(data: object) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


def test_json_ld_gives_staff_from_a_graph_beside_a_broken_script() -> None:
    found = stored("json_ld")
    assert titles(found) == {
        "Priya Raghunathan": "Chief Technology Officer",
        "Tobias Lindqvist": None,
        "Helena Brandt": "Head of Research",
    }
    priya = person(found, "Priya Raghunathan")
    assert priya.email == "priya@example.com"
    assert priya.linkedin_url == "https://www.linkedin.com/in/priya-raghunathan"
    assert priya.method == "website_structured_data"


def test_microdata_and_cards_give_staff_and_no_reviewers_or_bylines() -> None:
    found = stored("microformats")
    assert titles(found) == {
        "Marguerite Ashdown": "Office Manager",
        "Kofi Boateng": "Head of Logistics",
        "Ingrid Solberg": "Chief Executive Officer",
    }
    assert person(found, "Marguerite Ashdown").email == "marguerite@example.org"
    assert person(found, "Kofi Boateng").linkedin_id == "kofi-boateng-7"


def test_rdfa_gives_staff() -> None:
    found = read(
        '<div vocab="https://schema.org/" typeof="Person"><span property="name">Ingrid Solberg</span>'
        '<span property="jobTitle">Head of Design</span></div>'
    )
    assert titles(found) == {"Ingrid Solberg": "Head of Design"}


def test_comments_around_a_script_do_not_matter() -> None:
    data = {"@type": "Person", "name": "Ingrid Solberg", "jobTitle": "Chief Executive Officer"}
    for text in (f"<!-- {json.dumps(data)} -->", f"//<![CDATA[\n{json.dumps(data)}\n//]]>", json.dumps(data) + ";"):
        assert [item.name for item in structured_data.find(page(script(text)))] == ["Ingrid Solberg"]


def test_the_dead_and_those_without_a_tie_are_left_out() -> None:
    data = [
        {"@type": "Person", "name": "Arthur Penhaligon", "jobTitle": "Founder", "deathDate": "2011"},
        {"@type": "Person", "name": "Vera Visitor"},
    ]
    assert structured_data.find(page(script(data))) == []


def test_a_founder_by_reference_and_a_role_around_a_person_count() -> None:
    data = {
        "@graph": [
            {
                "@type": "Organization",
                "founder": {"@id": "#f"},
                "member": [{"@type": "OrganizationRole", "roleName": "Chair", "member": {"@id": "#c"}}],
                "author": {"@id": "#w"},
            },
            {"@type": "Person", "@id": "#f", "name": "Henrike Lauterbach"},
            {"@type": "Person", "@id": "#c", "name": "Bettina Aalto"},
            {"@type": "Person", "@id": "#w", "name": "Molly Writer", "jobTitle": "Editor"},
        ]
    }
    found = structured_data.find(page(script(data)))
    assert [(item.name, item.title) for item in found] == [("Henrike Lauterbach", ""), ("Bettina Aalto", "Chair")]


def test_commas_before_closing_brackets_do_not_matter() -> None:
    text = '{"@type": "Person", "name": "Ingrid Solberg", "jobTitle": "Nurse", }'
    assert [item.name for item in structured_data.find(page(script(text)))] == ["Ingrid Solberg"]


def test_odd_values_are_harmless() -> None:
    for data in (
        {"@type": "Person", "name": ["Ingrid Solberg"], "jobTitle": {"name": "Nurse"}, "email": 7, "sameAs": None},
        {"@type": "Person", "name": {"@value": 3}, "jobTitle": []},
        {"@type": 5, "@graph": {"@graph": [None, 1, "x"]}},
        "[" * 100_000,
        '{"a":' * 50_000,
        "null",
        "\ud800",
    ):
        structured_data.find(
            page(script(data if isinstance(data, str) else json.dumps(data)).encode("utf-8", "replace").decode())
        )


def test_the_number_of_people_is_bounded() -> None:
    one = {"@type": "Person", "name": "Ingrid Solberg", "jobTitle": "Nurse"}
    assert len(structured_data.find(page(script([one] * 2_000)))) == structured_data.MAX_PEOPLE
