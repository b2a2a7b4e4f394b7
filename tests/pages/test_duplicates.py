"""Pages: two found contacts who are one person."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from enrichment.models import ContactMerge, EnrichedContact
from tests.factories import BrandFactory, ContactFactory, CrmContactFactory, EmailFactory

pytestmark = pytest.mark.django_db


def text(response) -> str:
    """Return what a reader sees."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


@pytest.fixture
def pair() -> list[EnrichedContact]:
    brand = BrandFactory(name="Acme")
    kept = EmailFactory(
        email="ada@acme.example", enriched_contact__first_name="Ada", enriched_contact__last_name="Example",
        enriched_contact__linked_brand=brand, enriched_contact__job_title="CEO", enriched_contact__region_code="GB",
    )  # fmt: skip
    gone = EmailFactory(
        email="a.example@acme.example", enriched_contact__first_name="Adda", enriched_contact__last_name="Example",
        enriched_contact__linked_brand=brand, enriched_contact__job_title="Chief Executive",
        enriched_contact__review_status="rejected",
    )  # fmt: skip
    return [kept.enriched_contact, gone.enriched_contact]


def test_the_likely_ones_are_offered_and_others_are_found(staff: Client, pair: list[EnrichedContact]) -> None:
    kept, gone = pair
    stranger = ContactFactory(first_name="Grace", last_name="Sample", job_title="Head of Rivers")
    url = reverse("review:duplicates", args=[kept.pk])
    page = staff.get(url)
    assert "A similar name at the same company" in text(page)
    assert reverse("review:merge", args=[kept.pk, gone.pk]) in page.content.decode()
    found = staff.get(url, {"q": "grace rivers"}).content.decode()
    assert reverse("review:merge", args=[kept.pk, stranger.pk]) in found
    assert reverse("review:merge", args=[kept.pk, gone.pk]) not in found
    assert (
        reverse("review:merge", args=[kept.pk, gone.pk])
        in staff.get(url, {"q": "A.Example@acme.example"}).content.decode()
    )
    assert "Nobody answers to that" in text(staff.get(url, {"q": "Ada CEO"})), "a contact is not its own duplicate"


def test_nobody_is_likely(staff: Client) -> None:
    page = staff.get(reverse("review:duplicates", args=[ContactFactory().pk]))
    assert "Nobody has the same address, profile or name" in text(page)


def test_both_stand_side_by_side_and_become_one_by_the_choices_made(staff: Client, pair: list[EnrichedContact]) -> None:
    kept, gone = pair
    url = reverse("review:merge", args=[kept.pk, gone.pk])
    page = staff.get(url)
    body = page.content.decode()
    assert set(re.findall(r'type="radio" name="(\w+)"', body)) == {"first_name", "job_title"}
    seen = text(page)
    for words in ("United Kingdom (GB)", "a.example@acme.example", "Chief Executive · ", "together: Rejected"):
        assert words in seen
    answer = staff.post(url, {"job_title": "gone", "first_name": "kept", "csrf": "x"}, follow=True)
    assert answer.redirect_chain == [(reverse("review:contact", args=[kept.pk]), 302)]
    kept.refresh_from_db()
    assert (str(kept), kept.job_title, kept.review_status, kept.emails.count()) == (
        "Ada Example", "Chief Executive", "rejected", 2,
    )  # fmt: skip
    merge = ContactMerge.objects.get()
    answer = staff.post(reverse("review:merge-undo", args=[merge.pk]), follow=True)
    assert "Undone: Adda Example is a contact of their own again." in text(answer)
    assert EnrichedContact.objects.get(pk=gone.pk).emails.get().email == "a.example@acme.example"
    answer = staff.post(reverse("review:merge-undo", args=[merge.pk]), follow=True)
    assert "This merge was undone already." in text(answer)


def test_what_cannot_be_merged_is_said_and_nothing_happens(staff: Client, pair: list[EnrichedContact]) -> None:
    kept, gone = pair
    url = reverse("review:merge", args=[kept.pk, gone.pk])
    answer = staff.post(url, {"job_title": "both"})
    assert "“both” is no choice for job_title" in text(answer)
    for contact in pair:
        contact.linked_contact = CrmContactFactory()
        contact.save()
    page = staff.get(url)
    assert reverse("crm:merge", args=[kept.linked_contact_id, gone.linked_contact_id]) in page.content.decode()
    assert "Merge them</button>" not in page.content.decode()
    assert "two contacts of the CRM: merge those first" in text(staff.post(url))
    assert EnrichedContact.objects.count() == 2


def test_two_brands_are_warned_of(staff: Client) -> None:
    kept, gone = ContactFactory(linked_brand__name="Acme"), ContactFactory(linked_brand__name="Bcme")
    page = text(staff.get(reverse("review:merge", args=[kept.pk, gone.pk])))
    assert "a later discovery of Bcme may find the other one again" in page


def test_hostile_text_stays_text(staff: Client) -> None:
    evil = "<script>alert(1)</script>"
    kept = ContactFactory(first_name=evil, job_title=evil, company=evil)
    gone = ContactFactory(first_name=evil, last_name="x" * 200, job_title=f"{evil}2", linked_brand=kept.linked_brand)
    for url in (reverse("review:duplicates", args=[kept.pk]), reverse("review:merge", args=[kept.pk, gone.pk])):
        for asked in ("", evil):
            page = staff.get(url, {"q": asked})
            assert page.status_code == 200
            assert evil not in page.content.decode()


def test_only_those_who_may_change_contacts_merge_and_addresses_are_for_those_who_may_see_them(
    reviewer: Client, pair: list[EnrichedContact]
) -> None:
    kept, gone = pair
    urls = [reverse("review:duplicates", args=[kept.pk]), reverse("review:merge", args=[kept.pk, gone.pk])]
    assert [reviewer.get(url).status_code for url in urls] == [403, 403]
    assert reviewer.post(urls[1]).status_code == 403
    assert reviewer.post(reverse("review:merge-undo", args=[kept.pk])).status_code == 403
    user = User.objects.create_user("editor")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_enrichedcontact", "change_enrichedcontact"])
    )
    editor = Client()
    editor.force_login(user)
    page = editor.get(urls[1])
    assert page.status_code == 200
    assert "a.example@acme.example" not in page.content.decode()
