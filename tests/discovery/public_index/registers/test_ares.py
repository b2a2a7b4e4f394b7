"""The Czech registers. Companies, numbers and people are invented."""

from typing import Any

import pytest

from enrichment.discovery.answers import Answers
from enrichment.discovery.public_index.registers import ares
from enrichment.discovery.public_index.registers.ares import PATH, Ares
from tests.discovery.public_index.registers.conftest import Serve
from tests.discovery.public_index.registers.desk import answer, codes, facts, titles
from tests.kit.web import Content

NUMBER = "87654300"
SUBJECT: dict[str, Any] = {
    "ico": NUMBER,
    "obchodniJmeno": "Brightwater s.r.o.",
    "pravniForma": "112",
    "datumVzniku": "2005-03-01",
    "sidlo": {"textovaAdresa": "Praha 1"},
}


def member(first: Any, last: Any, function: Any = "jednatel", **more: Any) -> dict[str, Any]:
    role = {"nazev": function, "vznikFunkce": "2021-02-01", "zanikFunkce": more.pop("until", None)}
    return {
        "datumZapisu": "2021-02-16",
        "fyzickaOsoba": {
            "jmeno": first,
            "prijmeni": last,
            "titulPredJmenem": "Ing.",
            "datumNarozeni": "1980-05-04",
        },
        "clenstvi": {"clenstvi": {"vznikClenstvi": "2021-02-01"}, "funkce": role},
        **more,
    }


def pages(*members: Any, subject: Any = SUBJECT, **body: Any) -> dict[str, Content]:
    statutory = {"nazevOrganu": "Statutární orgán", "clenoveOrganu": list(members), **body}
    council = {"nazevOrganu": "Dozorčí rada", "clenoveOrganu": [member("DANA", "DOZORČÍ")]}
    former = {"primarniZaznam": False, "statutarniOrgany": [{"clenoveOrganu": [member("PETR", "DŘÍVĚJŠÍ")]}]}
    primary = {"primarniZaznam": True, "statutarniOrgany": [statutory], "ostatniOrgany": [council], "spolecnici": []}
    return {
        f"{PATH}/ekonomicke-subjekty/{NUMBER}": answer(subject),
        f"{PATH}/ekonomicke-subjekty-vr/{NUMBER}": answer({"icoId": NUMBER, "zaznamy": [former, primary]}),
    }


def test_the_statutory_body_of_the_primary_record_is_read(serve: Serve) -> None:
    desk = serve(pages(member("JAN", "PŘÍKLAD"), member("Eva", "Vzorová", "Předseda představenstva")))
    found = desk.look_up(Ares(base_url=desk.base_url), NUMBER)
    assert titles(found) == {"Jan Příklad": "Managing Director", "Eva Vzorová": "Chair of the Management Board"}
    jan = found.people[0]
    assert (jan.confidence, jan.decision_maker) == (89, True)
    assert jan.evidence[0].snippet == "jednatel: Jan Příklad (Brightwater s.r.o.), since 2021-02-01"
    assert jan.evidence[0].url == f"{desk.base_url}{PATH}/ekonomicke-subjekty-vr/{NUMBER}"
    assert facts(found) == {
        "legal_name": "Brightwater s.r.o.",
        "register_number": NUMBER,
        "legal_form": "s.r.o.",
    }
    (kept,) = desk.answers.changed
    assert b"1980" not in kept.content


def test_the_role_is_the_function_else_the_engagement_else_the_bodys(serve: Serve) -> None:
    engaged = {**member("JAN", "PŘÍKLAD", None), "nazevAngazma": "jednatel"}
    bare = {**member("EVA", "VZOROVÁ", None), "clenstvi": None}
    desk = serve(pages(engaged, bare))
    assert titles(desk.look_up(Ares(base_url=desk.base_url), NUMBER)) == {
        "Jan Příklad": "Managing Director",
        "Eva Vzorová": "Statutární orgán",
    }


def test_deleted_members_and_ended_functions_have_departed(serve: Serve) -> None:
    desk = serve(
        pages(
            member("EVA", "BÝVALÁ", until="2021-01-31", datumVymazu="2021-02-16"),
            member("IVO", "SMAZANÝ", datumVymazu="2022-02-16"),
            member("JAN", "PŘÍKLAD", datumVymazu="2020-02-16"),
            member("JAN", "PŘÍKLAD", until="2027-01-01"),
        )
    )
    found = desk.look_up(Ares(base_url=desk.base_url), NUMBER)
    assert list(titles(found)) == ["Jan Příklad"]
    assert [(person.name, person.evidence[0].value) for person in found.departed] == [
        ("Ivo Smazaný", "2022-02-16"),
        ("Eva Bývalá", "2021-01-31"),
    ]


def test_a_deleted_body_and_companies_in_office_are_left_out(serve: Serve) -> None:
    desk = serve(pages(member("JAN", "PŘÍKLAD"), datumVymazu="2020-01-01"))
    assert desk.look_up(Ares(base_url=desk.base_url), NUMBER).people == ()
    corporate = {"datumZapisu": "2021-02-16", "pravnickaOsoba": {"obchodniJmeno": "Správa a.s."}}
    desk = serve(pages(corporate))
    assert desk.look_up(Ares(base_url=desk.base_url), NUMBER).people == ()


def test_an_unknown_company_is_nothing(serve: Serve) -> None:
    missing = {"kod": "NENALEZENO", "subKod": "VYSTUP_SUBJEKT_NENALEZEN", "popis": "…"}
    desk = serve({f"{PATH}/ekonomicke-subjekty/{NUMBER}": answer(missing, 404)})
    found = desk.look_up(Ares(base_url=desk.base_url), NUMBER)
    assert (found.people, codes(found)) == ((), [])


def test_a_company_that_ended_is_nothing(serve: Serve) -> None:
    desk = serve(pages(member("JAN", "PŘÍKLAD"), subject={**SUBJECT, "datumZaniku": "2024-01-01"}))
    assert desk.look_up(Ares(base_url=desk.base_url), NUMBER).company == ()


def test_a_company_outside_the_public_register_has_no_officers(serve: Serve) -> None:
    desk = serve({f"{PATH}/ekonomicke-subjekty/{NUMBER}": answer(SUBJECT)})
    found = desk.look_up(Ares(base_url=desk.base_url), NUMBER)
    assert found.people == ()
    assert facts(found)["legal_name"] == "Brightwater s.r.o."


def test_requests_are_a_second_apart_at_the_public_address_only(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = serve(pages(member("JAN", "PŘÍKLAD")))
    desk.look_up(Ares(base_url=desk.base_url), NUMBER)
    assert desk.slept == []
    monkeypatch.setattr(ares, "BASE_URL", desk.base_url)
    desk.answers = Answers()
    desk.look_up(Ares(base_url=desk.base_url), NUMBER)
    assert len(desk.slept) == 1
    assert 0 < desk.slept[0] <= 1.0
