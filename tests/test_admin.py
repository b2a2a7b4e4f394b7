"""The admin's lists and pages, as an admin opens them."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from enrichment.models import EnrichedContact
from tests.factories import BrandFactory, ContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_superuser("boss", password="!")
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "page",
    ["enrichment_enrichedcontact", "enrichment_enrichmentjob", "enrichment_domainprofile", "crm_brand", "crm_contact"],
)
def test_every_list_opens_empty_and_full(staff, page) -> None:
    url = reverse(f"admin:{page}_changelist")
    assert staff.get(url).status_code == 200
    EmailFactory()
    JobFactory()
    assert staff.get(url, {"q": "acme"}).status_code == 200


def test_the_contact_list_asks_no_query_per_row(staff, django_assert_max_num_queries) -> None:
    for _ in range(30):
        EmailFactory()
    with django_assert_max_num_queries(15):
        page = staff.get(reverse("admin:enrichment_enrichedcontact_changelist"))
    assert b"ada.example" in page.content


def test_a_contact_is_found_by_name_and_by_its_whole_address(staff) -> None:
    email = EmailFactory(email="Grace@Acme.example", enriched_contact=ContactFactory(last_name="Sought"))
    EmailFactory(enriched_contact=ContactFactory(last_name="Other"))
    url = reverse("admin:enrichment_enrichedcontact_changelist")
    for words in ("sought", "grace@acme.EXAMPLE"):
        content = staff.get(url, {"q": words}).content
        assert email.enriched_contact.last_name.encode() in content
        assert b"Ada Other" not in content


def test_a_contacts_page_shows_evidence_chance_and_activity_and_escapes_what_was_scraped(staff) -> None:
    email = EmailFactory()
    contact = email.enriched_contact
    contact.evidence[0]["snippet"] = "<script>alert(1)</script>"
    contact.record("Discovered via website")
    contact.save()
    content = staff.get(reverse("admin:enrichment_enrichedcontact_change", args=[contact.pk])).content.decode()
    assert "https://acme.example/team" in content
    assert "42%" in content
    assert "Discovered via website" in content
    assert "&lt;script&gt;alert(1)" in content
    assert "<script>alert(1)" not in content


def test_a_jobs_page_says_why_it_found_nobody(staff) -> None:
    job = JobFactory(diagnostics=[{"code": "robots", "sentence": "robots.txt forbids it.", "source": "website"}])
    content = staff.get(reverse("admin:enrichment_enrichmentjob_change", args=[job.pk])).content
    assert b"robots.txt forbids it." in content


def test_what_the_pipeline_wrote_is_not_edited_by_hand(staff) -> None:
    contact = ContactFactory()
    assert staff.get(reverse("admin:enrichment_enrichedcontact_add")).status_code == 403
    staff.post(reverse("admin:enrichment_enrichedcontact_change", args=[contact.pk]), {"job_title": "Changed"})
    contact.refresh_from_db()
    assert contact.job_title == "Head of Marketing"


def test_deleting_in_the_list_works_as_over_the_api(staff) -> None:
    email = EmailFactory()
    data = {"action": "delete_selected", "_selected_action": [str(email.enriched_contact_id)], "post": "yes"}
    staff.post(reverse("admin:enrichment_enrichedcontact_changelist"), data)
    assert not EnrichedContact.objects.exists()


def test_a_brand_can_be_added_by_hand_and_is_found_again_by_discovery(staff) -> None:
    from crm import brands
    from crm.models import Brand

    page = staff.post(reverse("admin:crm_brand_add"), {"name": "Müller GmbH", "domain": "", "region_code": "DE"})
    assert page.status_code == 302
    assert brands.find_or_create("muller") == Brand.objects.get()
    again = staff.post(reverse("admin:crm_brand_add"), {"name": "Muller", "domain": "", "region_code": ""})
    assert b"already: edit that one" in again.content
    staff.post(reverse("admin:crm_brand_add"), {"name": "Acme", "domain": "WWW.Acme.example", "region_code": ""})
    assert Brand.objects.filter(domain="acme.example").exists()


def test_the_home_page_leads_to_the_admin(client) -> None:
    assert client.get("/").headers["Location"] == reverse("admin:index")
    BrandFactory()
