"""The admin's lists and pages, as an admin opens them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from core.fields import blind_index
from enrichment import approval, merging
from enrichment.models import AddressCheck, EnrichedContact, EnrichmentJob, JobContact, ReviewBatch
from outreach.default_sequence import create
from outreach.models import Sequence
from tests.factories import ContactFactory, EmailFactory, JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_superuser("boss", password="!")
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "page",
    ["enrichment_enrichedcontact", "enrichment_enrichmentjob", "enrichment_domainprofile"],
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


@pytest.fixture
def sequence(db):
    if not Sequence.objects.exists():
        create()


def act(staff, page: str, action: str, *rows) -> str:
    """Run an action on the rows as the list's form does; return the messages that the next page shows."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    page = staff.post(reverse(f"admin:{page}_changelist"), data, follow=True)
    assert page.status_code == 200
    return " ".join(str(message) for message in page.context["messages"])


def test_approving_in_the_list_enrols_and_says_who_was_skipped_and_why(staff, sequence) -> None:
    contact, bare = EmailFactory().enriched_contact, ContactFactory()
    said = act(staff, "enrichment_enrichedcontact", "approve_for_outreach", contact, bare)
    assert "1 contact approved, added to the CRM and enrolled." in said
    assert "1 contact skipped: without an address." in said
    contact.refresh_from_db()
    assert contact.linked_contact.enrolments.get().messages.count() == 4
    assert contact.activity[-1]["label"] == "Approved for outreach by boss"
    assert "1 contact skipped: approved already." in act(
        staff, "enrichment_enrichedcontact", "approve_for_outreach", contact
    )


def test_approving_somebody_rejected_before_is_done_and_told(staff, sequence) -> None:
    contacts = [
        EmailFactory(enriched_contact=ContactFactory(review_status=status)).enriched_contact
        for status in ("new", "rejected")
    ]
    said = act(staff, "enrichment_enrichedcontact", "approve_for_outreach", *contacts)
    assert "2 contacts approved" in said
    assert "1 contact of these had been rejected before." in said


def test_too_many_at_once_are_not_approved(staff, sequence, monkeypatch) -> None:
    monkeypatch.setattr(approval, "MAX_AT_ONCE", 1)
    contacts = [EmailFactory().enriched_contact for _ in range(2)]
    said = act(staff, "enrichment_enrichedcontact", "approve_for_outreach", *contacts)
    assert "2 contacts are too many at once: choose up to 1." in said
    assert not EnrichedContact.objects.filter(review_status="approved").exists()


def test_an_approved_contacts_page_leads_to_brand_crm_contact_enrolments_and_job(staff, sequence) -> None:
    contact = EmailFactory().enriched_contact
    job = JobFactory(brand=contact.linked_brand)
    JobContact.objects.create(job=job, contact=contact)
    act(staff, "enrichment_enrichedcontact", "approve_for_outreach", contact)
    contact.refresh_from_db()
    page = staff.get(reverse("admin:enrichment_enrichedcontact_change", args=[contact.pk])).content.decode()
    for target in (
        reverse("admin:crm_brand_change", args=[contact.linked_brand_id]),
        reverse("admin:crm_contact_change", args=[contact.linked_contact_id]),
        reverse("admin:enrichment_enrichmentjob_change", args=[job.pk]),
        f"{reverse('admin:outreach_enrolment_changelist')}?contact__id__exact={contact.linked_contact_id}",
    ):
        assert f'href="{target}"' in page
        assert staff.get(target).status_code == 200
    found = f"{reverse('admin:enrichment_enrichedcontact_changelist')}?jobs__id__exact={job.pk}"
    assert f'href="{found}"' in staff.get(reverse("admin:enrichment_enrichmentjob_changelist")).content.decode()
    assert str(contact) in staff.get(found).content.decode()


def test_rejecting_in_the_list_leaves_approved_contacts_alone(staff) -> None:
    fresh, approved = ContactFactory(), ContactFactory(review_status="approved")
    said = act(staff, "enrichment_enrichedcontact", "reject", fresh, approved)
    assert "1 contact rejected." in said
    assert "1 contact left as they were: The contact is approved already" in said
    fresh.refresh_from_db()
    assert fresh.review_status == "rejected"


def test_verifying_in_the_list_starts_a_job_over_these_contacts(staff, settings) -> None:
    contacts = [ContactFactory(), ContactFactory()]
    said = act(staff, "enrichment_enrichedcontact", "verify_addresses", *contacts)
    job = EnrichmentJob.objects.get()
    assert (job.job_type, job.items_total, set(job.contacts.all())) == ("email_enrichment", 2, set(contacts))
    assert "The addresses of 2 contacts are being verified." in said
    assert reverse("admin:enrichment_enrichmentjob_change", args=[job.pk]) in said
    settings.ENRICHMENT_LIMIT_EMAILS = 3
    assert "so that 2 more do not fit" in act(staff, "enrichment_enrichedcontact", "verify_addresses", *contacts)
    assert EnrichmentJob.objects.count() == 1


def test_retrying_and_cancelling_jobs_in_the_list(staff) -> None:
    failed, pending, done = JobFactory(status="failed"), JobFactory(), JobFactory(status="completed")
    said = act(staff, "enrichment_enrichmentjob", "retry", failed, done)
    assert "1 job started again." in said
    assert "1 job left alone:" in said
    said = act(staff, "enrichment_enrichmentjob", "cancel", pending, done)
    assert "1 job cancelled." in said
    assert [EnrichmentJob.objects.get(pk=job.pk).status for job in (failed, pending, done)] == [
        "retrying",
        "cancelled",
        "completed",
    ]


def test_whoever_may_only_look_is_offered_no_action(client) -> None:
    viewer = get_user_model().objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(viewer)
    for page, action in [("enrichedcontact", "approve_for_outreach"), ("enrichmentjob", "retry")]:
        content = client.get(reverse(f"admin:enrichment_{page}_changelist")).content.decode()
        assert f'value="{action}"' not in content
    contact = EmailFactory().enriched_contact
    act(client, "enrichment_enrichedcontact", "approve_for_outreach", contact)
    contact.refresh_from_db()
    assert contact.review_status == "new"


def test_states_are_told_by_word_beside_their_colour(staff) -> None:
    EmailFactory(enriched_contact=ContactFactory(review_status="rejected"))
    JobFactory(status="retrying")
    assert ">Rejected</b>" in staff.get(reverse("admin:enrichment_enrichedcontact_changelist")).content.decode()
    assert ">Retrying</b>" in staff.get(reverse("admin:enrichment_enrichmentjob_changelist")).content.decode()


def test_the_job_list_asks_no_query_per_row(staff, django_assert_max_num_queries) -> None:
    for _ in range(30):
        JobFactory()
    with django_assert_max_num_queries(12):
        staff.get(reverse("admin:enrichment_enrichmentjob_changelist"))


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://acme.example/team", True),
        ("javascript:alert(1)", False),
        ("https://[broken", False),
        ("//acme.example/team", False),
    ],
)
def test_evidence_leads_to_its_page_where_that_is_an_address_of_the_web(staff, url: str, linked: bool) -> None:
    contact = ContactFactory(linkedin_url=url)
    contact.evidence = [{**contact.evidence[0], "url": url, "checkedAt": "2026-11-25T10:00:00Z", "stillThere": False}]
    contact.save()
    content = staff.get(reverse("admin:enrichment_enrichedcontact_change", args=[contact.pk])).content.decode()
    assert content.count(f'<a href="{url}" rel="noreferrer noopener"') == 2 * linked
    assert url in content
    assert "no longer there on 2026-11-25" in content


def test_rejecting_is_for_those_who_may_reject_and_approving_for_those_who_may_change(client) -> None:
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    wanted = ["view_enrichedcontact", "reject_enrichedcontact"]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client.force_login(user)
    contact = EmailFactory().enriched_contact
    content = client.get(reverse("admin:enrichment_enrichedcontact_changelist")).content.decode()
    assert 'value="reject"' in content
    assert 'value="approve_for_outreach"' not in content
    assert 'value="verify_addresses"' not in content
    assert "1 contact rejected." in act(client, "enrichment_enrichedcontact", "reject", contact)


def test_what_was_done_to_jobs_stands_in_the_log(staff) -> None:
    failed, done = JobFactory(status="failed"), JobFactory(status="completed")
    act(staff, "enrichment_enrichmentjob", "retry", failed, done)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (str(failed.pk), "Started again.")


def test_an_addresss_page_shows_how_its_score_comes_about(staff) -> None:
    email = EmailFactory()
    content = staff.get(reverse("admin:enrichment_contactemail_change", args=[email.pk])).content.decode()
    for line in ("<p>75 Pattern: first.last</p>", "<p>15 Mail server: mx.acme.example</p>", "<p><b>= 100</b></p>"):
        assert line in content


def test_a_batch_of_many_shows_its_first_items_and_leads_to_all(staff, monkeypatch) -> None:
    monkeypatch.setattr("enrichment.admin.review.SHOWN", 2)
    batch = ReviewBatch.objects.create(kind="reject", total=3)
    for position in range(3):
        batch.items.create(position=position, contact=ContactFactory(last_name=f"Number{position}"))
    content = staff.get(reverse("admin:enrichment_reviewbatch_change", args=[batch.pk])).content.decode()
    assert "Ada Number1" in content
    assert "Ada Number2" not in content
    items = f"{reverse('admin:enrichment_reviewitem_changelist')}?batch__id__exact={batch.pk}"
    assert f'href="{items}"' in content
    assert "Ada Number2" in staff.get(items).content.decode()


def test_a_merge_is_undone_in_the_list_once(staff) -> None:
    kept, gone = ContactFactory(), ContactFactory(last_name="Gone")
    merge = merging.merge(kept, gone, {}, None)
    assert "Ada Gone is a contact of their own again." in act(staff, "enrichment_contactmerge", "undo", merge)
    assert "This merge was undone already." in act(staff, "enrichment_contactmerge", "undo", merge)
    assert EnrichedContact.objects.count() == 2
    assert LogEntry.objects.get().change_message == "Undone."


def test_that_an_address_was_checked_is_found_by_the_address(staff) -> None:
    index = blind_index("ada@acme.example")
    AddressCheck.objects.create(email_index=index, checks=[], checked_at=timezone.now())
    url = reverse("admin:enrichment_addresscheck_changelist")
    assert index[:12] in staff.get(url, {"q": "ADA@acme.example"}).content.decode()
    assert index[:12] not in staff.get(url, {"q": "joan@acme.example"}).content.decode()
