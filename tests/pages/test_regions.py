"""The pages of countries' rules, and correcting where somebody works."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.models import AuditEntry
from crm import by_hand, region_rules, regions
from crm.models import Brand, Contact, RegionRule
from enrichment import editing
from enrichment.models import EnrichedContact, EnrichmentJob
from outreach.models import Message
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


def rule(code: str, **changes: object) -> dict[str, object]:
    values = {name: getattr(regions.policy(code), name) for name in region_rules.FIELDS}
    values |= {"reason": "We ask first.", **changes}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_the_table_and_a_country_open_and_a_rule_is_changed_and_taken_back(staff) -> None:
    page = staff.get(reverse("oversight:regions")).content.decode()
    assert "Germany" in page
    assert "Other countries" in page or "ZZ" in page
    url = reverse("oversight:region", args=["US"])
    assert "CAN-SPAM" in staff.get(url).content.decode()
    answer = staff.post(url, rule("US", policy="needs_consent", default_action="block"))
    assert answer.status_code == 302
    shown = staff.get(url).content.decode()
    assert "We ask first." in shown
    assert "Take the change back" in shown
    assert staff.post(reverse("oversight:region-reset", args=["US"])).status_code == 302
    assert not RegionRule.objects.exists()
    assert staff.get(reverse("oversight:regions"), {"country": "AQ"}).url == reverse("oversight:region", args=["AQ"])
    assert staff.get(reverse("oversight:region", args=["XX"])).status_code == 404


def test_a_mistake_stands_beside_its_field(staff) -> None:
    url = reverse("oversight:region", args=["DE"])
    answer = staff.post(url, rule("DE", policy="allowed_opt_out", default_action="allow", source_law=""))
    assert answer.status_code == 400
    assert "allows more than the rule that came with the product" in answer.content.decode()
    assert not RegionRule.objects.exists()


def test_who_may_not_change_rules_sees_no_form_and_is_refused(reader, reviewer) -> None:
    url = reverse("oversight:region", args=["DE"])
    assert "Keep the change" not in reader.get(url).content.decode()
    assert reader.post(url, rule("DE")).status_code == 403
    assert reader.post(reverse("oversight:region-reset", args=["DE"])).status_code == 403
    assert reviewer.get(url).status_code == 403


def test_a_contacts_country_is_corrected_told_of_and_its_messages_judged_anew(staff, world) -> None:
    contact, message = world.contact, world.held
    contact.consents.all().delete()
    Message.objects.filter(pk=message.pk).update(state="planned", reasons=[])
    answer = staff.post(reverse("crm:contact-region", args=[contact.pk]), {"region": "DE"})
    assert answer.status_code == 302, [str(said) for said in get_messages(answer.wsgi_request)]
    contact = Contact.objects.get(pk=contact.pk)
    assert (contact.region_code, contact.region_basis["how"]) == ("DE", "hand")
    message.refresh_from_db()
    assert message.state == "held"
    assert any(reason.startswith("Germany: ") for reason in message.reasons)
    assert "corrected by hand: entered by boss" in staff.get(reverse("crm:contact", args=[contact.pk])).content.decode()
    assert AuditEntry.objects.get(action="crm_contact.changed").facts["fields"] == ["region_code"]
    assert AuditEntry.objects.filter(action="crm_contact.viewed", object_id=str(contact.pk)).exists()


def test_a_brands_country_is_corrected_and_holds_for_whoever_has_none(staff, world) -> None:
    Contact.objects.filter(pk=world.contact.pk).update(region_code="")
    brand = world.contact.brand
    staff.post(reverse("crm:brand-region", args=[brand.pk]), {"region": "AT"})
    brand = Brand.objects.get(pk=brand.pk)
    assert (brand.region_code, brand.region_basis["evidence"]) == ("AT", "Entered by boss")
    assert AuditEntry.objects.get(action="brand.changed").facts["after"] == {"region_code": "AT"}
    world.held.refresh_from_db()
    assert any(reason.startswith("Austria: ") for reason in world.held.reasons)
    assert "as their company" in staff.get(reverse("crm:contact", args=[world.contact.pk])).content.decode()
    by_hand.edit_brand(brand, {"region_code": ""})
    assert brand.region_basis is None


def test_a_found_contact_shows_how_its_country_is_known(staff, boss) -> None:
    basis = {
        "how": "address",
        "evidence": "1 Straße, 12345 Berlin",
        "url": "https://acme.example/imprint",
        "at": "2026",
    }
    also = [{"how": "tld", "region": "AT"}]
    contact = ContactFactory(region_code="DE", region_basis={**basis, "also": also})
    page = staff.get(reverse("review:contact", args=[contact.pk])).content.decode()
    assert "from the address that the company states" in page
    assert 'href="https://acme.example/imprint"' in page
    assert "from the ending of the domain: AT" in page
    editing.edit(contact.pk, {"region": "AT"}, boss)
    assert EnrichedContact.objects.get().region_basis["how"] == "hand"


def test_only_an_admin_is_offered_rules_that_only_warn(staff, reader) -> None:
    url = reverse("review:discover")
    assert "Rules of countries only warn" in staff.get(url).content.decode()
    assert staff.post(url, {"brand": "Acme", "rules_only_warn": "on"}).status_code == 302
    assert EnrichmentJob.objects.get().compliance_mode is False
    assert AuditEntry.objects.get(action="job.created").facts["compliance_mode"] is False
