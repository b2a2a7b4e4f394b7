"""LinkedIn's official API: facts about a company, and sentences for tokens that do not do."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, Context, Evidence, Findings, SourceError
from enrichment.discovery.linkedin import LinkedInSource, vanity_name
from tests.kit.dns import DnsServer
from tests.kit.web import Content, Page, Raw, WebServer

TOKEN = "secret-token-1"
PATH = "/rest/organizations"
NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
ACME = Brand("Acme", linkedin_company_url="https://www.linkedin.com/company/Acme/?trk=x")
ORGANISATION = {
    "id": 1337,
    "vanityName": "acme",
    "localizedName": "Acme Inc.",
    "localizedWebsite": "https://www.acme.example/",
    "staffCountRange": "SIZE_51_TO_200",
}


def as_json(body: Any, status: int = 200) -> Page:
    return Page(json.dumps(body), status=status, media_type="application/json")


def elements(*organisations: Any) -> Page:
    return as_json({"paging": {"start": 0}, "elements": list(organisations)})


class Api:
    """The API on loopback, and the source that asks it."""

    def __init__(self, server: WebServer, client: Client) -> None:
        self.server = server
        self.source = LinkedInSource(base_url=f"http://{server.address}", access_token=TOKEN, version="202601")
        self._client = client
        self.slept: list[float] = []

    def find(self, brand: Brand = ACME, answers: Answers | None = None, now: datetime = NOW) -> Findings:
        context = Context(self._client, answers=answers or Answers(), now=lambda: now, sleep=self.slept.append)
        return self.source.find(brand, context)

    def failure(self) -> str:
        with pytest.raises(SourceError) as raised:
            self.find()
        assert TOKEN not in raised.value.diagnostic.sentence
        return f"{raised.value.diagnostic.code}: {raised.value.diagnostic.sentence}"


Serve = Callable[[Content], Api]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(content: Content) -> Api:
            server = stack.enter_context(WebServer({"*": {PATH: content}}))
            names = stack.enter_context(DnsServer({}))
            client = Client(Config("ContactEnrichment/0.1 (test)", timeout=5.0), Resolver([names.address]))
            stack.callback(client.close)
            return Api(server, client)

        yield start


def claims(facts: tuple[Evidence, ...]) -> dict[str, str]:
    return {fact.field: fact.value for fact in facts}


def test_a_company_is_looked_up_by_its_vanity_name(serve: Serve) -> None:
    api = serve(elements(ORGANISATION))
    findings = api.find()
    assert claims(findings.company) == {
        "legal_name": "Acme Inc.",
        "website": "https://www.acme.example/",
        "employees": "51-200",
    }
    assert {(fact.url, fact.source, fact.seen_at) for fact in findings.company} == {
        ("https://www.linkedin.com/company/acme", "linkedin", NOW)
    }
    assert findings.people == ()
    request = api.server.requests[0]
    assert parse_qs(urlsplit(request.path).query) == {"q": ["vanityName"], "vanityName": ["acme"]}
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["linkedin-version"] == "202601"
    assert request.headers["x-restli-protocol-version"] == "2.0.0"


@pytest.mark.parametrize(
    ("url", "vanity"),
    [
        ("https://www.linkedin.com/company/acme", "acme"),
        ("https://de.linkedin.com/company/Acme-GmbH/about/?x=1", "acme-gmbh"),
        ("https://linkedin.com/school/m%C3%BCller", "müller"),
        ("https://www.linkedin.com/company/1337", ""),
        ("https://www.linkedin.com/in/jane-doe", ""),
        ("https://www.linkedin.com/company/", ""),
        ("https://evil.example/company/acme", ""),
        ("https://www.linkedin.com/company/a%20b", ""),
        ("http://[x", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_vanity_name_is_taken_from_company_pages_only(url: str | None, vanity: str) -> None:
    assert vanity_name(url) == vanity


def test_without_a_company_page_nothing_is_asked(serve: Serve) -> None:
    api = serve(elements(ORGANISATION))
    assert api.find(Brand("Acme")) == Findings()
    assert api.server.requests == []


@pytest.mark.parametrize(
    "page", [elements(), as_json({}, 404), as_json({"elements": None}), as_json({"elements": [1]})]
)
def test_a_company_that_linkedin_does_not_know_is_no_error(serve: Serve, page: Page) -> None:
    assert serve(page).find() == Findings()


def test_another_company_than_the_one_asked_for_is_not_taken(serve: Serve) -> None:
    assert serve(elements({**ORGANISATION, "vanityName": "globex"})).find() == Findings()


@pytest.mark.parametrize("value", [None, 1, [], {}, "", "x" * 5000 + " "])
def test_facts_of_the_wrong_type_are_left_out_or_cut(serve: Serve, value: Any) -> None:
    organisation = {"vanityName": "acme", "localizedName": value, "localizedWebsite": value, "staffCountRange": value}
    found = claims(serve(elements(organisation)).find().company)
    assert found == ({"legal_name": "x" * 200} if isinstance(value, str) and value else {})


@pytest.mark.parametrize(
    ("given", "employees"), [("SIZE_1", "1"), ("SIZE_10001_OR_MORE", "10001+"), ("SIZE_2_TO_10", "2-10"), ("BIG", None)]
)
def test_ranges_of_staff_are_written_as_people_do(serve: Serve, given: str, employees: str | None) -> None:
    found = serve(elements({**ORGANISATION, "staffCountRange": given})).find()
    assert claims(found.company).get("employees") == employees


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "bad_key: LinkedIn does not accept the access token"),
        (403, "bad_key: The access token does not allow to look companies up"),
        (426, "http_status: LinkedIn no longer serves version 202601"),
        (429, "rate_limited"),
        (500, "unavailable"),
    ],
)
def test_refusals_are_told_in_words(serve: Serve, status: int, words: str) -> None:
    assert serve(as_json({"message": TOKEN, "status": status}, status)).failure().startswith(words)


def test_a_short_retry_after_is_waited_for(serve: Serve) -> None:
    left = [Page("", status=429, headers={"Retry-After": "1"}), elements(ORGANISATION)]
    api = serve(lambda request: left.pop(0))
    assert api.find().company
    assert api.slept == [1.0]


@pytest.mark.parametrize("body", ["<html>", "", "[]", "null"])
def test_what_is_no_json_object_is_malformed(serve: Serve, body: str) -> None:
    assert serve(Page(body)).failure().startswith("malformed")


def test_a_service_that_hangs_times_out(serve: Serve) -> None:
    def hang(connection: socket.socket) -> None:
        connection.settimeout(20)
        connection.recv(1)  # until the client goes away

    api = serve(Raw(hang))
    api.source._service.timeout = 0.3
    assert api.failure().startswith("timeout")


def test_an_answer_is_kept_for_a_day(serve: Serve) -> None:
    api, answers = serve(elements(ORGANISATION)), Answers()
    assert api.find(answers=answers) == api.find(answers=answers, now=NOW + timedelta(hours=23))
    assert len(api.server.requests) == 1
    api.find(answers=answers, now=NOW + timedelta(days=1))
    assert len(api.server.requests) == 2
