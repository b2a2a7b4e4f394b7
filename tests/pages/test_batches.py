"""Decisions in the pages: made, looked at, confirmed and undone, by whoever may."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import suppression
from crm.models import Contact as CrmContact
from enrichment import approval, batches
from enrichment.models import EnrichedContact, ReviewBatch
from outreach import sequences
from outreach.models import Enrolment, Message, Sequence, Template
from tests.factories import ContactFactory, CrmAddressFactory, EmailFactory
from tests.outreach.factories import MailboxFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _sequence(sequence: Sequence) -> Sequence:
    MailboxFactory()
    return sequence


@pytest.fixture
def only_rejects(db: None) -> Client:
    user = User.objects.create_user("rita")
    user.groups.add(Group.objects.get(name="Reviewers"))
    client = Client()
    client.force_login(user)
    return client


def found(region: str = "GB", probability: float = 0.95, **fields: Any) -> EnrichedContact:
    contact = ContactFactory(region_code=region, seniority="head", **fields)
    email = f"{contact.last_name.lower()}@acme.example"
    EmailFactory(enriched_contact=contact, email=email, generation_method="published", probability=probability)
    return contact


def new(client: Client, kind: str, *contacts: EnrichedContact, **data: Any) -> Any:
    data |= {"kind": kind, "contact": [str(contact.pk) for contact in contacts]}
    return client.post(reverse("review:batch-new"), data, follow=True)


def page(client: Client, name: str = "batch", *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"review:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, name: str, *args: Any, **data: Any) -> str:
    answer = client.post(reverse(f"review:{name}", args=args), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def chosen(text: str) -> dict[str, str]:
    """Return what the form to confirm on a page would post."""
    form = text.split('id="confirm"', 1)[1].split("</form>", 1)[0]
    fields = [part.split('"', 1)[0] for part in form.split('name="')[1:]]
    values = [part.split('"', 1)[0] for part in form.split('value="')[1:]]
    return dict(zip(fields, values, strict=True))


def test_a_few_are_rejected_at_once_and_it_is_undone_by_one_link(only_rejects: Client) -> None:
    contacts = [found(), found()]
    answer = new(only_rejects, "reject", *contacts, reason="Left", next="/contacts/?q=Ada")
    assert answer.redirect_chain == [("/contacts/?q=Ada", 302)]
    text, batch = answer.content.decode(), ReviewBatch.objects.get()
    assert "2 contacts rejected." in text
    assert reverse("review:batch-undo", args=[batch.pk]) in text
    assert "The rejection of 2 contacts was undone." in press(only_rejects, "batch-undo-last", next="/contacts/")
    assert not EnrichedContact.objects.filter(review_status="rejected").exists()
    assert "nothing to undo" in press(only_rejects, "batch-undo-last")


def test_the_way_back_leads_nowhere_else(staff: Client) -> None:
    answer = new(staff, "reject", found(), next="https://evil.example/")
    assert answer.redirect_chain == [("/contacts/", 302)]


def test_all_that_match_are_frozen_with_their_filter(staff: Client) -> None:
    found(last_name="Match")
    found(last_name="Other")
    data = {"kind": "reject", "everything": "1", "filters": "q=match&page=2"}
    text = staff.post(reverse("review:batch-new"), data, follow=True).content.decode()
    batch = ReviewBatch.objects.get()
    found(last_name="Matching")
    assert (batch.state, batch.total, batch.items.count()) == ("draft", 1, 1)
    assert "“match”" in text
    assert "Reject 1 contact" in text
    press(staff, "batch-confirm", batch.pk)
    rejected = EnrichedContact.objects.filter(review_status="rejected")
    assert list(rejected.values_list("last_name", flat=True)) == ["Match"]


def test_too_many_and_nobody_are_refused_with_a_sentence(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nobody is selected" in new(staff, "approve").content.decode()
    monkeypatch.setattr(batches, "MOST", 1)
    assert "about 1 contacts at most" in new(staff, "approve", found(), found()).content.decode()
    assert not ReviewBatch.objects.exists()


def test_an_approval_says_what_it_leads_to_and_does_that(staff: Client, settings: Any) -> None:
    settings.OUTREACH_MIN_PROBABILITY = 0.8
    fine, held, low = found(last_name="Fine"), found("DE"), found(probability=0.3)
    bare, listed = ContactFactory(), found()
    suppression.add([listed.emails.get().email], "objection")
    known = CrmAddressFactory(
        contact__brand=fine.linked_brand,
        contact__last_name="Fine",
        email="fine@acme.example",
        origin="published",
        probability=0.95,
    )
    answer = new(staff, "approve", fine, held, low, bare, listed)
    text, batch = answer.content.decode(), ReviewBatch.objects.get()
    assert "Approve 3 contacts" in text
    for sentence in (
        "joins that contact",
        "Germany",
        "The address exists with a chance of 30%",
        "1: chance below 80%",
        "No address is known: skipped.",
        "On the suppression list: skipped.",
        "will be enrolled, with messages held",
    ):
        assert sentence in text, sentence
    assert (EnrichedContact.objects.filter(review_status="approved").count(), Message.objects.count()) == (0, 0)

    done = press(staff, "batch-confirm", batch.pk, **chosen(text))
    assert "3 contacts approved." in done
    fine.refresh_from_db()
    assert fine.linked_contact == known.contact
    states = dict(Message.objects.filter(step__channel="email").values_list("enrolment__contact__last_name", "state"))
    assert states == {"Fine": "planned", held.last_name: "held", low.last_name: "held"}
    assert "planned messages" in done
    assert "The approval of 3 contacts was undone." in press(staff, "batch-undo", batch.pk)
    assert (Enrolment.objects.count(), CrmContact.objects.get()) == (0, known.contact)


def test_another_text_is_chosen_shown_and_sent(staff: Client, sequence: Sequence) -> None:
    other = Template.objects.create(name="Shorter", subject="In short", body="Dear {{ first_name }}, in short.")
    contact = found()
    new(staff, "approve", contact)
    batch = ReviewBatch.objects.get()
    text = page(staff, "batch", batch.pk, **{"text-1": other.pk})
    assert "Dear Ada, in short." in text
    fragment = staff.get(reverse("review:batch-preview", args=[batch.pk]), {"text-1": other.pk}, headers=HTMX)
    assert "Dear Ada, in short." in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    press(staff, "batch-confirm", batch.pk, **chosen(text))
    templates = Message.objects.order_by("step__position").values_list("template", flat=True)
    assert list(templates) == [other.pk, None, None, None]


def test_one_who_is_in_the_sequence_is_not_enrolled_again(staff: Client) -> None:
    contact = found()
    approval.approve([str(contact.pk)], user=None)
    EnrichedContact.objects.update(review_status="rejected")
    text = new(staff, "approve", contact).content.decode()
    assert "not enrolled again" in text
    assert "Rejected before" in text
    done = press(staff, "batch-confirm", ReviewBatch.objects.get().pk, **chosen(text))
    assert "so it was not enrolled again" in done
    assert Enrolment.objects.count() == 1


def test_steps_changed_since_they_were_shown_are_shown_again(staff: Client, boss: User, sequence: Sequence) -> None:
    contact = found()
    text = new(staff, "approve", contact).content.decode()
    batch = ReviewBatch.objects.get()
    steps = sequences.steps_of(sequences.current(sequence))
    sequences.save_steps(sequence, steps[:2], boss)
    assert "changed or switched off meanwhile" in press(staff, "batch-confirm", batch.pk, **chosen(text))
    sequences.activate(sequence, False)
    assert "No sequence is active" in page(staff, "batch", batch.pk)
    assert "meanwhile" in press(staff, "batch-confirm", batch.pk, **chosen(text))
    batch.refresh_from_db()
    assert (batch.state, Enrolment.objects.count()) == ("draft", 0)


def test_many_are_left_to_a_worker_while_the_page_asks(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PART", 1)
    monkeypatch.setattr(batches, "wake", lambda _: True)
    text = new(staff, "approve", found(), found()).content.decode()
    batch = ReviewBatch.objects.get()
    running = press(staff, "batch-confirm", batch.pk, **chosen(text))
    assert "0 of 2 contacts are done" in running
    assert '<noscript><meta http-equiv="refresh"' in running
    batches._part(batch.pk)
    url = reverse("review:batch", args=[batch.pk])
    assert "1 of 2 contacts are done" in staff.get(url, headers=HTMX).content.decode()
    batches.run(batch.pk)
    assert staff.get(url, headers=HTMX)["HX-Refresh"] == "true"
    assert "2 approved" in page(staff, "batch", batch.pk)


def test_what_goes_with_a_deletion_is_said_before(staff: Client) -> None:
    contact, approved = found(), found()
    approval.approve([str(approved.pk)], user=None)
    text = new(staff, "delete", contact, approved).content.decode()
    assert "This cannot be undone" in text
    assert "1 of them is in the CRM, 1 approved for outreach" in text
    assert EnrichedContact.objects.count() == 2
    assert "2 contacts deleted" in press(staff, "batch-confirm", ReviewBatch.objects.get().pk)
    assert (EnrichedContact.objects.count(), CrmContact.objects.count()) == (0, 1)


@pytest.mark.parametrize("kind", ["approve", "delete"])
def test_a_reviewer_sees_decisions_and_confirms_only_rejections(only_rejects: Client, staff: Client, kind: str) -> None:
    contact = found()
    assert new(only_rejects, kind, contact).status_code == 403
    text = new(staff, kind, contact).content.decode()
    batch = ReviewBatch.objects.get()
    seen = page(only_rejects, "batch", batch.pk)
    assert "somebody else has to confirm it" in seen
    assert 'id="confirm"' not in seen
    assert contact.emails.get().email not in seen
    for name in ("batch-confirm", "batch-discard", "batch-undo"):
        answer = only_rejects.post(reverse(f"review:{name}", args=[batch.pk]), chosen(text))
        assert answer.status_code == 403
    batch.refresh_from_db()
    assert batch.state == "draft"
    assert "Discarded" in press(staff, "batch-discard", batch.pk)
    assert not ReviewBatch.objects.exists()


def test_drafts_stand_on_top_of_the_list(staff: Client) -> None:
    first, second = found(), found()
    new(staff, "delete", first)
    new(staff, "reject", second)
    rows = page(staff, "batches").split("<tbody>")[1]
    assert rows.index("To be confirmed") < rows.index("1 rejected")
    assert rows.count(">Undo<") == 1


def test_pages_take_as_many_queries_for_many_contacts_as_for_few(staff: Client) -> None:
    numbers = []
    for _ in range(2):
        for _ in range(3 + 7 * len(numbers)):
            found(linked_brand=ContactFactory().linked_brand)
        ReviewBatch.objects.all().delete()
        new(staff, "approve", *EnrichedContact.objects.all())
        url = reverse("review:batch", args=[ReviewBatch.objects.get().pk])
        staff.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(url).status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_hostile_names_do_no_harm(staff: Client) -> None:
    contact = found(first_name="<script>alert(1)</script>", company="<img src=x onerror=alert(1)>")
    text = new(staff, "approve", contact).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
