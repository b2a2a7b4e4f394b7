"""One found contact: verifying, looking at evidence again, notes, and editing by hand."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from core.refusals import InputError
from crm import suppression
from enrichment import contact_checks, editing, evidence_checks
from enrichment.models import ContactEmail, EnrichedContact, Usage
from enrichment.review import contact as view
from tests.factories import BrandFactory, ContactFactory, EmailFactory

from .test_contact import HTMX, plain, post, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> EnrichedContact:
    contact = ContactFactory(first_name="Ada", last_name="Moss", region_code="GB")
    EmailFactory(enriched_contact=contact, email="ada.moss@acme.example")
    return contact


def test_verifying_spends_an_address_each_and_shows_the_contact_anew(
    staff: Client, ada: EnrichedContact, boss: User, settings, monkeypatch
) -> None:
    asked: list[Any] = []

    def verify(ids, means, user, *, seconds):
        asked.append((list(ids), means.smtp, means.providers, user, seconds))
        return {ada.pk: list(ada.emails.all())}

    monkeypatch.setattr(contact_checks, "verify", verify)
    text = post(staff, "contact-verify", ada, headers=HTMX, drawer="1", providers="1").content.decode()
    assert "1 address was checked" in text
    assert "ENRICHMENT_SMTP_PROBE" in text
    assert 'id="drawer-messages"' in text
    assert 'hx-swap-oob="true"' in text
    assert "<html" not in text
    assert asked == [([ada.pk], False, False, boss, view.SECONDS)]  # no provider is configured, whatever is posted
    assert Usage.objects.get().amount == 1
    settings.ENRICHMENT_LIMIT_EMAILS = 1
    page = post(staff, "contact-verify", ada).content.decode()
    assert "1 of 1 addresses were worked out or verified" in page
    assert "<html" in page
    assert len(asked) == 1


def test_verifying_says_when_no_place_is_free(staff: Client, ada: EnrichedContact, settings, monkeypatch) -> None:
    settings.ENRICHMENT_SMTP_PROBE = True
    monkeypatch.setattr("enrichment.api.waiting._places.acquire", lambda blocking: False)
    assert view.BUSY in post(staff, "contact-verify", ada).content.decode()
    assert not Usage.objects.exists()


@pytest.mark.parametrize(("answer", "said"), view.ANSWERS.items())
def test_looking_whether_a_claim_still_stands(
    staff: Client, ada: EnrichedContact, boss: User, monkeypatch, answer: bool | None, said: str
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(evidence_checks, "check", lambda *given: asked.append(given) or answer)
    assert said in post(staff, "contact-evidence", ada, entry="0").content.decode()
    assert asked == [(ada.pk, 0, boss)]


def test_evidence_that_cannot_be_looked_at_is_refused_in_words(staff: Client, ada: EnrichedContact) -> None:
    assert "not there any more" in post(staff, "contact-evidence", ada, entry="7").content.decode()
    assert post(staff, "contact-evidence", ada, entry="x").status_code == 404


def test_notes_are_kept_with_their_author_and_an_empty_one_is_refused(staff: Client, ada: EnrichedContact) -> None:
    text = post(staff, "contact-note", ada, text="Wants a call.\nIn spring.").content.decode()
    assert "Wants a call.\nIn spring." in text
    assert "boss, " in plain(text)
    refused = staff.post(url("contact-note", ada), {"text": "  "})
    assert (refused.status_code, "This field is required." in refused.content.decode()) == (400, True)
    shown = post(staff, "contact-note", ada, headers=HTMX, text="")
    assert (shown.status_code, "This field is required." in shown.content.decode()) == (200, True)
    assert ada.notes.count() == 1


# Editing by hand


def posted(client: Client, contact: EnrichedContact, **changes: Any) -> HttpResponse:
    """Post the form as a browser does: with what it showed, and the changes."""
    form = client.get(url("contact-edit", contact)).context["form"]
    data = {}
    for field in form:
        shown = field.initial
        for name in (field.html_name, field.html_initial_name):
            data[name] = "" if shown is None else shown
    if not data["decision_maker"]:
        del data["decision_maker"]
    return client.post(url("contact-edit", contact), {**data, **changes}, follow=True)


def test_only_what_was_changed_is_changed_and_the_source_becomes_manual(
    staff: Client, ada: EnrichedContact, monkeypatch
) -> None:
    given: list[Any] = []
    edit = editing.edit
    monkeypatch.setattr(editing, "edit", lambda pk, changes, user: given.append(changes) or edit(pk, changes, user))
    text = posted(staff, ada, job_title="Chief Executive Officer", company="").content.decode()
    assert given == [{"jobTitle": "Chief Executive Officer", "company": None}]
    assert "The source is “manual” now" in text
    ada.refresh_from_db()
    assert (ada.job_title, ada.company, ada.source, ada.seniority) == (
        "Chief Executive Officer",
        None,
        "manual",
        "c_level",
    )
    assert "Entered by boss" in text


def test_nothing_changed_is_said_and_changes_nothing(staff: Client, ada: EnrichedContact) -> None:
    assert "Nothing was changed." in posted(staff, ada).content.decode()
    ada.refresh_from_db()
    assert (ada.source, ada.activity) == ("website", [])


def test_what_somebody_else_changed_meanwhile_stays(staff: Client, ada: EnrichedContact, boss: User) -> None:
    form = staff.get(url("contact-edit", ada)).context["form"]
    shown = {
        name: "" if field.initial is None else field.initial
        for field in form
        for name in (field.html_name, field.html_initial_name)
    }
    del shown["decision_maker"]
    editing.edit(ada.pk, {"company": "Acme Ltd"}, boss)
    staff.post(url("contact-edit", ada), {**shown, "first_name": "Adele"})
    ada.refresh_from_db()
    assert (ada.first_name, ada.company) == ("Adele", "Acme Ltd")


def test_an_address_is_added_and_counts_as_proven(staff: Client, ada: EnrichedContact) -> None:
    posted(staff, ada, email="Ada@Home.example")
    row = ContactEmail.objects.get(enriched_contact=ada, verification_method="manual")
    assert row.email == "ada@home.example"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("region_code", "Atlantis", "Region must be a country"),
        ("linkedin_url", "https://acme.example/ada", "LinkedIn profile must be a profile"),
        ("email", "ada@", "Add an address is no address one can write to"),
        ("email", "gone@acme.example", "suppression list"),
        ("first_name", "x" * 201, "First name is longer than 200 characters"),
        ("last_name", "", "This field is required."),
        ("job_title", "Head\u0000of", "Null characters"),
    ],
)
def test_mistakes_are_said_beside_the_field_and_nothing_is_lost(
    staff: Client, ada: EnrichedContact, boss: User, field: str, value: str, said: str
) -> None:
    suppression.add(["gone@acme.example"], "objection", boss)
    answer = posted(staff, ada, **{"company": "Kept as typed", field: value})
    assert answer.status_code == 400
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert said in form.errors[field][0]
    assert "Kept as typed" in answer.content.decode()
    ada.refresh_from_db()
    assert ada.source == "website"


def test_a_refusal_that_comes_late_is_said_in_the_form(staff: Client, ada: EnrichedContact, monkeypatch) -> None:
    def refuse(*_given: Any) -> None:
        raise InputError("suppressed", "Nobody may write there.")

    monkeypatch.setattr(editing, "edit", refuse)
    assert "Nobody may write there." in posted(staff, ada, company="Other").content.decode()


def test_verifying_a_contact_without_a_domain_works_out_nothing(staff: Client) -> None:
    bare = ContactFactory(linked_brand=BrandFactory(domain=None))
    assert "No address could be worked out" in post(staff, "contact-verify", bare).content.decode()
