"""After all that the product does with people, a copy of the disks tells nobody how to reach them, or what was said."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from redis import Redis

from crm.models import Contact, ContactAddress
from enrichment import approval, sources, tasks
from enrichment.discovery.breakers import Breakers
from enrichment.models import ContactEmail, EnrichedContact, EnrichmentJob
from enrichment_project.celery import app
from outreach import tasks as outreach_tasks
from outreach.default_sequence import create
from outreach.models import Message, Sequence
from tests.kit import at_rest
from tests.kit.company import TEAM, WEBSITE, company
from tests.kit.imap import ImapServer
from tests.kit.outbox import Outbox, switch_on
from tests.kit.own_servers import OwnRedis
from tests.outreach.coming_back import answer, bounce
from tests.outreach.factories import MailboxFactory

pytestmark = pytest.mark.django_db(transaction=True)

MARTA, JONAS, ZOE = (f"{name}@kestrel.example" for name in ("marta.lindqvist", "jonas.okafor", "zoe.brandt"))
BIO = "She tamed the wind of Ravenmoor"  # words of evidence, notes, answers: found nowhere else
NOTE = "Prefers to be called before breakfast"
REPLY = "The seventh lantern suits us well"
SUBJECT = "Re: lanterns and their keepers"
TYPED = "somebody.else@elsewhere.example"
PASSWORD = "correct horse battery"


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    """A server that writes down at once whatever it is told."""
    server = OwnRedis("--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.remove()


@pytest.fixture
def imap(settings: Any, monkeypatch: pytest.MonkeyPatch, redis: OwnRedis) -> Iterator[ImapServer]:
    """Kestrel's servers, a mail server, a mailbox for what comes back; and a Redis of our own."""
    monkeypatch.setattr(sources, "BREAKERS", Breakers())
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{redis.port}/1"}}
    before = _go_to(redis.url)
    if not Sequence.objects.exists():
        create()
    MailboxFactory(address="grace@sender.example")
    settings.OUTREACH_MIN_PROBABILITY = 0.5
    settings.ENRICHMENT_SOURCES = ["website"]
    team = TEAM.replace("<p>Chief Executive Officer</p>", f"<p>Chief Executive Officer</p><p>{BIO}.</p>")
    with company({"/team": team}) as kestrel, Outbox() as outbox, ImapServer() as imap:
        settings.ENRICHMENT_DNS_SERVERS = [kestrel.settings["ENRICHMENT_DNS_SERVERS"]]
        settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [kestrel.settings["ENRICHMENT_HTTP_HOSTS_OVERRIDE"]]
        switch_on(settings, outbox)
        outbox.wait, settings.OUTREACH_IMAP_URL = {}, imap.url
        yield imap
    _go_to(before)


def _go_to(url: str) -> str:
    """Have Celery send its messages to another broker; return the one before."""
    before, app.conf.broker_url = app.conf.broker_url, url
    app._pool = app.amqp._producer_pool = None  # each is made anew, for the new address
    return before


def by_hand(client: Client) -> None:
    """Sign in as people do, with a slip; discover, search, note, keep a view, export, verify."""
    User.objects.create_superuser("boss", password=PASSWORD)
    for name in (TYPED, "boss"):
        client.post(reverse("sign-in"), {"username": name, "password": PASSWORD})
    wanted = {"brandName": "Kestrel Kites", "website": WEBSITE, "region": "GB"}
    assert client.post("/api/enrichment/discover", wanted, "application/json").status_code == 200
    tasks.run_job(str(EnrichmentJob.objects.get().pk))
    marta = EnrichedContact.objects.get(first_name="Marta")
    client.get(reverse("review:contacts"), {"q": MARTA})
    client.get(reverse("review:contact", args=[marta.pk]))
    posts: list[tuple[str, list[Any], dict[str, str]]] = [
        ("contact-note", [marta.pk], {"text": f"{NOTE}, says {JONAS}."}),
        ("view-save", [], {"name": "Mine", "query": f"q={MARTA}"}),
        ("contacts-export", [], {"everything": "1"}),
        ("contact-verify", [marta.pk], {}),
    ]
    for name, arguments, data in posts:
        assert client.post(reverse(f"review:{name}", args=arguments), data).status_code in {200, 302}, name
    for asked in ({"emails": [ZOE, "wrong@@kestrel.example"], "async": True}, {"email": TYPED}):
        assert client.post("/api/enrichment/email-verifier", asked, "application/json").status_code in {200, 202}
    for job in EnrichmentJob.objects.filter(status="pending"):
        tasks.run_job(str(job.pk))


def through_the_admin(client: Client) -> None:
    """Change a contact of the CRM with its addresses, which the admin writes to its log."""
    contact = Contact.objects.get(first_name="Marta")
    page = client.get(reverse("admin:crm_contact_change", args=[contact.pk]))
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form, *(form for formset in formsets for form in formset)]
    forms += [formset.management_form for formset in formsets]
    data = {form.add_prefix(name): form[name].value() for form in forms for name in form.fields}
    data = {name: value for name, value in data.items() if value is not None and value is not False}
    data |= {"job_title": "Managing Director", "notes-0-text": NOTE, "notes-TOTAL_FORMS": "1"}
    there = reverse("admin:crm_contact_change", args=[contact.pk])
    assert client.post(there, data).status_code == 302
    contact.refresh_from_db()
    assert contact.job_title == "Managing Director"


def written_to(imap: ImapServer) -> None:
    """Approve two people, send what is due, read a bounce and an answer."""
    people = EnrichedContact.objects.filter(first_name__in=["Marta", "Jonas"])
    approval.approve([str(person.pk) for person in people], user=User.objects.get())
    due = max(Message.objects.filter(step__position=1).values_list("due_at", flat=True)) + timedelta(minutes=1)
    _at(due, outreach_tasks.send_due)
    sent = {row.email: row for row in Message.objects.filter(state="sent")}
    assert set(sent) == {MARTA, JONAS}
    imap.append(bounce(address=JONAS, about=str(sent[JONAS].message_id)))
    imap.append(answer(REPLY, sender=f"Marta <{MARTA}>", answers=str(sent[MARTA].message_id), subject=SUBJECT))
    _at(due + timedelta(hours=1), outreach_tasks.poll_mailbox)
    assert Message.objects.filter(events__kind__in=["reply", "hard"]).count() == 2


def _at(moment: datetime, do: Any) -> None:
    with time_machine.travel(moment, tick=False):
        do()


def told() -> set[str]:
    """Return what nobody may read on a disk, as the product itself reads it now."""
    texts = {BIO, NOTE, REPLY, SUBJECT, "As Head of Marketing, you can surely say", "Hello Jonas,"}
    texts |= {row.email for row in ContactEmail.objects.all()} | {row.email for row in ContactAddress.objects.all()}
    for person in EnrichedContact.objects.all():
        texts |= {entry["url"].removeprefix("https://") for entry in person.evidence}
        texts |= {person.linkedin_id} if person.linkedin_id else set()
    assert {MARTA, JONAS, ZOE, "jonas-okafor-0001", "www.kestrel.example/team"} <= texts
    assert any(BIO in entry["snippet"] for entry in EnrichedContact.objects.get(first_name="Marta").evidence)
    return texts


def test_database_and_redis_tell_no_address_profile_evidence_or_text(imap: ImapServer, redis: OwnRedis) -> None:
    client = Client()
    by_hand(client)
    written_to(imap)
    through_the_admin(client)
    texts = {*told(), TYPED}

    assert at_rest.found(texts, at_rest.database()) == []
    assert at_rest.found(texts, at_rest.memory(redis)) == []
    names = [place for place, _ in at_rest.memory(redis)]
    assert "a key of Redis" in names
    assert any("aof" in name for name in names), "what was written was also logged"


def test_what_is_in_clear_is_found_however_it_is_written(redis: OwnRedis) -> None:
    job = EnrichmentJob.objects.create(job_type="email_enrichment")
    for written in (MARTA.upper(), json.dumps(MARTA).replace("@", "\\u0040"), MARTA.replace("@", "%40")):
        EnrichmentJob.objects.filter(pk=job.pk).update(error_message=f"Said: {written}.")
        assert at_rest.found([MARTA], at_rest.database()), written
    with Redis(port=redis.port) as client:
        client.lpush("queue", json.dumps({"body": base64.b64encode(f"[{MARTA}]".encode()).decode()}))
    assert {hit.partition(" holds")[0] for hit in at_rest.found([MARTA], at_rest.memory(redis))} >= {"a key of Redis"}
    places = [("there", f"x{'y' * n}".encode() + MARTA.encode()) for n in range(3)]
    coded = [(name, base64.b64encode(data)) for name, data in places]
    assert len(at_rest.found([MARTA], coded)) == 3
