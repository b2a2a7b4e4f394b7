"""The Slovak register. Companies, numbers and people are invented."""

from typing import Any

import pytest

from enrichment.discovery.public_index.registers.rpo import PATH, Rpo
from tests.discovery.public_index.registers.conftest import Serve
from tests.discovery.public_index.registers.desk import answer, codes, facts, titles
from tests.kit.web import Content

NUMBER = "87654300"
ENTITY = f"{PATH}/entity/937053?showHistoricalData=false&showOrganizationUnits=false"


def holder(whole: Any, role: Any = "konateľ", until: Any = None, **parts: Any) -> dict[str, Any]:
    return {
        "stakeholderType": {"value": role, "code": "1"},
        "validFrom": "2019-01-01",
        "validTo": until,
        "personName": {"formatedName": whole, **parts},
        "address": {"formatedAddress": "Tajná 1"},
    }


def pages(*holders: Any, **more: Any) -> dict[str, Content]:
    entity = {
        "id": 937053,
        "identifiers": [{"value": NUMBER}],
        "fullNames": [{"value": "Stará Voda s.r.o.", "validTo": "2001-01-01"}, {"value": "Brightwater, spol. s r.o."}],
        "legalForms": [{"value": {"value": "Spol. s r. o.", "code": "112"}}],
        "termination": None,
        "statutoryBodies": list(holders),
        **more,
    }
    other = {"id": 1, "identifiers": [{"value": "87654318"}]}
    hit = {"id": 937053, "identifiers": [{"value": NUMBER}], "fullNames": [{"value": "Brightwater, spol. s r.o."}]}
    return {
        f"{PATH}/search?identifier={NUMBER}": answer({"results": [other, hit]}),
        ENTITY: answer(entity),
    }


def test_the_statutory_body_is_read_and_titles_are_split_off(serve: Serve) -> None:
    desk = serve(pages(holder("Ing. Peter Príklad, PhD."), holder("Jana van der Malá", "Predseda predstavenstva")))
    found = desk.look_up(Rpo(base_url=desk.base_url), NUMBER)
    assert titles(found) == {
        "Peter Príklad": "Managing Director",
        "Jana van der Malá": "Chair of the Management Board",
    }
    peter = found.people[0]
    assert peter.last_name == "Príklad"
    assert peter.confidence == 87
    assert peter.evidence[0].snippet == "konateľ: Peter Príklad (Brightwater, spol. s r.o.), since 2019-01-01"
    assert peter.evidence[0].url == f"{desk.base_url}{ENTITY}"
    assert facts(found) == {
        "legal_name": "Brightwater, spol. s r.o.",
        "register_number": NUMBER,
        "legal_form": "Spol. s r. o.",
    }
    (kept,) = desk.answers.changed
    assert b"Tajn" not in kept.content


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ({"formatedName": "Mgr. Anna Mária Nová Stará", "familyNames": ["Nová", "Stará"]}, ("Anna", "Nová Stará")),
        ({"formattedName": "Anna Nová"}, ("Anna", "Nová")),
        ({"givenNames": ["Anna"], "familyNames": ["Nová"]}, ("Anna", "Nová")),
        ({"formatedName": "Anna Nová", "familyNames": [7, None]}, ("Anna", "Nová")),
    ],
)
def test_a_name_is_read_in_the_shapes_that_occur(serve: Serve, name: dict[str, Any], expected: tuple[str, str]) -> None:
    desk = serve(pages({**holder(None), "personName": name}))
    (person,) = desk.look_up(Rpo(base_url=desk.base_url), NUMBER).people
    assert (person.first_name, person.last_name) == expected


def test_whose_time_is_over_has_departed(serve: Serve) -> None:
    desk = serve(pages(holder("Peter Príklad", until="2020-05-01"), holder("Jana Malá", until="2030-01-01")))
    found = desk.look_up(Rpo(base_url=desk.base_url), NUMBER)
    assert list(titles(found)) == ["Jana Malá"]
    assert [(person.name, person.evidence[0].value) for person in found.departed] == [("Peter Príklad", "2020-05-01")]


def test_companies_and_liquidators_are_left_out(serve: Serve) -> None:
    corporate = {"stakeholderType": {"value": "konateľ"}, "fullName": "Správa a.s."}
    desk = serve(pages(corporate, holder("Peter Príklad", "likvidátor"), holder("Madonna")))
    assert desk.look_up(Rpo(base_url=desk.base_url), NUMBER).people == ()


def test_a_company_that_ended_or_is_unknown_is_nothing(serve: Serve) -> None:
    desk = serve(
        {
            **pages(holder("Peter Príklad"), termination="2020-01-01"),
            f"{PATH}/search?identifier=87654318": answer({"results": []}),
            f"{PATH}/search?identifier=87654326": answer({"results": [{"id": 5, "identifiers": [{"value": NUMBER}]}]}),
        }
    )
    found = desk.look_up(Rpo(base_url=desk.base_url), NUMBER, "87654318", "87654326")
    assert (found.people, found.company, codes(found)) == ((), (), [])
