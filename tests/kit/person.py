"""One invented person of whom every table holds something, and whether any still does."""

import base64
import zlib
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from core import audit
from core.fields import blind_index
from core.models import AuditEntry
from crm import consents, history, merging, notes, outcomes
from enrichment import address_checks
from enrichment import merging as found_merging
from enrichment.emails.checks import SMTP, Check, Result
from enrichment.models import (
    ContactNote,
    DomainProfile,
    EnrichmentJob,
    JobContact,
    JobItem,
    JobProgress,
    KeptAnswer,
    ReviewBatch,
    ReviewItem,
    SavedView,
    SubjectRequest,
)
from outreach.models import Event, Notice, Task
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, EmailFactory, JobFactory
from tests.outreach.factories import AddressFactory, EnrolmentFactory, MessageFactory, ReachableFactory, StepFactory

ADDRESS, OTHER = "zoe.quist@acme.example", "z.quist@acme.example"
NAME, FORMER = "Zoe Quist", "Zoe Quist-Hall"
SNIPPET = "heads the workshop for wide rivers"
SECRETS = (ADDRESS, OTHER, NAME, FORMER, SNIPPET, "quist")


def make_person() -> SimpleNamespace:
    """Create the rows, and a colleague of whom nothing may go."""
    brand = BrandFactory(name="Acme", domain="acme.example")
    user = User.objects.create_user("worker")
    now = timezone.now()
    evidence = [
        {
            "field": "name",
            "value": NAME,
            "url": "https://acme.example/team",
            "snippet": SNIPPET,
            "source": "website",
            "seenAt": "2026-11-24T10:00:00Z",
        }
    ]
    crm = ReachableFactory(brand=brand, first_name="Zoe", last_name="Quist", evidence=evidence)
    primary = AddressFactory(contact=crm, email=ADDRESS)
    CrmAddressFactory(contact=crm, email=OTHER, is_primary=False)
    found = ContactFactory(
        first_name="Zoe",
        last_name="Quist",
        linked_brand=brand,
        linked_contact=crm,
        evidence=evidence,
        linkedin_url="https://www.linkedin.com/in/zoe-quist",
        linkedin_id="zoe-quist",
    )
    EmailFactory(enriched_contact=found, email=ADDRESS)
    EmailFactory(enriched_contact=found, email=OTHER, probability=0.1)
    twin = ContactFactory(first_name="Zoe", last_name="Quist-Hall", linked_brand=brand, evidence=evidence)
    EmailFactory(enriched_contact=twin, email=ADDRESS)
    found_merging.merge(found, twin, {}, user)
    crm_twin = ReachableFactory(brand=brand, first_name="Zoe", last_name="Quist-Hall")
    AddressFactory(contact=crm_twin, email=ADDRESS)
    merging.merge(crm, crm_twin, {}, user)
    colleague = ContactFactory(
        first_name="Bo",
        last_name="Other",
        linked_brand=brand,
        evidence=[{**evidence[0], "value": "Bo Other", "snippet": f"Bo Other works with {NAME} ({ADDRESS})."}],
    )
    EmailFactory(enriched_contact=colleague, email="bo.other@acme.example")
    crm_colleague = ReachableFactory(brand=brand, first_name="Bo", last_name="Other")
    CrmAddressFactory(contact=crm_colleague, email="bo.other@acme.example")
    ContactNote.objects.create(contact=found, text=f"{NAME} called.", author=user)
    ContactNote.objects.create(contact=colleague, text=f"Ask {ADDRESS} first.", author=user)
    notes.add(crm, f"Met {NAME} at the fair.", user)
    notes.add(crm_colleague, f"{NAME} recommends Bo.", user)
    consents.record(crm, now, f"{NAME} by telephone", user)
    history.record(crm, "sent", f"Step 1 was sent to {NAME}.")
    outcomes.record(ADDRESS, "delivered", now)
    enrolment = EnrolmentFactory(address=primary, contact=crm)
    sent = MessageFactory(
        enrolment=enrolment,
        step=StepFactory(version=enrolment.version),
        state="sent",
        sent_at=now,
        email=ADDRESS,
        subject="Hello Zoe",
        body=f"Dear {NAME}, a question.",
    )
    waiting = MessageFactory(enrolment=enrolment, step=StepFactory(version=enrolment.version), state="planned")
    Task.objects.create(message=waiting, expires_at=now)
    event: dict[str, Any] = {"source": "mailbox", "happened_at": now, "email": ADDRESS, "text": f"Gladly. {NAME}"}
    Event.objects.create(kind="reply", key="1", message=sent, enrolment=enrolment, contact=crm, **event)
    Event.objects.create(kind="unknown", key="2", **event)  # of whom nobody knows to whom it belongs
    about_her = {**event, "email": "bo.other@acme.example", "text": f"On leave: write to {ADDRESS}."}
    Event.objects.create(kind="auto_reply", key="3", contact=crm_colleague, **about_her)
    Notice.objects.create(contact=crm, how="mail", state="sent", email=ADDRESS, text=f"Dear {NAME}", told_at=now)
    DomainProfile.objects.create(
        domain="acme.example",
        known_addresses=[
            {"name": NAME, "email": ADDRESS, "source": "website", "seenAt": now.isoformat(), "right": True},
            {"name": "Bo Other", "email": "bo.other@acme.example", "source": "crm", "seenAt": now.isoformat()},
        ],
    )
    address_checks.save([Check(ADDRESS, SMTP, Result.DELIVERABLE, "accepted", "The server took it.", now)])
    page = base64.b64encode(zlib.compress(f"<p>{NAME} {SNIPPET}</p>".encode())).decode()
    KeptAnswer.objects.create(
        brand=brand, key="page", head={"url": "https://acme.example/team"}, body=page, fetched_at=now
    )
    SavedView.objects.create(user=user, name="Mine", query="q=zoe.quist%40acme.example")
    job: EnrichmentJob = JobFactory(brand=brand)
    JobContact.objects.create(job=job, contact=found)
    JobProgress.objects.create(
        job=job,
        found=[
            {"name": NAME, "title": "", "source": "website"},
            {"name": "Bo Other", "title": "", "source": "website"},
        ],
    )
    JobItem.objects.create(job=job, position=1, email=ADDRESS, result={"email": ADDRESS})
    JobItem.objects.create(job=job, position=2, contact=found)
    JobItem.objects.create(job=job, position=3, email="bo.other@acme.example")
    batch = ReviewBatch.objects.create(kind="approve", state="done", total=1, filters="q=zoe.quist%40acme.example")
    ReviewBatch.objects.filter(pk=batch.pk).update(reason=f"{NAME} left")
    ReviewItem.objects.create(batch=batch, position=1, contact=found, crm_contact=crm, before={"name": NAME})
    brand.facts = [{"field": "register", "value": "HRB 1", "url": "", "snippet": f"Director: {NAME}", "source": "x"}]
    brand.save()
    SubjectRequest.objects.create(
        kind="correction",
        state="open",
        origin="page",
        email=ADDRESS,
        email_index=blind_index(ADDRESS),
        text=f"I am {NAME}",
        due_at=now,
    )
    audit.record("contact.changed", of=found, subject=audit.person(found), after={"last_name": NAME})
    return SimpleNamespace(
        brand=brand,
        found=found,
        crm=crm,
        colleague=colleague,
        crm_colleague=crm_colleague,
        enrolment=enrolment,
        waiting=waiting,
        user=user,
        job=job,
    )


def traces(*secrets: str) -> list[str]:
    """Return in which columns of which tables one of the texts stands, decrypted through the models."""
    found = []
    for model in apps.get_models():
        fields = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        for row in model._base_manager.all() if fields else ():
            for field in fields:
                text = _text(row, field.attname)
                if any(secret.lower() in text for secret in secrets):
                    found.append(f"{model._meta.label}.{field.name}: {text[:80]}")
    # What the audit trail can still tell, for those who have the keys.
    told = [str(values) for values in audit.values_of(list(AuditEntry.objects.all())).values() if values]
    hits = [text for text in told if any(secret.lower() in text.lower() for secret in secrets)]
    return [*found, *(f"audit trail: {text}" for text in hits)]


def _text(row: models.Model, name: str) -> str:
    value = getattr(row, name)
    if isinstance(row, KeptAnswer) and name == "body":
        value = zlib.decompress(base64.b64decode(value)).decode()
    if isinstance(value, datetime) or value is None:
        return ""
    return str(value).lower().replace("%40", "@")
