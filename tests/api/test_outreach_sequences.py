"""/api/outreach: sequences, templates, variants, experiments and senders."""

import pytest

from outreach.models import Mailbox, Sequence, SequenceVersion, Template
from tests.outreach.factories import (
    AddressFactory,
    MailboxFactory,
    MessageFactory,
    StepFactory,
    TemplateFactory,
    VersionFactory,
)

OUTREACH = "/api/outreach"
NOBODY = "00000000-0000-7000-8000-000000000000"


def refused(answer) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "message"}
    return answer.status_code, answer.json()["error"]


INVALID = (400, "invalid_input")


def test_a_sequence_is_made_given_steps_and_switched_on(api) -> None:
    made = api.post(f"{OUTREACH}/sequences", {"name": "Spring"}, format="json").json()["sequence"]
    path = f"{OUTREACH}/sequences/{made['id']}"
    assert (made["active"], made["version"], made["steps"]) == (False, 1, [])
    assert refused(api.patch(path, {"active": True}, format="json")) == INVALID
    template = TemplateFactory()
    steps = [
        {"channel": "email", "delayDays": 1, "templateId": str(template.pk)},
        {"channel": "linkedin", "delayDays": 3, "templateId": str(template.pk)},
    ]
    body = api.put(f"{path}/steps", {"steps": steps}, format="json").json()["sequence"]
    assert body["steps"] == [{"position": place, **step} for place, step in enumerate(steps, 1)]
    mailbox = MailboxFactory()
    changes = {"name": "Summer", "active": True, "paused": True, "mailboxId": str(mailbox.pk), "weekdays": [3, 1, 1]}
    body = api.patch(path, changes, format="json").json()["sequence"]
    assert body == body | changes | {"weekdays": [1, 3]}
    assert api.patch(path, {"paused": False, "mailboxId": None}, format="json").json()["sequence"]["paused"] is False
    assert api.get(path).json()["sequence"]["mailboxId"] is None


def test_who_is_enrolled_keeps_the_steps_as_they_were(api) -> None:
    message = MessageFactory()
    path = f"{OUTREACH}/sequences/{message.enrolment.sequence_id}"
    steps = [{"delayDays": 9, "templateId": str(message.step.template_id)}]
    body = api.put(f"{path}/steps", {"steps": steps}, format="json").json()["sequence"]
    assert (body["version"], body["steps"][0]["delayDays"]) == (2, 9)
    message.step.refresh_from_db()
    assert message.step.delay_days == 1


def test_sequences_are_listed_with_the_steps_of_their_latest_version(api, django_assert_max_num_queries) -> None:
    Sequence.objects.all().delete()
    for _ in range(5):
        version = VersionFactory()
        VersionFactory(sequence=version.sequence, number=2)
        StepFactory(version=SequenceVersion.objects.get(sequence=version.sequence, number=2))
    with django_assert_max_num_queries(1 + 3):
        rows = api.get(f"{OUTREACH}/sequences").json()["sequences"]
    assert [(row["version"], len(row["steps"])) for row in rows] == [(2, 1)] * 5


@pytest.mark.parametrize("body", [{"name": ""}, {"mailboxId": NOBODY}, {"weekdays": [7]}, {"active": "yes"}])
def test_what_cannot_be_said_of_a_sequence_is_400(api, body) -> None:
    version = VersionFactory()
    assert refused(api.patch(f"{OUTREACH}/sequences/{version.sequence_id}", body, format="json")) == INVALID
    name = {"name": version.sequence.name}
    assert refused(api.post(f"{OUTREACH}/sequences", name, format="json")) == INVALID


@pytest.mark.parametrize(
    "steps",
    [None, [], [{"delayDays": 1, "templateId": NOBODY}], [{"delayDays": -1}], [{"channel": "fax", "delayDays": 1}]],
)
def test_steps_that_cannot_be_are_400(api, steps) -> None:
    path = f"{OUTREACH}/sequences/{VersionFactory().sequence_id}/steps"
    assert refused(api.put(path, {"steps": steps}, format="json")) == INVALID


def test_a_template_is_written_changed_shown_and_deleted(api) -> None:
    given = {"name": "Hello", "subject": "Hello {{ first_name | there }}", "body": "Dear {{ first_name | you }},"}
    made = api.post(f"{OUTREACH}/templates", given, format="json").json()["template"]
    assert made == made | given | {"variants": []}
    path = f"{OUTREACH}/templates/{made['id']}"
    with_variant = api.post(f"{path}/variants", {**given, "name": "B"}, format="json").json()["template"]
    [variant] = with_variant["variants"]
    contact = AddressFactory(contact__first_name="Ada").contact
    asked = {"contactId": str(contact.pk)}
    preview = api.post(f"{path}/preview", asked, format="json").json()["preview"]
    assert (preview["subject"], preview["problem"]) == ("Hello Ada", "")
    assert "Dear Ada," in preview["text"]
    changed = {"body": "Bye {{ first_name | you }}"}
    variants = f"{OUTREACH}/variants/{variant['id']}"
    assert api.patch(variants, changed, format="json").json()["template"]["variants"][0]["body"] == changed["body"]
    preview = api.post(f"{path}/preview", {**asked, "variantId": variant["id"]}, format="json").json()["preview"]
    assert "Bye Ada" in preview["text"]
    assert api.patch(path, changed, format="json").json()["template"]["body"] == changed["body"]
    assert api.get(path).json()["template"]["subject"] == given["subject"]
    assert api.delete(variants).json()["success"] is True
    assert api.delete(path).json()["success"] is True
    assert not Template.objects.filter(pk=made["id"]).exists()
    assert refused(api.get(path)) == refused(api.delete(variants)) == (404, "not_found")


def test_a_template_in_use_is_not_deleted(api) -> None:
    step = StepFactory()
    assert refused(api.delete(f"{OUTREACH}/templates/{step.template_id}")) == (400, "in_use")


@pytest.mark.parametrize("body", [{"body": "{{ unknown_word }}"}, {"body": ""}, {"subject": "x" * 201}, {"name": None}])
def test_a_text_that_cannot_be_rendered_is_400(api, body) -> None:
    given = {"name": "Hello", "subject": "Hello", "body": "Hello", **body}
    assert refused(api.post(f"{OUTREACH}/templates", given, format="json")) == INVALID
    template = TemplateFactory()
    assert refused(api.patch(f"{OUTREACH}/templates/{template.pk}", body, format="json")) == INVALID
    assert refused(api.post(f"{OUTREACH}/templates/{template.pk}/variants", given, format="json")) == INVALID


def test_two_templates_have_two_names(api) -> None:
    given = {"name": TemplateFactory().name, "body": "Hello"}
    assert refused(api.post(f"{OUTREACH}/templates", given, format="json")) == INVALID


def test_templates_are_listed_with_their_variants(api, django_assert_max_num_queries) -> None:
    for _ in range(5):
        TemplateFactory().variants.create(name="B", body="Hello")
    with django_assert_max_num_queries(1 + 4):
        body = api.get(f"{OUTREACH}/templates", {"limit": 5}).json()
    assert len(body["templates"]) == 5


def test_an_experiment_is_planned_started_and_ended(api) -> None:
    template = TemplateFactory()
    variant = template.variants.create(name="B", subject="Hi", body="Other words")
    given = {"name": "Words", "templateId": str(template.pk), "variantId": str(variant.pk), "plannedPerArm": 1000}
    made = api.post(f"{OUTREACH}/experiments", given, format="json").json()["experiment"]
    assert made == made | given | {"state": "draft", "startedAt": None}
    assert made["verdict"]["decided"] is False
    path = f"{OUTREACH}/experiments/{made['id']}"
    assert api.post(f"{path}/start").json()["experiment"]["state"] == "running"
    assert refused(api.post(f"{path}/start")) == (400, "not_possible")
    changed = {"body": "Third words"}
    assert refused(api.patch(f"{OUTREACH}/variants/{variant.pk}", changed, format="json")) == (400, "in_use")
    assert refused(api.delete(f"{OUTREACH}/variants/{variant.pk}")) == (400, "in_use")
    assert refused(api.patch(f"{OUTREACH}/templates/{variant.template_id}", changed, format="json")) == (400, "in_use")
    assert api.post(f"{path}/end").json()["experiment"]["state"] == "ended"
    assert refused(api.post(f"{path}/end")) == (400, "not_possible")
    assert [row["id"] for row in api.get(f"{OUTREACH}/experiments").json()["experiments"]] == [made["id"]]
    assert api.get(path).json()["experiment"]["verdict"]["arms"][0]["name"] == "A"


def test_an_experiment_compares_a_template_with_a_variant_of_its_own(api) -> None:
    template, other = TemplateFactory(), TemplateFactory()
    variant = other.variants.create(name="B", body="Other words")
    given = {"name": "Words", "templateId": str(template.pk), "variantId": str(variant.pk), "plannedPerArm": 1000}
    assert refused(api.post(f"{OUTREACH}/experiments", given, format="json")) == (400, "not_possible")
    few = {**given, "plannedPerArm": 1}
    assert refused(api.post(f"{OUTREACH}/experiments", few, format="json")) == INVALID
    nowhere = {**given, "templateId": NOBODY}
    assert refused(api.post(f"{OUTREACH}/experiments", nowhere, format="json")) == (404, "not_found")


def test_a_sender_is_added_changed_paused_and_resumed(api) -> None:
    given = {"address": "ada@sender.example", "senderName": "Ada", "company": "Sender Ltd", "dailyCap": 20}
    made = api.post(f"{OUTREACH}/mailboxes", given, format="json").json()["mailbox"]
    assert made == made | given | {"active": True, "pausedAt": None, "checks": [], "checkedAt": None}
    assert made["health"] == made["health"] | {"sent": 0, "bounceRate": 0.0, "problems": []}
    path = f"{OUTREACH}/mailboxes/{made['id']}"
    assert api.patch(path, {"signature": "Ada"}, format="json").json()["mailbox"]["signature"] == "Ada"
    paused = api.post(f"{path}/pause").json()["mailbox"]
    assert (bool(paused["pausedAt"]), paused["pauseReason"]) == (True, "Paused by boss.")
    assert api.post(f"{path}/resume").json()["mailbox"]["pausedAt"] is None
    assert api.get(path).json()["mailbox"]["pauseReason"] == ""
    assert made["id"] in [row["id"] for row in api.get(f"{OUTREACH}/mailboxes").json()["mailboxes"]]


def test_a_sender_is_checked_in_the_dns_and_again_when_it_changes(api, dns) -> None:
    mailbox = MailboxFactory(address="ada@acme.example", preflight={}, preflight_at=None)
    path = f"{OUTREACH}/mailboxes/{mailbox.pk}"
    checked = api.post(f"{path}/check").json()["mailbox"]
    assert {row["check"]: row["result"] for row in checked["checks"]}["mx"] is True
    assert checked["checkedAt"]
    changed = api.patch(path, {"address": "ada@null.example"}, format="json").json()["mailbox"]
    assert (changed["checks"], changed["checkedAt"]) == ([], None)


@pytest.mark.parametrize(
    "body",
    [{"address": "ada"}, {"senderName": ""}, {"dailyCap": -1}, {"dailyCap": 10_001}, {"dkimSelector": "a b"}],
)
def test_a_sender_that_cannot_be_is_400(api, body) -> None:
    given = {"address": "ada@sender.example", "senderName": "Ada", **body}
    assert refused(api.post(f"{OUTREACH}/mailboxes", given, format="json")) == INVALID
    assert refused(api.patch(f"{OUTREACH}/mailboxes/{MailboxFactory().pk}", body, format="json")) == INVALID


def test_two_senders_have_two_addresses(api) -> None:
    given = {"address": MailboxFactory().address, "senderName": "Ada"}
    assert refused(api.post(f"{OUTREACH}/mailboxes", given, format="json")) == INVALID
    assert Mailbox.objects.count() == 1


def test_the_status_says_what_is_in_the_way(api, settings) -> None:
    settings.OUTREACH_SEND_ENABLED = False
    settings.EMAIL_URL = settings.ANYMAIL_ESP = settings.OUTREACH_PUBLIC_URL = settings.OUTREACH_FROM = ""
    body = api.get(f"{OUTREACH}/status").json()
    assert body["sendEnabled"] is False
    assert len(body["problems"]) == 4
    MailboxFactory()
    settings.OUTREACH_SEND_ENABLED = True
    settings.EMAIL_URL = "smtp://127.0.0.1"
    settings.OUTREACH_PUBLIC_URL = "https://outreach.example"
    assert api.get(f"{OUTREACH}/status").json() == {"success": True, "sendEnabled": True, "problems": []}
    MailboxFactory(address="grace@other.example", postal_address="", preflight={})
    [problem] = api.get(f"{OUTREACH}/status").json()["problems"]
    assert problem.startswith("grace@other.example: ")
