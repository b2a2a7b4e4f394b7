"""What staff do on the pages of the CRM."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from crm import suppression
from crm.models import Contact, Suppression
from tests.factories import BrandFactory, CrmAddressFactory, CrmContactFactory
from tests.outreach.factories import EnrolmentFactory

from .asking import post as outreach_post
from .conftest import World

pytestmark = pytest.mark.django_db


def post(client: Client, name: str, /, *args: Any, status: int = 200, **data: Any) -> str:
    answer = client.post(reverse(f"crm:{name}", args=args), data, follow=True)
    assert answer.status_code == status
    return answer.content.decode()


def get(client: Client, name: str, /, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"crm:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_contacts_are_found_by_what_one_knows_of_them(staff: Client, boss: User) -> None:
    acme = CrmContactFactory(
        first_name="Zoë",
        last_name="Müller",
        job_title="Head of Sales",
        brand__name="Elsewhere",
        region_code="DE",
        owner=boss,
        relationship_status="Replied",
    )
    CrmAddressFactory(contact=acme, email="zoe@elsewhere.example")
    CrmAddressFactory(contact__last_name="Other")
    for query in (
        {"q": "zoe muller"},
        {"q": "sales elsewhere"},
        {"q": "Zoe@Elsewhere.example"},
        {"relationship": "Replied"},
        {"owner": boss.pk},
        {"region": "de"},
        {"brand": acme.brand_id},
    ):
        text = get(staff, "contacts", **query)
        assert "Zoë Müller" in text
        assert "Ada Other" not in text
    assert "Zoë" not in get(staff, "contacts", owner="none")
    assert "Nobody fits this" in get(staff, "contacts", q="nobody@elsewhere.example")
    assert "Zoë" in get(staff, "contacts", owner="nonsense", brand="nonsense", relationship="nonsense")


def test_a_contact_shows_its_addresses_evidence_consents_history_and_enrolments(staff: Client, world: World) -> None:
    suppression.add([world.enrolment.address.email], "manual")
    text = get(staff, "contact", world.contact.pk)
    for expected in (
        world.enrolment.address.email,
        "Published by the company",
        "95%",
        "Suppressed",
        "https://www.acme.example/team",
        "by telephone",
        "Met at the fair.",
        "Step 1 was sent.",
        str(world.enrolment.sequence),
    ):
        assert expected in text


def test_what_people_typed_is_shown_as_text(staff: Client, world: World) -> None:
    post(staff, "contact-note", world.contact.pk, text="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in get(staff, "contact", world.contact.pk)


def test_owner_relationship_notes_and_consents_are_kept(staff: Client, boss: User) -> None:
    contact = CrmContactFactory()
    post(staff, "contact-edit", contact.pk, relationship="Customer", owner=boss.pk)
    contact.refresh_from_db()
    assert (contact.relationship_status, contact.owner) == ("Customer", boss)
    post(staff, "contact-note", contact.pk, text="Prefers mornings.")
    text = post(staff, "contact-consent", contact.pk, given_on="2026-01-31", source="form on the site")
    assert "Relationship is now Customer." in text
    assert "Owner is now boss." in text
    assert "Prefers mornings." in text
    assert "form on the site" in text
    assert "Withdrawn" in post(staff, "consent-withdraw", contact.consents.get().pk)


def test_mistakes_are_shown_beside_what_was_typed(staff: Client) -> None:
    contact = CrmContactFactory()
    text = post(staff, "contact-consent", contact.pk, status=400, given_on="2999-01-01", source="a form of ours")
    assert "The consent lies in the future" in text
    assert "a form of ours" in text
    assert "This field is required" in post(staff, "contact-note", contact.pk, status=400, text=" ")
    assert "Select a valid choice" in post(staff, "contact-edit", contact.pk, status=400, relationship="Friend")


def test_another_address_becomes_the_primary_one(staff: Client) -> None:
    first = CrmAddressFactory()
    second = CrmAddressFactory(contact=first.contact, is_primary=False)
    post(staff, "contact-primary", first.contact_id, address=second.pk)
    second.refresh_from_db()
    assert second.is_primary
    foreign = CrmAddressFactory()
    assert "not there any more" in post(staff, "contact-primary", first.contact_id, address=foreign.pk)


def test_two_contacts_are_merged_by_choice_and_parted_again(staff: Client) -> None:
    brand = BrandFactory()
    kept = CrmContactFactory(brand=brand, first_name="Ada", job_title="CEO")
    gone = CrmContactFactory(brand=brand, first_name="Adele", job_title="Managing Director")
    EnrolmentFactory(address=CrmAddressFactory(contact=gone))
    assert "Adele" in get(staff, "merge-choose", kept.pk)
    assert "Managing Director" in get(staff, "merge", kept.pk, gone.pk)
    text = post(staff, "merge", kept.pk, gone.pk, job_title="gone", first_name="kept")
    assert "Both are one contact now" in text
    kept.refresh_from_db()
    assert (kept.first_name, kept.job_title) == ("Ada", "Managing Director")
    assert kept.enrolments.count() == 1
    assert "is a contact of its own again" in post(staff, "merge-undo", kept.merges.get().pk)
    assert Contact.objects.get(pk=gone.pk).enrolments.count() == 1
    assert "undone already" in post(staff, "merge-undo", kept.merges.get().pk)
    assert "cannot be merged with itself" in post(staff, "merge", kept.pk, kept.pk)


def test_brands_are_found_by_name_and_domain(staff: Client) -> None:
    BrandFactory(name="Elsewhere", domain="elsewhere.example", region_code="SE")
    BrandFactory(name="Other")
    for query in ({"q": "ELSE"}, {"q": "where.example"}, {"region": "se"}):
        text = get(staff, "brands", **query)
        assert "Elsewhere" in text
        assert "Other" not in text


def test_the_suppression_list_is_added_to_asked_and_shortened_with_a_reason(staff: Client) -> None:
    text = outreach_post(staff, "suppression-add", values="ada@acme.example\nother.example", reason="objection")
    assert "2 added; 0 on the list already." in text
    assert "acme.example" not in text.replace("ada@acme.example or acme.example", "").replace(
        "ada@acme.example, or acme.example", ""
    )
    assert "must not be written to: address objected" in post(staff, "suppression-check", value="ADA@acme.example")
    assert "must not be written to: domain objected" in post(staff, "suppression-check", value="x@other.example")
    assert "is not on the list" in post(staff, "suppression-check", value="bo@acme.example")
    text = post(staff, "suppression-remove", value="x@other.example", why="they asked")
    assert "is not on the list itself" in text
    assert "Removed" in post(staff, "suppression-remove", value="other.example", why="they asked")
    assert Suppression.objects.count() == 1
    assert LogEntry.objects.get().change_message == "they asked"
    assert "neither an e-mail address nor" in outreach_post(
        staff, "suppression-add", values="nonsense", reason="manual"
    )


def test_whoever_may_only_look_changes_nothing(reader: Client, world: World) -> None:
    contact = world.contact.pk
    for name, args in [
        ("contact-edit", [contact]),
        ("contact-note", [contact]),
        ("contact-consent", [contact]),
        ("contact-primary", [contact]),
        ("consent-withdraw", [world.contact.consents.get().pk]),
        ("merge", [contact, world.sent.enrolment.contact_id]),
        ("suppression-remove", []),
    ]:
        assert reader.post(reverse(f"crm:{name}", args=args)).status_code == 403, name
    assert reader.post(reverse("outreach:suppression-add")).status_code == 403


def test_who_comes_onto_the_suppression_list_is_in_no_sequence_any_more(staff: Client, world: World) -> None:
    assert world.enrolment.address is not None
    text = outreach_post(staff, "suppression-add", values=world.enrolment.address.email, reason="objection")
    assert "1 enrolment stopped; the messages that waited are cancelled." in text
    world.enrolment.refresh_from_db()
    assert (world.enrolment.state, world.enrolment.stop_reason) == ("stopped", "suppressed")
    world.held.refresh_from_db()
    assert world.held.state == "cancelled"


def test_a_brand_shows_its_people_and_stops_all_of_them(staff: Client, world: World) -> None:
    brand = world.contact.brand
    EnrolmentFactory(address__contact__brand=brand, state="paused")
    text = get(staff, "brand", brand.pk)
    assert str(world.contact) in text
    assert "1 active, 1 paused" in text
    assert "Pause all" in text
    assert "1 enrolment paused" in outreach_post(staff, "company-change", brand.pk, "pause")
    assert "2 enrolments resumed" in outreach_post(staff, "company-change", brand.pk, "resume")
    assert "2 enrolments stopped" in outreach_post(staff, "company-change", brand.pk, "stop")
    assert "Stop all" not in get(staff, "brand", brand.pk)
    assert staff.post(reverse("outreach:company-change", args=[brand.pk, "nonsense"])).status_code == 404
    assert staff.get(reverse("crm:brand", args=[world.mailbox.pk])).status_code == 404


def test_likely_duplicates_are_listed_and_lead_to_the_merge(staff: Client) -> None:
    assert "No two contacts" in get(staff, "duplicates")
    acme = BrandFactory()
    older, newer = (CrmContactFactory(brand=acme, first_name="Zoë", last_name="Müller") for _ in range(2))
    text = get(staff, "duplicates")
    assert "the same name at the same company" in text
    assert reverse("crm:merge", args=[older.pk, newer.pk]) in text
    assert reverse("crm:duplicates") in get(staff, "contacts")
