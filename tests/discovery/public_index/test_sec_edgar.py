"""Officers from EDGAR's Forms 3, 4, 5 and D. Companies, numbers and people are invented."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from enrichment.discovery.base import Brand
from enrichment.discovery.public_index.sec_issuers import may_be_american
from tests.discovery.public_index.edgar import (
    BRAND,
    CIK,
    LISTED,
    NAME,
    SEARCH,
    SUBMISSIONS,
    company,
    entry,
    form4,
    form_d,
    hit,
    hits,
    look_up,
    path,
    related,
    row,
    tickers,
    xml,
)
from tests.discovery.public_index.registers.desk import Desk, answer, codes, facts, open_desk, titles
from tests.kit.web import Content, Page, Request

Serve = Callable[[Mapping[str, Content]], Desk]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that opens an EDGAR with these pages until the test ends."""
    with ExitStack() as stack:
        yield lambda pages: stack.enter_context(open_desk(pages))


def test_an_officer_of_a_listed_company_is_found_with_the_title_and_where_it_stands(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4())))
    found = look_up(desk)
    (person,) = found.people
    assert (person.first_name, person.last_name, person.title) == ("Michael", "Sample", "Chief Financial Officer")
    assert (person.source, person.method, person.confidence) == ("public_index", "sec_filing", 84)
    assert (person.seniority, person.department, person.decision_maker) == ("c_level", "finance", True)
    name, title = person.evidence
    assert (name.field, name.value, name.source) == ("name", "Michael A. Sample", "sec_edgar")
    assert (title.field, title.value) == ("title", "Chief Financial Officer")
    assert title.url == f"{desk.base_url}{path(1, 'xslF345X05/form.xml')}"
    assert title.snippet == "Form 4 filed 2026-10-02: Michael A. Sample, Chief Financial Officer, BRIGHTWATER INC"
    assert title.seen_at == desk.now
    assert facts(found) == {"legal_name": NAME, "register_number": str(CIK), "industry": "Measuring Devices"}
    assert desk.paths == [LISTED, SUBMISSIONS, path(1)]


def test_only_the_company_of_exactly_the_name_is_taken(serve: Serve) -> None:
    pages = company((row("4", "2026-10-02", 1), form4()))
    others = [(1, "BRIGHTWATER CAPITAL TRUST"), (2, "Bright Corp"), (CIK, "Brightwater, Inc. /DE/"), (CIK, NAME)]
    desk = serve({**pages, LISTED: tickers(*others)})
    assert list(titles(look_up(desk))) == ["Michael Sample"]


def test_two_listed_companies_of_one_name_are_none(serve: Serve) -> None:
    pages = company((row("4", "2026-10-02", 1), form4()))
    desk = serve({**pages, LISTED: tickers((CIK, NAME), (5, "Brightwater Ltd"))})
    assert look_up(desk).people == ()
    assert desk.paths == [LISTED]


def test_a_company_that_states_another_website_is_another_company(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4()), website="https://www.other.example/"))
    assert look_up(desk).people == ()


def test_what_was_read_of_a_filing_is_kept_without_addresses(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4())))
    first, again = look_up(desk), look_up(desk)
    assert again == first
    assert desk.paths.count(path(1)) == 1
    assert not any(b"Secret Lane" in kept.content for kept in desk.answers.changed)


def test_the_newest_filing_of_a_person_counts(serve: Serve) -> None:
    desk = serve(
        company(
            (row("4", "2026-03-02", 1), form4(title="VP Finance")),
            (row("4/A", "2026-10-02", 2), form4("Sample Michael", "Chief Operating Officer")),
        )
    )
    assert titles(look_up(desk)) == {"Michael Sample": "Chief Operating Officer"}


def test_a_filing_of_more_than_half_a_year_ago_makes_less_certain(serve: Serve) -> None:
    desk = serve(company((row("4", "2025-12-02", 1), form4())))
    assert look_up(desk).people[0].confidence == 80


def test_filings_of_more_than_18_months_ago_and_of_tomorrow_are_not_read(serve: Serve) -> None:
    desk = serve(company((row("4", "2025-05-01", 1), form4()), (row("4", "2026-11-25", 2), form4())))
    assert look_up(desk).people == ()
    assert desk.paths == [LISTED, SUBMISSIONS, SEARCH][:2]


def test_at_most_twelve_filings_are_read_the_newest_and_those_of_the_busiest_day(serve: Serve) -> None:
    busy = [(row("4", "2026-02-01", number), form4(f"Sample{chr(97 + number)} Ann")) for number in range(10)]
    lone = [(row("4", f"2026-09-{number:02d}", number), form4()) for number in range(20, 30)]
    desk = serve(company(*busy, *lone))
    look_up(desk)
    read = [int(asked.split("/")[-2][-6:]) for asked in desk.paths if asked.startswith("/Archives")]
    assert len(read) == 12
    assert [number for number in read if number >= 20] == [29, 28, 27, 26]


def test_who_is_no_longer_an_insider_has_departed(serve: Serve) -> None:
    pages = company(
        (row("4", "2026-03-02", 1), form4()),
        (row("4", "2026-10-02", 2), form4(left="1")),
        (row("4", "2026-10-02", 3), form4("DOE JANE", "General Counsel", left="true")),
        (row("4", "2026-10-05", 4), form4("DOE JANE", "General Counsel", left="0")),
    )
    found = look_up(serve(pages))
    assert list(titles(found)) == ["Jane Doe"]
    (gone,) = found.departed
    assert (gone.name, gone.evidence[0].field, gone.evidence[0].value) == ("Michael Sample", "left", "2026-10-02")
    assert "no longer an insider" in gone.evidence[0].snippet


def test_a_change_of_officers_after_the_filing_is_told_and_makes_less_certain(serve: Serve) -> None:
    desk = serve(
        company(
            (row("4", "2026-10-02", 1), form4()),
            (row("8-K", "2026-10-20", 2, "5.02,9.01", "acme8k.htm"), Page("")),
            (row("4", "2026-10-21", 3), form4("DOE JANE", "General Counsel")),
        )
    )
    found = look_up(desk)
    assert {person.name: person.confidence for person in found.people} == {"Michael Sample": 78, "Jane Doe": 84}
    assert codes(found) == ["officer_change"]
    assert "2026-10-20" in found.diagnostics[0].sentence
    assert "1 are known" in found.diagnostics[0].sentence
    assert "Sample" not in found.diagnostics[0].sentence


def test_another_8k_is_no_change_of_officers(serve: Serve) -> None:
    pages = company((row("4", "2026-10-02", 1), form4()), (row("8-K", "2026-10-20", 2, "2.02,15.02"), Page("")))
    found = look_up(serve(pages))
    assert (codes(found), found.people[0].confidence) == ([], 84)


def test_who_only_owns_shares_is_left_out(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4(title="", officer="0", holder="1"))))
    assert look_up(desk).people == ()


def test_a_director_is_of_the_board_and_an_officer_who_is_one_too_has_the_officers_title(serve: Serve) -> None:
    desk = serve(
        company(
            (row("4", "2026-10-02", 1), form4("DOE JANE", "", officer="0", director="true")),
            (row("4", "2026-10-02", 2), form4("SAMPLE MICHAEL", "CEO", director="1")),
        )
    )
    found = look_up(desk)
    assert titles(found) == {"Jane Doe": "Board Director", "Michael Sample": "CEO"}
    assert {person.name: person.decision_maker for person in found.people} == {
        "Jane Doe": False,
        "Michael Sample": True,
    }


@pytest.mark.parametrize(
    ("remarks", "title"),
    [
        ("EVP, General Counsel and Secretary", "EVP, General Counsel and Secretary"),
        ("Officer title: Chief Accounting Officer. Exhibit 24 - Power of Attorney.", "Chief Accounting Officer"),
        ("Sr. Vice President, Sales.", "Sr. Vice President, Sales"),
        ("Exhibit 24 - Power of Attorney", "Officer"),
        ("", "Officer"),
    ],
)
def test_a_title_in_the_remarks_is_found_there(serve: Serve, remarks: str, title: str) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4(title="See Remarks", remarks=remarks))))
    assert titles(look_up(desk)) == {"Michael Sample": title}


def test_a_filing_about_shares_in_another_company_is_left_out(serve: Serve) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), form4(cik="0000000099"))))
    assert look_up(desk).people == ()


def test_columns_of_unequal_length_with_holes_are_read(serve: Serve) -> None:
    recent = {
        "accessionNumber": ["0001234567-26-000001", None, "../../etc", "0001234567-26-000004", "0001234567-26-000005"],
        "form": ["4", "4", "4", "4", None],
        "filingDate": ["2026-10-02", "2026-10-02", "2026-10-02", "2026-99-99"],
        "primaryDocument": ["form.xml"],
        "items": None,
    }
    pages = company((row("4", "2026-10-02", 1), form4()))
    desk = serve({**pages, SUBMISSIONS: entry(filings={"recent": recent})})
    assert list(titles(look_up(desk))) == ["Michael Sample"]


def test_a_number_that_others_found_leads_to_the_company_of_a_foreign_brand(serve: Serve) -> None:
    pages = company((row("4", "2026-10-02", 1), form4()))
    desk = serve(pages)
    assert look_up(desk, brand=replace(BRAND, region="CA")).people == ()
    assert desk.paths == []
    found = look_up(desk, str(CIK), brand=replace(BRAND, region="CA"))
    assert (list(titles(found)), found.people[0].confidence) == (["Michael Sample"], 89)
    assert LISTED not in desk.paths


def test_the_number_of_another_company_is_told_and_not_followed(serve: Serve) -> None:
    desk = serve({**company((row("4", "2026-10-02", 1), form4()), name="OTHER THINGS CORP"), LISTED: tickers()})
    found = look_up(desk, str(CIK))
    assert (found.people, codes(found)) == ((), ["other_company"])


def test_a_number_that_nobody_has_is_nobodys(serve: Serve) -> None:
    desk = serve({LISTED: tickers(), SEARCH: hits()})
    found = look_up(desk, "999", "x/../y", "12345678901")
    assert (found.people, codes(found)) == ((), [])
    assert desk.paths == [LISTED, "/submissions/CIK0000000999.json"]


LABS = replace(BRAND, name="Brightwater Labs")


def private(*filings: tuple[tuple[str, ...], Content], found: Content) -> dict[str, Content]:
    return {**company(*filings, name="Brightwater Labs Inc"), LISTED: tickers(), SEARCH: found}


def test_a_private_company_is_found_by_its_form_d(serve: Serve) -> None:
    filing = form_d(
        related("Daniel", "Sample", "Chief Executive Officer", "Executive Officer", "Director", middle="M."),
        related("JANE", "DOE", "", "Director"),
        related("Ann", "Example", "See above"),
        related("Tom", "Test", "Placement agent", "Promoter"),
        related("N/A", "Brightwater Management LLC"),
    )
    listing = hits(hit("Beta Labs Inc", 7), hit("Brightwater Labs Fund I LP", 8), hit("Brightwater Labs, Inc."))
    desk = serve(private((row("D", "2026-05-28", 1, document="xslFormDX01/primary_doc.xml"), filing), found=listing))
    found = look_up(desk, brand=LABS)
    assert titles(found) == {
        "Daniel Sample": "Chief Executive Officer",
        "Jane Doe": "Board Director",
        "Ann Example": "Executive Officer",
    }
    assert found.people[0].evidence[0].value == "Daniel M. Sample"
    assert found.people[0].evidence[0].snippet.startswith("Form D filed 2026-05-28: Daniel M. Sample, Chief Executive")
    query = parse_qs(urlsplit(desk.paths[1]).query)
    assert query == {
        "q": ['"Brightwater Labs"'],
        "forms": ["D"],
        "startdt": ["2025-05-25"],
        "enddt": ["2026-11-24"],
        "from": ["0"],
    }


def test_a_fund_is_no_company(serve: Serve) -> None:
    filing = form_d(related("Daniel", "Sample", "CEO"), industry="Pooled Investment Fund")
    desk = serve(
        private((row("D", "2026-05-28", 1, document="primary_doc.xml"), filing), found=hits(hit("Brightwater Labs")))
    )
    assert look_up(desk, brand=LABS).people == ()
    assert desk.paths[-1] == path(1, "primary_doc.xml")


def test_pages_of_hits_are_followed_as_far_as_they_go(serve: Serve) -> None:
    def found(request: Request) -> Page:
        start = int(parse_qs(urlsplit(request.path).query)["from"][0])
        return hits(hit("Brightwater Labs Inc") if start == 1 else hit("Beta Inc", 7), total=10**6)

    filing = form_d(related("Daniel", "Sample", "CEO"))
    desk = serve(private((row("D", "2026-05-28", 1, document="primary_doc.xml"), filing), found=found))
    assert list(titles(look_up(desk, brand=LABS))) == ["Daniel Sample"]
    assert sum(asked.startswith(SEARCH) for asked in desk.paths) == 3


def test_two_private_companies_of_one_name_are_none(serve: Serve) -> None:
    desk = serve(private(found=hits(hit("Brightwater Labs Inc"), hit("Brightwater Labs LLC", 9))))
    assert look_up(desk, brand=LABS).people == ()


def test_a_name_of_one_word_is_searched_for_only_where_the_brand_is_american(serve: Serve) -> None:
    desk = serve({LISTED: tickers(), SEARCH: hits()})
    look_up(desk)
    assert desk.paths == [LISTED]
    look_up(desk, brand=replace(BRAND, region="US"))
    assert desk.paths[-1].startswith(SEARCH)


@pytest.mark.parametrize(
    ("region", "domain", "american"),
    [
        ("US", "brightwater.de", True),
        ("us", None, True),
        ("DE", "brightwater.com", False),
        (None, "brightwater.com", True),
        (None, "brightwater.io", True),
        (None, "brightwater.de", False),
        (None, None, True),
    ],
)
def test_a_brand_is_american_unless_something_speaks_against_it(
    region: str | None, domain: str | None, american: bool
) -> None:
    assert may_be_american(Brand("Brightwater", domain=domain, region=region)) is american


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "bad",
    [
        form4("&c;&c;&c;&c;", head=LAUGHS),
        xml("<ownershipDocument><issuer>"),
        xml("<html><p>Not this"),
        Page(b"\xff\xfe\x00", media_type="application/xml"),
        xml(""),
    ],
)
def test_a_filing_that_cannot_be_read_costs_only_itself(serve: Serve, bad: Page) -> None:
    desk = serve(company((row("4", "2026-10-02", 1), bad), (row("4", "2026-10-01", 2), form4())))
    found = look_up(desk)
    assert (list(titles(found)), codes(found)) == (["Michael Sample"], [])


def test_an_outer_entity_is_never_fetched(serve: Serve) -> None:
    desk = serve({})
    outer = f'<!DOCTYPE x [<!ENTITY secret SYSTEM "{desk.base_url}/secret">]>'
    desk.server.sites["*"] = company(
        (row("4", "2026-10-02", 1), form4("SAMPLE &secret;", head=outer)), (row("4", "2026-10-01", 2), form4())
    )
    assert list(titles(look_up(desk))) == ["Michael Sample"]
    assert "/secret" not in desk.paths


def test_filings_that_are_gone_or_no_xml_are_passed_over(serve: Serve) -> None:
    desk = serve(
        company(
            (row("4", "2026-10-02", 1), Page("gone", 404)),
            (row("4", "2026-10-01", 2, document="form.htm"), Page("")),
            (row("4", "2026-10-01", 3, document="../../x.xml"), Page("")),
            (row("4", "2026-09-01", 4), form4()),
        )
    )
    assert list(titles(look_up(desk))) == ["Michael Sample"]
    assert desk.paths[2:] == [path(1), path(4)]


@pytest.mark.parametrize("value", [None, 0, True, "x", [], {}, [None], [[{}]], {"a": None}, 10**40], ids=repr)
def test_wrong_types_in_an_entry_find_nobody(serve: Serve, value: object) -> None:
    for more in (
        {"filings": value},
        {"filings": {"recent": value}},
        {"filings": {"recent": dict.fromkeys(("accessionNumber", "form", "filingDate", "items"), value)}},
        {"formerNames": value, "website": value, "sicDescription": value},
    ):
        found = look_up(serve({LISTED: tickers((value, NAME), (CIK, value), (CIK, NAME)), SUBMISSIONS: entry(**more)}))
        assert (found.people, facts(found)["legal_name"]) == ((), NAME)


@pytest.mark.parametrize("value", [None, 0, "x", [], {}, {"hits": None}, {"hits": {"hits": "x"}}], ids=repr)
def test_wrong_types_in_a_search_are_told(serve: Serve, value: object) -> None:
    with pytest.raises(Exception, match="other than documented"):
        look_up(serve({LISTED: tickers(), SEARCH: answer(value)}), brand=LABS)


@pytest.mark.parametrize("names", [None, "x", [None], [{}], ["Brightwater Labs (CIK)"]], ids=repr)
def test_hits_without_names_are_no_company(serve: Serve, names: object) -> None:
    found = answer({"hits": {"total": None, "hits": [None, 7, {}, {"_source": {"display_names": names}}]}})
    assert look_up(serve({LISTED: tickers(), SEARCH: found}), brand=LABS).people == ()
