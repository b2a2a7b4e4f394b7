"""docs/api.md names every endpoint, and each of its curl lines works as printed, against a real server."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from crm import merging, suppression
from crm.models import Consent
from crm.models import Contact as CrmContact
from enrichment.api import waiting
from enrichment.models import DomainProfile, JobContact, JobItem, JobStatus
from outreach.default_sequence import create as create_sequence
from outreach.models import Enrolment, Event, Experiment, Message, Sequence, Task
from tests.factories import ContactFactory, CrmAddressFactory, CrmContactFactory, EmailFactory, JobFactory
from tests.kit.dns import DnsServer
from tests.outreach.factories import AddressFactory, MailboxFactory, MessageFactory, TemplateFactory

PAGE = Path(settings.BASE_DIR) / "docs" / "api.md"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Example:
    """A section of the page: `POST /api/…`, its command, the status and the (shortened) answer it promises."""

    endpoint: str
    command: str
    status: int
    answer: Any


def sign_in() -> str:
    """Return the lines with which the page begins."""
    return re.search(r"^## Sign in$.*?^```bash\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)[1]


def examples() -> Iterator[Example]:
    for section in re.split(r"^##+ ", PAGE.read_text(), flags=re.MULTILINE):
        heading = section.partition("\n")[0]
        if not re.match(r"[A-Z]+ /", heading):
            continue
        commands = re.findall(r"^```bash\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        promised = re.findall(r"^Answer (\d+):\n\n```(json|csv)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        if "\nAnswer 204, without a body.\n" in section:
            promised.append(("204", "", ""))
        assert len(commands) == len(promised) == 1, heading
        status, kind, text = promised[0]
        yield Example(heading, commands[0], int(status), json.loads(text) if kind == "json" else text.strip())


def in_the_schema() -> set[str]:
    """Return the endpoints of the OpenAPI document as the page writes them: `GET /api/enrichment/jobs/:`."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {f"{method.upper()} {re.sub('{.*?}', ':', path)}" for path, methods in paths.items() for method in methods}


def lacking(promised: Any, real: Any, where: str = "") -> list[str]:
    """Return where the real answer lacks a key or entry that the page shows. Of a list the first entry counts."""
    if isinstance(promised, dict):
        if not isinstance(real, dict):
            return [where]
        missing = [f"{where}.{key}" for key in promised if key not in real]
        both = promised.keys() & real.keys()
        return missing + [place for key in both for place in lacking(promised[key], real[key], f"{where}.{key}")]
    if isinstance(promised, str) and "," in promised and not where:  # CSV: its header begins like this
        return [] if real.startswith(promised) else ["header"]
    if isinstance(promised, list) and promised:
        return lacking(promised[0], real[0], f"{where}[0]") if real else [f"{where}[0]"]
    return []


def test_the_page_has_every_endpoint_and_none_that_is_not_there() -> None:
    on_the_page = [re.sub(":[a-z]+", ":", example.endpoint) for example in examples()]
    assert sorted(on_the_page) == sorted(in_the_schema())


def test_each_command_asks_for_the_endpoint_that_it_stands_under() -> None:
    for example in examples():
        method, _, path = example.endpoint.partition(" ")
        pattern = re.sub(":[a-z]+", r"[^/?\"]+", path)
        assert re.search(rf'"\$BASE{pattern}[?"]', example.command), example.endpoint
        given = re.search(r"-X (\w+)", example.command)
        implied = "POST" if " -d " in example.command else "GET"
        assert (given[1] if given else implied) == method, example.endpoint


@pytest.fixture
def ids(transactional_db: None) -> dict[str, str]:
    """The ids that the page's commands stand for: a failed job with a contact to review, a CRM contact."""
    if not Sequence.objects.exists():  # a test that emptied the database took the migration's with it
        create_sequence()
    diagnostics = [{"code": "robots", "sentence": "robots.txt forbids it.", "source": "website"}]
    job = JobFactory(status=JobStatus.FAILED, brand_name="Acme", retry_count=3, diagnostics=diagnostics)
    contact = ContactFactory(linked_brand=job.brand, region_code="GB")
    contact.record("Discovered via website")
    contact.save()
    EmailFactory(enriched_contact=contact, email="ada.example@acme.example")
    JobContact.objects.create(job=job, contact=contact)
    verdict = {"email": "ada@acme.example", "verificationStatus": "verified", "probability": 0.5}
    JobItem.objects.create(job=job, position=0, email="ada@acme.example", state="done", result=verdict)
    pair = {"name": "Bo Roe", "email": "b.roe@acme.example", "source": "website", "seenAt": "2026-11-24T10:00:00Z"}
    DomainProfile.objects.create(domain="acme.example", known_addresses=[pair])
    crm_contact = CrmContact.objects.create(brand=job.brand, first_name="Ada", last_name="Example")
    rows = {"JOB": job, "CONTACT": contact, "CRM_CONTACT": crm_contact, "BRAND": job.brand}
    rows |= crm_rows(crm_contact) | outreach_rows()
    return {name: str(row.pk) for name, row in rows.items()}


def crm_rows(contact: CrmContact) -> dict[str, Any]:
    """Return what the section CRM has commands for: a second contact of the name, others to merge and to delete."""
    suppression.add(["nobody@bolt.example"], "objection")
    merged, gone, unwanted = CrmContactFactory(), CrmContactFactory(), CrmContactFactory()
    return {
        "ADDRESS": CrmAddressFactory(contact=contact, email="ada@acme.example"),
        "CONSENT": Consent.objects.create(contact=contact, given_at=timezone.now(), source="A form"),
        "OTHER_CONTACT": CrmContact.objects.create(brand=contact.brand, first_name="Ada", last_name="Example"),
        "MERGE": merging.merge(merged, gone, {}, None),
        "UNWANTED_CONTACT": unwanted,
    }


def outreach_rows() -> dict[str, Any]:
    """Return what the section Outreach has commands for, each in the state that its first command needs."""
    now = timezone.now()
    template, other = TemplateFactory(), TemplateFactory()
    variant, other_variant = (template.variants.create(name=name, body="In short: …") for name in ("Short", "Long"))
    held, unknown = (
        MessageFactory(state="held", reasons=["Look at it."]),
        MessageFactory(state="unknown", claimed_at=now),
    )
    task = MessageFactory(step__channel="linkedin", body="Hello Ada, …")
    bounced = MessageFactory(state="sent", enrolment__state="stopped")
    contact, enrolment = bounced.enrolment.contact, MessageFactory().enrolment
    AddressFactory(contact=contact, is_primary=False)
    suppression.add([bounced.enrolment.address.email], "bounced")
    event = {"happened_at": now, "source": "mailbox", "needs_human": True}
    return {
        "SEQUENCE": enrolment.sequence,
        "TEMPLATE": template,
        "OTHER_TEMPLATE": other,
        "VARIANT": variant,
        "OTHER_VARIANT": other_variant,
        "MAILBOX": MailboxFactory(address="ada@acme.example"),
        "ENROLMENT": enrolment,
        "MESSAGE": held,
        "UNKNOWN_MESSAGE": unknown,
        "TASK": Task.objects.create(message=task, expires_at=now + timedelta(days=5)),
        "BOUNCE": Event.objects.create(key="1", kind="hard", message=bounced, contact=contact, **event),
        "REPLY": Event.objects.create(key="2", kind="reply", text="Yes, please.", **event),
        "EXPERIMENT": Experiment.objects.create(
            name="Shorter text", template=template, variant=variant, planned_per_arm=1000
        ),
    }


@pytest.fixture
def _dns(settings: Any) -> Iterator[None]:
    with DnsServer({"acme.example": {"MX": ["10 mx.acme.example"]}, "mx.acme.example": {"A": ["192.0.2.1"]}}) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        yield


@pytest.mark.usefixtures("_dns")
@pytest.mark.django_db(transaction=True)
def test_every_command_works_as_printed_in_the_order_of_the_page(
    live_server, ids, monkeypatch, tmp_path, settings
) -> None:
    if not shutil.which("curl") or not shutil.which("bash"):
        pytest.fail("curl and bash are needed to run the commands of docs/api.md: install them.")
    monkeypatch.setattr(waiting, "MAX_SECONDS", 0)  # no worker runs here: nothing to wait for
    get_user_model().objects.create_user("admin", password=PASSWORD, is_staff=True)
    rest = {"BASE": live_server.url, "PASSWORD": PASSWORD, "HOME": str(tmp_path), "no_proxy": "*"}
    signed_in = subprocess.run(
        ["bash", "-eu"],
        input=f'{sign_in()}printf "%s\\n%s" "$TOKEN" "$REFRESH"',
        env={"PATH": os.environ["PATH"], **rest},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    token, refresh = signed_in.stdout.split("\n")
    (tmp_path / ".curlrc").write_text('write-out = "\\n%{http_code}"\n')
    environment = {"PATH": os.environ["PATH"], **rest, **ids, "TOKEN": token, "REFRESH": refresh}
    for example in examples():
        if "/tasks/" in example.endpoint:  # each of the three ways to close it finds it open
            Task.objects.update(state=Task.State.OPEN, closed_at=None)
            Message.objects.filter(task__isnull=False).update(state=Message.State.PLANNED)
            Enrolment.objects.filter(messages__task__isnull=False).update(state=Enrolment.State.ACTIVE)
        run = subprocess.run(
            ["bash", "-eu"],
            input=example.command,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        body, _, status = run.stdout.rpartition("\n")
        assert (run.returncode, status) == (0, str(example.status)), f"{example.endpoint}: {run.stderr}{body}"
        answer = body if isinstance(example.answer, str) else json.loads(body)
        assert lacking(example.answer, answer) == [], example.endpoint
