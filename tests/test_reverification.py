"""Which addresses are verified again, in which order, and that nobody asks twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import outcomes
from enrichment import contact_checks, reverification, tasks
from enrichment import outcomes as outcomes_of_addresses
from enrichment.models import ContactEmail, EnrichedContact, ReviewStatus
from tests.factories import ContactFactory, CrmContactFactory, EmailFactory
from tests.kit.dns import DnsServer
from tests.kit.smtp import SmtpServer
from tests.racing import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("best_addresses_noted")]

ZONE = {"acme.example": {"MX": ["10 mx.acme.example"]}, "mx.acme.example": {"A": ["127.0.0.1"]}}


@pytest.fixture(autouse=True)
def _dns(settings) -> Iterator[None]:
    settings.ENRICHMENT_REVERIFY_DAYS = 30
    with DnsServer(ZONE) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
        yield


@pytest.fixture
def verified(monkeypatch) -> list[list[str]]:
    """The contacts that were verified, by last name, a list for each batch."""
    batches: list[list[str]] = []
    verify = contact_checks.verify

    def record(contact_ids, *args, **kwargs):
        names = dict(EnrichedContact.objects.filter(pk__in=contact_ids).values_list("pk", "last_name"))
        batches.append([names[key] for key in contact_ids])
        return verify(contact_ids, *args, **kwargs)

    monkeypatch.setattr(contact_checks, "verify", record)
    return batches


def ago(**duration: int):
    return timezone.now() - timedelta(**duration)


def contact(name: str, review: str = ReviewStatus.NEW, **email) -> ContactEmail:
    owner = ContactFactory(last_name=name, review_status=review)
    fields = {"email": f"ada.{name.lower()}@acme.example", "last_checked_at": ago(days=1)}
    return EmailFactory(enriched_contact=owner, **{**fields, **email})


def test_what_is_due_is_verified_those_in_use_first(verified) -> None:
    contact("Later", next_check_at=timezone.now() + timedelta(minutes=1))
    contact("Never")
    contact("Rejected", ReviewStatus.REJECTED, next_check_at=ago(minutes=5))
    contact("Review", next_check_at=ago(minutes=9))
    contact("Approved", ReviewStatus.APPROVED, next_check_at=ago(minutes=1))
    linked = contact("Linked", next_check_at=ago(minutes=2))
    EnrichedContact.objects.filter(pk=linked.enriched_contact_id).update(linked_contact=CrmContactFactory())
    assert reverification.verify_due() == 3
    assert verified == [["Linked", "Approved", "Review"]]
    assert reverification.verify_due() == 0


def test_what_is_old_is_verified_once_in_a_while(verified) -> None:
    contact("Young", last_checked_at=ago(days=29))
    contact("Old", last_checked_at=ago(days=31))
    contact("Rejected", ReviewStatus.REJECTED, last_checked_at=ago(days=31))
    contact("Unseen", last_checked_at=None, created_at=ago(days=31))
    contact("Greylisted", last_checked_at=ago(days=31), next_check_at=timezone.now() + timedelta(minutes=5))
    assert reverification.reverify() == 2
    assert sorted(verified[0]) == ["Old", "Unseen"]
    assert reverification.reverify() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert reverification.reverify() == 5 - 1, "all but the rejected"


def test_a_run_goes_in_batches_up_to_its_limit(verified, monkeypatch) -> None:
    monkeypatch.setattr(reverification, "BATCH", 2)
    for n in range(6):
        contact(f"Example{n}", next_check_at=ago(minutes=9 - n))
    assert reverification.verify_due(limit=5) == 5
    assert verified == [["Example0", "Example1"], ["Example2", "Example3"], ["Example4"]]


def test_a_run_stops_in_good_time(verified, monkeypatch, settings) -> None:
    monkeypatch.setattr(reverification, "BATCH", 1)
    settings.JOB_TIME_LIMIT_SECONDS = 0
    contact("Example", next_check_at=ago(minutes=1))
    assert reverification.verify_due() == 0
    settings.JOB_TIME_LIMIT_SECONDS = 300
    assert reverification.verify_due() == 1


def test_of_many_runs_at_once_each_contact_is_in_one(verified, monkeypatch) -> None:
    monkeypatch.setattr(reverification, "BATCH", 3)
    for n in range(9):
        contact(f"Example{n}", next_check_at=ago(minutes=1))
    race(4, lambda _index: reverification.verify_due())
    reverification.verify_due()  # what each left to the others
    names = sorted(name for batch in verified for name in batch)
    assert names == [f"Example{n}" for n in range(9)]


def test_what_a_run_that_died_had_taken_comes_up_again(verified) -> None:
    contact("Example", next_check_at=ago(minutes=1))
    assert len(reverification.take(reverification.due, 10).contacts) == 1
    assert reverification.verify_due() == 0
    with time_machine.travel(timezone.now() + reverification.TAKEN):
        assert reverification.verify_due() == 1


def bounced(email: ContactEmail) -> None:
    """Write down a bounce as outreach does: in the CRM, without a word to enrichment."""
    outcomes.record(email.email, "bounced", timezone.now(), probability=0.42)


def test_what_the_crm_heard_of_an_address_makes_it_due_once(verified) -> None:
    email = contact("Example", ReviewStatus.APPROVED)
    contact("Other")
    rejected = contact("Rejected", ReviewStatus.REJECTED)
    bounced(email)
    bounced(rejected)
    assert reverification.verify_due() == 1
    assert verified == [["Example"]]
    assert email.email not in {row.email for row in ContactEmail.objects.all()}, "the guess has given way to others"
    assert reverification.verify_due() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert reverification.verify_due() == 0


def test_an_address_that_waits_for_a_patient_server_hears_of_its_bounce_at_once(verified) -> None:
    bounced(contact("Waiting", next_check_at=timezone.now() + timedelta(hours=9)))
    assert reverification.verify_due() == 1


def test_what_was_heard_before_the_last_look_or_long_ago_makes_nothing_due(verified) -> None:
    email = contact("Example")
    bounced(email)
    ContactEmail.objects.filter(pk=email.pk).update(last_checked_at=timezone.now() + timedelta(seconds=1))
    assert reverification.verify_due() == 0
    ContactEmail.objects.filter(pk=email.pk).update(last_checked_at=ago(days=1), updated_at=ago(days=1))
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert reverification.verify_due() == 0


def test_what_is_heard_while_an_address_is_being_verified_is_not_missed(verified, monkeypatch) -> None:
    email = contact("Example", next_check_at=ago(minutes=1))
    verify = contact_checks.verify

    def verify_too_early(*args, **kwargs):
        monkeypatch.setattr(contact_checks, "verify", verify)
        result = verify(*args, **kwargs)
        bounced(email)
        ContactEmail.objects.filter(pk=email.pk).update(last_checked_at=timezone.now() + timedelta(seconds=1))
        return result

    monkeypatch.setattr(contact_checks, "verify", verify_too_early)
    assert reverification.verify_due() == 2
    assert email.email not in {row.email for row in ContactEmail.objects.all()}, "the guess has given way to others"


def test_what_another_run_has_taken_is_left_to_it(verified) -> None:
    email = contact("Example", next_check_at=ago(minutes=1))
    reverification.take(reverification.due, 10)
    bounced(email)
    assert reverification.verify_due() == 0


def test_hearing_of_outcomes_takes_one_query_and_no_walk_through_the_tables(verified) -> None:
    for n in range(50):
        email = contact(f"Example{n}")
        if n < 5:
            bounced(email)
    with CaptureQueriesContext(connection) as queries:
        assert outcomes_of_addresses.told_lately(timezone.now()).count() == 5
    assert len(queries) == 1
    if connection.vendor == "sqlite":  # PostgreSQL reads tables this small whole, and rightly
        plan = outcomes_of_addresses.told_lately(timezone.now()).explain()
        assert "idx_contact_email_index" in plan
        assert "SCAN" not in plan


def test_the_tasks_are_scheduled(settings, verified) -> None:
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.verify_due.name, tasks.reverify.name} <= names
    contact("Due", next_check_at=ago(minutes=1))
    contact("Old", last_checked_at=ago(days=31))
    tasks.verify_due()
    tasks.reverify()
    assert verified == [["Due"], ["Old"]]


# Mail servers -----------------------------------------------------------------------------------


@pytest.fixture
def server(settings) -> Iterator[SmtpServer]:
    """A mail server that greylists everybody as long as `server.sulks`."""

    def reply(address: str) -> str:
        if running.sulks:
            return "450 4.2.0 Greylisted, please try again later"
        return "250 2.1.5 OK" if address == "ada.example@acme.example" else "550 5.1.1 No such user here"

    with SmtpServer(reply) as running:
        running.sulks = True
        settings.ENRICHMENT_SMTP_PROBE = True
        settings.ENRICHMENT_SMTP_PORT = running.port
        settings.ENRICHMENT_SMTP_HELO = "probe.example"
        settings.ENRICHMENT_SMTP_RATE = 1000.0
        yield running


def test_a_greylisted_address_is_asked_about_again_and_proven(server) -> None:
    email = contact("Example", last_checked_at=ago(minutes=10), next_check_at=ago(seconds=1))
    with time_machine.travel(timezone.now(), tick=True) as clock:
        reverification.verify_due()
        email.refresh_from_db()
        assert email.next_check_at > timezone.now()
        server.sulks = False
        clock.move_to(email.next_check_at + timedelta(seconds=1))
        reverification.verify_due()
    email.refresh_from_db()
    assert (email.smtp_check_passed, email.verification_method, email.next_check_at) == (True, "smtp_ping", None)
    assert email.enriched_contact.verified_at is not None


def test_a_server_that_greylists_for_ever_is_asked_less_and_less_and_then_no_more(server) -> None:
    email = contact("Example", last_checked_at=ago(minutes=10), next_check_at=ago(seconds=1))
    waits: list[timedelta] = []
    with time_machine.travel(timezone.now(), tick=True) as clock:
        while email.next_check_at is not None:
            clock.move_to(email.next_check_at + timedelta(seconds=1))
            assert reverification.verify_due() == 1
            email.refresh_from_db()
            if email.next_check_at is not None:
                waits.append(email.next_check_at - timezone.now())
    assert [round(wait / timedelta(minutes=20)) for wait in waits] == [1, 2, 4, 8, 16, 32, 64]
