"""/api/outreach: enrolments, messages, tasks, events and the calendar; and who may."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from outreach.models import Event, Task
from tests.factories import CrmContactFactory
from tests.outreach.factories import (
    AddressFactory,
    EnrolmentFactory,
    MessageFactory,
    StepFactory,
    VersionFactory,
)

OUTREACH = "/api/outreach"
NOBODY = "00000000-0000-7000-8000-000000000000"
INVALID, NOT_POSSIBLE = (400, "invalid_input"), (400, "not_possible")

ENDPOINTS = [
    *(("get", name) for name in ("sequences", "templates", "experiments", "mailboxes", "enrolments", "messages")),
    *(("get", name) for name in ("tasks", "events", "calendar", "status")),
    *(("post", name) for name in ("sequences", "templates", "experiments", "mailboxes", "enrolments")),
    *(("post", f"enrolments/{do}") for do in ("pause", "resume", "stop")),
    *(("get", f"{name}/x") for name in ("sequences", "templates", "experiments", "mailboxes", "enrolments")),
    *(("get", f"{name}/x") for name in ("messages", "tasks", "events")),
    *(("patch", f"{name}/x") for name in ("sequences", "templates", "variants", "mailboxes", "events")),
    *(("delete", f"{name}/x") for name in ("templates", "variants")),
    *(("post", f"enrolments/x/{do}") for do in ("pause", "resume", "stop")),
    *(("post", f"messages/x/{do}") for do in ("release", "cancel")),
    *(("post", f"tasks/x/{do}") for do in ("done", "skip", "replied")),
    *(("post", f"mailboxes/x/{do}") for do in ("check", "pause", "resume")),
    *(("post", f"experiments/x/{do}") for do in ("start", "end")),
    ("post", "events/x/continue"),
    ("post", "events/x/assign"),
    ("post", "messages/x/settle"),
    ("put", "sequences/x/steps"),
    ("post", "templates/x/preview"),
    ("post", "templates/x/variants"),
]
WITH_A_BODY = ("settle", "assign", "preview")


def refused(answer) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "message"}
    return answer.status_code, answer.json()["error"]


def event(**columns) -> Event:
    happened = {"happened_at": timezone.now(), "source": Event.Source.HAND, "needs_human": True}
    return Event.objects.create(**{**happened, "key": f"{Event.objects.count()}", **columns})


@pytest.fixture(autouse=True)
def _ready_to_send(settings) -> None:
    settings.OUTREACH_PUBLIC_URL = "https://outreach.example"


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_only_staff_may(db, visitor, method, path) -> None:
    client = APIClient()
    assert refused(getattr(client, method)(f"{OUTREACH}/{path}")) == (401, "not_authenticated")
    client.force_authenticate(visitor)
    assert refused(getattr(client, method)(f"{OUTREACH}/{path}")) == (403, "Forbidden: Admin access required")


@pytest.mark.parametrize(
    ("method", "path"), [pair for pair in ENDPOINTS if "/x" in pair[1] and not pair[1].endswith(WITH_A_BODY)]
)
@pytest.mark.parametrize("key", ["x", NOBODY])
def test_an_unknown_id_is_404(api, method, path, key) -> None:
    assert refused(getattr(api, method)(f"{OUTREACH}/{path.replace('/x', f'/{key}')}")) == (404, "not_found")


def test_a_contact_is_enrolled_paused_resumed_and_stopped(api) -> None:
    contact, step = AddressFactory().contact, StepFactory()
    asked = {"contactId": str(contact.pk), "sequenceId": str(step.version.sequence_id)}
    made = api.post(f"{OUTREACH}/enrolments", asked, format="json").json()["enrolment"]
    assert made == made | asked | {"state": "active", "version": 1, "address": contact.addresses.get().email}
    [message] = made["messages"]
    assert (message["step"], message["channel"], message["subject"]) == (step.position, "email", None)
    assert api.post(f"{OUTREACH}/enrolments", asked, format="json").json()["enrolment"]["id"] == made["id"]
    path = f"{OUTREACH}/enrolments/{made['id']}"
    assert refused(api.post(f"{path}/resume")) == NOT_POSSIBLE
    paused = api.post(f"{path}/pause").json()["enrolment"]
    assert (paused["state"], paused["pauseReason"]) == ("paused", "by hand")
    assert refused(api.post(f"{path}/pause")) == NOT_POSSIBLE
    assert api.post(f"{path}/resume").json()["enrolment"]["state"] == "active"
    stopped = api.post(f"{path}/stop").json()["enrolment"]
    assert (stopped["state"], [row["state"] for row in stopped["messages"]]) == ("stopped", ["cancelled"])
    assert refused(api.post(f"{path}/stop")) == NOT_POSSIBLE
    assert api.get(path).json()["enrolment"] == stopped


def test_what_cannot_be_enrolled_is_refused(api) -> None:
    contact = CrmContactFactory()
    for body, refusal in [
        ({}, INVALID),
        ({"contactId": "x"}, INVALID),
        ({"contactId": NOBODY}, (404, "not_found")),
        ({"contactId": str(contact.pk), "sequenceId": NOBODY}, (404, "not_found")),
    ]:
        assert refused(api.post(f"{OUTREACH}/enrolments", body, format="json")) == refusal, body
    VersionFactory().sequence.__class__.objects.update(active=False)
    assert refused(api.post(f"{OUTREACH}/enrolments", {"contactId": str(contact.pk)}, format="json")) == NOT_POSSIBLE


def test_all_of_a_person_a_company_or_a_sequence_pause_and_resume_and_stop(api) -> None:
    one, other = EnrolmentFactory(), EnrolmentFactory()
    for do, which, changed in [
        ("pause", {"contactId": str(one.contact_id)}, 1),
        ("pause", {"contactId": str(one.contact_id)}, 0),
        ("resume", {"brandId": str(one.contact.brand_id)}, 1),
        ("stop", {"sequenceId": str(one.sequence_id)}, 1),
        ("stop", {"sequenceId": NOBODY}, 0),
    ]:
        answer = api.post(f"{OUTREACH}/enrolments/{do}", which, format="json")
        assert answer.json() == {"success": True, "changed": changed}, which
    for row in (one, other):
        row.refresh_from_db()
    assert (one.state, other.state) == ("stopped", "active")
    for body in ({}, {"contactId": NOBODY, "brandId": NOBODY}, {"contactId": "x"}):
        assert refused(api.post(f"{OUTREACH}/enrolments/stop", body, format="json")) == INVALID


def test_enrolments_and_messages_are_listed_and_filtered(api, django_assert_max_num_queries) -> None:
    messages = [MessageFactory(due_at=timezone.now() + timedelta(days=day)) for day in range(6)]
    first, contact = messages[0], messages[0].enrolment.contact
    first.enrolment.__class__.objects.filter(pk=messages[1].enrolment_id).update(state="stopped")
    with django_assert_max_num_queries(1 + 3):
        assert len(api.get(f"{OUTREACH}/enrolments").json()["enrolments"]) == 6
    for query, number in [
        ({"state": "stopped"}, 1),
        ({"contactId": str(contact.pk)}, 1),
        ({"brandId": str(contact.brand_id), "sequenceId": str(first.enrolment.sequence_id)}, 1),
        ({"contactId": "x"}, 0),
    ]:
        assert len(api.get(f"{OUTREACH}/enrolments", query).json()["enrolments"]) == number, query
    with django_assert_max_num_queries(1 + 3):
        rows = api.get(f"{OUTREACH}/messages").json()["messages"]
    assert [row["id"] for row in rows] == [str(message.pk) for message in messages]
    before = (timezone.now() + timedelta(days=2, hours=12)).isoformat()
    for query, number in [
        ({"state": "held"}, 0),
        ({"channel": "email", "dueBefore": before}, 3),
        ({"contactId": str(contact.pk), "enrolmentId": str(first.enrolment_id)}, 1),
    ]:
        assert len(api.get(f"{OUTREACH}/messages", query).json()["messages"]) == number, query
    latest = api.get(f"{OUTREACH}/messages", {"ordering": "-dueAt", "limit": 1}).json()
    assert latest["messages"][0]["id"] == str(messages[-1].pk)
    assert len(api.get(f"{OUTREACH}/messages", {"cursor": latest["pagination"]["nextCursor"]}).json()["messages"]) == 5
    for path in ("enrolments", "messages", "tasks"):
        assert refused(api.get(f"{OUTREACH}/{path}", {"state": "gone"})) == INVALID
    assert refused(api.get(f"{OUTREACH}/messages", {"dueBefore": "soon"})) == INVALID


def test_a_held_message_is_released_or_left_out(api) -> None:
    held = MessageFactory(state="held", enrolment__address__origin="guessed", enrolment__address__probability=0.5)
    path = f"{OUTREACH}/messages/{held.pk}"
    released = api.post(f"{path}/release").json()["message"]
    assert (released["state"], bool(released["releasedAt"])) == ("planned", True)
    assert released["reasons"][0].startswith("Released by")
    assert refused(api.post(f"{path}/release")) == NOT_POSSIBLE
    assert api.post(f"{path}/cancel").json()["message"]["state"] == "cancelled"
    assert refused(api.post(f"{path}/cancel")) == NOT_POSSIBLE
    assert api.get(path).json()["message"]["state"] == "cancelled"


def test_what_the_law_forbids_no_person_releases(api) -> None:
    blocked = MessageFactory(state="held")
    api.post("/api/crm/suppressions", {"values": [blocked.enrolment.address.email]}, format="json")
    assert refused(api.post(f"{OUTREACH}/messages/{blocked.pk}/release")) == NOT_POSSIBLE


def test_a_message_that_was_perhaps_sent_is_settled_once(api) -> None:
    message = MessageFactory(state="unknown", claimed_at=timezone.now())
    path = f"{OUTREACH}/messages/{message.pk}/settle"
    assert refused(api.post(path, {"wasSent": "yes"}, format="json")) == INVALID
    assert api.post(path, {"wasSent": True}, format="json").json()["message"]["state"] == "sent"
    assert refused(api.post(path, {"wasSent": True}, format="json")) == NOT_POSSIBLE
    unknown = f"{OUTREACH}/messages/{NOBODY}/settle"
    assert refused(api.post(unknown, {"wasSent": True}, format="json")) == (404, "not_found")


def opened(**columns) -> Task:
    contact = {"enrolment__address__contact__linkedin_url": "https://www.linkedin.com/in/ada"}
    message = MessageFactory(step__channel="linkedin", body="Hello Ada", **contact)
    return Task.objects.create(message=message, expires_at=timezone.now() + timedelta(days=5), **columns)


@pytest.mark.parametrize(
    ("do", "state", "message"),
    [("done", "done", "sent"), ("skip", "skipped", "cancelled"), ("replied", "replied", "sent")],
)
def test_a_task_is_closed_once(api, do, state, message) -> None:
    task = opened()
    path = f"{OUTREACH}/tasks/{task.pk}"
    shown = api.get(path).json()["task"]
    assert shown == shown | {
        "state": "open",
        "text": "Hello Ada",
        "linkedInUrl": "https://www.linkedin.com/in/ada",
        "channel": "linkedin",
        "contactId": str(task.message.enrolment.contact_id),
    }
    closed = api.post(f"{path}/{do}").json()["task"]
    assert (closed["state"], bool(closed["closedAt"])) == (state, True)
    assert api.get(f"{OUTREACH}/messages/{task.message_id}").json()["message"]["state"] == message
    assert refused(api.post(f"{path}/{do}")) == NOT_POSSIBLE


def test_open_tasks_are_listed_unless_asked_for_others(api, django_assert_max_num_queries) -> None:
    for _ in range(4):
        opened()
    opened(state="done")
    with django_assert_max_num_queries(1 + 3):
        assert len(api.get(f"{OUTREACH}/tasks").json()["tasks"]) == 4
    assert len(api.get(f"{OUTREACH}/tasks", {"state": "done"}).json()["tasks"]) == 1


def test_a_reply_is_judged_handled_and_assigned(api) -> None:
    reply = event(kind="reply", email="ada@acme.example", text="Yes, please.")
    contact = EnrolmentFactory().contact
    path = f"{OUTREACH}/events/{reply.pk}"
    assigned = api.post(f"{path}/assign", {"contactId": str(contact.pk)}, format="json").json()["event"]
    assert (assigned["contactId"], assigned["text"]) == (str(contact.pk), "Yes, please.")
    assert refused(api.post(f"{path}/assign", {"contactId": str(contact.pk)}, format="json")) == NOT_POSSIBLE
    changed = api.patch(path, {"sentiment": "positive", "handled": True}, format="json").json()["event"]
    assert (changed["sentiment"], bool(changed["handledAt"])) == ("positive", True)
    assert api.get(path).json()["event"] == changed
    assert refused(api.patch(path, {"sentiment": "great"}, format="json")) == INVALID
    bounce = event(kind="hard")
    assert (
        refused(api.patch(f"{OUTREACH}/events/{bounce.pk}", {"sentiment": "positive"}, format="json")) == NOT_POSSIBLE
    )
    other = {"contactId": NOBODY}
    assert refused(api.post(f"{OUTREACH}/events/{bounce.pk}/assign", other, format="json")) == (404, "not_found")


def test_after_a_bounce_the_next_address_is_taken(api) -> None:
    message = MessageFactory(state="sent", enrolment__state="stopped")
    contact = message.enrolment.contact
    AddressFactory(contact=contact, email="next@acme.example", is_primary=False)
    bounce = event(kind="hard", message=message, enrolment=message.enrolment, contact=contact)
    api.post("/api/crm/suppressions", {"values": [message.enrolment.address.email]}, format="json")
    path = f"{OUTREACH}/events/{bounce.pk}/continue"
    assert api.post(path).json()["event"]["handledAt"]
    [enrolment] = api.get(f"{OUTREACH}/enrolments", {"contactId": str(contact.pk), "state": "active"}).json()[
        "enrolments"
    ]
    assert enrolment["address"] == "next@acme.example"
    assert refused(api.post(path)) == NOT_POSSIBLE


def test_events_are_listed_and_filtered(api, django_assert_max_num_queries) -> None:
    contact = CrmContactFactory()
    event(kind="hard", contact=contact)
    event(kind="reply", handled_at=timezone.now())
    event(kind="delivered", needs_human=False)
    with django_assert_max_num_queries(1 + 3):
        assert len(api.get(f"{OUTREACH}/events").json()["events"]) == 3
    for query, number in [
        ({"kind": "reply"}, 1),
        ({"needsHuman": "true"}, 1),
        ({"contactId": str(contact.pk)}, 1),
        ({"contactId": "x"}, 0),
    ]:
        assert len(api.get(f"{OUTREACH}/events", query).json()["events"]) == number, query
    assert refused(api.get(f"{OUTREACH}/events", {"kind": "letter"})) == INVALID


def test_the_calendar_says_what_goes_when_and_what_stands_in_its_way(api, django_assert_max_num_queries) -> None:
    today = timezone.localdate()
    message = MessageFactory(state="held", reasons=["Look at it."], due_at=timezone.now() + timedelta(days=1))
    for _ in range(5):
        MessageFactory(due_at=timezone.now() + timedelta(days=1))
    with django_assert_max_num_queries(1 + 4):
        days = api.get(f"{OUTREACH}/calendar", {"days": 7}).json()["days"]
    assert [day["date"] for day in days] == [str(today + timedelta(days=number)) for number in range(7)]
    [held] = [row for row in days[1]["messages"] if row["state"] == "held"]
    assert held == held | {
        "messageId": str(message.pk),
        "contactId": str(message.enrolment.contact_id),
        "blocks": ["Look at it."],
        "overdue": False,
    }
    assert held["localTime"].endswith(("-05:00", "-04:00"))
    later = api.get(f"{OUTREACH}/calendar", {"start": str(today + timedelta(days=30)), "days": 1}).json()["days"]
    assert len(later) == 1


@pytest.mark.parametrize("query", [{"days": 57}, {"days": 0}, {"start": "soon"}, {"start": "9999-12-31"}])
def test_a_calendar_has_its_bounds(api, query) -> None:
    assert refused(api.get(f"{OUTREACH}/calendar", query)) == INVALID
