"""A row of every model that the admin shows, made anew at each call: its relations are rows of their own."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from core import api_tokens, audit
from core.models import ApiToken, AuditEntry, AuditHead, DailyCount, KeyCheck, RefreshToken, SubjectKey
from crm import models as crm
from crm import region_rules, regions
from enrichment import models as found
from outreach import models as outreach
from tests.factories import (
    BrandFactory,
    ContactFactory,
    CrmAddressFactory,
    CrmContactFactory,
    EmailFactory,
    JobFactory,
)
from tests.outreach.factories import (
    EnrolmentFactory,
    MailboxFactory,
    MessageFactory,
    SequenceFactory,
    StepFactory,
    TemplateFactory,
    VersionFactory,
)


def user() -> User:
    return User.objects.create_user(f"user{User.objects.count()}")


def _number(model: type[Model]) -> int:
    return model._default_manager.count()


def region_rule() -> crm.RegionRule:
    code = list(regions.REGIONS)[_number(crm.RegionRule)]
    return region_rules.save(code, {"checked_on": NOW.date()}, "Looked at again.", user())


def api_token() -> ApiToken:
    row = ApiToken(user=user(), name="A script")
    api_tokens.stamp(row)
    row.save()
    return row


def contact() -> found.EnrichedContact:
    row = EmailFactory(
        enriched_contact__linked_contact=CrmAddressFactory().contact,
        enriched_contact__reviewed_by=user(),
        enriched_contact__created_by=user(),
        enriched_contact__linkedin_url="https://www.linkedin.com/in/ada-example",
    ).enriched_contact
    found.ContactNote.objects.create(contact=row, text="Met at the fair.", author=user())
    found.JobContact.objects.create(job=JobFactory(), contact=row)
    return row


def crm_contact() -> crm.Contact:
    row = CrmAddressFactory(contact__owner=user(), contact__created_by=user()).contact
    crm.Note.objects.create(contact=row, text="Met at the fair.", author=user())
    return row


def batch() -> found.ReviewBatch:
    row = found.ReviewBatch.objects.create(kind="approve", total=2, user=user(), sequence=SequenceFactory())
    for position in range(2):
        review_item(row, position)
    return row


def review_item(of: found.ReviewBatch | None = None, position: int = 0) -> found.ReviewItem:
    enrolment = EnrolmentFactory()
    return found.ReviewItem.objects.create(
        batch=of or found.ReviewBatch.objects.create(kind="approve", total=1, user=user()),
        position=position,
        contact=ContactFactory(),
        crm_contact=enrolment.contact,
        enrolment=enrolment,
        before={"secret": "SECRET"},
    )


def event() -> outreach.Event:
    message = MessageFactory()
    return outreach.Event.objects.create(
        kind="reply",
        source="mailbox",
        key=f"key {_number(outreach.Event)}",
        message=message,
        enrolment=message.enrolment,
        contact=message.enrolment.contact,
        brand=message.enrolment.contact.brand,
        mailbox=message.mailbox,
        happened_at=timezone.now(),
        text="Gladly,\non Monday.",
    )


def experiment() -> outreach.Experiment:
    template = TemplateFactory()
    variant = outreach.Variant.objects.create(template=template, name="Shorter", body="Hi.")
    return outreach.Experiment.objects.create(
        name=f"Experiment {_number(outreach.Experiment)}", template=template, variant=variant, planned_per_arm=20
    )


def version() -> outreach.SequenceVersion:
    row = VersionFactory(created_by=user(), sequence__mailbox=MailboxFactory())
    StepFactory(version=row)
    return row


def _of_a_contact(model: type[Model], **fields: Any) -> Model:
    return model._default_manager.create(contact=CrmContactFactory(), **fields)


def _merge(model: Any, kept: Callable[[], Model]) -> Callable[[], Model]:
    def make() -> Model:
        one = kept()
        snapshot = {"gone": {"first_name": "Grace", "last_name": "Gone"}}
        return model.objects.create(
            kept=one, gone_id=one.pk, snapshot=snapshot, merged_by=user(), undone_by=user(), undone_at=timezone.now()
        )

    return make


NOW = timezone.now()
ROWS: dict[type[Model], Callable[[], Model]] = {
    ApiToken: api_token,
    DailyCount: lambda: DailyCount.objects.create(name="limit_hit", label=f"{_number(DailyCount)}", day=NOW.date()),
    AuditEntry: lambda: audit.record("thing.done", subject="index", after={"secret": "SECRET"}),
    AuditHead: lambda: AuditHead.objects.create(id=_number(AuditHead) + 1),
    SubjectKey: lambda: SubjectKey.objects.create(subject=f"index {_number(SubjectKey)}", key="SECRET"),
    KeyCheck: lambda: KeyCheck.objects.create(id=_number(KeyCheck) + 1, word="SECRET", word_index="SECRET"),
    RefreshToken: lambda: RefreshToken.objects.create(
        fingerprint=f"{_number(RefreshToken)}", family=uuid4(), user=user(), expires_at=NOW
    ),
    crm.Brand: lambda: CrmContactFactory().brand,
    crm.Contact: crm_contact,
    crm.ContactAddress: CrmAddressFactory,
    crm.Note: lambda: _of_a_contact(crm.Note, text="Met.", author=user()),
    crm.Consent: lambda: _of_a_contact(crm.Consent, given_at=NOW, source="A form", recorded_by=user()),
    crm.HistoryEntry: lambda: _of_a_contact(
        crm.HistoryEntry, kind="sent", sentence="Sent.", happened_at=NOW, actor=user()
    ),
    crm.Merge: _merge(crm.Merge, CrmContactFactory),
    crm.Suppression: lambda: crm.Suppression.objects.create(
        kind="address", value_index=f"index {_number(crm.Suppression)}", created_by=user()
    ),
    crm.Assessment: lambda: crm.Assessment.objects.create(
        purpose="outreach",
        version=_number(crm.Assessment) + 1,
        **dict.fromkeys(["interest", "necessity", "balance", "safeguards"], "It is so."),
        holds=True,
        assessed_by=user(),
        assessed_by_name="Grace Admin",
    ),
    crm.RegionRule: region_rule,
    crm.AddressOutcome: lambda: crm.AddressOutcome.objects.create(
        email_index="index", domain="acme.example", kind="replied", happened_at=timezone.now()
    ),
    outreach.Mailbox: MailboxFactory,
    outreach.Template: lambda: StepFactory().template,
    outreach.Experiment: experiment,
    outreach.Sequence: lambda: version().sequence,
    outreach.SequenceVersion: version,
    outreach.Enrolment: lambda: MessageFactory().enrolment,
    outreach.Message: MessageFactory,
    outreach.Task: lambda: outreach.Task.objects.create(message=MessageFactory(), owner=user(), expires_at=NOW),
    outreach.Event: event,
    outreach.Notice: lambda: outreach.Notice.objects.create(
        contact=CrmContactFactory(), how="hand", state="sent", text="By letter.", told_by=user(), told_at=NOW
    ),
    outreach.MailboxPosition: lambda: outreach.MailboxPosition.objects.create(
        account=f"account {_number(outreach.MailboxPosition)}", uid_validity=1
    ),
    found.EnrichedContact: contact,
    found.ContactEmail: EmailFactory,
    found.ContactNote: lambda: found.ContactNote.objects.create(contact=ContactFactory(), text="Met.", author=user()),
    found.ContactMerge: _merge(found.ContactMerge, ContactFactory),
    found.EnrichmentJob: lambda: (
        found.JobContact.objects.create(
            job=JobFactory(created_by=user(), brand_website="https://acme.example"), contact=ContactFactory()
        ).job
    ),
    found.JobItem: lambda: found.JobItem.objects.create(
        job=JobFactory(), position=0, contact=ContactFactory(), result={"secret": "SECRET"}
    ),
    found.ReviewBatch: batch,
    found.ReviewItem: review_item,
    found.SavedView: lambda: found.SavedView.objects.create(user=user(), name="Mine", query="q=SECRET"),
    found.SubjectRequest: lambda: found.SubjectRequest.objects.create(
        kind="access",
        origin="page",
        email="ada@acme.example",
        email_index="a" * 64,
        token_hash=f"SECRET {_number(found.SubjectRequest)}",
        due_at=NOW,
    ),
    found.DomainProfile: lambda: found.DomainProfile.objects.create(
        domain=f"acme{_number(found.DomainProfile)}.example", known_addresses=[{"name": "SECRET"}], mx_checked_at=NOW
    ),
    found.AddressCheck: lambda: found.AddressCheck.objects.create(
        email_index=f"index {_number(found.AddressCheck)}", checks=["SECRET"], checked_at=NOW
    ),
    found.MailOperator: lambda: found.MailOperator.objects.create(name=f"operator {_number(found.MailOperator)}"),
    found.KeptAnswer: lambda: found.KeptAnswer.objects.create(
        brand=BrandFactory(), key="SECRET", head={"url": "SECRET"}, body="SECRET", fetched_at=NOW
    ),
    found.PurgeReport: lambda: found.PurgeReport.objects.create(
        rows=[{"what": "unverified", "number": 2, "reason": "Nobody approved them."}], total=2
    ),
    found.Usage: lambda: found.Usage.objects.create(user=user(), brand=BrandFactory(), kind="discovery"),
    found.ProviderUsage: lambda: found.ProviderUsage.objects.create(
        provider=f"provider {_number(found.ProviderUsage)}", operation="find", day=NOW.date(), calls=1
    ),
    found.IdempotencyKey: lambda: found.IdempotencyKey.objects.create(
        user=user(), operation="discover", key="key", request_hash="SECRET", result={"secret": "SECRET"}
    ),
}
