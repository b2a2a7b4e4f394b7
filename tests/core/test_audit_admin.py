"""What is done in the admin is in the audit trail: once, with what changed, a person's under their key."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from core import audit
from core.models import ApiToken, AuditEntry
from crm.models import Brand
from tests.factories import BrandFactory, CrmAddressFactory, EmailFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password="!"))
    return client


def trail() -> list[AuditEntry]:
    return list(AuditEntry.objects.order_by("id"))


def form_of(client: Client, url: str) -> dict[str, Any]:
    """Return what a change form posts when nothing is changed in it."""
    context = client.get(url).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    fields = [(form, name, form[name].value()) for form in forms for name in form.fields]
    return {form.add_prefix(name): value for form, name, value in fields if value is not None and value is not False}


def test_a_row_that_is_no_person_is_in_clear_with_what_changed(staff: Client) -> None:
    brand = BrandFactory(name="Acme")
    url = reverse("admin:crm_brand_change", args=[brand.pk])
    data = form_of(staff, url)
    assert staff.post(url, {**data, "name": "Acme Ltd"}).status_code == 302
    (entry,) = [entry for entry in trail() if entry.action == "brand.changed"]
    assert (entry.object_id, entry.via, entry.actor) == (str(brand.pk), "admin", "boss")
    assert (entry.facts["before"]["name"], entry.facts["after"]["name"]) == ("Acme", "Acme Ltd")
    staff.post(reverse("admin:crm_brand_delete", args=[brand.pk]), {"post": "yes"})
    assert [entry.action for entry in trail()].count("brand.deleted") == 1
    assert "request.made" not in {entry.action for entry in trail()}


def test_a_persons_change_is_under_their_key(staff: Client) -> None:
    address = CrmAddressFactory(contact__first_name="Ada")
    contact = address.contact
    url = reverse("admin:crm_contact_change", args=[contact.pk])
    assert staff.post(url, {**form_of(staff, url), "first_name": "Augusta"}).status_code == 302
    entries = [entry for entry in trail() if entry.action == "crm_contact.changed"]
    assert len(entries) == 1
    assert entries[0].subject == audit.person(contact)
    assert "Augusta" not in entries[0].details
    values = audit.values_of(entries)[entries[0].pk]
    assert values is not None
    assert "Augusta" in str(values["after"])
    assert "crm_contact.viewed" in {entry.action for entry in trail()}


def test_lists_of_people_and_several_deleted_at_once_are_noted(staff: Client) -> None:
    found = [EmailFactory().enriched_contact for _ in range(2)]
    url = reverse("admin:enrichment_enrichedcontact_changelist")
    staff.get(url, {"q": "ada@acme.example"})
    staff.get(url)
    listed = [entry for entry in trail() if entry.action == "contacts.listed"]
    assert listed[-1].facts["count"] == 2
    assert "ada@acme.example" not in str([entry.details for entry in trail()])
    keys = [str(contact.pk) for contact in found]
    staff.post(url, {"action": "delete_selected", "_selected_action": keys, "post": "yes"})
    gone = [entry for entry in trail() if entry.action == "contact.deleted"]
    assert sorted(entry.object_id for entry in gone) == sorted(keys)
    assert {entry.subject for entry in gone} == {audit.person(contact) for contact in found}


def test_permissions_of_a_group_are_noted_before_and_after(staff: Client) -> None:
    group = Group.objects.create(name="Readers")
    permission = Permission.objects.get(codename="view_brand")
    url = reverse("admin:auth_group_change", args=[group.pk])
    staff.post(url, {"name": "Readers", "permissions": [permission.pk]})
    (entry,) = [entry for entry in trail() if entry.action == "group.changed"]
    assert (entry.facts["before"], entry.facts["after"]) == ({"permissions": []}, {"permissions": ["view_brand"]})


def test_a_token_is_noted_without_what_it_is_known_by(staff: Client) -> None:
    boss = User.objects.get()
    answer = staff.post(reverse("admin:core_apitoken_add"), {"user": boss.pk, "name": "A script"})
    token = ApiToken.objects.get()
    staff.post(reverse("admin:core_apitoken_revoke", args=[token.pk]))
    assert [entry.action for entry in trail()] == ["token.created", "token.revoked"]
    assert trail()[0].facts["name"] == "A script"
    assert answer.context["token"] not in str([entry.details for entry in trail()])
    assert token.token_hash not in str([entry.details for entry in trail()])
    staff.post(reverse("admin:core_apitoken_change", args=[token.pk]), {"name": "Another"})
    assert trail()[-1].facts["after"] == {"name": "Another"}


def test_a_row_belongs_to_the_person_it_leads_to() -> None:
    address = EmailFactory()
    assert audit.of(address) == audit.of(address.enriched_contact) == audit.person(address.enriched_contact)
    assert audit.of(Brand()) == ""
    assert audit.of(CrmAddressFactory()) != ""
