"""A discovery with every source switched on, against services on loopback: what one finds, another confirms."""

import json

import pytest
from django.core.management import call_command

from crm.models import Brand
from enrichment import sources
from enrichment.discovery import registry
from enrichment.discovery.breakers import Breakers
from enrichment.models import EnrichedContact, EnrichmentJob, KeptAnswer
from tests.kit.company import WEBSITE, company
from tests.kit.services import CONTACT, CZ, FR, GB, NO, SITE, SK, Services, services
from tests.kit.web import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, monkeypatch):
    """Kestrel's site and all services; the settings of this process ask them."""
    monkeypatch.setattr(sources, "BREAKERS", Breakers())
    with company(pages=SITE) as kestrel, services() as running:
        settings.ENRICHMENT_SOURCES = list(registry.NAMES)
        settings.ENRICHMENT_USER_AGENT = CONTACT
        settings.ENRICHMENT_DNS_SERVERS = [kestrel.settings["ENRICHMENT_DNS_SERVERS"]]
        settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [kestrel.settings["ENRICHMENT_HTTP_HOSTS_OVERRIDE"]]
        settings.ENRICHMENT_SERVICES = running.access
        yield running


def discover(capsys) -> EnrichmentJob:
    linkedin = "https://www.linkedin.com/company/kestrel-kites"
    call_command("discover", "Kestrel Kites", website=WEBSITE, linkedin=linkedin, json=True)
    return EnrichmentJob.objects.get(pk=json.loads(capsys.readouterr().out)["jobId"])


def person(last_name: str) -> EnrichedContact:
    return EnrichedContact.objects.get(last_name=last_name)


def said_by(contact: EnrichedContact) -> set[str]:
    return {item["source"] for item in contact.evidence}


def test_every_source_adds_what_it_knows_with_its_evidence(world, capsys) -> None:
    job = discover(capsys)
    assert job.status == "completed", job.error_message
    assert job.diagnostics == []
    found = {str(contact): contact for contact in EnrichedContact.objects.all()}
    assert set(found) == {
        "Marta Lindqvist", "Jonas Okafor", "Zoë Brandt", "Pavel Novak",  # the website
        "Ines Fontana",  # search results
        "Kari Nordlys", "Anne Modèle", "Jan Příklad", "Peter Príklad", "Kerri Example",  # registers
        "Michael Sample",  # the SEC
        "Rosa Delmar",  # a press release
    }  # fmt: skip
    assert said_by(person("Lindqvist")) == {"website", "wikidata"}
    engines = said_by(person("Fontana"))
    assert engines < {"searxng", "brave", "google_pse", "serpapi"}, "what four engines read off one page is one claim"
    assert engines
    assert (person("Fontana").source, person("Fontana").linkedin_id) == ("linkedin", "ines-fontana-7")
    assert said_by(person("Nordlys")) == {"brreg"}
    assert said_by(person("Modèle")) == {"recherche_entreprises"}
    assert said_by(person("Example")) == {"companies_house"}
    assert said_by(person("Sample")) == {"sec_edgar"}
    assert said_by(person("Delmar")) == {"press"}
    for contact in found.values():
        assert all(item["url"].startswith("http") and "key" not in item["url"] for item in contact.evidence)


def test_agreement_lifts_and_having_left_lowers_the_confidence(world, capsys) -> None:
    discover(capsys)
    lindqvist, brandt, okafor = person("Lindqvist"), person("Brandt"), person("Okafor")
    assert lindqvist.confidence_score > 80, "the website and Wikidata agree"
    assert "left" in {item["field"] for item in okafor.evidence}
    assert "left" not in {item["field"] for item in brandt.evidence}


def test_the_registers_are_asked_by_the_numbers_of_the_legal_notice(world, capsys) -> None:
    running: Services = world
    discover(capsys)
    asked = {request.path for request in running.requests}
    for number in (NO, FR, CZ, SK, GB):
        assert any(number in path for path in asked), number


def test_facts_about_the_company_are_kept_with_the_brand(world, capsys) -> None:
    discover(capsys)
    facts = {(fact["source"], fact["field"]): fact["value"] for fact in Brand.objects.get().facts}
    assert facts["wikidata", "industry"].lower() == "kite making"
    assert facts["brreg", "employees"] == "42"
    assert facts["companies_house", "legal_name"] == "KESTREL KITES LIMITED"


def test_a_second_discovery_asks_the_services_nothing_that_is_fresh(world, capsys) -> None:
    running: Services = world
    discover(capsys)
    assert KeptAnswer.objects.exists()
    for web in running.webs.values():
        web.requests.clear()
    people = {str(contact): contact.pk for contact in EnrichedContact.objects.all()}
    discover(capsys)
    assert {request.path for request in running.requests} == {"/files/company_tickers.json"}, (
        "one list of all companies, kept with no brand"
    )
    assert {str(contact): contact.pk for contact in EnrichedContact.objects.all()} == people


def test_services_that_are_down_are_named_and_cost_nothing_else(world, capsys) -> None:
    running: Services = world
    for web in running.webs.values():
        web.sites["*"] = {}  # nothing is where it was
    running.webs["brave"].sites["*"] = {"/res/v1/web/search": Page("{}", status=500)}
    running.webs["wikidata"].sites["*"] = {"/w/api.php": Page("<html>", status=503)}
    job = discover(capsys)
    assert job.status == "completed"
    named = {(entry["source"], entry["code"]) for entry in job.diagnostics}
    assert {("brave", "unavailable"), ("wikidata", "unavailable")} <= named
    assert {str(contact) for contact in EnrichedContact.objects.all()} >= {"Marta Lindqvist", "Rosa Delmar"}
