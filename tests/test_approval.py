"""A contact becomes one CRM contact with one enrolment, however often and from however many sides it is approved."""

import signal
import subprocess
import sys
import time
import uuid
from threading import Event

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import suppression
from crm.models import Contact as CrmContact
from crm.models import ContactAddress, Suppression
from enrichment import approval, intake, jobs, limits, store
from enrichment.discovery.base import Person
from enrichment.models import ContactEmail, DomainProfile, EnrichedContact, EnrichmentJob, JobContact, ReviewStatus
from outreach import enrolments, sequences
from outreach.default_sequence import create
from outreach.models import Enrolment, Message, Sequence, Template
from tests.factories import BrandFactory, ContactFactory, EmailFactory, JobFactory
from tests.kit.processes import environment
from tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sequence(db: None) -> None:
    """The default sequence, also after a test that emptied the tables."""
    if not Sequence.objects.exists():
        create()


def found(**fields: object) -> EnrichedContact:
    """Return a contact in Great Britain with a published and a guessed address, found by a job."""
    contact = ContactFactory(region_code="GB", decision_maker=True, seniority="head", **fields)
    name = contact.last_name.lower()
    EmailFactory(
        enriched_contact=contact, email=f"{name}@acme.example", generation_method="published", probability=0.95
    )
    EmailFactory(enriched_contact=contact, email=f"a.{name}@acme.example", probability=0.2)
    JobContact.objects.create(job=JobFactory(brand=contact.linked_brand), contact=contact)
    return contact


def approve(*contacts: EnrichedContact, **options: object) -> approval.Approval:
    return approval.approve([str(contact.pk) for contact in contacts], **{"user": None} | options)


def test_approval_makes_a_crm_contact_links_every_address_and_enrols() -> None:
    contact = found(linkedin_url="https://www.linkedin.com/in/ada")
    user = get_user_model().objects.create_user("boss")
    result = approve(contact, user=user, job_id=contact.jobs.get().pk)
    assert (len(result.approved), result.skipped) == (1, [])

    contact.refresh_from_db()
    crm_contact = contact.linked_contact
    assert crm_contact.relationship_status == "New"
    assert (crm_contact.first_name, crm_contact.job_title, crm_contact.region_code) == ("Ada", contact.job_title, "GB")
    assert crm_contact.lawful_basis == "b2b_legitimate_interest"
    assert crm_contact.linkedin_url == "https://www.linkedin.com/in/ada"
    assert crm_contact.evidence == contact.evidence
    addresses = {row.email: (row.is_primary, row.origin) for row in crm_contact.addresses.all()}
    name = contact.last_name.lower()
    assert addresses == {
        f"{name}@acme.example": (True, "published"),
        f"a.{name}@acme.example": (False, "guessed"),
    }
    assert (contact.review_status, contact.reviewed_by, contact.compliance_check_passed) == ("approved", user, True)
    assert contact.added_to_crm_at is not None
    assert contact.activity[-1]["label"] == "Approved for outreach by boss"

    enrolment = Enrolment.objects.get()
    assert (enrolment.contact, enrolment.address.is_primary) == (crm_contact, True)
    planned = list(enrolment.messages.order_by("due_at"))
    assert [message.step.position for message in planned] == [1, 2, 3, 4]
    assert {message.state for message in planned} == {"planned"}
    assert result.approved[0] == approval.Approved(str(contact.pk), str(crm_contact.pk), str(enrolment.pk))


def test_approving_twice_changes_nothing() -> None:
    contact = found()
    approve(contact)
    again = approve(contact)
    assert (again.approved, again.skipped) == ([], [approval.Skipped(str(contact.pk), "already_approved")])
    assert (CrmContact.objects.count(), Enrolment.objects.count(), Message.objects.count()) == (1, 1, 4)


def test_one_id_in_two_spellings_counts_once() -> None:
    contact = found()
    result = approval.approve([str(contact.pk), str(contact.pk).upper(), contact.pk.hex], user=None)
    assert (len(result.approved), result.skipped) == (1, [])


def test_each_obstacle_has_its_reason() -> None:
    fine, elsewhere, approved, listed = found(), found(), found(), found()
    bare = ContactFactory()
    job = fine.jobs.get()
    for contact in (approved, listed, bare):
        JobContact.objects.create(job=job, contact=contact)
    approve(approved)
    suppression.add([listed.emails.all()[0].email], Suppression.Reason.OBJECTION)
    unknown = str(uuid.uuid4())
    ids = [str(one.pk) for one in (fine, elsewhere, approved, listed, bare)]
    result = approval.approve([*ids, unknown, "no id"], user=None, job_id=job.pk)
    assert [one.contact_id for one in result.approved] == [str(fine.pk)]
    assert [(skip.contact_id, skip.reason) for skip in result.skipped] == [
        (str(elsewhere.pk), "not_in_job"),
        (str(approved.pk), "already_approved"),
        (str(listed.pk), "suppressed"),
        (str(bare.pk), "no_address"),
        (unknown, "not_found"),
        ("no id", "not_found"),
    ]
    listed.refresh_from_db()
    assert (listed.review_status, listed.linked_contact) == ("new", None)


def test_a_suppressed_second_address_is_not_linked() -> None:
    contact = found()
    suppression.add([contact.emails.all()[1].email], Suppression.Reason.BOUNCED)
    approve(contact)
    assert [row.email for row in ContactAddress.objects.all()] == [contact.emails.all()[0].email]


def test_a_suppressed_domain_stops_everybody_there() -> None:
    contact = found()
    suppression.add(["acme.example"], Suppression.Reason.OBJECTION)
    assert [skip.reason for skip in approve(contact).skipped] == ["suppressed"]


def test_an_unknown_job_is_an_error() -> None:
    with pytest.raises(EnrichmentJob.DoesNotExist):
        approve(found(), job_id=uuid.uuid4())


def test_the_same_person_found_again_joins_the_crm_contact_that_is_there() -> None:
    first = found()
    approve(first)
    twin = ContactFactory(first_name=first.first_name, last_name=first.last_name, linked_brand=first.linked_brand)
    EmailFactory(enriched_contact=twin, email=first.emails.all()[0].email.upper())
    approve(twin)
    assert (CrmContact.objects.count(), Enrolment.objects.count()) == (1, 1)


def test_where_consent_is_needed_the_messages_are_held_and_say_why() -> None:
    contact = found()
    EnrichedContact.objects.filter(pk=contact.pk).update(region_code="DE")
    approve(contact)
    contact.refresh_from_db()
    assert contact.compliance_check_passed is False
    for message in Message.objects.all():
        assert message.state == "held"
        assert any("Germany" in reason for reason in message.reasons)


def test_a_contact_whose_brand_was_deleted_gets_one_by_its_company() -> None:
    contact = found(company="Acme")
    contact.linked_brand.delete()
    approve(contact)
    assert CrmContact.objects.get().brand.name == "Acme"


def test_without_a_sequence_nothing_is_written() -> None:
    contact = found()
    Sequence.objects.update(active=False)
    with pytest.raises(enrolments.NoSequence):
        approve(contact)
    contact.refresh_from_db()
    assert (contact.review_status, CrmContact.objects.count()) == ("new", 0)


def test_linking_hands_over_the_addresses_and_enrols_nobody() -> None:
    contact = found()
    known = CrmContact.objects.create(brand=BrandFactory(), first_name="Ada", last_name="Known")
    linked = approval.link(contact.pk, known.pk, None)
    assert (linked.linked_contact, linked.review_status) == (known, ReviewStatus.NEW)
    assert linked.added_to_crm_at is not None
    assert known.addresses.filter(is_primary=True).get().email == contact.emails.all()[0].email
    assert known.addresses.count() == 2
    assert not Enrolment.objects.exists()
    approve(contact)
    assert Enrolment.objects.get().contact == known
    assert CrmContact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_approval_that_waited_for_a_link_takes_the_contact_that_was_linked() -> None:
    contact = found(company="Acme")
    contact.linked_brand.delete()  # whose brand is there wait at its row, before they read anything
    known = CrmContact.objects.create(brand=BrandFactory(), first_name="Ada", last_name="Known")
    linked = Event()

    def work(index: int) -> None:
        if index:
            linked.wait(10)
            approve(contact)
            return
        with transaction.atomic():
            approval.link(contact.pk, known.pk, None)
            linked.set()
            time.sleep(0.5)  # until the approval waits for the lock; should it come later, there is no race

    race(2, work)
    contact.refresh_from_db()
    assert (contact.linked_contact, contact.review_status) == (known, "approved")
    assert (CrmContact.objects.count(), Enrolment.objects.get().contact) == (1, known)


@pytest.mark.django_db(transaction=True)
def test_from_many_clients_at_once_it_is_one_crm_contact_and_one_enrolment() -> None:
    contacts = [found(linked_brand=brand) for brand in BrandFactory.create_batch(2) for _ in range(2)]
    results = race(8, lambda number: approve(*(contacts if number % 2 else contacts[::-1])))
    assert sum(len(result.approved) for result in results) == 4
    assert (CrmContact.objects.count(), Enrolment.objects.count(), Message.objects.count()) == (4, 4, 16)


@pytest.mark.django_db(transaction=True)
def test_approvals_discoveries_and_jobs_of_one_brand_do_not_lock_each_other_out(settings) -> None:
    """Each takes its locks in the one order; on PostgreSQL another order ends in a deadlock error."""
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 100
    user = get_user_model().objects.create_user("boss")
    brand = BrandFactory()
    contacts = [found(linked_brand=brand, created_by=user) for _ in range(8)]
    running = [jobs.claim(JobFactory(brand=brand, created_by=user).pk) for _ in range(8)]

    def work(number: int) -> None:
        if number % 3 == 0:
            approve(contacts[number // 3], user=user)
        elif number % 3 == 1:
            jobs.create(intake.discovery_request(brand.name, f"https://{brand.domain}"), user)
        else:
            with jobs.fenced(running[number // 3]) as job:
                assert limits.address_budget(user) > 0
                store.save(job, [(Person(contact.first_name, contact.last_name), []) for contact in contacts])
                jobs.complete(job, discovered=8, enriched=0, diagnostics=[])

    race(24, work)
    assert Enrolment.objects.count() == 8
    assert EnrichmentJob.objects.filter(status="completed").count() == 8
    assert EnrichmentJob.objects.filter(status="pending").count() == 8 + 8, "those found() made, and the new ones"


KILLED = """
import os, signal, django
django.setup()
from enrichment import approval, intake, jobs, limits, store
from enrichment.discovery.base import Person
from outreach import enrolments, sequences
real = enrolments.enrol
def enrol(*args, **options):
    real(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)
enrolments.enrol = enrol
approval.approve([os.environ["CONTACT"]], user=None)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_between_enrolment_and_commit_nothing_is_left_and_the_next_approval_is_whole() -> None:
    contact = found()
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=settings.BASE_DIR,
        env=environment(CONTACT=str(contact.pk), DJANGO_SETTINGS_MODULE="enrichment_project.settings"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (CrmContact.objects.count(), Enrolment.objects.count()) == (0, 0)
    assert len(approve(contact).approved) == 1
    assert (CrmContact.objects.count(), Enrolment.objects.count(), Message.objects.count()) == (1, 1, 4)


def test_how_an_address_was_verified_and_who_runs_its_mail_come_along_without_a_query_each() -> None:
    DomainProfile.objects.create(domain="acme.example", mx_hosts=["aspmx.l.google.com"])
    contacts = [found() for _ in range(5)]
    ContactEmail.objects.update(verification_method="smtp_ping")
    with CaptureQueriesContext(connection) as queries:
        approval.approve([str(contact.pk) for contact in contacts], user=None)
    asked = [query["sql"] for query in queries if "domain_profile" in query["sql"]]
    assert len(asked) == 1
    rows = ContactAddress.objects.values_list("verification_method", "mail_operator")
    assert set(rows) == {("smtp_ping", "google")}
    ContactEmail.objects.update(verification_method=None)
    first = EnrichedContact.objects.get(pk=contacts[0].pk)
    approval.bring_up_to_date(first)
    assert set(rows.filter(contact=first.linked_contact)) == {("", "google")}


def test_a_sequence_and_texts_are_chosen_and_what_was_before_is_told() -> None:
    chosen = Sequence.objects.create(name="Chosen")
    step = sequences.current(Sequence.objects.get(name="Four weeks")).steps.get(position=1)
    sequences.save_steps(chosen, [sequences.StepData("email", 1, step.template_id)], None)
    other = Template.objects.create(name="Other", subject="Hello", body="Hello {{ first_name | there }}.")
    contact = found()
    approved = approve(contact, sequence=chosen, templates={1: other.pk}).approved[0]
    message = Message.objects.get()
    assert (message.enrolment.sequence, message.template) == (chosen, other)
    assert (approved.before["status"], approved.before["made"], len(approved.before["addresses"])) == ("new", True, 2)

    chosen.active = False
    chosen.save()
    with pytest.raises(enrolments.NoSequence, match="switched off"):
        approve(found(), sequence=chosen)
    assert Enrolment.objects.count() == 1
