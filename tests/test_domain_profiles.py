from collections.abc import Sequence
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from core.dns import Resolver
from core.guard import Allowed
from enrichment import domain_profiles
from enrichment.discovery.base import Person
from enrichment.emails.finder import Known
from enrichment.models import DomainProfile
from tests.kit.dns import Behaviour, DnsServer

pytestmark = pytest.mark.django_db

ZONE = {
    "acme.example": {"MX": ["10 mx.acme.example"]},
    "mx.acme.example": {"A": ["192.0.2.25"]},
    "shaky.example": Behaviour(rcode="SERVFAIL"),
}


@pytest.fixture
def dns():
    with DnsServer(ZONE) as server:
        yield server


def look_up(dns: DnsServer, *domains: str, people: Sequence[Person] = ()) -> dict[str, domain_profiles.Profile]:
    profiles = domain_profiles.load(domains, Resolver([dns.address]), Allowed())
    domain_profiles.save(profiles.values(), people)
    return profiles


def test_an_answer_is_kept_for_24_hours(dns) -> None:
    assert look_up(dns, "acme.example")["acme.example"].mx.status == "found"
    asked = len(dns.questions)
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert look_up(dns, "acme.example")["acme.example"].mx.hosts == ("mx.acme.example",)
        assert len(dns.questions) == asked
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        look_up(dns, "acme.example")
        assert len(dns.questions) > asked


def test_could_not_tell_is_kept_for_minutes_only(dns) -> None:
    assert look_up(dns, "shaky.example")["shaky.example"].mx.status == "unknown"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = len(dns.questions)
        look_up(dns, "shaky.example")
        assert len(dns.questions) > asked


def test_published_addresses_are_remembered_encrypted_and_once(dns) -> None:
    people = [
        Person("Ada", "Example", email="Ada.Example@acme.example"),
        Person("Bo", "Other", email="bo@else.example"),
    ]
    for _ in range(2):
        look_up(dns, "acme.example", people=people)
    again = look_up(dns, "acme.example")
    ada = Known("Ada Example", "ada.example@acme.example")
    assert domain_profiles.known_at(again, "acme.example", ()) == [ada]
    assert domain_profiles.known_at(again, "acme.example", people) == [ada]
    assert domain_profiles.known_at(again, "else.example", ()) == []
    assert domain_profiles.known_at(again, None, people) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT known_addresses FROM domain_profile")
        assert "ada.example" not in cursor.fetchone()[0].lower()  # with a dot, which no token holds


def test_two_jobs_that_looked_at_the_same_time_lose_nothing_and_bring_nothing_back(dns) -> None:
    look_up(dns, "acme.example", people=[Person("Old", "Timer", email="old.timer@acme.example")])
    early = domain_profiles.load(["acme.example"], Resolver([dns.address]), Allowed())
    look_up(dns, "acme.example", people=[Person("Bo", "Other", email="bo@acme.example")])
    with transaction.atomic():
        domain_profiles.forget("Old Timer", ["old.timer@acme.example"])
    domain_profiles.save(early.values(), [Person("Ada", "Example", email="ada@acme.example")])
    kept = DomainProfile.objects.get().known_addresses
    assert [entry["email"] for entry in kept] == ["bo@acme.example", "ada@acme.example"]
    assert all(entry["seenAt"].endswith("Z") for entry in kept)


def test_a_profile_is_one_row_however_often_it_is_saved(dns) -> None:
    for _ in range(3):
        look_up(dns, "acme.example", "shaky.example")
    assert DomainProfile.objects.count() == 2
