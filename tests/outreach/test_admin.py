"""Sequences, texts, enrolments and messages in the admin, as an admin opens them."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from crm.models import Contact
from crm.regions import Action, Decision
from outreach import enrolments
from outreach.models import Enrolment, Message, Sequence, Step, Template
from tests.outreach.factories import AddressFactory, SequenceFactory, StepFactory, TemplateFactory

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password="!"))
    return client


@pytest.fixture(autouse=True)
def _anything_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolments.regions, "decide", lambda *_, **__: Decision(Action.ALLOW, (f"Mind {HOSTILE}.",)))


def enrol(**fields: Any) -> Enrolment:
    user, _ = User.objects.get_or_create(username="grace")
    with transaction.atomic():
        return enrolments.enrol(AddressFactory(**fields).contact, user=user)


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"admin:outreach_{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def sequence_form(sequence: Sequence, **changes: Any) -> dict[str, Any]:
    """Return what a browser posts for the sequence as it stands, with changes."""
    steps = list(sequence.steps.order_by("position"))
    data: dict[str, Any] = {
        "name": sequence.name,
        "active": "on",
        "steps-TOTAL_FORMS": len(steps),
        "steps-INITIAL_FORMS": len(steps),
    }
    for index, step in enumerate(steps):
        fields = {
            "id": step.pk,
            "sequence": sequence.pk,
            "position": step.position,
            "channel": step.channel,
            "delay_days": step.delay_days,
            "template": step.template_id,
        }
        data |= {f"steps-{index}-{field}": value for field, value in fields.items()}
    return data | changes


@pytest.mark.parametrize("model", ["template", "sequence", "enrolment", "message"])
def test_every_list_opens_searches_and_asks_no_query_per_row(
    staff: Client, sequence: Sequence, model: str, django_assert_max_num_queries: Any
) -> None:
    for n in range(20):
        enrol(email=f"ada{n}@acme.example")
        TemplateFactory()
        SequenceFactory()
    with django_assert_max_num_queries(15):
        page(staff, f"{model}_changelist")
    page(staff, f"{model}_changelist", q="ada")


def test_the_enrolments_show_state_address_and_next_message(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol(email="ada@acme.example")
    due = enrolment.messages.earliest("due_at")
    content = page(staff, "enrolment_changelist")
    assert "ada@acme.example" in content
    assert "Active</b>" in content
    assert f"{due.due_at:%Y}" in content.split("field-next_due")[1].split("</td>")[0]
    due.state = "held"
    due.save()
    later = page(staff, "enrolment_changelist").split("field-next_due")[1].split("</td>")[0]
    assert later != content.split("field-next_due")[1].split("</td>")[0]


def test_an_enrolments_page_shows_its_messages_and_leads_to_the_contact_and_where_it_was_found(
    staff: Client, sequence: Sequence
) -> None:
    enrolment = enrol(contact__first_name=HOSTILE, contact__brand__name=f"Acme {HOSTILE}")
    Template.objects.update(body=f"{HOSTILE} {{{{ first_name }}}}")
    content = page(staff, "enrolment_change", enrolment.pk)
    assert HOSTILE not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;script&gt;alert(1)&lt;/script&gt;</div>" in content
    assert "<p>Mind &lt;script&gt;" in content
    assert "LinkedIn message, sent by a person" in content
    assert reverse("admin:crm_contact_change", args=[enrolment.contact_id]) in content
    found = f"{reverse('admin:enrichment_enrichedcontact_changelist')}?linked_contact__id__exact={enrolment.contact_id}"
    assert found in content
    assert staff.get(found).status_code == 200


def test_a_text_that_cannot_be_written_says_why_in_its_place(staff: Client, sequence: Sequence) -> None:
    message = enrol().messages.earliest("due_at")
    User.objects.filter(username="grace").delete()
    assert "There is no value for sender_name" in page(staff, "message_change", message.pk)


def test_the_messages_are_filtered_and_lead_to_the_contact(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol(contact__last_name=HOSTILE)
    content = page(staff, "message_changelist", state__exact="planned", step__channel__exact="linkedin")
    assert content.count("Planned</b>") == 1
    assert reverse("admin:crm_contact_change", args=[enrolment.contact_id]) in content
    assert HOSTILE not in content
    assert "Planned</b>" not in page(staff, "message_changelist", state__exact="held")
    assert "Planned</b>" in page(
        staff, "message_changelist", due_at__year=Message.objects.earliest("due_at").due_at.year
    )


def test_the_list_of_messages_says_why_one_is_held(
    staff: Client, sequence: Sequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Decision(Action.HOLD, ("Atlantis: a person has to decide, since " + "the rule is long " * 20,))
    monkeypatch.setattr(enrolments.regions, "decide", lambda *_, **__: held)
    enrol()
    content = page(staff, "message_changelist")
    assert content.count("Held</b>") == 4
    assert ">Atlantis: a person has to decide, since" in content
    assert f'title="{held.reasons[0]}"' in content, "the whole of it as the tooltip"


def test_nobody_edits_enrolments_and_messages_by_hand(staff: Client, sequence: Sequence) -> None:
    enrolment = enrol()
    for model in ("enrolment", "message"):
        assert staff.get(reverse(f"admin:outreach_{model}_add")).status_code == 403
    change = reverse("admin:outreach_enrolment_change", args=[enrolment.pk])
    assert staff.post(change, {"state": "finished"}).status_code == 403
    assert Enrolment.objects.get().state == "active"


def test_stopping_stops_what_was_selected_and_nothing_else(staff: Client, sequence: Sequence) -> None:
    selected, other = enrol(), enrol()
    data = {"action": "stop", "_selected_action": [str(selected.pk)]}
    answer = staff.post(reverse("admin:outreach_enrolment_changelist"), data, follow=True)
    assert "1 enrolment stopped, their messages cancelled." in answer.content.decode()
    selected.refresh_from_db()
    other.refresh_from_db()
    assert (selected.state, selected.stop_reason, other.state) == ("stopped", "by hand", "active")
    assert set(selected.messages.values_list("state", flat=True)) == {"cancelled"}
    assert LogEntry.objects.get().change_message == "Stopped."
    staff.post(reverse("admin:outreach_enrolment_changelist"), data)
    assert LogEntry.objects.count() == 1


def test_who_may_only_look_cannot_stop(client: Client, sequence: Sequence) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_enrolment"))
    client.force_login(reader)
    enrolment = enrol()
    data = {"action": "stop", "_selected_action": [str(enrolment.pk)]}
    client.post(reverse("admin:outreach_enrolment_changelist"), data)
    assert Enrolment.objects.get().state == "active"


def test_a_contact_with_an_enrolment_can_be_deleted(staff: Client, sequence: Sequence) -> None:
    contact = enrol().contact
    staff.post(reverse("admin:crm_contact_delete", args=[contact.pk]), {"post": "yes"})
    assert not Contact.objects.exists()
    assert not Message.objects.exists()


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
    answer = staff.post(reverse("admin:outreach_template_add"), data)
    assert complaint in answer.content.decode()
    assert not Template.objects.filter(name="Ours").exists()


def test_a_text_is_saved_with_its_variables_which_the_form_explains(staff: Client) -> None:
    assert "<code>job_title</code> (the contact&#x27;s job title)" in page(staff, "template_add")
    data = {"name": "Ours", "subject": "", "body": "Hello {{ first_name | there }}"}
    staff.post(reverse("admin:outreach_template_add"), data)
    assert Template.objects.get(name="Ours").body == data["body"]


def test_a_sequence_is_made_with_its_steps(staff: Client) -> None:
    template = TemplateFactory()
    data = {
        "name": "Ours", "active": "on", "steps-TOTAL_FORMS": 1, "steps-INITIAL_FORMS": 0, "steps-0-position": 1,
        "steps-0-channel": "email", "steps-0-delay_days": 2, "steps-0-template": template.pk,
    }  # fmt: skip
    assert staff.post(reverse("admin:outreach_sequence_add"), data).status_code == 302
    assert Step.objects.get(sequence__name="Ours").template == template


def test_a_step_with_messages_stays_and_the_page_says_why(staff: Client, sequence: Sequence) -> None:
    enrol()
    url = reverse("admin:outreach_sequence_change", args=[sequence.pk])
    answer = staff.post(url, sequence_form(sequence, **{"steps-1-DELETE": "on"}))
    assert "Step 2 cannot be deleted: messages were planned for it." in answer.content.decode()
    assert sequence.steps.count() == 4


@pytest.mark.parametrize("changes", [{"steps-0-delay_days": 32767}, {"steps-0-position": 0}, {"steps-0-position": 500}])
def test_a_step_out_of_all_proportion_is_refused(staff: Client, sequence: Sequence, changes: dict[str, int]) -> None:
    url = reverse("admin:outreach_sequence_change", args=[sequence.pk])
    assert staff.post(url, sequence_form(sequence, **changes)).status_code == 200


def test_a_step_without_messages_is_deleted(staff: Client) -> None:
    step = StepFactory()
    url = reverse("admin:outreach_sequence_change", args=[step.sequence_id])
    assert staff.post(url, sequence_form(step.sequence, **{"steps-0-DELETE": "on"})).status_code == 302
    assert not step.sequence.steps.exists()


def test_steps_may_exchange_places_or_take_a_deleted_ones_but_not_share_one(staff: Client, sequence: Sequence) -> None:
    url = reverse("admin:outreach_sequence_change", args=[sequence.pk])
    assert staff.post(url, sequence_form(sequence, **{"steps-1-position": 1})).status_code == 200
    first, second = sequence.steps.order_by("position")[:2]
    exchanged = sequence_form(sequence, **{"steps-0-position": 2, "steps-1-position": 1})
    assert staff.post(url, exchanged).status_code == 302
    assert list(sequence.steps.order_by("position")[:2]) == [second, first]
    follow = sequence_form(sequence, **{"steps-1-DELETE": "on", "steps-0-position": 2})
    assert staff.post(url, follow).status_code == 302
    assert list(sequence.steps.values_list("position", flat=True)) == [2, 3, 4]


def test_what_is_in_use_is_not_deleted_and_the_page_says_so(staff: Client, sequence: Sequence) -> None:
    enrol()
    for model, row in (("sequence", sequence), ("template", Template.objects.filter(steps__sequence=sequence)[0])):
        answer = staff.post(reverse(f"admin:outreach_{model}_delete", args=[row.pk]), {"post": "yes"})
        assert "would require deleting the following protected related objects" in answer.content.decode()
    assert sequence.steps.count() == 4
