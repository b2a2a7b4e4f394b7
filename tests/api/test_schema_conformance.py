"""Generated requests, valid and not, against every operation of the OpenAPI document.

No answer is a 5xx, and each has a status, a content type, headers and a shape that the document names. Where a path
or a body asks for an id, every second one is a real row's, so that the answers are not all 404.
"""

import os
import uuid
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, CheckFunction
from schemathesis import checks as known
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core import api_tokens
from crm import merging
from crm.models import Brand, Consent, Merge
from crm.models import Contact as CrmContact
from enrichment.models import JobContact, JobItem
from enrichment_project.wsgi import application
from outreach.default_sequence import create
from outreach.models import Event, Experiment, Sequence, Task
from tests.factories import ContactFactory, EmailFactory, JobFactory
from tests.outreach.factories import (
    AddressFactory,
    EnrolmentFactory,
    MailboxFactory,
    MessageFactory,
    StepFactory,
    TemplateFactory,
    VersionFactory,
)

TOTAL = int(os.environ.get("FUZZ_EXAMPLES", "0"))  # over all operations, as `make fuzz` says
EXAMPLES = 14  # for each of the operations that take input
FEWER = 7  # for those of the CRM and outreach, of which there are many
CHECKS: list[CheckFunction] = [
    known.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]
CONTACT, JOB, CRM_CONTACT = (uuid.UUID(int=number) for number in (1, 2, 3))
# By the part of the path after /api/crm/ or /api/outreach/: one row of each kind, made by `rows`.
KINDS = "brands consents merges sequences templates variants enrolments messages tasks events mailboxes experiments"
IDS = {kind: uuid.UUID(int=number) for number, kind in enumerate(KINDS.split(), start=10)} | {"contacts": CRM_CONTACT}
GONE, ADDRESS = uuid.UUID(int=4), uuid.UUID(int=5)
BODY_IDS = {
    "contactId": IDS["contacts"],
    "goneId": GONE,
    "addressId": ADDRESS,
    "brandId": IDS["brands"],
    "sequenceId": IDS["sequences"],
    "templateId": IDS["templates"],
    "variantId": IDS["variants"],
    "mailboxId": IDS["mailboxes"],
}

schema = from_wsgi("/api/schema", application)
if TOTAL:
    EXAMPLES = FEWER = -(-TOTAL // sum(1 for _ in schema.get_all_operations()))
OF_SALES = r"^/api/(crm|outreach)/"


@pytest.fixture
def _one_connection(db: None) -> Iterator[None]:
    """Requests leave the test's transaction open, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(admin, settings, dns, _one_connection: None) -> str:
    """Real rows, no limits, and a token."""
    for limit in ("DISCOVERIES", "EMAILS", "PARALLEL_JOBS", "BRAND_JOBS"):
        setattr(settings, f"ENRICHMENT_LIMIT_{limit}", 1_000_000)
    settings.TOKEN_ATTEMPTS_RATE = "1000000/m"
    if not Sequence.objects.exists():
        create()
    contact = ContactFactory(pk=CONTACT, region_code="GB", linkedin_url="https://www.linkedin.com/in/ada")
    contact.record("Discovered via website")
    contact.save()
    EmailFactory(enriched_contact=contact)
    job = JobFactory(pk=JOB, brand=contact.linked_brand, status="failed", error_message="It failed.")
    JobContact.objects.create(job=job, contact=contact)
    JobItem.objects.create(job=job, position=0, contact=contact, state="done")
    JobItem.objects.create(job=job, position=1, email="ada@acme.example")
    CrmContact.objects.create(pk=CRM_CONTACT, brand=contact.linked_brand, first_name="Ada", last_name="Known")
    return api_tokens.create(admin, "conformance")[1]


@pytest.fixture
def rows(token: str) -> str:
    """A row of every kind that the CRM and outreach have, and a token."""
    known = CrmContact.objects.get(pk=CRM_CONTACT)
    Brand.objects.create(pk=IDS["brands"], name="Bolt", name_key="bolt")
    gone = CrmContact.objects.create(pk=GONE, brand=known.brand, first_name="Ada", last_name="Known")
    address = AddressFactory(pk=ADDRESS, contact=known, email="ada@acme.example")
    Consent.objects.create(pk=IDS["consents"], contact=known, given_at=timezone.now(), source="A form")
    other = CrmContact.objects.create(brand=known.brand, first_name="Bo", last_name="Roe")
    Merge.objects.filter(pk=merging.merge(gone, other, {}, None).pk).update(id=IDS["merges"])
    mailbox = MailboxFactory(pk=IDS["mailboxes"])
    template = TemplateFactory(pk=IDS["templates"])
    variant = template.variants.create(pk=IDS["variants"], name="B", body="Other words")
    Experiment.objects.create(
        pk=IDS["experiments"], name="Words", template=template, variant=variant, planned_per_arm=1000
    )
    version = VersionFactory(sequence__id=IDS["sequences"])
    enrolment = EnrolmentFactory(pk=IDS["enrolments"], address=address, version=version, mailbox=mailbox)
    step = StepFactory(version=version, template=template)
    MessageFactory(pk=IDS["messages"], enrolment=enrolment, step=step, state="held", reasons=["Look at it."])
    by_hand = MessageFactory(enrolment=enrolment, step__version=version, step__channel="linkedin", body="Hello")
    Task.objects.create(pk=IDS["tasks"], message=by_hand, expires_at=timezone.now())
    Event.objects.create(
        pk=IDS["events"], kind="reply", source="hand", key="1", happened_at=timezone.now(), text="Yes, please."
    )
    return token


def kind_of(path: str) -> str:
    """Return `contacts` for /api/crm/contacts/{id}/notes."""
    return path.split("/")[3]


def with_real_ids(case: Case) -> Case:
    """Put the rows' ids in for every second generated request (by its content, so that a failure repeats)."""
    if len(repr((case.path_parameters, case.body))) % 2:
        return case
    if case.path_parameters and "id" in case.path_parameters and "regions" not in case.path:
        case.path_parameters["id"] = str(JOB if "/jobs/" in case.path else CONTACT)
    if isinstance(case.body, dict):
        for name, value in [
            ("jobId", str(JOB)),
            ("contactIds", [str(CONTACT)]),
            ("crmContactId", str(CRM_CONTACT)),
        ]:
            if name in case.body:
                case.body[name] = value
    return case


def with_known_ids(case: Case) -> Case:
    """Put ids in as `with_real_ids` does, those of the CRM and outreach."""
    if len(repr((case.path_parameters, case.body))) % 2:
        return case
    if case.path_parameters and "id" in case.path_parameters:
        case.path_parameters["id"] = str(IDS[kind_of(case.path)])
    if isinstance(case.body, dict):
        case.body.update({name: str(key) for name, key in BODY_IDS.items() if name in case.body})
    return case


@schema.exclude(path_regex=OF_SALES).parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
def test_no_answer_is_outside_the_document(case: Case, token: str) -> None:
    with_real_ids(case).call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)


@schema.include(path_regex=OF_SALES).parametrize()
@settings(
    max_examples=FEWER,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
def test_no_answer_of_the_crm_and_outreach_is_outside_the_document(case: Case, rows: str) -> None:
    with_known_ids(case).call_and_validate(headers={"Authorization": f"Bearer {rows}"}, checks=CHECKS)
