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
    for seen in (
        domain_profiles.known_at(again, "acme.example", ()),
        domain_profiles.known_at(again, "acme.example", people),
    ):
        assert [(pair.name, pair.email, pair.source) for pair in seen] == [
            ("Ada Example", "ada.example@acme.example", "website")
        ]
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


@pytest.mark.parametrize("right", [True, False])
def test_what_was_proved_is_remembered_with_its_proof(dns, right) -> None:
    profiles = look_up(dns, "acme.example", people=[Person("Ada", "Moss", email="ada.moss@acme.example")])
    at = timezone.now() - timedelta(days=3)
    proved = Known("Ada Moss", "ada.moss@acme.example", "smtp", at, right)
    domain_profiles.save(profiles.values(), (), learnt=[proved, Known("Bo Fern", "bo@else.example", "smtp")])
    assert look_up(dns, "acme.example")["acme.example"].known == (proved,)


def test_a_proof_counts_more_than_the_page_that_is_read_with_it(dns) -> None:
    person = Person("Ada", "Moss", email="ada.moss@acme.example")
    profiles = look_up(dns, "acme.example")
    domain_profiles.save(profiles.values(), [person], learnt=[Known(person.name, person.email, "smtp")])
    assert [pair.source for pair in look_up(dns, "acme.example")["acme.example"].known] == ["smtp"]


def test_of_a_large_domain_the_newest_are_remembered(dns, monkeypatch) -> None:
    monkeypatch.setattr(domain_profiles, "MAX_KNOWN", 3)
    profiles = look_up(dns, "acme.example", people=[Person("Ada", "Moss", email="old@acme.example")])
    learnt = [Known(f"P{n}", f"p{n}@acme.example", "smtp") for n in range(3)]
    domain_profiles.save(profiles.values(), (), learnt=learnt)
    assert [pair.email[:2] for pair in look_up(dns, "acme.example")["acme.example"].known] == ["p0", "p1", "p2"]


def test_whether_a_domain_takes_every_address_is_known_for_a_week(dns) -> None:
    """Also of a domain that has no profile yet; looking at its mail servers anew does not undo it."""
    domain_profiles.save_catch_all({"acme.example": True, "shaky.example": False})
    for _ in range(2):
        profiles = look_up(dns, "acme.example", "shaky.example", "new.example")
        assert {name: profile.catch_all for name, profile in profiles.items()} == {
            "acme.example": True, "shaky.example": False, "new.example": None,
        }  # fmt: skip
        assert profiles["acme.example"].mx.status == "found"
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert look_up(dns, "acme.example")["acme.example"].catch_all is None
    domain_profiles.save_catch_all({"acme.example": False})
    assert look_up(dns, "acme.example")["acme.example"].catch_all is False


def test_what_providers_gave_is_remembered_beside_the_rest_with_when_they_were_asked(dns) -> None:
    """Also of a domain that has no profile yet; looking at its mail servers anew does not undo it."""
    at = timezone.now() - timedelta(days=3)
    bought = Known("Bo Fern", "bo@acme.example", "provider", at)
    domain_profiles.save_from_providers("acme.example", [bought, Known("Cy Reed", "cy@else.example")], at)
    look_up(dns, "acme.example", people=[Person("Ada", "Moss", email="ada@acme.example")])
    domain_profiles.save_from_providers("acme.example", [], at)
    profile = look_up(dns, "acme.example")["acme.example"]
    assert (profile.providers_asked_at, profile.mx.status) == (at, "found")
    assert [(pair.email, pair.source) for pair in profile.known] == [
        ("bo@acme.example", "provider"), ("ada@acme.example", "website"),
    ]  # fmt: skip
    assert profile.known[0] == bought


def test_what_is_wanted_fresh_counts_as_not_asked_yet(dns) -> None:
    look_up(dns, "acme.example", people=[Person("Ada", "Moss", email="ada@acme.example")])
    domain_profiles.save_catch_all({"acme.example": True})
    domain_profiles.save_from_providers("acme.example", [], timezone.now())
    profile = domain_profiles.load(["acme.example"], Resolver([dns.address]), Allowed(), fresh=True)["acme.example"]
    assert (profile.catch_all, profile.providers_asked_at) == (None, None)
    assert [pair.name for pair in profile.known] == ["Ada Moss"]


def test_what_is_known_of_people_outlasts_it(dns) -> None:
    look_up(dns, "acme.example", people=[Person("Ada", "Moss", email="ada.moss@acme.example")])
    domain_profiles.save_catch_all({"acme.example": True})
    profile = look_up(dns, "acme.example")["acme.example"]
    assert [pair.name for pair in profile.known] == ["Ada Moss"]
    assert profile.mx.hosts == ("mx.acme.example",)


def test_who_is_left_out_is_forgotten_with_what_was_learnt_of_them(dns) -> None:
    profiles = look_up(dns, "acme.example")
    learnt = [Known("Ada Moss", f"{local}@acme.example", "smtp", right=False) for local in ("ada", "moss")]
    domain_profiles.save(profiles.values(), (), learnt=[*learnt, Known("Bo Fern", "bo@acme.example", "smtp")])
    with transaction.atomic():
        domain_profiles.save(profiles.values(), (), [("Ada Moss", ["ada.moss@acme.example"])], learnt)
    assert [pair.name for pair in look_up(dns, "acme.example")["acme.example"].known] == ["Bo Fern"]
