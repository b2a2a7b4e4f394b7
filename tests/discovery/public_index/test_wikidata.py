"""Wikidata on loopback, in the form of its Action API. Companies and people are invented."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, Context, Findings, SourceError
from enrichment.discovery.clues import CZ_ICO, FR_SIREN, GB_COMPANY, NO_ORGNR, US_CIK, Clues
from enrichment.discovery.public_index.wikidata import WikidataSource
from tests.kit.web import Content, Page, Raw, Request, WebServer

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AGENT = "tests/1.0 (ops@example.com)"
BRAND = Brand(
    "Acme Robotics", "https://www.acme.example/", "acme.example", "https://www.linkedin.com/company/acme-robotics"
)
ACME, KARI, OLA, LIV, PART = "Q900000001", "Q900000010", "Q900000011", "Q900000012", "Q900000020"
Json = dict[str, Any]


def claim(value: Any, kind: str = "string", rank: str = "normal", refs: bool = False, **qualifiers: Any) -> Json:
    made: Json = {
        "type": "statement",
        "rank": rank,
        "mainsnak": {"snaktype": "value", "datavalue": {"value": value, "type": kind}},
    }
    made["qualifiers"] = {name: [snak] for name, snak in qualifiers.items()}
    if refs:
        source = {"snaktype": "value", "datavalue": {"value": "https://www.acme.example/news", "type": "string"}}
        made["references"] = [{"hash": "r1", "snaks": {"P854": [source]}}]
    return made


def to(key: str, **more: Any) -> Json:
    return claim({"entity-type": "item", "id": key}, "wikibase-entityid", **more)


def on(moment: str) -> Json:
    return {"snaktype": "value", "datavalue": {"value": {"time": moment, "precision": 9}, "type": "time"}}


def entity(key: str, name: str, language: str = "en", **claims: Any) -> Json:
    labels = {language: {"language": language, "value": name}}
    return {"type": "item", "id": key, "labels": labels, "claims": claims or []}


def human(key: str, name: str, language: str = "en", **claims: Any) -> Json:
    return entity(key, name, language, P31=[to("Q5")], P569=[claim("1970-01-01")], **claims)


def acme(**claims: Any) -> Json:
    return entity(ACME, "Acme Robotics", P856=[claim("https://www.acme.example/")], **claims)


@dataclass
class Wiki:
    """What the server knows, and what it was asked. `by_site`, `by_name`: the items that the searches bring."""

    entities: dict[str, Any]
    by_site: list[str] = field(default_factory=lambda: [ACME])
    by_name: list[str] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    clues: Clues = field(default_factory=Clues)
    calls: list[dict[str, str]] = field(default_factory=list)
    reply: Content | None = None
    server: Any = None
    client: Any = None

    def answer(self, request: Request) -> Page:
        assert request.path.startswith("/w/api.php?")
        query = {name: value[0] for name, value in parse_qs(urlsplit(request.path).query).items()}
        self.calls.append(query)
        assert query["format"] == "json"
        return Page(json.dumps(self.body(query)), media_type="application/json")

    def body(self, query: dict[str, str]) -> Any:
        if query["action"] == "query":
            hits = [{"ns": 0, "title": key} for key in self.by_site]
            return {"batchcomplete": True, "query": {"search": hits}}
        if query["action"] == "wbsearchentities":
            return {
                "search": [{"id": key, "label": "x", "description": "founder (born 1970)"} for key in self.by_name],
                "success": 1,
            }
        asked = query["ids"].split("|")
        assert len(asked) <= 50
        return {"entities": {key: self.entities.get(key, {"id": key, "missing": ""}) for key in asked}, "success": 1}

    def find(self, brand: Brand = BRAND, **options: Any) -> Findings:
        source = WikidataSource(base_url=f"http://{self.server.address}", user_agent=AGENT)
        context = Context(
            self.client, clues=self.clues, answers=self.answers, now=lambda: NOW, sleep=lambda _s: None, **options
        )
        return source.find(brand, context)


Open = Callable[..., Wiki]


@pytest.fixture
def wiki() -> Iterator[Open]:
    started: list[Wiki] = []

    def start(*entities: Json, **options: Any) -> Wiki:
        made = Wiki({one["id"]: one for one in entities}, **options)
        made.server = WebServer({"*": {"/w/api.php": made.reply or made.answer}})
        made.server.__enter__()
        made.client = Client(Config(AGENT, timeout=5.0), Resolver(["127.0.0.1:1"]))
        started.append(made)
        return made

    yield start
    for made in started:
        made.client.close()
        made.server.__exit__(None, None, None)


def titles(found: Findings) -> dict[str, str | None]:
    return {person.name: person.title for person in found.people}


def test_who_leads_the_company_is_found_by_its_website_with_the_evidence(wiki: Open) -> None:
    open_one = wiki(
        acme(P169=[to(KARI, refs=True, rank="preferred", P580=on("+2023-04-00T00:00:00Z"))], P112=[to(OLA)]),
        human(KARI, "Kari Eksempel", P6634=[claim("Kari-Eksempel-1")]),
        human(OLA, "Ola van der Prøve", "mul"),
    )
    found = open_one.find()
    assert titles(found) == {"Kari Eksempel": "Chief Executive Officer", "Ola van der Prøve": "Founder"}
    kari, ola = found.people
    assert (kari.source, kari.method, kari.confidence, kari.decision_maker) == ("public_index", "wikidata", 86, True)
    assert (kari.linkedin_url, kari.linkedin_id) == ("https://www.linkedin.com/in/Kari-Eksempel-1", "kari-eksempel-1")
    assert (ola.last_name, ola.confidence, ola.seniority) == ("van der Prøve", 70, "founder")
    title = next(item for item in kari.evidence if item.field == "title")
    assert title.snippet == (
        "Kari Eksempel: Chief Executive Officer (P169), since 2023-04, reference: https://www.acme.example/news"
    )
    assert title.url == f"http://{open_one.server.address}/wiki/{ACME}"
    assert (title.source, title.seen_at) == ("wikidata", NOW)


def test_every_form_of_the_websites_address_is_searched_within_the_length_allowed(wiki: Open) -> None:
    brand = Brand("Long", f"https://www.{'a' * 40}.example/", f"{'a' * 40}.example")
    opened = wiki(by_site=[])
    opened.find(brand)
    searches = [call["srsearch"] for call in opened.calls if call["action"] == "query"]
    assert all(len(search) <= 300 for search in searches)
    terms = [term for search in searches for term in search.removeprefix("haswbstatement:").split("|")]
    assert len(set(terms)) == 8
    assert f"P856=http://{'a' * 40}.example" in terms


def test_an_item_found_by_its_website_needs_no_search_by_name(wiki: Open) -> None:
    opened = wiki(acme())
    opened.find()
    assert [call["action"] for call in opened.calls] == ["query", "wbgetentities"]
    assert {call["maxlag"] for call in opened.calls} == {"5"}


@pytest.mark.parametrize(
    ("website", "term"),
    [
        ("https://www.platform.example/acme", "P856=https://www.platform.example/acme"),
        ("https://www.acme.example/en-us/", "P856=https://www.acme.example/"),
        ("https://acme.example/index.html", "P856=https://acme.example"),
    ],
)
def test_a_path_belongs_to_the_address_unless_it_is_the_front_pages(wiki: Open, website: str, term: str) -> None:
    opened = wiki(by_site=[])
    opened.find(Brand("Acme", website, "platform.example"))
    terms = opened.calls[0]["srsearch"].removeprefix("haswbstatement:").split("|")
    assert term in terms
    assert ("P856=https://www.platform.example/" in terms) is False


@pytest.mark.parametrize("website", ["http://[", "https://acme.example/a|b", f"https://{'a.' * 200}example/"])
def test_an_address_that_no_search_can_hold_is_not_searched(wiki: Open, website: str) -> None:
    opened = wiki(by_name=[ACME])
    assert opened.find(Brand("Acme", website, "acme.example", "https://[")) == Findings()
    assert [call["action"] for call in opened.calls] == ["wbsearchentities", "wbgetentities"]


def test_of_several_items_with_the_website_the_living_company_is_taken(wiki: Open) -> None:
    site = [claim("https://www.acme.example/")]
    founder = human("Q5551", "Acme Robotics", P856=site, P169=[to(LIV)])
    old = entity("Q5552", "Acme Robotics", P856=site, P576=[claim("x")], P169=[to(LIV)])
    product = entity("Q5553", "Acme Arm", P856=site)
    keys = ["Q5551", "Q5552", "Q5553", ACME]
    everybody = (founder, old, product, acme(P169=[to(KARI)]), human(KARI, "Kari Eksempel"), human(LIV, "Liv Test"))
    assert titles(wiki(*everybody, by_site=keys).find()) == {"Kari Eksempel": "Chief Executive Officer"}


def test_hits_that_are_no_items_are_not_asked_for(wiki: Open) -> None:
    opened = wiki(acme(P169=[to(KARI)]), human(KARI, "Kari Eksempel"), by_site=["../x", "P856", "Q1|Q2", ACME])
    assert titles(opened.find()) == {"Kari Eksempel": "Chief Executive Officer"}
    assert opened.calls[1]["ids"] == ACME


def test_a_namesake_counts_only_with_the_brands_domain_or_linkedin_page(wiki: Open) -> None:
    stranger = entity("Q5551", "Acme Robotics", P856=[claim("https://acme-robotics.example/")], P169=[to(KARI)])
    by_page = entity("Q5552", "Acme Robotics", P4264=[claim("Acme-Robotics")], P169=[to(OLA)])
    people = (human(KARI, "Kari Eksempel"), human(OLA, "Ola Prøve"))
    found = wiki(stranger, by_page, *people, by_site=[], by_name=["Q5551", "Q5552"]).find()
    assert titles(found) == {"Ola Prøve": "Chief Executive Officer"}
    assert wiki(stranger, *people, by_site=[], by_name=["Q5551"]).find() == Findings()
    unknown = wiki(by_site=[], by_name=["Q5551"])
    assert unknown.find(Brand("Acme Robotics")) == Findings()
    assert unknown.calls == [], "a name alone proves nothing"


@pytest.mark.parametrize(
    ("statement", "holds", "left"),
    [
        (to(KARI), True, False),
        (to(KARI, rank="deprecated"), False, False),
        (to(KARI, P582=on("+2024-01-01T00:00:00Z")), False, True),
        (to(KARI, P582={"snaktype": "somevalue"}), False, True),
        (to(KARI, P582={"snaktype": "novalue"}), True, False),
        (to(KARI, P582=on("+2027-01-01T00:00:00Z")), True, False),
        (to(KARI, P580=on("+2027-01-01T00:00:00Z")), False, False),
        (to(KARI, P580=on("+00000002001-00-00T00:00:00Z")), True, False),
    ],
)
def test_what_is_over_not_begun_or_deprecated_does_not_hold(
    wiki: Open, statement: Json, holds: bool, left: bool
) -> None:
    found = wiki(acme(P169=[statement]), human(KARI, "Kari Eksempel")).find()
    assert bool(found.people) is holds
    assert [person.name for person in found.departed] == (["Kari Eksempel"] if left else [])
    if left:
        (evidence,) = found.departed[0].evidence
        assert (evidence.field, evidence.value) == ("left", "Chief Executive Officer")


def test_preferred_statements_stand_alone_and_of_several_leaders_the_latest_counts(wiki: Open) -> None:
    people = (human(KARI, "Kari Eksempel"), human(OLA, "Ola Prøve"), human(LIV, "Liv Test"))
    preferred = wiki(acme(P488=[to(KARI), to(OLA, rank="preferred")]), *people).find()
    assert titles(preferred) == {"Ola Prøve": "Chairperson"}
    dated = [to(KARI, P580=on("+2015-00-00T00:00:00Z")), to(OLA, P580=on("+2022-00-00T00:00:00Z")), to(LIV)]
    assert titles(wiki(acme(P169=dated), *people).find()) == {"Ola Prøve": "Chief Executive Officer"}


def test_who_left_is_told_beside_a_preferred_successor_with_the_end(wiki: Open) -> None:
    said = [
        to(KARI, P580=on("+2010-00-00T00:00:00Z"), P582=on("+2021-03-00T00:00:00Z")),
        to(OLA, rank="preferred"),
        to(LIV, rank="deprecated", P582=on("+2021-03-00T00:00:00Z")),
    ]
    people = (human(KARI, "Kari Eksempel"), human(OLA, "Ola Prøve"), human(LIV, "Liv Test"))
    found = wiki(acme(P169=said), *people).find()
    assert titles(found) == {"Ola Prøve": "Chief Executive Officer"}
    (kari,) = found.departed
    assert kari.evidence[0].snippet == ("Kari Eksempel: Chief Executive Officer (P169), since 2010, until 2021-03")


def test_who_may_still_hold_another_office_has_not_left(wiki: Open) -> None:
    ended = to(KARI, P582=on("+2024-01-01T00:00:00Z"))
    for other in (to(KARI, P580=on("+2027-01-01T00:00:00Z")), to(KARI, P580=on("+2015-00-00T00:00:00Z"))):
        chiefs = [other, to(OLA, P580=on("+2022-00-00T00:00:00Z"))]
        found = wiki(acme(P3320=[ended], P169=chiefs), human(KARI, "Kari Eksempel"), human(OLA, "Ola Prøve")).find()
        assert titles(found) == {"Ola Prøve": "Chief Executive Officer"}
        assert found.departed == ()


def test_somebody_who_left_one_office_for_another_has_not_left(wiki: Open) -> None:
    ended = to(KARI, P582=on("+2024-01-01T00:00:00Z"))
    found = wiki(acme(P169=[ended], P488=[to(KARI)]), human(KARI, "Kari Eksempel")).find()
    assert titles(found) == {"Kari Eksempel": "Chairperson"}
    assert found.departed == ()


def test_somebody_of_several_offices_has_the_highest_and_evidence_of_all(wiki: Open) -> None:
    (kari,) = wiki(acme(P3320=[to(KARI)], P169=[to(KARI)]), human(KARI, "Kari Eksempel")).find().people
    assert kari.title == "Chief Executive Officer"
    assert {item.value for item in kari.evidence if item.field == "title"} == {
        "Chief Executive Officer",
        "Board Member",
    }


def test_the_dead_what_is_no_human_and_names_of_one_word_are_left_out(wiki: Open) -> None:
    dead = human(KARI, "Kari Eksempel", P570=[claim("x", P582={"snaktype": "somevalue"})])
    holding = entity(OLA, "Acme Holding", P31=[to("Q4830453")])
    found = wiki(acme(P169=[to(KARI)], P112=[to(OLA), to(LIV), to("Q404")]), dead, holding, human(LIV, "Cher")).find()
    assert found.people == found.departed == ()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("KARI EKSEMPEL", ("Kari", "Eksempel")),
        ("Kari Eksempel (businesswoman)", ("Kari", "Eksempel")),
        ("Ola Prøve, Jr.", ("Ola", "Prøve")),
        ("\u200eWillem van der Berg", ("Willem", "van der Berg")),
        ("山田太郎", ("太郎", "山田")),
        ("Cher", None),
        ("Q900000010", None),
        ("Agent 007", None),
        ("Kari " + "x" * 500, None),
    ],
)
def test_a_label_is_split_into_a_name_or_is_none(wiki: Open, label: str, name: tuple[str, str] | None) -> None:
    found = wiki(acme(P169=[to(KARI)]), human(KARI, label)).find()
    assert [(person.first_name, person.last_name) for person in found.people] == ([name] if name else [])


def test_a_full_name_in_another_language_stands_in_for_a_short_label(wiki: Open) -> None:
    kari = human(KARI, "Kari")
    kari["labels"]["nb"] = {"language": "nb", "value": "Kari Eksempel"}
    opened = wiki(acme(P169=[to(KARI)]), kari)
    assert list(titles(opened.find())) == ["Kari Eksempel"]
    assert opened.calls[-1]["languages"].startswith("en|mul|")


@pytest.mark.parametrize("slug", ["a/../b", "", "x" * 200, "kari eksempel", 'kari"', "me", "kari?x=1"])
def test_an_id_that_is_no_profile_is_left_out(wiki: Open, slug: str) -> None:
    (kari,) = wiki(acme(P169=[to(KARI)]), human(KARI, "Kari Eksempel", P6634=[claim(slug)])).find().people
    assert (kari.linkedin_url, kari.linkedin_id) == (None, None)


@pytest.mark.parametrize(
    ("said", "exists"),
    [
        ({"snaktype": "somevalue"}, False),
        ({"snaktype": "novalue"}, True),
        (on("+2020-01-01T00:00:00Z"), False),
        (on("+2027-01-01T00:00:00Z"), True),
    ],
)
def test_a_company_that_is_no_more_has_nobody_and_no_clues(wiki: Open, said: Json, exists: bool) -> None:
    company = acme(P576=[{"mainsnak": said}], P169=[to(KARI)], P5531=[claim("1234567")])
    opened = wiki(company, human(KARI, "Kari Eksempel"))
    found = opened.find()
    assert (found != Findings()) is exists
    assert bool(list(opened.clues.follow(US_CIK, lambda: False))) is exists


def test_clues_are_up_before_the_people_are_asked_for(wiki: Open) -> None:
    opened = wiki(acme(P169=[to(KARI)], P5531=[claim("1234567")]))
    whole = opened.body
    seen: list[bool] = []

    def body(query: dict[str, str]) -> Any:
        if query.get("ids") == KARI:
            seen.append(bool(list(opened.clues.follow(US_CIK, lambda: False))))
        return whole(query)

    opened.body = body  # type: ignore[method-assign]
    opened.find()
    assert seen == [True]


def test_told_to_stop_it_asks_nothing_more(wiki: Open) -> None:
    opened = wiki(acme(P169=[to(KARI)], P1128=[claim({"amount": "+420"})]), human(KARI, "Kari Eksempel"))
    found = opened.find(stopped=lambda: len(opened.calls) >= 2)
    assert len(opened.calls) == 2
    assert (found.people, [fact.value for fact in found.company]) == ((), ["420"])
    opened.answers = Answers()
    assert opened.find(stopped=lambda: True) == Findings()


def test_replies_of_many_megabytes_are_read(wiki: Open) -> None:
    kari = human(KARI, "Kari Eksempel", P9999=[claim("x" * 6_000_000)])
    opened = wiki(acme(P169=[to(KARI)]), kari)
    assert list(titles(opened.find())) == ["Kari Eksempel"]
    assert sum(len(kept.content) for kept in opened.answers.changed) < 10_000


def test_facts_about_the_company_come_with_their_labels(wiki: Open) -> None:
    size = [
        claim({"amount": "+420", "unit": "1"}, P585=on("+2025-00-00T00:00:00Z")),
        claim({"amount": "+7", "unit": "1"}),
    ]
    found = wiki(
        acme(P452=[to(PART)], P749=[to("Q900000021")], P1128=size),
        entity(PART, "robotics industry"),
        entity("Q900000021", "Acme Holding"),
    ).find()
    assert {fact.field: fact.value for fact in found.company} == {
        "industry": "robotics industry",
        "parent": "Acme Holding",
        "employees": "420",
    }


def test_numbers_for_the_registers_are_put_up_as_clues(wiki: Open) -> None:
    opened = wiki(
        acme(
            P2333=[claim("999 000 118"), claim("999000119")],
            P5531=[claim("0001234567")],
            P1616=[claim("../x"), claim("ABCDEFGHI")],
            P2622=[claim("1234567"), claim("sc123456"), claim("123456789")],
            P4156=[claim("12345678")],
        )
    )
    opened.find()
    assert [clue.value for clue in opened.clues.follow(GB_COMPANY, lambda: False)] == ["01234567", "SC123456"]
    assert list(opened.clues.follow(FR_SIREN, lambda: False)) == []
    assert list(opened.clues.follow(CZ_ICO, lambda: False)) == [], "the check digit is wrong"
    assert [clue.value for clue in opened.clues.follow(NO_ORGNR, lambda: False)] == ["999000118"]
    assert [clue.value for clue in opened.clues.follow(US_CIK, lambda: False)] == ["1234567"]


def test_hundreds_of_people_are_asked_for_fifty_at_a_time_up_to_a_hundred(wiki: Open) -> None:
    keys = [f"Q{800000000 + number}" for number in range(300)]
    people = [human(key, f"Kari {chr(65 + at % 26)}{chr(97 + at // 26)}prøve") for at, key in enumerate(keys)]
    opened = wiki(acme(P3320=[to(key) for key in keys]), *people)
    assert len(opened.find().people) == 100


def test_a_merged_item_is_found_under_its_new_id(wiki: Open) -> None:
    opened = wiki(acme(P169=[to(KARI)]))
    opened.entities[KARI] = human(OLA, "Kari Eksempel")
    assert titles(opened.find()) == {"Kari Eksempel": "Chief Executive Officer"}


def test_a_second_look_within_a_day_asks_nothing_and_no_birth_date_is_kept(wiki: Open) -> None:
    opened = wiki(acme(P169=[to(KARI)]), human(KARI, "Kari Eksempel"), by_site=[], by_name=[ACME])
    first = opened.find()
    assert first.people
    opened.calls.clear()
    assert opened.find() == first
    assert opened.calls == []
    assert not any(b"1970" in kept.content for kept in opened.answers.changed)


def test_with_the_public_address_and_no_contact_nothing_is_sent() -> None:
    with WebServer({}) as server:
        client = Client(
            Config("Anonymous/1.0", overrides={"www.wikidata.org": server.endpoint}), Resolver(["127.0.0.1:1"])
        )
        with pytest.raises(SourceError) as raised:
            WikidataSource(user_agent="Anonymous/1.0 (set it)").find(BRAND, Context(client))
        assert raised.value.diagnostic.code == "no_contact"
        assert "ENRICHMENT_USER_AGENT" in raised.value.diagnostic.sentence
        assert server.requests == []
        for contact in ("ops@acme.example", "https://acme.example/bot"):
            with pytest.raises(SourceError) as raised:
                WikidataSource(user_agent=f"Acme/1.0 ({contact})").find(BRAND, Context(client))
            assert raised.value.diagnostic.code != "no_contact"
        client.close()
    assert len(server.requests) == 2


def lag() -> Page:
    return Page(json.dumps({"error": {"code": "maxlag", "info": "6 seconds lagged"}}), media_type="application/json")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Page("slow down", 429, {"Retry-After": "18"}, "text/plain"), "rate_limited"),
        (Page("who are you?", 403, {}, "text/plain"), "blocked"),
        (Page("<html>", 502), "unavailable"),
        (lag(), "unavailable"),
        (Page('{"error":{"code":"ratelimited"}}', media_type="application/json"), "rate_limited"),
        (Page('{"error":{"code":"internal_api_error_DBQueryError"}}', media_type="application/json"), "unavailable"),
        (Page('{"error":{"code":null}}', media_type="application/json"), "http_status"),
        (Page("{}", media_type="application/json"), "malformed"),
        (Page('{"query":null}', media_type="application/json"), "malformed"),
        (Page("null", media_type="application/json"), "malformed"),
        (Page("[" * 100_000, media_type="application/json"), "malformed"),
        (Page('{"error":{"code":"no-such-entity"}}', media_type="application/json"), "http_status"),
        (Page('{"error":"odd"}', media_type="application/json"), "malformed"),
        (Page("<html>timeout</html>"), "malformed"),
        (Page("[]", media_type="application/json"), "malformed"),
        (Raw(lambda connection: connection.close()), "unreachable"),
    ],
)
def test_what_goes_wrong_has_a_code_and_is_not_kept(wiki: Open, reply: Content, code: str) -> None:
    opened = wiki(reply=reply)
    with pytest.raises(SourceError) as raised:
        opened.find()
    assert raised.value.diagnostic.code == code
    assert opened.answers.changed == ()


ODD: tuple[Any, ...] = (None, [], {}, "", "x", 7, -1.5, True, [None], {"value": None}, [[[]]])


def damaged(value: Any, rng: random.Random, share: float) -> Any:
    if rng.random() < share:
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {key: damaged(one, rng, share) for key, one in value.items() if rng.random() > share}
    if isinstance(value, list):
        return [damaged(one, rng, share) for one in value]
    return value


def test_replies_damaged_anywhere_never_raise_anything_but_source_errors(wiki: Open) -> None:
    whole = wiki(
        acme(
            P169=[to(KARI, refs=True, rank="preferred", P580=on("+2023-04-00T00:00:00Z"))],
            P3320=[to(OLA, P582=on("+2020-00-00T00:00:00Z"))],
            P1128=[claim({"amount": "+420"}, P585=on("+2025-00-00T00:00:00Z"))],
            P452=[to(PART)],
            P2333=[claim("999000118")],
        ),
        human(KARI, "Kari Eksempel", P6634=[claim("kari-1")]),
        human(OLA, "Ola Prøve"),
        entity(PART, "robotics industry"),
    )
    good = whole.body
    rng = random.Random(4)
    whole.body = lambda query: damaged(good(query), rng, 0.04)  # type: ignore[method-assign]
    outcomes = set()
    for _ in range(300):
        whole.answers = Answers()
        try:
            outcomes.add(len(whole.find().people))
        except SourceError as error:
            outcomes.add(error.diagnostic.code)
    assert {0, 1} <= outcomes, "some were too damaged to be read, and some were not"


def test_what_is_kept_is_asked_again_after_a_day(wiki: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = wiki(acme())
    opened.find()
    opened.calls.clear()
    monkeypatch.setitem(globals(), "NOW", NOW + timedelta(days=1, seconds=1))
    opened.find()
    assert opened.calls
