"""The British register. Companies, numbers and people are invented."""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from enrichment.discovery.base import Brand, SourceError
from enrichment.discovery.public_index.companies_house import PUBLIC_URL, CompaniesHouse
from tests.discovery.public_index.registers.desk import BRAND, Desk, answer, codes, facts, open_desk, titles
from tests.kit.web import Content, Page, Request

NUMBER = "01234567"
PROFILE = {"company_name": "BRIGHTWATER LIMITED", "company_number": NUMBER, "company_status": "active", "type": "ltd"}
Serve = Callable[[Mapping[str, Content]], Desk]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that opens a register with these pages until the test ends."""
    with ExitStack() as stack:
        yield lambda pages: stack.enter_context(open_desk(pages))


def register(desk: Desk) -> CompaniesHouse:
    return CompaniesHouse(base_url=desk.base_url, api_key="s3cret")


def officer(name: Any, role: Any = "director", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "officer_role": role,
        "appointed_on": "2017-04-01",
        "nationality": "American",
        "date_of_birth": {"month": 6, "year": 1969},
        "address": {"postal_code": "LS2 7JF"},
        "links": {},
        **more,
    }


def pages(*officers: Any, profile: Any = PROFILE, number: str = NUMBER) -> dict[str, Content]:
    listing = {"items": list(officers), "total_results": len(officers), "start_index": 0}
    return {f"/company/{number}": answer(profile), f"/company/{number}/officers": answer(listing)}


def test_directors_are_found_by_the_companys_number(serve: Serve) -> None:
    desk = serve(
        pages(
            officer("EXAMPLE, Kerri Jane", occupation="Chief Executive"),
            officer("O'SAMPLE, Tom, Dr", occupation="Company Director"),
            officer("MCTEST, Ann", "llp-designated-member"),
        )
    )
    found = desk.look_up(register(desk), NUMBER)
    assert titles(found) == {
        "Kerri Example": "Director (Chief Executive)",
        "Tom O'Sample": "Director",
        "Ann McTest": "Partner",
    }
    kerri = found.people[0]
    assert (kerri.seniority, kerri.decision_maker, kerri.confidence) == ("c_level", True, 89)
    assert kerri.evidence[0].snippet == "Director: Kerri Example (BRIGHTWATER LIMITED), since 2017-04-01"
    assert kerri.evidence[0].url == f"{PUBLIC_URL}/company/{NUMBER}/officers"
    assert facts(found) == {
        "legal_name": "BRIGHTWATER LIMITED",
        "register_number": NUMBER,
        "legal_form": "Private limited company",
    }


def test_the_key_is_a_user_name_and_stays_out_of_everything_kept(serve: Serve) -> None:
    desk = serve(pages(officer("EXAMPLE, Kerri")))
    found = desk.look_up(register(desk), NUMBER)
    sent = desk.server.requests[0].headers["authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"s3cret:"
    (kept,) = desk.answers.changed
    assert "s3cret" not in repr((found, kept))
    assert b"1969" not in kept.content
    assert b"American" not in kept.content
    assert b"LS2" not in kept.content


def test_secretaries_nominees_and_companies_are_left_out(serve: Serve) -> None:
    desk = serve(
        pages(
            officer("SAMPLE, Sue", "secretary"),
            officer("SAMPLE, Ned", "nominee-director"),
            officer("BRIGHT NOMINEES LIMITED", "corporate-director"),
            officer("BRIGHT NOMINEES LIMITED", "director"),
            officer("SAMPLE, Ray", "receiver-and-manager"),
        )
    )
    assert desk.look_up(register(desk), NUMBER).people == ()


def test_who_resigned_has_departed(serve: Serve) -> None:
    desk = serve(
        pages(officer("SAMPLE, Tom", resigned_on="2018-02-12"), officer("TEST, Ann", resigned_on="2030-01-01"))
    )
    found = desk.look_up(register(desk), NUMBER)
    assert list(titles(found)) == ["Ann Test"]
    assert [(person.name, person.evidence[0].field, person.evidence[0].value) for person in found.departed] == [
        ("Tom Sample", "left", "2018-02-12")
    ]


def test_a_director_who_was_appointed_again_has_not_departed(serve: Serve) -> None:
    desk = serve(pages(officer("SAMPLE, Tom", resigned_on="2018-02-12"), officer("SAMPLE, Tom")))
    found = desk.look_up(register(desk), NUMBER)
    assert list(titles(found)) == ["Tom Sample"]
    assert found.departed == ()


def test_all_pages_of_officers_are_read(serve: Serve) -> None:
    surnames = [f"{chr(65 + one)}{chr(97 + two)}x" for one in range(5) for two in range(24)]

    def listing(request: Request) -> Page:
        start = int(request.path.partition("start_index=")[2].partition("&")[0])
        return answer(
            {"items": [officer(f"{name}, Ann") for name in surnames[start : start + 50]], "total_results": 120}
        )

    desk = serve({f"/company/{NUMBER}": answer(PROFILE), f"/company/{NUMBER}/officers": listing})
    assert len(desk.look_up(register(desk), NUMBER).people) == 120
    assert len(desk.paths) == 4


def test_a_list_that_never_ends_is_left_after_some_pages(serve: Serve) -> None:
    listing = answer({"items": [officer("SAMPLE, Tom")], "total_results": 10**9})
    desk = serve({f"/company/{NUMBER}": answer(PROFILE), f"/company/{NUMBER}/officers": listing})
    assert list(titles(desk.look_up(register(desk), NUMBER))) == ["Tom Sample"]
    assert len(desk.paths) == 7


def test_a_dissolved_or_unknown_company_is_nothing(serve: Serve) -> None:
    gone = pages(officer("SAMPLE, Tom"), profile={**PROFILE, "company_status": "dissolved"})
    missing = answer({"errors": [{"error": "company-profile-not-found", "type": "ch:service"}]}, 404)
    desk = serve({**gone, "/company/SC123456": missing})
    found = desk.look_up(register(desk), NUMBER, "SC123456")
    assert (found.people, found.company, codes(found)) == ((), (), [])


def test_a_company_without_a_list_of_officers_has_none(serve: Serve) -> None:
    desk = serve({f"/company/{NUMBER}": answer(PROFILE)})
    found = desk.look_up(register(desk), NUMBER)
    assert found.people == ()
    assert facts(found)["legal_name"] == "BRIGHTWATER LIMITED"


def test_a_bad_key_is_said(serve: Serve) -> None:
    desk = serve({f"/company/{NUMBER}": answer({"error": "Invalid Authorization"}, 401)})
    with pytest.raises(SourceError) as caught:
        desk.look_up(register(desk), NUMBER)
    assert caught.value.diagnostic.code == "bad_key"
    assert "s3cret" not in caught.value.diagnostic.sentence


def hit(title: Any, number: str = NUMBER, status: str = "active") -> dict[str, Any]:
    return {"title": title, "company_number": number, "company_status": status, "kind": "searchresults#company"}


BRITISH = Brand("Brightwater", domain="brightwater.co.uk")


def test_a_british_brand_is_found_by_its_name_when_no_number_is_known(serve: Serve) -> None:
    results = [
        hit("BRIGHTWATER PLUMBING LIMITED", "00000001"),
        hit("BRIGHTWATER LTD", "00000002", "dissolved"),
        hit("BRIGHTWATER LIMITED"),
        hit(None, "00000003"),
    ]
    desk = serve({"/search/companies": answer({"items": results}), **pages(officer("EXAMPLE, Kerri"))})
    found = desk.look_up(register(desk), brand=BRITISH)
    assert list(titles(found)) == ["Kerri Example"]
    assert found.people[0].confidence == 84
    assert desk.paths[0] == "/search/companies?q=Brightwater&items_per_page=20&restrictions=active-companies"


def test_nobody_is_searched_for_when_a_number_is_known(serve: Serve) -> None:
    desk = serve({"/search/companies": answer({"items": [hit("BRIGHTWATER LIMITED")]})})
    desk.look_up(register(desk), "00000009", brand=BRITISH)
    assert desk.paths == ["/company/00000009"]


def test_two_companies_of_one_name_are_none(serve: Serve) -> None:
    results = [hit("BRIGHTWATER LIMITED"), hit("BRIGHTWATER LLP", "OC123456")]
    desk = serve({"/search/companies": answer({"items": results}), **pages(officer("EXAMPLE, Kerri"))})
    assert desk.look_up(register(desk), brand=BRITISH).people == ()


@pytest.mark.parametrize(
    ("brand", "searched"),
    [
        (BRITISH, True),
        (replace(BRAND, region="GB"), True),
        (replace(BRAND, name="Brightwater Labs"), True),
        (BRAND, False),
        (Brand("Brightwater Labs", domain="brightwater.no"), False),
        (Brand("Brightwater Labs", domain="brightwater.co.uk", region="NO"), False),
    ],
)
def test_only_brands_that_can_be_british_are_searched_for(serve: Serve, brand: Brand, searched: bool) -> None:
    desk = serve({"/search/companies": answer({"items": []})})
    assert desk.look_up(register(desk), brand=brand).people == ()
    assert bool(desk.paths) is searched
