"""Brands, CRM contacts and the suppression list in the admin, as an admin uses them."""

import csv
import io
import re
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm import contacts, suppression
from crm.models import Brand, Contact, ContactAddress, Suppression
from tests.factories import BrandFactory, CrmAddressFactory, CrmContactFactory

pytestmark = pytest.mark.django_db

BRANDS = reverse("admin:crm_brand_changelist")
CONTACTS = reverse("admin:crm_contact_changelist")
LIST = reverse("admin:crm_suppression_changelist")
# The page's other forms, with nothing in them.
NOTHING = {
    f"{prefix}-{number}_FORMS": 0 for prefix in ("notes", "consents", "history") for number in ("TOTAL", "INITIAL")
}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def staff(client):
    client.force_login(get_user_model().objects.create_superuser("boss", password="!"))
    return client


def change(row: Brand | Contact | Suppression) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def page(client, url: str, **query: object) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def save(client, contact: Contact, *rows: dict[str, object], more: dict[str, object] | None = None):
    """Post a contact's page: each row an address of the contact (`id`), or a new one; `more` are other fields."""
    there = [row for row in rows if "id" in row]
    data: dict[str, object] = {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "brand": contact.brand_id,
        "job_title": contact.job_title,
        "seniority": contact.seniority,
        "department": contact.department,
        "relationship_status": contact.relationship_status,
        "addresses-TOTAL_FORMS": len(rows),
        "addresses-INITIAL_FORMS": len(there),
    }
    data |= NOTHING | (more or {})
    for number, row in enumerate([*there, *(row for row in rows if "id" not in row)]):
        data |= {f"addresses-{number}-contact": contact.pk}
        data |= {f"addresses-{number}-{name}": value for name, value in ({"origin": "manual"} | row).items()}
    return client.post(change(contact), data)


def primary(contact: Contact) -> str:
    return contact.addresses.get(is_primary=True).email


# Brands


def test_a_brand_shows_how_many_contacts_it_has_and_what_its_law_says(staff) -> None:
    brand = BrandFactory(region_code="DE")
    CrmContactFactory.create_batch(3, brand=brand)
    content = page(staff, BRANDS)
    assert re.search(rf'<a href="{CONTACTS}\?brand__id__exact={brand.pk}">3</a>', content)
    assert "DE · needs consent" in content
    assert "not legal advice" in content
    content = page(staff, change(brand))
    assert "Germany: a first business e-mail needs prior consent" in content
    assert 'href="https://rechtimunternehmen.de/' in content, "with a link to its source"


def test_the_brand_list_asks_no_query_per_row(staff, django_assert_max_num_queries) -> None:
    for brand in BrandFactory.create_batch(20):
        CrmContactFactory.create_batch(2, brand=brand)
    with django_assert_max_num_queries(12):
        page(staff, BRANDS, o="4")


def test_a_brand_is_added_by_hand_with_its_region_in_capitals(staff) -> None:
    url = reverse("admin:crm_brand_add")
    page(staff, url)
    staff.post(url, {"name": "Acme", "domain": "www.acme.example", "region_code": "gb"})
    brand = Brand.objects.get()
    assert (brand.domain, brand.region_code, brand.name_key) == ("acme.example", "GB", "acme")


def test_brands_are_offered_as_one_types(staff) -> None:
    brand = BrandFactory(name="Sought Ltd")
    BrandFactory(name="Other Ltd")
    query = {"term": "sought", "app_label": "crm", "model_name": "contact", "field_name": "brand"}
    results = staff.get(reverse("admin:autocomplete"), query).json()["results"]
    assert results == [{"id": str(brand.pk), "text": "Sought Ltd"}]


# Contacts


def test_the_contact_list_shows_address_relationship_and_region_without_a_query_per_row(
    staff, django_assert_max_num_queries
) -> None:
    for _ in range(20):
        CrmAddressFactory(contact=CrmContactFactory(relationship_status="Replied", region_code="GB"))
    email = ContactAddress.objects.first().email
    with django_assert_max_num_queries(20):
        content = page(staff, CONTACTS)
    assert email in content
    assert ">Replied</b>" in content
    assert "GB · opt-out" in content


@pytest.mark.parametrize("words", ["sought", "evangelist", "beta inc", "GRACE@beta.example"])
def test_a_contact_is_found_by_name_title_brand_or_whole_address(staff, words: str) -> None:
    CrmAddressFactory()
    brand = BrandFactory(name="Beta Inc")
    contact = CrmContactFactory(first_name="Grace", last_name="Sought", job_title="Evangelist", brand=brand)
    CrmAddressFactory(contact=contact, email="grace@beta.example")
    content = page(staff, CONTACTS, q=words)
    assert "Grace Sought" in content
    assert "Ada Example" not in content


def test_a_contacts_page_leads_to_its_discoveries_and_enrolments(staff) -> None:
    contact = CrmAddressFactory().contact
    content = page(staff, change(contact))
    for target, query in [
        ("enrichment_enrichedcontact", f"linked_contact__id__exact={contact.pk}"),
        ("outreach_enrolment", f"contact__id__exact={contact.pk}"),
    ]:
        url = f"{reverse(f'admin:{target}_changelist')}?{query}"
        assert f'href="{url}"' in content
        assert staff.get(url).status_code == 200


def test_what_was_read_off_a_page_is_shown_escaped(staff) -> None:
    contact = CrmAddressFactory(contact__first_name=HOSTILE, contact__brand__name=HOSTILE).contact
    contact.evidence = [
        {"field": "name", "value": HOSTILE, "url": "https://acme.example/team", "snippet": HOSTILE, "source": "website"}
    ]
    contact.save()
    for content in (page(staff, change(contact)), page(staff, CONTACTS), page(staff, BRANDS)):
        assert HOSTILE not in content
        assert "&lt;script&gt;alert(1)" in content
    assert "https://acme.example/team" in page(staff, change(contact))


def test_a_contact_is_added_with_an_address_that_becomes_primary(staff) -> None:
    contact = CrmContactFactory.build(brand=BrandFactory())
    url = reverse("admin:crm_contact_add")
    page(staff, url)
    data = {
        "first_name": "Grace",
        "last_name": "Hopeful",
        "brand": contact.brand_id,
        "seniority": "unknown",
        "department": "other",
        "relationship_status": "New",
        "linkedin_url": "",
        **NOTHING,
        "addresses-TOTAL_FORMS": 1,
        "addresses-INITIAL_FORMS": 0,
        "addresses-0-email": " grace@müller.example ",
        "addresses-0-origin": "manual",
    }
    assert staff.post(url, data).status_code == 302
    contact = Contact.objects.get()
    assert (contact.name_key, contact.created_by.username, contact.linkedin_url) == ("grace hopeful", "boss", None)
    assert primary(contact) == "grace@müller.example"


def test_a_saved_address_cannot_be_edited(staff) -> None:
    row = CrmAddressFactory(email="ada@acme.example")
    save(staff, row.contact, {"id": row.pk, "email": "eve@evil.example", "origin": "published", "primary": "on"})
    row.refresh_from_db()
    assert (row.email, row.origin) == ("ada@acme.example", "guessed")


def test_the_primary_address_is_moved_by_ticking_another(staff) -> None:
    first = CrmAddressFactory()
    second = CrmAddressFactory(contact=first.contact, is_primary=False)
    for ticked, other in [(second, first), (first, second)]:
        rows = {"id": other.pk}, {"id": ticked.pk, "primary": "on"}
        assert save(staff, first.contact, *rows).status_code == 302
        assert primary(first.contact) == ticked.email
    new = {"email": "new@acme.example", "primary": "on"}
    assert save(staff, first.contact, {"id": first.pk}, {"id": second.pk}, new).status_code == 302
    assert primary(first.contact) == "new@acme.example"


def test_two_primary_addresses_are_a_form_error(staff) -> None:
    first = CrmAddressFactory()
    second = CrmAddressFactory(contact=first.contact, is_primary=False)
    answer = save(staff, first.contact, {"id": first.pk, "primary": "on"}, {"id": second.pk, "primary": "on"})
    assert "Only one address can be the primary one" in answer.content.decode()
    assert primary(first.contact) == first.email


def test_an_address_that_the_contact_has_is_a_form_error(staff) -> None:
    row = CrmAddressFactory(email="ada@acme.example")
    known = {"id": row.pk, "primary": "on"}
    answer = save(staff, row.contact, known, {"email": "ADA@acme.example"})
    assert "The contact has this address already" in answer.content.decode()
    answer = save(staff, row.contact, {"email": "Ada@Acme.example"})  # from a window that does not show it yet
    assert "The contact has this address already" in answer.content.decode()
    assert row.contact.addresses.count() == 1


def test_what_is_no_address_is_a_form_error(staff) -> None:
    contact = CrmContactFactory()
    answer = save(staff, contact, {"email": f"{HOSTILE}@acme.example"})
    content = answer.content.decode()
    assert "is not an e-mail address" in content
    assert HOSTILE not in content
    assert not contact.addresses.exists()


def test_deleting_the_primary_address_makes_the_next_one_primary(staff) -> None:
    first = CrmAddressFactory()
    second = CrmAddressFactory(contact=first.contact, is_primary=False)
    gone = {"id": first.pk, "primary": "on", "DELETE": "on"}
    assert save(staff, first.contact, gone, {"id": second.pk}).status_code == 302
    assert primary(first.contact) == second.email
    assert save(staff, first.contact, {"id": second.pk, "DELETE": "on"}).status_code == 302
    assert not first.contact.addresses.exists()


def test_an_address_that_is_primary_in_another_window_meanwhile_gives_way(staff) -> None:
    first = CrmAddressFactory()
    CrmAddressFactory(contact=first.contact, is_primary=False)
    ContactAddress.objects.filter(pk=first.pk).update(is_primary=False)
    meanwhile = CrmAddressFactory(contact=first.contact, is_primary=True)
    assert save(staff, first.contact, {"id": first.pk, "primary": "on"}).status_code == 302
    assert primary(first.contact) == first.email
    assert first.contact.addresses.filter(pk=meanwhile.pk).exists()


def test_a_primary_address_that_moved_while_the_page_was_being_saved_gives_way(staff, monkeypatch) -> None:
    first = CrmAddressFactory()
    second, third = CrmAddressFactory.create_batch(2, contact=first.contact, is_primary=False)
    lock = contacts.lock

    def lock_too_late(contact: Contact) -> None:
        monkeypatch.setattr(contacts, "lock", lock)
        contacts.make_primary(contact, third)

    monkeypatch.setattr(contacts, "lock", lock_too_late)
    assert save(staff, first.contact, {"id": first.pk}, {"id": second.pk, "primary": "on"}).status_code == 302
    assert primary(first.contact) == second.email


def test_addresses_stay_out_of_the_admins_log(staff) -> None:
    row = CrmAddressFactory()
    save(staff, row.contact, {"id": row.pk, "DELETE": "on"}, {"email": "new@acme.example"})
    entry = LogEntry.objects.get()
    assert "contact address" in entry.get_change_message()
    assert "@" not in f"{entry.object_repr} {entry.change_message}"


def test_who_may_look_at_addresses_and_change_contacts_leaves_the_primary_one_alone(client) -> None:
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    wanted = ["view_contact", "change_contact", "view_contactaddress", "view_brand"]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client.force_login(user)
    first = CrmAddressFactory(probability=0.1)
    CrmAddressFactory(contact=first.contact, is_primary=False, probability=0.9)
    content = page(client, change(first.contact))
    assert first.email in content
    first.contact.job_title = "Founder"
    rows = [{"id": row.pk} for row in first.contact.addresses.all()]
    assert save(client, first.contact, *rows).status_code == 302
    first.contact.refresh_from_db()
    assert first.contact.job_title == "Founder"
    assert primary(first.contact) == first.email


# The suppression list


def test_many_values_are_added_at_once_and_counted(staff) -> None:
    suppression.add(["ada@acme.example"], "objection")
    url = reverse("admin:crm_suppression_add")
    page(staff, url)
    values = "Ada@acme.example\r\ngrace@acme.example\n\n@beta.example\n"
    answer = staff.post(url, {"values": values, "reason": "bounced"}, follow=True)
    assert "2 added to the suppression list; 1 on it already." in answer.content.decode()
    assert suppression.suppressed(["grace@acme.example", "x@beta.example"]) == {"grace@acme.example", "x@beta.example"}
    new = Suppression.objects.filter(reason="bounced")
    assert {(row.kind, row.created_by.username) for row in new} == {("address", "boss"), ("domain", "boss")}


def test_a_wrong_value_is_a_form_error_and_nothing_is_added(staff) -> None:
    data = {"values": f"ada@acme.example\nco.uk\n{HOSTILE}", "reason": "manual"}
    content = staff.post(reverse("admin:crm_suppression_add"), data).content.decode()
    assert "“co.uk” is neither" in content
    assert HOSTILE not in content
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(("words", "found"), [("ADA@acme.example", 2), ("acme.example", 1), ("grace@x.example", 0)])
def test_the_list_is_asked_for_a_whole_address_or_domain(staff, words: str, found: int) -> None:
    suppression.add(["ada@acme.example", "acme.example", "other@beta.example"], "complaint")
    content = page(staff, LIST, q=words)
    assert content.count('class="action-select"') == found
    assert page(staff, LIST).count('class="action-select"') == 3


def test_an_entry_shows_no_value_cannot_be_changed_and_can_be_deleted(staff) -> None:
    suppression.add(["ada@acme.example"], "complaint")
    row = Suppression.objects.get()
    content = page(staff, change(row))
    assert "Complained" in content
    assert '<select name="reason"' not in content
    assert staff.post(change(row), {"reason": "manual"}).status_code == 403
    delete = reverse("admin:crm_suppression_delete", args=[row.pk])
    assert "Are you sure" in page(staff, delete)
    assert staff.post(delete, {"post": "yes"}).status_code == 302
    assert not Suppression.objects.exists()


def test_the_suppression_list_asks_no_query_per_row(staff, django_assert_max_num_queries) -> None:
    users = [get_user_model().objects.create_user(f"user{n}") for n in range(20)]
    for user in users:
        suppression.add([f"{user.username}@acme.example"], "manual", user)
    with django_assert_max_num_queries(12):
        assert "user7" in page(staff, LIST)


@pytest.mark.parametrize(("typed", "kept"), [("uk", "GB"), ("de", "DE"), ("", "")])
def test_a_region_is_kept_as_its_iso_code(staff, typed, kept) -> None:
    staff.post(reverse("admin:crm_brand_add"), {"name": "Typed", "domain": "typed.example", "region_code": typed})
    assert Brand.objects.get(domain="typed.example").region_code == kept


def test_a_region_that_is_none_is_refused_in_the_form(staff) -> None:
    page = staff.post(reverse("admin:crm_brand_add"), {"name": "Typed", "domain": "", "region_code": "XX"})
    assert b"two-letter code" in page.content
    assert not Brand.objects.exists()


# CSV


def download(client, url: str, *rows: object) -> list[dict[str, str]]:
    answer = client.post(url, {"action": "export_as_csv", "_selected_action": [row.pk for row in rows]})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert re.fullmatch(r'attachment; filename="[a-z-]+-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])
    assert "no-store" in answer["Cache-Control"]
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_is_selected_is_downloaded_as_csv(staff) -> None:
    chosen, _ = CrmAddressFactory.create_batch(2)
    assert [row["email"] for row in download(staff, CONTACTS, chosen.contact)] == [chosen.email]
    assert [row["company"] for row in download(staff, BRANDS, chosen.contact.brand)] == [chosen.contact.brand.name]
    suppression.add(["ada@acme.example"], "complaint")
    assert [row["reason"] for row in download(staff, LIST, Suppression.objects.get())] == ["complaint"]


def test_all_that_a_search_finds_is_downloaded(staff) -> None:
    found, _ = CrmAddressFactory.create_batch(2)
    data = {"action": "export_as_csv", "_selected_action": [found.contact_id], "select_across": "1"}
    answer = staff.post(f"{CONTACTS}?q={found.email}", data)
    assert b"".join(answer).count(b"@") == 1


def test_who_may_not_see_addresses_cannot_download_them(client) -> None:
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_contact", "change_contact"]))
    client.force_login(user)
    row = CrmAddressFactory()
    assert "Export as CSV" not in page(client, CONTACTS)
    answer = client.post(CONTACTS, {"action": "export_as_csv", "_selected_action": [row.contact_id]})
    assert "text/csv" not in answer["Content-Type"]


IMPORT = reverse("admin:crm_contact_import")


def upload(client, content: bytes):
    return client.post(IMPORT, {"file": SimpleUploadedFile("contacts.csv", content)})


def test_a_file_is_looked_at_first_and_imported_when_that_is_confirmed(staff) -> None:
    suppression.add(["cy@acme.example"], "objection")
    assert f'href="{IMPORT}"' in page(staff, CONTACTS)
    assert 'type="file"' in page(staff, IMPORT)
    content = (
        "email;name;company;country;<b>x</b>\nada@acme.example;Ada Müller;Acme;GB;\n"
        "bo@beta.example;Bo;Beta;Nowhere;\ncy@acme.example;Cy;Acme;;\n"
    )
    shown = upload(staff, content.encode("windows-1252")).content.decode()
    assert "3 rows: 1 created, 0 updated, 0 unchanged, 1 suppressed, 0 duplicates, 1 with errors." in shown
    assert "Line 3, country: This is no country" in shown
    assert "&lt;b&gt;x" in shown
    assert "<b>x" not in shown
    assert not Contact.objects.exists()
    confirmed = re.search(r'name="content" value="([^"]+)"', shown)[1]
    answer = staff.post(IMPORT, {"content": confirmed}, follow=True)
    assert answer.redirect_chain == [(CONTACTS, 302)]
    assert "Imported. 3 rows: 1 created" in answer.content.decode()
    contact = Contact.objects.get()
    assert (str(contact), contact.created_by.username, primary(contact)) == ("Ada Müller", "boss", "ada@acme.example")
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "This field is required"),
        ({"file": SimpleUploadedFile("x.csv", b"")}, "submitted file is empty"),
        ({"file": SimpleUploadedFile("x.csv", b"\xff\x00\xfe,,")}, "first line must name the columns"),
        ({"file": SimpleUploadedFile("x.csv", b"email\n" * 250_001)}, "use the command import_contacts"),
        ({"content": "?"}, "did not arrive whole"),
        ({"content": "QUJD"}, "first line must name the columns"),
    ],
)
def test_what_cannot_be_imported_is_said_on_the_page(staff, data: dict[str, object], message: str) -> None:
    answer = staff.post(IMPORT, data)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not Contact.objects.exists()


def test_the_largest_file_can_be_confirmed(staff) -> None:
    # In plain base64 these bytes are all plus signs, of which each takes three characters in a form.
    row = b"ada@acme.example,Ada,Acme,x" + b"\xfb\xef\xbe" * 30_000 + b"xx\n"
    content = b"email,first name,company,x\n" + row * 16
    content += b"\n" * (1_500_000 - len(content))
    shown = upload(staff, content).content.decode()
    confirmed = re.search(r'name="content" value="([^"]+)"', shown)[1]
    answer = staff.post(IMPORT, urlencode({"content": confirmed}), "application/x-www-form-urlencoded")
    assert answer.status_code == 302
    assert Contact.objects.count() == 1


def test_who_may_not_add_all_of_it_cannot_import(client) -> None:
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_contact", "add_contact"]))
    client.force_login(user)
    assert IMPORT not in page(client, CONTACTS)
    assert client.get(IMPORT).status_code == 403
    assert upload(client, b"email,name,company\nada@acme.example,Ada,Acme").status_code == 403
    client.logout()
    assert client.get(IMPORT).status_code == 302
