"""Changes by hand. Over HTTP they are in tests/api/test_contact_changes.py."""

import dataclasses

import pytest
from django.contrib.auth import get_user_model

from core.fields import blind_index
from core.refusals import InputError
from crm import suppression
from crm.models import Contact as CrmContact
from crm.models import Suppression
from enrichment import editing
from enrichment.models import EnrichedContact
from tests.factories import BrandFactory, ContactFactory, EmailFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("best_addresses_noted")]


@pytest.fixture
def user():
    return get_user_model().objects.create_user("boss")


def test_an_edit_makes_the_source_manual_and_says_who_and_what(user) -> None:
    contact = editing.edit(ContactFactory().pk, {"lastName": "Corrected", "company": "Acme  Ltd"}, user)
    contact.refresh_from_db()
    assert (contact.last_name, contact.company, contact.source) == ("Corrected", "Acme Ltd", "manual")
    assert contact.activity[-1]["label"] == "Edited by boss: lastName, company"
    newest = contact.evidence[0]
    assert (newest["field"], newest["value"], newest["source"]) == ("name", "Ada Corrected", "manual")
    assert newest["snippet"] == "Entered by boss"


def test_a_corrected_name_is_still_found_under_the_name_on_the_page(user) -> None:
    contact = ContactFactory()
    key = contact.name_key
    assert editing.edit(contact.pk, {"lastName": "Corrected"}, user).name_key == key


def test_a_new_title_sets_the_role_unless_the_role_is_given_too(user) -> None:
    contact = editing.edit(ContactFactory().pk, {"jobTitle": "Chief Marketing Officer"}, user)
    assert (contact.seniority, contact.department, contact.decision_maker) == ("c_level", "marketing", True)
    contact = editing.edit(ContactFactory().pk, {"jobTitle": "Chief Fun Officer", "seniority": "staff"}, user)
    assert contact.seniority == "staff"


def test_null_empties_and_what_did_not_change_is_not_recorded(user) -> None:
    contact = ContactFactory(linkedin_url="https://www.linkedin.com/in/ada")
    edited = editing.edit(contact.pk, {"linkedInUrl": None, "jobTitle": contact.job_title}, user)
    assert edited.linkedin_url is None
    unchanged = ContactFactory()
    assert editing.edit(unchanged.pk, {"firstName": "Ada"}, user).source == "website"
    assert unchanged.activity == []


def test_an_address_by_hand_is_proven_and_its_points_add_up(user) -> None:
    contact = editing.edit(ContactFactory().pk, {"email": " Ada@Acme.Example "}, user)
    (row,) = contact.emails.all()
    assert (row.email, row.verification_method, row.generation_method) == ("ada@acme.example", "manual", "manual")
    assert (row.verification_status, row.probability) == ("verified", 0.95)
    assert sum(points["points"] for points in row.score_breakdown) == row.verification_score >= 90
    assert contact.verified_at is not None


def test_vouching_for_a_guess_proves_it_and_adds_no_row(user) -> None:
    email = EmailFactory(verification_score=53, verification_status="unknown")
    editing.edit(email.enriched_contact_id, {"email": email.email.upper()}, user)
    email.refresh_from_db()
    assert (email.verification_method, email.verification_status) == ("manual", "verified")
    assert email.generation_method == "pattern_detection"
    assert email.enriched_contact.emails.count() == 1


def test_a_later_discovery_leaves_what_somebody_vouches_for(user) -> None:
    from tests.test_store import candidate, person, run

    contact = ContactFactory(first_name="Zoë", last_name="Müller", name_key="zoe muller")
    editing.edit(contact.pk, {"email": "zoe.mueller@acme.example", "jobTitle": "Founder"}, user)
    run(contact.linked_brand, (person(), [candidate("zoe.mueller", 60, 0.1)]))
    contact.refresh_from_db()
    (row,) = contact.emails.all()
    assert (row.verification_method, row.probability, contact.job_title) == ("manual", 0.95, "Founder")


OLD, NEW = "https://www.linkedin.com/in/old-zoe", "https://www.linkedin.com/in/new-zoe"


def discover_zoe(brand, **profile: str) -> None:
    from tests.test_store import evidence, person, run

    claims = tuple(evidence("linkedin", url) for url in [profile["linkedin_url"]] if url)
    run(brand, (dataclasses.replace(person(**profile), evidence=claims), []))


@pytest.fixture
def found_with_the_old_profile():
    brand = BrandFactory()
    discover_zoe(brand, linkedin_url=OLD, linkedin_id="old-zoe")
    return EnrichedContact.objects.get()


def test_a_corrected_profile_takes_its_id_along(user, found_with_the_old_profile) -> None:
    contact = editing.edit(found_with_the_old_profile.pk, {"linkedInUrl": "linkedin.com/in/New-Zoe/?trk=x"}, user)
    contact.refresh_from_db()
    assert (contact.linkedin_url, contact.linkedin_id) == (NEW, "new-zoe")
    assert contact.linkedin_id_index == blind_index("new-zoe")
    contact = editing.edit(contact.pk, {"linkedInUrl": None}, user)
    contact.refresh_from_db()
    assert (contact.linkedin_url, contact.linkedin_id, contact.linkedin_id_index) == (None, None, None)


def test_an_id_that_an_earlier_correction_left_behind_is_mended_by_the_next(user) -> None:
    contact = ContactFactory(linkedin_url=NEW, linkedin_id="old-zoe", source="manual")
    assert editing.edit(contact.pk, {"linkedInUrl": NEW}, user).linkedin_id == "new-zoe"


@pytest.mark.parametrize(("corrected", "profile"), [(NEW, (NEW, "new-zoe")), (None, (None, None)), ("", (None, None))])
@pytest.mark.parametrize("again", [(OLD, "old-zoe"), (NEW, "new-zoe"), (None, None)])
def test_a_later_discovery_neither_doubles_the_person_nor_brings_the_old_profile_back(
    user, found_with_the_old_profile, corrected, profile, again
) -> None:
    contact = found_with_the_old_profile
    editing.edit(contact.pk, {"linkedInUrl": corrected}, user)
    for _ in range(2):
        discover_zoe(contact.linked_brand, linkedin_url=again[0], linkedin_id=again[1])
    contact = EnrichedContact.objects.get()
    assert (contact.linkedin_url, contact.linkedin_id) == profile


def test_whose_profile_was_not_touched_stays_another_than_a_namesake(user, found_with_the_old_profile) -> None:
    contact = editing.edit(found_with_the_old_profile.pk, {"email": "zoe@acme.example"}, user)
    discover_zoe(contact.linked_brand, linkedin_url=NEW, linkedin_id="new-zoe")
    assert EnrichedContact.objects.count() == 2


def test_evidence_by_hand_outlasts_what_any_number_of_discoveries_find(user, found_with_the_old_profile) -> None:
    from tests.test_store import evidence, person, run

    contact = editing.edit(found_with_the_old_profile.pk, {"linkedInUrl": NEW}, user)
    many = tuple(evidence("name", "Zoë Müller", f"https://acme.example/{n}") for n in range(50))
    run(contact.linked_brand, (dataclasses.replace(person(), evidence=many), []))
    contact.refresh_from_db()
    assert (contact.evidence[0]["snippet"], len(contact.evidence)) == ("Entered by boss", 40)
    discover_zoe(contact.linked_brand, linkedin_url=OLD, linkedin_id="old-zoe")
    assert EnrichedContact.objects.count() == 1


def test_a_new_region_is_judged_at_once(user) -> None:
    contact = EmailFactory(
        generation_method="published", enriched_contact=ContactFactory(region_code="DE", seniority="head")
    ).enriched_contact
    assert editing.edit(contact.pk, {"region": "GB"}, user).compliance_check_passed is True
    assert editing.edit(contact.pk, {"region": "DE"}, user).compliance_check_passed is False


def test_a_suppressed_address_is_refused(user) -> None:
    suppression.add(["ada@acme.example"], Suppression.Reason.OBJECTION)
    with pytest.raises(InputError) as refused:
        editing.edit(ContactFactory().pk, {"email": "ada@acme.example"}, user)
    assert refused.value.error == "suppressed"


def test_an_address_added_after_approval_goes_to_the_crm_contact(user) -> None:
    contact = ContactFactory()
    contact.linked_contact = CrmContact.objects.create(brand=contact.linked_brand, first_name="A", last_name="B")
    contact.save()
    editing.edit(contact.pk, {"email": "ada@acme.example"}, user)
    assert [row.email for row in contact.linked_contact.addresses.all()] == ["ada@acme.example"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Nothing to change"),
        ({"confidenceScore": 99}, "confidenceScore cannot be changed by hand. These can: firstName"),
        ({"firstName": ""}, "firstName must not be empty"),
        ({"firstName": None}, "firstName must not be empty"),
        ({"firstName": 7}, "firstName must be a text"),
        ({"firstName": "x" * 201}, "firstName is longer than 200"),
        ({"lastName": "A\u0000"}, "control"),
        ({"seniority": "boss"}, "seniority must be one of founder"),
        ({"seniority": ["vp"]}, "seniority must be one of"),
        ({"department": None}, "department must be one of executive"),
        ({"decisionMaker": "yes"}, "decisionMaker must be true or false"),
        ({"region": "XX"}, "two-letter code"),
        ({"lawfulBasis": "because"}, "lawfulBasis must be one of b2b_legitimate_interest"),
        ({"linkedInUrl": "https://acme.example"}, "linkedInUrl must be a profile"),
        ({"email": "nobody"}, "email is no address"),
        ({"email": None}, "email must be an address"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_changes_nothing(user, changes, sentence) -> None:
    contact = ContactFactory()
    with pytest.raises(InputError) as refused:
        editing.edit(contact.pk, {"company": "Other"} | changes if changes else {}, user)
    assert sentence in refused.value.message
    contact.refresh_from_db()
    assert (contact.company, contact.source) == ("Acme", "website")


def test_rejecting_is_noted_once_and_an_approved_contact_is_not_rejected(user) -> None:
    contact = ContactFactory()
    for _ in range(2):
        editing.reject(contact.pk, "left the company", user)
    contact.refresh_from_db()
    assert (contact.review_status, contact.reviewed_by) == ("rejected", user)
    assert [entry["label"] for entry in contact.activity] == ["Rejected by boss: left the company"]
    with pytest.raises(InputError, match="already"):
        editing.reject(ContactFactory(review_status="approved").pk, "", user)
    with pytest.raises(InputError, match="address"):
        editing.reject(contact.pk, "write to ada@acme.example", user)
