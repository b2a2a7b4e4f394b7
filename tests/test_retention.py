"""What is purged, what stays, and what happens when somebody approves meanwhile."""

import logging
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from threading import Thread

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.utils import timezone

from core import audit
from core.fields import blind_index
from core.models import AuditEntry, SubjectKey
from crm import consents, suppression
from crm.models import Contact as CrmContact
from crm.models import Merge
from enrichment import domain_profiles, kept_kinds, periods, retention, tasks
from enrichment.models import (
    AddressCheck,
    ContactEmail,
    ContactMerge,
    DomainProfile,
    EnrichedContact,
    EnrichmentJob,
    IdempotencyKey,
    JobContact,
    JobItem,
    JobProgress,
    JobType,
    KeptAnswer,
    ProviderUsage,
    PurgeReport,
    ReviewBatch,
    ReviewItem,
    ReviewStatus,
    SubjectRequest,
    Usage,
    UsageKind,
)
from enrichment.retention import Purged
from outreach.models import Enrolment, Event, Message, Notice
from tests.factories import BrandFactory, ContactFactory, CrmContactFactory, EmailFactory, JobFactory
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=31)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def left() -> list[str]:
    return list(EnrichedContact.objects.order_by("last_name").values_list("last_name", flat=True))


def test_contacts_go_after_thirty_days_with_and_without_proof() -> None:
    ContactFactory(discovered_at=OLD)
    ContactFactory(discovered_at=OLD - timedelta(days=1), verified_at=NOW)
    purged = retention.purge()
    assert purged == Purged(unverified=1, not_told=1, brands=2, oldest=OLD - timedelta(days=1))
    assert left() == []


def test_the_age_counts_to_the_moment_and_from_the_first_discovery() -> None:
    kept_since = NOW - timedelta(days=30)
    ContactFactory(last_name="Edge", discovered_at=kept_since)
    ContactFactory(last_name="Older", discovered_at=kept_since - timedelta(microseconds=1), updated_at=NOW)
    ContactFactory(last_name="Young", discovered_at=NOW, created_at=OLD)
    assert retention.purge().unverified == 1
    assert left() == ["Edge", "Young"]


def test_the_setting_moves_the_boundary(settings) -> None:
    settings.ENRICHMENT_RETENTION_DAYS = 7
    ContactFactory(last_name="Seven", discovered_at=NOW - timedelta(days=7, seconds=1))
    ContactFactory(last_name="Six", discovered_at=NOW - timedelta(days=6))
    retention.purge()
    assert left() == ["Six"]


def test_who_is_approved_or_linked_to_the_crm_stays_and_who_was_rejected_goes() -> None:
    brand = BrandFactory()
    crm_contact = CrmContact.objects.create(brand=brand, first_name="Ada", last_name="Example")
    ContactFactory(last_name="Approved", discovered_at=OLD, review_status=ReviewStatus.APPROVED)
    ContactFactory(last_name="Linked", discovered_at=OLD, linked_contact=crm_contact)
    ContactFactory(last_name="Rejected", discovered_at=OLD, review_status=ReviewStatus.REJECTED)
    retention.purge()
    assert left() == ["Approved", "Linked"]


def test_everything_known_of_a_contact_goes_and_nothing_of_others() -> None:
    pairs = [
        {"name": "Ada Gone", "email": "ada.gone@acme.example", "source": "website", "seenAt": "2026-10-01T00:00:00Z"},
        {"name": "Ada Gone", "email": "ag@acme.example", "source": "website", "seenAt": "2026-10-01T00:00:00Z"},
        {"name": "Bo Stays", "email": "bo.stays@acme.example", "source": "website", "seenAt": "2026-10-01T00:00:00Z"},
    ]
    DomainProfile.objects.create(domain="acme.example", known_addresses=pairs)
    DomainProfile.objects.create(domain="other.example", known_addresses=pairs[:1])
    gone = EmailFactory(
        email="Ada.Gone@acme.example", enriched_contact=ContactFactory(last_name="Gone", discovered_at=OLD)
    )
    stays = EmailFactory(email="bo.stays@acme.example", enriched_contact=ContactFactory(last_name="Stays"))
    job = JobFactory()
    for email in (gone, stays):
        JobContact.objects.create(job=job, contact=email.enriched_contact)
    retention.purge()
    assert list(ContactEmail.objects.all()) == [stays]
    assert list(job.contacts.all()) == [stays.enriched_contact]
    profiles = {row.domain: row.known_addresses for row in DomainProfile.objects.all()}
    assert profiles == {"acme.example": pairs[2:], "other.example": pairs[:1]}


def test_usage_and_idempotency_keys_go_when_nothing_needs_them_any_more() -> None:
    user = get_user_model().objects.create_user("boss")
    for hours in (47, 49):
        Usage.objects.create(user=user, kind=UsageKind.DISCOVERY, at=NOW - timedelta(hours=hours))
    for hours in (23, 25):
        IdempotencyKey.objects.create(
            user=user, operation="discover", key=str(hours), created_at=NOW - timedelta(hours=hours)
        )
    assert retention.purge(dry_run=True) == Purged(usage=1, idempotency_keys=1)
    assert retention.purge() == Purged(usage=1, idempotency_keys=1)
    assert [entry.at for entry in Usage.objects.all()] == [NOW - timedelta(hours=47)]
    assert [entry.key for entry in IdempotencyKey.objects.all()] == ["23"]


def test_checks_results_and_provider_usage_go_when_nothing_needs_them_any_more() -> None:
    for days in (29, 31):
        AddressCheck.objects.create(email_index=f"{days}", checked_at=NOW - timedelta(days=days))
        job = JobFactory(job_type=JobType.EMAIL_ENRICHMENT, status="completed", completed_at=NOW - timedelta(days=days))
        JobItem.objects.create(job=job, position=days, email="ada@acme.example", result={"verificationScore": 50})
    unended = JobFactory(job_type=JobType.EMAIL_ENRICHMENT, created_at=OLD)
    JobItem.objects.create(job=unended, position=1, email="ada@acme.example")
    for days in (399, 401):
        ProviderUsage.objects.create(provider="hunter", operation="find", day=NOW - timedelta(days=days), calls=1)
    gone = Purged(checks=1, items=1, provider_usage=1)
    assert retention.purge(dry_run=True) == gone
    assert retention.purge() == gone
    assert [check.pk for check in AddressCheck.objects.all()] == ["29"]
    assert sorted(item.position for item in JobItem.objects.all()) == [1, 29]
    assert ProviderUsage.objects.get().day == (NOW - timedelta(days=399)).date()


def test_what_was_said_of_a_contacts_addresses_goes_with_it() -> None:
    for address in ("ada.gone@acme.example", "bo.stays@acme.example"):
        AddressCheck.objects.create(email_index=blind_index(address), checked_at=NOW)
    EmailFactory(email="Ada.Gone@acme.example", enriched_contact=ContactFactory(discovered_at=OLD))
    EmailFactory(email="bo.stays@acme.example")
    retention.purge()
    assert [check.pk for check in AddressCheck.objects.all()] == [blind_index("bo.stays@acme.example")]


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    brand = BrandFactory()
    for n in range(3):
        EmailFactory(
            enriched_contact=ContactFactory(discovered_at=OLD, linked_brand=brand, verified_at=NOW if n % 2 else None)
        )
    ContactFactory(discovered_at=OLD, linked_brand=None)
    would = retention.purge(dry_run=True)
    assert would == Purged(unverified=3, not_told=1, brands=1, oldest=OLD)
    assert (EnrichedContact.objects.count(), ContactEmail.objects.count()) == (4, 3)
    assert retention.purge() == would


def test_nothing_to_purge_is_no_error_and_a_second_run_finds_nothing() -> None:
    assert retention.purge() == Purged()
    ContactFactory(discovered_at=OLD)
    retention.purge()
    assert retention.purge() == Purged()


def test_batches_take_no_query_per_contact(monkeypatch, django_assert_max_num_queries) -> None:
    monkeypatch.setattr(retention, "BATCH", 30)
    brand = BrandFactory()
    for n in range(70):
        EmailFactory(
            email=f"ada.example@d{n}.example",
            domain=f"d{n}.example",
            enriched_contact=ContactFactory(discovered_at=OLD, linked_brand=brand),
        )
        pair = {"name": "Ada", "email": f"ada.example@d{n}.example", "source": "website", "seenAt": ""}
        DomainProfile.objects.create(domain=f"d{n}.example", known_addresses=[pair])
    # Of the three batches, each in the audit trail with its seal; and one for each of the other kinds.
    with django_assert_max_num_queries(115):
        assert retention.purge().unverified == 70
    assert all(row.known_addresses == [] for row in DomainProfile.objects.all())


def test_the_log_has_counts_and_no_person(caplog) -> None:
    EmailFactory(email="ada@acme.example", enriched_contact=ContactFactory(last_name="Secret", discovered_at=OLD))
    with caplog.at_level(logging.INFO):
        retention.purge()
    (record,) = [record for record in caplog.records if "purged" in record.getMessage()]
    assert "unverified" in record.getMessage()
    assert not any(word in caplog.text for word in ("Secret", "ada@"))


def test_the_scheduled_task_purges(settings) -> None:
    ContactFactory(discovered_at=OLD)
    assert tasks.purge.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    tasks.purge()
    assert left() == []


def run(function) -> Thread:
    def work() -> None:
        try:
            function()
        finally:
            connections.close_all()

    thread = Thread(target=work)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_who_is_approved_while_the_purge_looks_stays(monkeypatch) -> None:
    contact = EmailFactory(enriched_contact=ContactFactory(last_name="Saved", discovered_at=OLD)).enriched_contact
    EmailFactory(enriched_contact=ContactFactory(last_name="Unwanted", discovered_at=OLD))
    chosen, saved, batch = Signal(), Signal(), retention._purge_batch

    def hesitate(*arguments):
        chosen.set()
        assert saved.wait(20)
        return batch(*arguments)

    monkeypatch.setattr(retention, "_purge_batch", hesitate)
    purging = run(retention.purge)
    assert chosen.wait(20)
    with transaction.atomic():
        row = EnrichedContact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
        row.review_status = ReviewStatus.APPROVED
        row.save()
    saved.set()
    purging.join(20)
    assert left() == ["Saved"]
    assert contact.emails.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_being_approved_right_now_stays() -> None:
    contact = ContactFactory(last_name="Saved", discovered_at=OLD)
    held, finished = Signal(), Signal()

    def approve() -> None:
        with transaction.atomic():
            row = EnrichedContact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
            held.set()
            finished.wait(1)  # on SQLite the purge waits for us, on PostgreSQL it passes us by
            row.review_status = ReviewStatus.APPROVED
            row.save()

    approving = run(approve)
    assert held.wait(20)
    assert retention.purge() == Purged()
    finished.set()
    approving.join(20)
    assert left() == ["Saved"]


@pytest.mark.django_db(transaction=True)
def test_two_purges_at_once_count_each_contact_once(monkeypatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 5)
    for _ in range(20):
        EmailFactory(enriched_contact=ContactFactory(discovered_at=OLD))
    counts: list[int] = []
    threads = [run(lambda: counts.append(retention.purge().unverified)) for _ in range(2)]
    for thread in threads:
        thread.join(30)
    retention.purge()  # what each of the two left to the other
    assert left() == []
    assert sum(counts) <= 20


def test_forgetting_many_touches_only_the_profiles_concerned(django_assert_max_num_queries) -> None:
    pair = {"name": "Ada Example", "email": "ada@a.example", "source": "website", "seenAt": ""}
    DomainProfile.objects.create(
        domain="a.example", known_addresses=[pair], mx_status="found", mx_hosts=["mx.a.example"]
    )
    DomainProfile.objects.create(domain="b.example", known_addresses=[pair | {"email": "ada@b.example"}])
    with transaction.atomic(), django_assert_max_num_queries(2):
        domain_profiles.forget_many([("Ada Example", ["ADA@a.example"]), ("Nobody", [])])
    rows = {row.domain: row for row in DomainProfile.objects.all()}
    assert rows["a.example"].known_addresses == []
    assert (rows["a.example"].mx_status, rows["a.example"].mx_hosts) == ("found", ["mx.a.example"])
    assert len(rows["b.example"].known_addresses) == 1


def approved(last_name: str, **of_contact) -> Enrolment:
    """Somebody who was found, approved and enrolled long ago, and never written to."""
    email = f"{last_name.lower()}@acme.example"
    known = {"obtained_at": OLD} | of_contact
    address = AddressFactory(email=email, **{f"contact__{name}": value for name, value in known.items()})
    found = ContactFactory(
        last_name=last_name,
        discovered_at=OLD,
        review_status=ReviewStatus.APPROVED,
        reviewed_at=OLD,
        linked_contact=address.contact,
    )
    EmailFactory(enriched_contact=found, email=email)
    CrmContact.objects.filter(pk=address.contact_id).update(last_name=last_name)
    return EnrolmentFactory(address=address)


def in_crm() -> list[str]:
    return list(CrmContact.objects.order_by("last_name").values_list("last_name", flat=True))


def test_whom_nobody_told_goes_from_the_crm_with_all_that_was_found_and_planned() -> None:
    enrolment = approved("Gone")
    MessageFactory(enrolment=enrolment)
    approved("Young", obtained_at=NOW - timedelta(days=29))
    would = retention.purge(dry_run=True)
    assert would == Purged(never_told=1, brands=1, oldest=OLD)
    assert retention.purge() == would
    assert (in_crm(), left()) == (["Young"], ["Young"])
    assert (Enrolment.objects.count(), Message.objects.count(), ContactEmail.objects.count()) == (1, 0, 1)
    acts = set(AuditEntry.objects.values_list("action", "details"))
    reason = '{"reason": "never_told"}'
    assert acts >= {("crm_contact.purged", reason), ("contact.purged", reason)}


def test_whoever_knows_of_us_stays() -> None:
    for state in ("sent", "sending", "unknown"):
        MessageFactory(enrolment=approved(f"Written{state}"), state=state)
    Notice.objects.create(contact=approved("Told").contact, how="hand", state="sent")
    consents.record(approved("Consented").contact, OLD, "a form", None)
    Event.objects.create(kind="reply", source="hand", key="1", contact=approved("Wrote").contact, happened_at=OLD)
    approved("Asked", lawful_basis="contact_request")
    approved("Typed", lawful_basis="manual")
    earlier = approved("Before").contact  # was in the CRM before discovery found them
    CrmContact.objects.filter(pk=earlier.pk).update(created_at=OLD - timedelta(days=1))
    approved("Customer", relationship_status="Customer")
    approved("Entered", obtained_at=None)
    assert retention.purge() == Purged()
    MessageFactory(enrolment=approved("Failed"), state="failed")
    Notice.objects.create(contact=approved("Undelivered").contact, how="mail", state="failed")
    assert retention.purge().never_told == 2
    assert not {"Failed", "Undelivered"} & set(in_crm())


def test_whose_data_is_restricted_stays_until_that_is_lifted() -> None:
    approved("Linked")
    EmailFactory(enriched_contact=ContactFactory(last_name="Found", discovered_at=OLD), email="found@acme.example")
    suppression.add(["LINKED@acme.example", "found@acme.example"], "restriction")
    text = {"state": "sent", "sent_at": NOW - timedelta(days=731), "body": "Hello."}
    MessageFactory(enrolment=EnrolmentFactory(), email="found@acme.example", **text)
    assert retention.purge() == Purged()
    suppression.remove(["linked@acme.example", "found@acme.example"])
    purged = retention.purge()
    assert (purged.unverified, purged.never_told, purged.messages) == (1, 1, 1)


def test_who_was_approved_and_deleted_from_the_crm_goes_a_month_later() -> None:
    for days in (29, 31):
        moment = NOW - timedelta(days=days)
        ContactFactory(
            last_name=f"After{days}", discovered_at=OLD, review_status=ReviewStatus.APPROVED, reviewed_at=moment
        )
    assert retention.purge() == Purged(left_crm=1, brands=1, oldest=OLD)
    assert left() == ["After29"]


def test_keys_to_what_the_trail_says_of_them_are_destroyed_and_those_of_others_are_not() -> None:
    gone = ContactFactory(last_name="Gone", discovered_at=OLD)
    former = ContactFactory(last_name="Former")
    snapshot = {name: getattr(former, name) for name in ("first_name", "last_name", "name_key", "linkedin_id")}
    ContactMerge.objects.create(
        kept=gone, gone_id=former.pk, snapshot={"gone": snapshot | {"linked_brand_id": None}}, undone_at=None
    )
    stays = ContactFactory(last_name="Stays")
    for address, row in (("gone@acme.example", gone), ("both@acme.example", gone), ("both@acme.example", stays)):
        EmailFactory(email=address, enriched_contact=row)
    destroyed = {audit.person(gone), audit.person(former), audit.address("gone@acme.example")}
    kept = {audit.person(stays), audit.address("both@acme.example")}
    for subject in destroyed | kept:
        audit.record("contact.changed", subject=subject, after={"job_title": "Chief"})
    retention.purge()
    assert set(SubjectKey.objects.values_list("pk", flat=True)) == kept
    audit.verify()


def test_texts_of_old_messages_answers_and_notices_are_emptied_and_the_rows_stay() -> None:
    message = MessageFactory(
        state="sent", sent_at=NOW - timedelta(days=731), email="ada@acme.example", subject="Hello", body="Hello Ada."
    )
    contact = message.enrolment.contact
    words = {"email": "ada@acme.example", "text": "Gladly."}
    event = Event.objects.create(
        kind="reply", source="mailbox", key="1", subject="Re: Hello", happened_at=NOW - timedelta(days=731), **words
    )
    notice = Notice.objects.create(
        contact=contact, how="mail", state="sent", told_at=NOW - timedelta(days=731), **words
    )
    young = MessageFactory(state="sent", sent_at=NOW - timedelta(days=729), body="Young.")
    waiting = MessageFactory(subject="To copy", body="By hand.", due_at=NOW - timedelta(days=800))
    gone = Purged(messages=1, events=1, notices=1)
    assert retention.purge(dry_run=True) == gone
    assert retention.purge() == gone
    assert retention.purge() == Purged()
    for row, names in ((message, ("subject", "body")), (event, ("subject", "text")), (notice, ("text",))):
        row.refresh_from_db()
        assert {getattr(row, name) for name in (*names, "email", "email_index")} == {None}
    assert {row.body for row in Message.objects.exclude(pk=message.pk)} == {young.body, waiting.body}


def test_jobs_decisions_requests_and_undone_merges_have_periods_of_their_own() -> None:
    for days in (364, 366):
        ended = NOW - timedelta(days=days)
        job = JobFactory(status="completed", completed_at=ended)
        JobContact.objects.create(job=job, contact=ContactFactory())
        for state in ("done", "draft"):
            batch = ReviewBatch.objects.create(kind="reject", state=state, finished_at=ended, confirmed_at=ended)
            ReviewItem.objects.create(batch=batch, position=0, outcome="done")
    undoable = ReviewBatch.objects.create(kind="reject", state="done", finished_at=NOW - timedelta(days=999))
    ReviewItem.objects.create(batch=undoable, position=0, outcome="done", contact=ContactFactory())
    running = JobFactory(status="processing", created_at=NOW - timedelta(days=999))
    for state, days in (("lapsed", 31), ("lapsed", 29), ("done", 1096), ("open", 1096), ("refused", 1000)):
        made = {"created_at": NOW - timedelta(days=days), "due_at": NOW}
        SubjectRequest.objects.create(kind="access", state=state, origin="page", email_index="x", **made)
    for undone in (NOW - timedelta(days=91), NOW - timedelta(days=89), None):
        Merge.objects.create(kept=CrmContactFactory(), gone_id=running.pk, snapshot={}, undone_at=undone)
    would = retention.purge(dry_run=True)
    assert would == Purged(jobs=1, decisions=1, lapsed_requests=1, requests=1, merges=1)
    assert retention.purge() == would
    assert EnrichmentJob.objects.count() == 2
    assert Merge.objects.count() == 2
    assert sorted(SubjectRequest.objects.values_list("state", flat=True)) == ["lapsed", "open", "refused"]
    assert ReviewBatch.objects.filter(state="done").count() == 2


def test_a_run_that_did_away_with_something_leaves_a_report_and_no_other() -> None:
    retention.purge()
    assert not PurgeReport.objects.exists()
    ContactFactory(discovered_at=OLD)
    retention.purge()
    (report,) = PurgeReport.objects.all()
    why = "Nobody approved them, and no address of theirs has proof."
    assert (report.total, report.rows) == (1, [{"what": "unverified", "number": 1, "reason": why}])
    assert AuditEntry.objects.get(action="purge.run").facts == {"went": {"unverified": 1}}


def test_what_is_to_come_is_told_for_each_kind() -> None:
    ContactFactory(discovered_at=OLD)
    ContactFactory(discovered_at=NOW - timedelta(days=25))
    ContactFactory(discovered_at=NOW)
    told = {one.kind.name: one for one in retention.upcoming(NOW)}
    assert list(told) == [kind.name for kind in periods.KINDS]
    assert (told["unverified"].now, told["unverified"].soon) == (1, 1)
    assert told["unverified"].next_at == OLD + timedelta(days=30)
    assert (told["jobs"].now, told["jobs"].soon, told["jobs"].next_at) == (0, 0, None)


@pytest.mark.parametrize(
    ("hours", "words"), [(24, "1 day"), (720, "30 days"), (8760, "365 days"), (26280, "3 years"), (12, "12 hours")]
)
def test_periods_in_words(hours, words) -> None:
    assert kept_kinds.in_words(timedelta(hours=hours)) == words


@pytest.mark.django_db(transaction=True)
def test_whoever_is_written_to_while_the_purge_looks_stays(monkeypatch) -> None:
    message = MessageFactory(enrolment=approved("Saved"))
    look = retention.purging.merge_rows.lock_independent

    def claimed_meanwhile(*arguments):
        Message.objects.filter(pk=message.pk).update(state="sending")
        look(*arguments)

    monkeypatch.setattr(retention.purging.merge_rows, "lock_independent", claimed_meanwhile)
    assert retention.purge() == Purged()
    assert (in_crm(), left()) == (["Saved"], ["Saved"])


@pytest.mark.django_db(transaction=True)
def test_a_contact_of_the_crm_that_somebody_holds_stays() -> None:
    contact = approved("Held").contact
    held, finished = Signal(), Signal()

    def hold() -> None:
        with transaction.atomic():
            CrmContact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
            CrmContact.objects.filter(pk=contact.pk).update(relationship_status="Contacted")
            held.set()
            finished.wait(0.3)  # on SQLite the purge waits for us, on PostgreSQL it passes us by

    holding = run(hold)
    assert held.wait(20)
    assert retention.purge() == Purged()
    finished.set()
    holding.join(20)
    assert in_crm() == ["Held"]


@pytest.mark.django_db
def test_the_scheduled_purge_waits_an_hour_after_a_clock_that_jumped() -> None:
    """A clock a year ahead must not delete what is not due; a machine that was off loses an hour."""
    now = timezone.now()
    ContactFactory(discovered_at=now)
    tasks.purge()
    with time_machine.travel(now + timedelta(days=365), tick=False):
        tasks.purge()
        assert EnrichedContact.objects.exists()
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        tasks.purge()
        assert EnrichedContact.objects.exists()
    with time_machine.travel(now + timedelta(days=40), tick=False):
        tasks.purge()
        assert EnrichedContact.objects.exists()
    with time_machine.travel(now + timedelta(days=40, hours=1), tick=False):
        tasks.purge()
        assert not EnrichedContact.objects.exists()


def test_a_run_does_what_a_dry_run_foretold_also_where_rows_go_along_with_others() -> None:
    long_ago = NOW - timedelta(days=400)
    job = JobFactory(status="completed", completed_at=long_ago)
    JobItem.objects.create(job=job, position=1, email="ada@acme.example")
    JobProgress.objects.create(job=job)
    contact = EmailFactory(enriched_contact__discovered_at=OLD, email="ada@acme.example").enriched_contact
    AddressCheck.objects.create(email_index=blind_index("ada@acme.example"), checked_at=long_ago)
    KeptAnswer.objects.create(brand=contact.linked_brand, key="page", body="x", fetched_at=long_ago)
    foretold = retention.purge(dry_run=True)
    assert (foretold.jobs, foretold.items, foretold.progress, foretold.checks, foretold.answers) == (1, 1, 1, 1, 1)
    assert retention.purge() == foretold
    assert retention.purge(dry_run=True).total == 0


def test_what_is_to_come_is_counted_with_one_query_for_each_kind(django_assert_num_queries) -> None:
    ContactFactory(discovered_at=OLD)
    ContactFactory(discovered_at=NOW - timedelta(days=25))
    with django_assert_num_queries(len(periods.KINDS)):
        (unverified, *_) = retention.upcoming(NOW)
    assert (unverified.now, unverified.soon, unverified.next_at) == (1, 1, OLD + timedelta(days=30))
