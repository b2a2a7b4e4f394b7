"""Senders, texts, sequences and experiments in the admin: what can be edited there, and what cannot."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outreach import enrolments, experiments
from outreach.models import Enrolment, Experiment, Mailbox, MailboxPosition, Message, Sequence, Template, Variant
from tests.kit.dns import DnsServer
from tests.outreach.admin_pages import act, inline, page, post, sign_in_with
from tests.outreach.factories import AddressFactory, MailboxFactory, SequenceFactory, TemplateFactory

pytestmark = pytest.mark.django_db

NO_VARIANTS = inline("variants", [])
NO_VERSIONS = inline("versions", [])


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password="!"))
    return client


def enrol(**fields: Any) -> Enrolment:
    with transaction.atomic():
        return enrolments.enrol(AddressFactory(**fields).contact, user=None)


@pytest.fixture
def experiment(db: None) -> Experiment:
    template = TemplateFactory()
    variant = Variant.objects.create(template=template, name="Shorter", subject="Hi", body="Hi there")
    return experiments.create("Short or long", template, variant, 10, None)


# Senders ----------------------------------------------------------------------------------------


def mailbox_form(**changes: Any) -> dict[str, Any]:
    fields = {"address": "grace@sender.example", "sender_name": "Grace", "daily_cap": 20, "active": "on"}
    return fields | {"company": "Sender Ltd", "postal_address": "1 Sample Street", "privacy_url": ""} | changes


def test_a_sender_is_made_and_edited_and_its_address_stands_in_no_log(staff: Client) -> None:
    page(staff, "mailbox_add")
    post(staff, "mailbox_add", **mailbox_form(address="Grace@Sender.example"))
    mailbox = Mailbox.objects.get()
    assert (mailbox.address, mailbox.daily_cap) == ("Grace@Sender.example", 20)
    post(staff, "mailbox_change", mailbox.pk, **mailbox_form(daily_cap=30, paused_at_0="2026-01-01", pause_reason="x"))
    mailbox.refresh_from_db()
    assert (mailbox.daily_cap, mailbox.paused_at, mailbox.pause_reason) == (30, None, "")
    content = post(staff, "mailbox_add", **mailbox_form(address="GRACE@sender.example"))
    assert "There is a sender with this address already: edit that one." in content
    entries = list(LogEntry.objects.values_list("object_repr", flat=True))
    assert entries == [f"mailbox {mailbox.pk}"] * 2


def test_a_senders_page_shows_its_checks_and_how_its_mail_fared(staff: Client) -> None:
    findings = {"spf": {"result": False, "sentence": "SPF: add a record."}, "mx": {"result": None, "sentence": "MX: ?"}}
    mailbox = MailboxFactory(preflight=findings)
    content = page(staff, "mailbox_change", mailbox.pk)
    assert ">Not in order</b> SPF: add a record." in content
    assert ">Not known</b> MX: ?" in content
    assert "0 sent, 0 bounced, 0 complained." in content
    sent = f"{reverse('admin:outreach_message_changelist')}?mailbox__id__exact={mailbox.pk}"
    assert sent in content
    assert staff.get(sent).status_code == 200
    assert reverse("outreach:sender", args=[mailbox.pk]) in content


def test_the_list_of_senders_says_what_state_each_is_in(staff: Client) -> None:
    MailboxFactory()
    MailboxFactory(preflight={})
    MailboxFactory(company="")
    MailboxFactory(active=False)
    MailboxFactory(paused_at=timezone.now())
    MailboxFactory(preflight={"mx": {"result": False, "sentence": "MX: add one."}})
    content = page(staff, "mailbox_changelist")
    for word in (
        *("Ready", "Not checked yet", "Company or postal address missing"),
        *("Switched off", "Paused", "Its domain is not in order"),
    ):
        assert f">{word}</b>" in content


def test_a_sender_is_paused_and_resumed_once(staff: Client) -> None:
    mailbox = MailboxFactory()
    assert "1 mailbox paused." in act(staff, "pause", mailbox)
    mailbox.refresh_from_db()
    assert mailbox.pause_reason == "Paused by boss."
    assert "None of them can be paused." in act(staff, "pause", mailbox)
    assert "1 mailbox resumed." in act(staff, "resume", mailbox)
    mailbox.refresh_from_db()
    assert mailbox.paused_at is None
    assert mailbox.resumed_at is not None
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True)) == ["Paused.", "Resumed."]


def test_a_sender_is_checked_now_and_the_list_says_what_to_mend(staff: Client, settings: Any) -> None:
    mailbox = MailboxFactory(preflight={}, preflight_at=None, dkim_selector="s1")
    with DnsServer({"sender.example": {"TXT": ["v=spf1 -all"], "MX": ["10 mx.sender.example"]}}) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        said = act(staff, "check_now", mailbox)
    assert "1 mailbox checked." in said
    assert "DKIM: s1._domainkey.sender.example has no key" in said
    mailbox.refresh_from_db()
    assert mailbox.preflight["spf"]["result"] is True
    assert mailbox.preflight_at is not None


def test_a_sender_who_wrote_to_somebody_is_not_deleted(staff: Client, sequence: Sequence) -> None:
    used, unused = MailboxFactory(), MailboxFactory()
    enrolment = enrol()
    Message.objects.filter(enrolment=enrolment).update(mailbox=used)
    for mailbox, status in ((used, 403), (unused, 302)):
        url = reverse("admin:outreach_mailbox_delete", args=[mailbox.pk])
        assert staff.post(url, {"post": "yes"}).status_code == status
    act(staff, "delete_selected", used)
    assert list(Mailbox.objects.all()) == [used]


def test_how_far_the_mailbox_was_read_is_only_looked_at(staff: Client) -> None:
    position = MailboxPosition.objects.create(account="grace@mail.example/INBOX", uid_validity=7, last_uid=41)
    assert "41" in page(staff, "mailboxposition_change", position.pk)
    assert staff.get(reverse("admin:outreach_mailboxposition_add")).status_code == 403
    for what, data in (("change", {"last_uid": 1}), ("delete", {"post": "yes"})):
        url = reverse(f"admin:outreach_mailboxposition_{what}", args=[position.pk])
        assert staff.post(url, data).status_code == 403


# Texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("body", "Hello {{ nickname }}", "There is no variable “nickname”"),
        ("subject", "Hello {{ nickname }}", "There is no variable “nickname”"),
        ("body", "Hello {{ first_name", "has no counterpart"),
        ("body", "{{ first_name.__class__ }}", "There is no variable “first_name.__class__”"),
    ],
)
def test_a_text_that_cannot_be_rendered_is_not_saved(staff: Client, field: str, text: str, complaint: str) -> None:
    data = {"name": "Ours", "subject": "Hello", "body": "Hello"} | {field: text}
    assert complaint in post(staff, "template_add", **data, **NO_VARIANTS)
    assert not Template.objects.filter(name="Ours").exists()
    variants = inline("variants", [{"name": "Other", "subject": "Hi", "body": "Hi"} | {field: text}])
    content = post(staff, "template_add", name="Ours", subject="", body="Hello", **variants)
    assert complaint in content
    assert not Variant.objects.exists()


def test_a_text_is_saved_with_its_variables_which_the_form_explains(staff: Client) -> None:
    assert "<code>job_title</code> (the contact&#x27;s job title)" in page(staff, "template_add")
    body = "Hello {{ first_name | there }}"
    post(staff, "template_add", name="Ours", subject="", body=body, **NO_VARIANTS)
    template = Template.objects.get(name="Ours")
    assert template.body == body
    assert reverse("outreach:template", args=[template.pk]) in page(staff, "template_change", template.pk)


def test_a_template_has_variants_each_with_a_name_of_its_own(staff: Client) -> None:
    template = TemplateFactory()
    form = {"name": template.name, "subject": template.subject, "body": template.body}
    row = {"name": "Shorter", "subject": "Hi", "body": "Hi {{ first_name | there }}", "template": template.pk}
    content = post(staff, "template_change", template.pk, **form, **inline("variants", [row, row]))
    assert "Please correct the duplicate" in content
    post(staff, "template_change", template.pk, **form, **inline("variants", [row]))
    assert template.variants.get().body == row["body"]


@pytest.mark.parametrize("running", [True, False])
def test_the_texts_that_a_running_experiment_compares_stay_as_they_are(
    staff: Client, experiment: Experiment, running: bool
) -> None:
    if running:
        experiments.start(experiment)
    template, variant = experiment.template, experiment.variant
    other = Variant.objects.create(template=template, name="A third", body="Free")
    content = page(staff, "template_change", template.pk)
    assert ("An experiment compares this text: end it before you change the wording." in content) is running
    rows = [
        {"id": row.pk, "template": template.pk, "name": row.name, "subject": "", "body": "Changed"}
        for row in (other, variant)
    ]
    form = {"name": template.name, "subject": "Changed", "body": "Changed"}
    post(staff, "template_change", template.pk, **form, **inline("variants", rows, initial=2))
    for row in (template, variant, other):
        row.refresh_from_db()
    assert other.body == "Changed"
    assert (template.body == "Changed", variant.body == "Changed") == (not running, not running)


# Sequences --------------------------------------------------------------------------------------


def sequence_form(sequence: Sequence, **changes: Any) -> dict[str, Any]:
    """Return what a browser posts for a sequence as it stands, with changes."""
    form: dict[str, Any] = {"name": sequence.name, "weekdays": sequence.weekdays, "mailbox": ""}
    form |= {name: "on" for name in ("active", "paused") if getattr(sequence, name)}
    form |= NO_VERSIONS | changes
    return {name: value for name, value in form.items() if value is not None}


def test_the_page_of_a_sequence_leads_to_where_its_steps_are_edited(staff: Client, sequence: Sequence) -> None:
    content = page(staff, "sequence_change", sequence.pk)
    editor = reverse("outreach:sequence", args=[sequence.pk])
    assert f'<a href="{editor}">Edit the steps</a>' in content
    assert staff.get(editor).status_code == 200
    version = sequence.versions.get()
    assert reverse("admin:outreach_sequenceversion_change", args=[version.pk]) in content
    steps = page(staff, "sequenceversion_change", version.pk)
    assert steps.count("Week 2: follow-up") >= 1
    assert editor in steps
    assert 'name="steps-0-delay_days"' not in steps
    assert editor in page(staff, "sequence_changelist")
    url = reverse("admin:outreach_sequenceversion_delete", args=[version.pk])
    assert staff.post(url, {"post": "yes"}).status_code == 403, "it would leave an active sequence without steps"


def test_a_sequence_that_nobody_is_in_is_deleted_with_its_steps(staff: Client, sequence: Sequence) -> None:
    post(staff, "sequence_delete", sequence.pk, post="yes")
    assert not Sequence.objects.exists()


def test_a_new_sequence_is_switched_off_and_goes_on_to_its_steps(staff: Client) -> None:
    data = {"name": "Ours", "weekdays": [0, 3], "active": "on"}
    answer = staff.post(reverse("admin:outreach_sequence_add"), data)
    made = Sequence.objects.get(name="Ours")
    assert answer.headers["Location"] == reverse("outreach:sequence", args=[made.pk])
    assert (made.active, made.weekdays, made.versions.get().created_by.username) == (False, [0, 3], "boss")
    content = post(staff, "sequence_change", made.pk, **sequence_form(made, active="on"))
    assert "The sequence has no steps yet: add one, then switch it on." in content


def test_a_sequence_gets_a_sender_and_days_of_the_week(staff: Client, sequence: Sequence) -> None:
    mailbox = MailboxFactory()
    post(staff, "sequence_change", sequence.pk, **sequence_form(sequence, mailbox=mailbox.pk, weekdays=[1, 2]))
    sequence.refresh_from_db()
    assert (sequence.mailbox, sequence.weekdays, sequence.active) == (mailbox, [1, 2], True)
    content = post(staff, "sequence_change", sequence.pk, **sequence_form(sequence, weekdays=[7]))
    assert "Select a valid choice. 7 is not one of the available choices." in content


def test_a_sequence_that_goes_on_gives_new_dates_to_what_is_overdue(
    staff: Client, sequence: Sequence, sender: Mailbox
) -> None:
    first = enrol().messages.earliest("due_at")
    post(staff, "sequence_change", sequence.pk, **sequence_form(sequence, paused="on"))
    sequence.refresh_from_db()
    assert sequence.paused is True
    past = timezone.now() - timedelta(days=9)
    Message.objects.filter(pk=first.pk).update(due_at=past)
    post(staff, "sequence_change", sequence.pk, **sequence_form(sequence, paused=None))
    sequence.refresh_from_db()
    first.refresh_from_db()
    assert sequence.paused is False
    assert first.due_at > timezone.now() - timedelta(minutes=1)


def test_what_is_in_use_is_not_deleted_and_the_page_says_so(staff: Client, sequence: Sequence) -> None:
    enrol()
    template = Template.objects.filter(steps__version__sequence=sequence)[0]
    for model, row in (("sequence", sequence), ("template", template)):
        content = post(staff, f"{model}_delete", row.pk, post="yes")
        assert "would require deleting the following protected related objects" in content
    assert sequence.versions.get().steps.count() == 4


def test_senders_are_found_by_what_is_typed(staff: Client) -> None:
    mailbox = MailboxFactory(sender_name="Grace Sought")
    query = {"app_label": "outreach", "model_name": "sequence", "field_name": "mailbox", "term": "sought"}
    found = staff.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["id"] for row in found] == [str(mailbox.pk)]


def test_the_page_of_a_sequence_asks_no_query_per_version(staff: Client, django_assert_max_num_queries: Any) -> None:
    sequence = SequenceFactory()
    for number in range(1, 15):
        sequence.versions.create(number=number, created_by=User.objects.get())
    with django_assert_max_num_queries(15):
        page(staff, "sequence_change", sequence.pk)


# Experiments ------------------------------------------------------------------------------------


def test_an_experiment_is_planned_started_and_ended_once(staff: Client, experiment: Experiment) -> None:
    page(staff, "experiment_add")
    variant = Variant.objects.create(template=TemplateFactory(), name="Other", body="Hi")
    post(staff, "experiment_add", name="Mine", variant=variant.pk, planned_per_arm=50, state="running")
    made = Experiment.objects.get(name="Mine")
    assert (made.template, made.state, made.created_by.username) == (variant.template, "draft", "boss")
    assert "1 experiment started." in act(staff, "start", made)
    assert "1 experiment left alone: This experiment was started before." in act(staff, "start", made)
    assert "1 experiment ended." in act(staff, "end", made)
    assert "1 experiment left alone: This experiment is not running." in act(staff, "end", made)
    assert ">Ended</b>" in page(staff, "experiment_changelist")


def test_an_experiment_of_no_size_is_refused(staff: Client, experiment: Experiment) -> None:
    data = {"name": "Mine", "variant": experiment.variant_id, "planned_per_arm": 9}
    assert "greater than or equal to 10" in post(staff, "experiment_add", **data)


def test_what_was_started_says_what_is_known_and_stays_as_it_is(staff: Client, experiment: Experiment) -> None:
    experiments.start(experiment)
    content = page(staff, "experiment_change", experiment.pk)
    assert "<p>Not enough data: 10 more per arm.</p>" in content
    sent = f"{reverse('admin:outreach_message_changelist')}?experiment__id__exact={experiment.pk}"
    assert sent in content
    assert staff.get(sent).status_code == 200
    assert 'name="variant"' not in content
    assert 'name="planned_per_arm"' not in content
    post(staff, "experiment_change", experiment.pk, name="Renamed", planned_per_arm=99, state="ended")
    experiment.refresh_from_db()
    assert (experiment.name, experiment.planned_per_arm, experiment.state) == ("Renamed", 10, "running")
    url = reverse("admin:outreach_experiment_delete", args=[experiment.pk])
    assert staff.post(url, {"post": "yes"}).status_code == 403
    act(staff, "delete_selected", experiment)
    assert Experiment.objects.exists()


def test_who_may_only_look_edits_nothing(client: Client, sequence: Sequence, experiment: Experiment) -> None:
    models = ("mailbox", "template", "variant", "sequence", "experiment")
    sign_in_with(client, *(f"view_{model}" for model in models))
    mailbox = MailboxFactory()
    for model, row, actions in (
        ("mailbox", mailbox, ["check_now", "pause", "resume"]),
        ("experiment", experiment, ["start", "end"]),
        ("sequence", sequence, []),
        ("template", experiment.template, []),
    ):
        content = page(client, f"{model}_changelist")
        assert not [action for action in actions if f'value="{action}"' in content]
        for action in actions:
            act(client, action, row)
        assert client.post(reverse(f"admin:outreach_{model}_change", args=[row.pk]), {}).status_code == 403
        page(client, f"{model}_change", row.pk)
    mailbox.refresh_from_db()
    experiment.refresh_from_db()
    assert (mailbox.paused_at, experiment.state) == (None, "draft")
