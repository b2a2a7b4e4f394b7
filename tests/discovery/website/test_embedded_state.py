import html
import json
from typing import Any

import pytest

from enrichment.discovery.website import embedded_state, pages, state_people
from enrichment.discovery.website.stated import Stated
from tests.discovery.website.conftest import URL

ZOE = {"name": "Zoë Müller", "jobTitle": "Head of Marketing"}
HANNA = {"name": "Hanna Nowak", "jobTitle": "Sales Manager"}
BOTH = [("Zoë Müller", "Head of Marketing"), ("Hanna Nowak", "Sales Manager")]


def people(body: str, path: str = "") -> list[Stated]:
    return embedded_state.people(pages.parse(f"<html><body>{body}</body></html>".encode(), None, f"{URL}{path}"))


def told(body: str, path: str = "") -> list[tuple[str, str]]:
    return [(person.name, person.title) for person in people(body, path)]


def of(data: Any, path: str = "") -> list[tuple[str, str]]:
    """Return the people in data of a page built by Next.js."""
    return told(next_data(data), path)


def next_data(data: Any) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'


# Where data stands --------------------------------------------------------------------------------

TEAM = json.dumps({"page": {"team": [ZOE, HANNA]}})


@pytest.mark.parametrize(
    "body",
    [
        f'<script id="__NEXT_DATA__" type="application/json">{TEAM}</script>',
        f'<script type="application/json" id="wix-warmup-data"> {TEAM} </script>',
        f"<script>window.__NUXT__={TEAM};</script>",
        f"<script>window.__INITIAL_STATE__ = {TEAM}; (function(){{ start() }})()</script>",
        f'<script type="text/javascript">window["__APOLLO_STATE__"] = {TEAM}</script>',
        f"<script>Static.SQUARESPACE_CONTEXT = {TEAM};</script>",
        f"<script type=module>const broken = {{a: undefined}}; let state = {TEAM};</script>",
        f'<div id="app" data-page="{html.escape(TEAM)}"></div>',
        f'<div data-react-props="{html.escape(TEAM)}"></div>',
    ],
)
def test_the_data_of_the_usual_frameworks_is_read(body: str) -> None:
    assert told(body) == BOTH


@pytest.mark.parametrize(
    "body",
    [
        f'<script type="application/ld+json">{TEAM}</script>',
        f'<script type="importmap">{TEAM}</script>',
        f'<script type="text/template">window.x = {TEAM}</script>',
        f"<script>window.x = load({TEAM})</script>",
        f'<script type="application/json">{TEAM[:-20]}</script>',
        f"<script>window.x = {TEAM[:-20]}</script>",
        f"<p>window.x = {html.escape(TEAM)}</p>",
    ],
)
def test_what_is_no_data_is_left_alone(body: str) -> None:
    assert told(body) == []


def test_the_table_of_nuxt_is_unfolded_be_it_circular() -> None:
    table = [["ShallowReactive", 1], {"data": 2}, ["Reactive", 3], {"team": 4, "self": 1}, [5, 8]]
    table += [{"name": 6, "role": 7, "of": 3}, "Zoë Müller", "Head of Marketing", {"name": 9, "role": 10}]
    table += ["Hanna Nowak", "Sales Manager"]
    assert told(f'<script type="application/json" id="__NUXT_DATA__">{json.dumps(table)}</script>') == BOTH


# Who is staff -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["team", "ourPeople", "board_of_directors", "Mitarbeiter", "équipe", "teamMembers"])
def test_keys_that_speak_of_staff_lead_to_people(key: str) -> None:
    assert of({"props": {"pageProps": {key: [ZOE, HANNA]}}}) == BOTH


@pytest.mark.parametrize(
    "data",
    [
        {"sections": [{"__typename": "TeamSection", "items": [ZOE, HANNA]}]},
        {"items": [{**ZOE, "_type": "person"}, {**HANNA, "_type": "person"}]},
        {"blocks": [{"heading": "Meet our team", "items": [ZOE, HANNA]}]},
        {"blocks": [{"title": {"rendered": "Unser <b>Team</b>"}, "cards": [ZOE, HANNA]}]},
    ],
)
def test_types_and_headings_that_speak_of_staff_lead_to_people_too(data: Any) -> None:
    assert of(data) == BOTH


@pytest.mark.parametrize("key", ["testimonials", "author", "blogPosts", "speakers", "customerStories", "kundenstimmen"])
def test_people_below_writers_customers_and_guests_are_left_out(key: str) -> None:
    assert of({"team": [ZOE], key: [HANNA]}) == BOTH[:1]
    assert of({"team": {key: [HANNA]}}) == []
    assert of({key: {"team": [HANNA]}}) == []


def test_people_below_a_heading_about_others_are_left_out() -> None:
    blocks = [{"heading": "What our clients say", "items": [HANNA]}, {"heading": "Our team", "items": [ZOE]}]
    assert of({"people": {"blocks": blocks}}) == BOTH[:1]


def test_one_who_wrote_a_post_and_is_on_the_team_is_found() -> None:
    assert of({"posts": [{"author": ZOE}], "team": [ZOE]}) == BOTH[:1]


def test_without_a_word_about_staff_only_a_team_page_has_people() -> None:
    data = {"blocks": [{"items": [ZOE, HANNA]}]}
    assert of(data) == []
    assert of(data, "our-team") == BOTH
    assert told(f"<title>Our team | Brightwater</title>{next_data(data)}", "p/7") == BOTH
    assert of(data, "team/testimonials") == []
    assert of({"items": [{**ZOE, "company": "Kestrel"}, {**HANNA, "quote": "Great!"}]}, "our-team") == []


def test_references_of_apollo_tell_who_is_who() -> None:
    cache = {
        "ROOT_QUERY": {"team": [{"__ref": "Profile:1"}], "posts": [{"author": {"__ref": "Person:2"}}]},
        "Profile:1": {"__typename": "Profile", "name": "Zoë Müller", "role": "Head of Marketing"},
        "Person:2": {"__typename": "Person", "name": "Hanna Nowak", "role": "Sales Manager"},
        "Profile:3": {"__typename": "Profile", "name": "Marta Holm", "role": "Buyer"},
    }
    assert told(f"<script>window.__APOLLO_STATE__={json.dumps(cache)}</script>") == BOTH[:1]


def test_people_who_left_are_left_out() -> None:
    assert of({"team": [ZOE, {"name": "Hanna Nowak", "role": "Former Sales Manager"}]}) == BOTH[:1]


@pytest.mark.parametrize(
    "node",
    [
        {"name": "Zoë", "role": "Head of Marketing"},
        {"name": "Our Products", "role": "Head of Marketing"},
        {"name": "Zoë Müller"},
        {"name": "Zoë Müller", "role": "admin"},
        {"name": "Zoë Müller", "title": "The best day of my life was in Rome."},
        {"title": "Zoë Müller"},
        {"role": "Head of Marketing"},
    ],
)
def test_an_object_without_a_full_name_and_a_role_is_nobody(node: dict[str, str]) -> None:
    assert of({"team": [node]}) == []


# How they are written -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "name", "title"),
    [
        ({"firstName": "Zoë", "lastName": "Müller", "position": "CEO"}, "Zoë Müller", "CEO"),
        ({"vorname": "Zoë", "nachname": "Müller", "funktion": "Geschäftsführerin"}, "Zoë Müller", "Geschäftsführerin"),
        ({"prenom": "Camille", "nom": "Delacroix", "poste": "Directrice"}, "Camille Delacroix", "Directrice"),
        ({"nom": "Camille Delacroix", "fonction": "Directrice"}, "Camille Delacroix", "Directrice"),
        ({"nombre": "Lucía", "apellidos": "Montero", "cargo": "Directora"}, "Lucía Montero", "Directora"),
        ({"nome": "Giulia", "cognome": "Bellandi", "ruolo": "Direttore"}, "Giulia Bellandi", "Direttore"),
        ({"imię": "Ewa", "nazwisko": "Mazurek", "stanowisko": "Prezes"}, "Ewa Mazurek", "Prezes"),
        ({"navn": "Ingrid Dahl", "stilling": "Daglig leder"}, "Ingrid Dahl", "Daglig leder"),
        ({"jméno": "Jana", "příjmení": "Pokorná", "pozice": "Ředitelka"}, "Jana Pokorná", "Ředitelka"),
        ({"title": "Hanna Nowak", "subtitle": "Sales Manager"}, "Hanna Nowak", "Sales Manager"),
        ({"name": "Hanna Nowak", "title": "Dr.", "job_title": "Sales Manager"}, "Hanna Nowak", "Sales Manager"),
        ({"fields": {"name": {"en-US": "Hanna Nowak"}, "role": {"en-US": "Buyer"}}}, "Hanna Nowak", "Buyer"),
        ({"attributes": {"full_name": "Hanna Nowak", "role": "Buyer"}}, "Hanna Nowak", "Buyer"),
        ({"node": {"displayName": "Hanna Nowak", "role": {"name": "Buyer"}}}, "Hanna Nowak", "Buyer"),
        ({"title": {"rendered": "Hanna Nowak"}, "acf": {"position": "Buyer"}}, "Hanna Nowak", "Buyer"),
        ({"name": [{"type": "heading1", "text": "Hanna Nowak"}], "role": ["Buyer"]}, "Hanna Nowak", "Buyer"),
        ({"name": "Zo&euml; M&uuml;ller", "role": "<p>Head of R&amp;amp;D</p>"}, "Zoë Müller", "Head of R&D"),
    ],
)
def test_names_and_titles_are_read_in_many_keys_and_wrappings(node: dict[str, Any], name: str, title: str) -> None:
    assert of({"team": [node]}) == [(name, title)]


def test_addresses_and_profiles_come_along() -> None:
    node = {**ZOE, "contact": {"eMail": "mailto:Zoe@Brightwater.example?subject=Hi"}}
    node["links"] = [{"url": "https://x.example/zoe"}, {"url": "https://www.linkedin.com/in/zoe-mueller/"}]
    (person,) = people(next_data({"team": [node]}))
    assert person.email == "zoe@brightwater.example"
    assert person.profile is not None
    assert person.profile.slug == "zoe-mueller"


def test_an_address_of_their_own_is_enough_on_a_team_without_titles() -> None:
    node = {"name": "Zoë Müller", "email": "zoe@brightwater.example"}
    assert of({"team": [node]}) == [("Zoë Müller", "")]
    assert of({"items": [node]}, "our-team") == []


def test_somebody_who_is_there_twice_is_one() -> None:
    assert told(next_data({"team": [ZOE]}) + next_data({"staff": [ZOE, HANNA]})) == BOTH


# Hostile data -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "null", "1", "[null, 1, true, [], {}]", '"text"', "NaN", "1" * 5_000,
        '{"team": null}', '{"team": [null, [[]]]}',
        '{"team": [{"name": null, "role": {}}]}', '{"team": [{"name": {"en": null}, "role": [[["x"]]]}]}',
        '{"team": [{"name": 5, "firstName": [], "lastName": {}, "title": {"rendered": 5}}]}',
        '{"__typename": {}, "__ref": [], "type": 7, "heading": {"a": {"b": {}}}}', '[["Reactive", 0]]', "[[[1], 1]]",
        '[["Ref", -1], {"a": 99, "b": true, "c": "x"}]', '{"team": [{"name": "\\ud800 Holm", "role": "CEO"}]}',
        "[" * 100_000, '{"team":' * 900 + "1" + "}" * 900,
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "wrap",
    [
        '<script type="application/json">%s</script>',
        '<script type="application/json" id="__NUXT_DATA__">%s</script>',
        "<script>window.x = %s</script>",
    ],
)
def test_malformed_data_holds_nobody_and_does_no_harm(wrap: str, data: str) -> None:
    assert told(wrap % data, "team") == []


def test_more_data_than_any_page_needs_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_state, "MAX_BYTES", 2_000)
    filling = json.dumps({"x": "y" * 1_980})
    assert of({"team": [ZOE]}) == BOTH[:1]
    assert told(f'<script type="application/json">{filling}</script>' + next_data({"team": [ZOE]})) == []


def test_objects_are_looked_at_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [{"a": {}} for _ in range(50)]
    assert of({"filling": many, "team": [ZOE]}) == BOTH[:1]
    monkeypatch.setattr(state_people, "MAX_NODES", 50)
    assert of({"filling": many, "team": [ZOE]}) == []
    assert of({"team": [ZOE], "filling": many}) == BOTH[:1]


def test_people_are_taken_up_to_a_number() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    team = [{"name": f"Anna Holm{one}{other}", "role": "Buyer"} for one in letters for other in letters]
    assert len(team) > state_people.MAX_PEOPLE
    assert len(of({"team": team})) == state_people.MAX_PEOPLE


def test_data_that_lies_deeper_than_any_page_puts_it_is_not_looked_at() -> None:
    data: Any = [ZOE]
    for _ in range(state_people.MAX_DEPTH):
        data = {"team": data}
    assert of(data) == []
    assert of(data["team"]["team"]["team"]) == BOTH[:1]
