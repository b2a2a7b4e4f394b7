"""The Norwegian register. Companies, numbers and people are invented."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from enrichment.discovery.base import Brand
from enrichment.discovery.public_index.registers.brreg import PATH, Brreg
from tests.discovery.public_index.registers.conftest import Serve
from tests.discovery.public_index.registers.desk import BRAND, NOW, answer, codes, facts, titles
from tests.kit.web import Content

NUMBER = "999000118"
UNIT: dict[str, Any] = {
    "organisasjonsnummer": NUMBER,
    "navn": "BRIGHTWATER AS",
    "organisasjonsform": {"kode": "AS", "beskrivelse": "Aksjeselskap"},
    "hjemmeside": "www.brightwater.no",
    "epostadresse": "post@brightwater.no",
    "naeringskode1": {"kode": "26.510", "beskrivelse": "Produksjon av måleinstrumenter"},
    "antallAnsatte": 42,
    "konkurs": False,
}


def role(code: str, first: str | None, last: str | None, **more: Any) -> dict[str, Any]:
    name = {"fornavn": first, "mellomnavn": "M", "etternavn": last}
    person = {"fodselsdato": "1981-01-01", "navn": name, "erDoed": more.pop("erDoed", False)}
    described = {"DAGL": "Daglig leder", "LEDE": "Styrets leder", "MEDL": "Styremedlem"}.get(code)
    return {"type": {"kode": code, "beskrivelse": described}, "person": person, "avregistrert": False, **more}


def pages(*roles: Any, unit: Any = UNIT, number: str = NUMBER) -> dict[str, Content]:
    groups = [{"type": {"kode": "STYR"}, "sistEndret": "2026-10-02", "roller": list(roles)}]
    return {f"{PATH}/{number}": answer(unit), f"{PATH}/{number}/roller": answer({"rollegrupper": groups})}


def test_officers_have_english_titles_and_the_registers_own_words_as_evidence(serve: Serve) -> None:
    desk = serve(pages(role("DAGL", "KARI", "EKSEMPEL"), role("LEDE", "Ola", "Prøve"), role("MEDL", "Liv", "Test")))
    found = desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    assert titles(found) == {
        "Kari Eksempel": "Managing Director",
        "Ola Prøve": "Chair of the Board",
        "Liv Test": "Board Member",
    }
    kari = found.people[0]
    assert (kari.seniority, kari.department, kari.decision_maker) == ("c_level", "executive", True)
    assert (kari.source, kari.method, kari.confidence) == ("public_index", "company_register", 89)
    assert [(item.field, item.value) for item in kari.evidence] == [
        ("name", "Kari Eksempel"),
        ("title", "Managing Director"),
    ]
    evidence = kari.evidence[1]
    assert evidence.snippet == "Daglig leder: Kari Eksempel (BRIGHTWATER AS)"
    assert evidence.url == f"{desk.base_url}{PATH}/{NUMBER}/roller"
    assert (evidence.source, evidence.seen_at) == ("brreg", NOW)


def test_what_the_register_says_about_the_company_is_kept(serve: Serve) -> None:
    desk = serve(pages())
    assert facts(desk.look_up(Brreg(base_url=desk.base_url), NUMBER)) == {
        "legal_name": "BRIGHTWATER AS",
        "register_number": NUMBER,
        "legal_form": "Aksjeselskap",
        "industry": "Produksjon av måleinstrumenter",
        "employees": "42",
    }


def test_somebody_of_two_roles_is_one_person_with_the_higher_title(serve: Serve) -> None:
    desk = serve(pages(role("MEDL", "Kari", "Eksempel"), role("DAGL", "KARI", "EKSEMPEL")))
    (person,) = desk.look_up(Brreg(base_url=desk.base_url), NUMBER).people
    assert person.title == "Managing Director"
    assert [item.value for item in person.evidence if item.field == "title"] == ["Managing Director", "Board Member"]


def test_auditors_deputies_companies_and_the_dead_are_left_out(serve: Serve) -> None:
    company = {"type": {"kode": "LEDE"}, "enhet": {"organisasjonsnummer": "999000126", "navn": ["STYRE AS"]}}
    desk = serve(
        pages(
            role("REVI", "Rolf", "Revisor"),
            role("VARA", "Vera", "Vara"),
            role("DAGL", "Dag", "Borte", erDoed=True),
            company,
        )
    )
    found = desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    assert found.people == found.departed == ()


def test_who_resigned_has_departed(serve: Serve) -> None:
    left = role("DAGL", "Per", "Gammel", fratraadt=True)
    desk = serve(pages(left, role("MEDL", "Kari", "Eksempel", avregistrert=True), role("DAGL", "Kari", "Eksempel")))
    found = desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    assert list(titles(found)) == ["Kari Eksempel"]
    (gone,) = found.departed
    assert (gone.name, [item.field for item in gone.evidence]) == ("Per Gammel", ["left"])


def test_a_company_of_another_name_is_not_the_brand(serve: Serve) -> None:
    desk = serve(pages(role("DAGL", "Kari", "Eksempel"), unit={**UNIT, "navn": "NETTBYRÅET AS"}))
    found = desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    assert found.people == found.company == ()
    assert codes(found) == ["other_company"]


def test_the_stated_website_makes_a_company_of_another_name_the_brand(serve: Serve) -> None:
    desk = serve(pages(role("DAGL", "Kari", "Eksempel"), unit={**UNIT, "navn": "NORDENFJELDSKE AS"}))
    found = desk.look_up(Brreg(base_url=desk.base_url), NUMBER, brand=Brand("Vannkikker", domain="brightwater.no"))
    assert list(titles(found)) == ["Kari Eksempel"]
    assert found.people[0].confidence == 89


def test_a_company_that_the_site_names_as_its_publisher_is_less_sure(serve: Serve) -> None:
    desk = serve(pages(role("DAGL", "Kari", "Eksempel"), unit={**UNIT, "navn": "NORDENFJELDSKE AS"}))
    snippet = "Brightwater drives av Nordenfjeldske AS, org.nr. 999 000 118"
    (person,) = desk.look_up(Brreg(base_url=desk.base_url), NUMBER, snippet=snippet).people
    assert person.confidence == 84


def test_an_unknown_or_deleted_company_is_nothing(serve: Serve) -> None:
    deleted = {"organisasjonsnummer": "999000126", "navn": "BRIGHTWATER AS", "slettedato": "2020-01-01"}
    gone = answer({"status": 410}, 410)
    desk = serve({f"{PATH}/999000126": answer(deleted), f"{PATH}/999000134": gone})
    found = desk.look_up(Brreg(base_url=desk.base_url), NUMBER, "999000126", "999000134")
    assert (found.people, found.company, found.diagnostics) == ((), (), ())
    assert len(desk.paths) == 3


def test_no_more_than_three_numbers_are_asked_for(serve: Serve) -> None:
    desk = serve({})
    numbers = ["999000118", "999000126", "999000134", "999000142"]
    desk.look_up(Brreg(base_url=desk.base_url), *numbers)
    assert desk.paths == [f"{PATH}/{number}" for number in numbers[:3]]


def test_a_number_that_is_none_never_becomes_part_of_an_address(serve: Serve) -> None:
    desk = serve({})
    desk.look_up(Brreg(base_url=desk.base_url), "../secret")
    assert desk.paths == []


def test_a_record_is_kept_for_a_day_without_birth_dates(serve: Serve) -> None:
    desk = serve(pages(role("DAGL", "Kari", "Eksempel")))
    first = desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    asked = len(desk.paths)
    again = desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    assert again == first
    assert len(desk.paths) == asked
    (kept,) = desk.answers.changed
    assert b"Eksempel" in kept.content
    assert b"1981" not in kept.content
    desk.now = NOW + timedelta(days=1)
    desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    assert len(desk.paths) == 2 * asked


def test_what_another_version_kept_is_asked_for_anew(serve: Serve) -> None:
    desk = serve(pages(role("DAGL", "Kari", "Eksempel")))
    desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    (kept,) = desk.answers.changed
    for content in (b'{"surprise": 1}', b"[1]", b"{", b'{"fetched_at": 3, "officers": null}'):
        desk.answers.put(replace(kept, content=content))
        assert list(titles(desk.look_up(Brreg(base_url=desk.base_url), NUMBER))) == ["Kari Eksempel"]


def test_that_a_number_is_unknown_is_kept_for_a_week(serve: Serve) -> None:
    desk = serve({})
    for days in (0, 6, 7):
        desk.now = NOW + timedelta(days=days)
        desk.look_up(Brreg(base_url=desk.base_url), NUMBER)
    assert len(desk.paths) == 2


def listing(*units: dict[str, Any]) -> Content:
    return answer({"_embedded": {"enheter": list(units)}, "page": {"totalElements": len(units)}})


def test_a_norwegian_brand_is_found_by_its_website_when_no_number_is_known(serve: Serve) -> None:
    stranger = {**UNIT, "organisasjonsnummer": "999000126", "hjemmeside": "www.brightwater.no.other.example"}
    stranger["epostadresse"] = None
    small = {**UNIT, "organisasjonsnummer": "999000134", "navn": "BW EIENDOM AS", "antallAnsatte": None}
    desk = serve(
        {
            **pages(role("DAGL", "Kari", "Eksempel")),
            **pages(unit=small, number="999000134"),
            f"{PATH}?hjemmeside=www.brightwater.no&size=20": listing(small, stranger, UNIT),
        }
    )
    brand = Brand("Brightwater", domain="brightwater.no")
    found = desk.look_up(Brreg(base_url=desk.base_url), brand=brand)
    assert list(titles(found)) == ["Kari Eksempel"]
    assert found.people[0].confidence == 89
    assert [path for path in desk.paths if "?" not in path and "roller" not in path] == [
        f"{PATH}/{NUMBER}",
        f"{PATH}/999000134",
    ]


def test_the_website_is_looked_for_without_www_too_and_an_empty_result_is_nothing(serve: Serve) -> None:
    desk = serve({PATH: answer({"_links": {}, "page": {"totalElements": 0}})})
    found = desk.look_up(Brreg(base_url=desk.base_url), brand=replace(BRAND, region="NO"))
    assert (found.people, found.diagnostics) == ((), ())
    assert desk.paths == [
        f"{PATH}?hjemmeside=www.brightwater.example&size=20",
        f"{PATH}?hjemmeside=brightwater.example&size=20",
    ]


def test_a_brand_from_elsewhere_is_not_searched_for(serve: Serve) -> None:
    desk = serve({})
    desk.look_up(Brreg(base_url=desk.base_url))
    assert desk.paths == []


def test_a_stopped_source_asks_nobody(serve: Serve) -> None:
    desk = serve(pages())
    desk.look_up(Brreg(base_url=desk.base_url), NUMBER, stopped=lambda: True)
    assert desk.paths == []
