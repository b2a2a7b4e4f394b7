"""The main job as an admin does it, from a brand to planned messages: wide, on a phone, and without JavaScript."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from enrichment.models import EnrichedContact, ReviewBatch
from outreach.default_sequence import create
from outreach.models import Enrolment, Sequence
from tests.factories import EmailFactory
from tests.kit.company import WEBSITE, Company, company
from tests.kit.processes import StartWorker
from tests.outreach.factories import MailboxFactory

from .at_work import PHONE, PLAIN, SCREENS, WIDE, Admin, screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 60_000  # milliseconds a discovery may take on a busy machine


@pytest.fixture
def kestrel(settings: Any) -> Iterator[Company]:
    """The company's site and DNS, and somebody in whose name outreach writes."""
    if not Sequence.objects.exists():
        create()
    MailboxFactory(address="grace@sender.example")
    settings.OUTREACH_MIN_PROBABILITY = 0.5
    with company() as running:
        yield running


def rows(admin: Admin) -> Locator:
    return admin.page.locator("tr[data-row]")


def is_narrow(admin: Admin) -> bool:
    return (admin.page.viewport_size or WIDE)["width"] < 700


@screens(**PLAIN)
def test_from_a_brand_to_planned_messages(admin: Admin, start_worker: StartWorker, kestrel: Company) -> None:
    start_worker(**kestrel.settings)
    admin.menu("Discover")
    admin.fill("Brand", "Kestrel Kites")
    admin.fill("Website", WEBSITE)
    admin.page.get_by_label("Region").select_option("GB")
    admin.press("Start the discovery")
    expect(admin.page.locator("h1")).to_contain_text("Kestrel Kites")
    review = admin.page.get_by_text("Review these", exact=True)
    review.wait_for(timeout=PATIENCE)
    review.click()
    admin.look()
    expect(rows(admin)).to_have_count(4)

    _filter_and_sort(admin)
    _read_why(admin)
    chosen = _choose_two(admin)
    expect(admin.page.locator("h1")).to_contain_text("Approve")
    expect(admin.page.get_by_text("What this leads to")).to_be_visible()
    expect(admin.page.locator(".mail").first).to_contain_text("Kestrel Kites")
    assert not Enrolment.objects.exists(), "looking plans nothing"
    if admin.scripts:
        admin.page.locator("body").press("a")
        admin.page.get_by_text("Can be undone until").wait_for()
        admin.look()
    else:
        admin.press("Approve")
    expect(admin.page.get_by_text("Can be undone until")).to_be_visible()

    admin.menu("Contacts")
    for name in chosen:
        expect(admin.page.get_by_role("link", name=name, exact=True)).to_be_visible()
    admin.menu("Enrolments")
    for name in chosen:
        expect(admin.page.get_by_role("link", name=name, exact=True)).to_be_visible()
    assert Enrolment.objects.filter(state="active").count() == 2

    _undo(admin, chosen)


def _filter_and_sort(admin: Admin) -> None:
    """Leave those at the top, by name, and take the filter away again; what is shown stands in the address."""
    admin.page.locator("#filters").get_by_label("Search", exact=True).fill("chief")
    if not admin.scripts:
        admin.press("Filter")
    expect(rows(admin)).to_have_count(1)
    expect(admin.page).to_have_url(re.compile("[?&]q=chief"))
    admin.page.get_by_role("link", name="Clear all").click()
    expect(rows(admin)).to_have_count(4)
    if is_narrow(admin):
        admin.page.get_by_text("Sort", exact=True).click()
        admin.page.locator(".sort").get_by_role("link", name="Person").click()
        expect(admin.page).to_have_url(re.compile("[?&]sort=name"))
        expect(rows(admin).first).to_contain_text("Zoë Brandt")
    else:
        heading = admin.page.get_by_role("columnheader", name="Person")
        heading.get_by_role("link").click()
        expect(heading).to_have_attribute("aria-sort", "ascending")
        expect(rows(admin).first).to_contain_text("Zoë Brandt")


def _read_why(admin: Admin) -> None:
    """Open somebody, and see that the breakdown adds up to the score and where the name was read."""
    admin.page.get_by_role("link", name="Marta Lindqvist", exact=True).click()
    body = admin.page.locator("#drawer[open]" if admin.scripts else "main")
    table = body.locator("table.breakdown").first
    expect(table).to_be_visible()
    points = [int(text.replace("−", "-")) for text in table.locator("tbody td.number").all_inner_texts()]
    assert sum(points) == int(table.locator("tfoot td.number").inner_text())
    expect(body.get_by_role("heading", name="Evidence")).to_be_visible()
    expect(body.get_by_text("“Marta Lindqvist").first).to_be_visible()
    expect(body.get_by_text("What would change this").first).to_be_visible()
    if admin.scripts:
        admin.page.keyboard.press("Escape")
        expect(admin.page.locator("#drawer")).not_to_be_visible()
        expect(admin.page.get_by_role("link", name="Marta Lindqvist", exact=True)).to_be_focused()
    else:
        admin.page.go_back()
        admin.look()


def _choose_two(admin: Admin) -> list[str]:
    """Select two people and go on to approving them: by keyboard where there are scripts. Return their names."""
    reachable = EnrichedContact.objects.order_by("-best_probability", "last_name")[:2]
    names = [str(contact) for contact in reachable]
    if not admin.scripts:
        for name in names:
            admin.page.get_by_label(f"Select {name}").check()
        admin.press("Approve…")
        return names
    keyboard = admin.page.keyboard
    for _ in range(10):
        keyboard.press("k")
    for number in range(4):
        row = admin.page.locator("tr[data-row].current")
        if any(name in row.inner_text() for name in names):
            keyboard.press("x")
        if number < 3:
            keyboard.press("j")
    expect(admin.page.locator("[data-selection] [data-count]").first).to_have_text("2")
    keyboard.press("a")
    admin.page.wait_for_url("**/decisions/*/")
    admin.look()
    return names


def _undo(admin: Admin, names: list[str]) -> None:
    admin.menu("Decisions")
    admin.press("Undo", "undone")
    assert not Enrolment.objects.exists()
    assert set(EnrichedContact.objects.values_list("review_status", flat=True)) == {"new"}
    admin.menu("Contacts")
    for name in names:
        expect(admin.page.get_by_role("link", name=name, exact=True)).to_have_count(0)


@screens()
def test_rejecting_by_keyboard_and_taking_it_back(admin: Admin) -> None:
    first, second = EmailFactory().enriched_contact, EmailFactory().enriched_contact
    admin.menu("Found contacts")
    expect(rows(admin)).to_have_count(2)
    keyboard = admin.page.keyboard
    keyboard.press("/")
    expect(admin.page.locator("#filters").get_by_label("Search", exact=True)).to_be_focused()
    keyboard.type("jxar")  # letters, while one types
    assert not ReviewBatch.objects.exists()
    expect(rows(admin)).to_have_count(0)
    admin.page.get_by_role("link", name="Clear all").click()
    expect(rows(admin)).to_have_count(2)
    keyboard.press("j")
    keyboard.press("j")
    keyboard.press("r")
    expect(admin.page.locator("p.message", has_text="rejected")).to_be_visible()
    rejected = EnrichedContact.objects.get(review_status="rejected")
    assert rejected.pk in (first.pk, second.pk)
    admin.look()
    other = second if rejected.pk == first.pk else first
    expect(admin.page.locator(f"#row-{other.pk}.current [data-open]")).to_be_focused()  # one goes on with the next
    keyboard.press("u")
    expect(admin.page.locator("p.message", has_text="ndone")).to_be_visible()
    assert not EnrichedContact.objects.filter(review_status="rejected").exists()
    keyboard.press("?")
    expect(admin.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keyboard.press("Escape")
    expect(admin.page.get_by_role("dialog", name="Keyboard shortcuts")).not_to_be_visible()


LONG = "Maximiliane-Friederike " * 5
HARD_NAMES = [
    ("Ada", LONG.strip()),
    ("محمد", "الخوارزمي"),
    ("👩‍🚀", "Rocket 🚀"),
    ("<b>Bold</b>", "&amp; Sons"),
    ("Z\u0301a\u0308lgo", "x" * 120),
]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("admin", [SCREENS["wide"]], ids=["wide"], indirect=True)
def test_hard_names_and_a_hundred_addresses_break_no_page(admin: Admin, width: int) -> None:
    admin.page.set_viewport_size({"width": width, "height": PHONE["height"]})
    contacts = []
    for first, last in HARD_NAMES:
        email = EmailFactory(
            enriched_contact__first_name=first,
            enriched_contact__last_name=last,
            enriched_contact__job_title="Head of " + "Everything, " * 20,
            enriched_contact__company="W" * 90,
        )
        contacts.append(email.enriched_contact)
    for number in range(100):
        EmailFactory(enriched_contact=contacts[0], email=f"{'a' * 50}.{number}@{'b' * 60}.example")
    admin.open("/contacts/")
    for contact in contacts:
        admin.open(f"/contacts/{contact.pk}/")
        admin.open(f"/contacts/{contact.pk}/edit/")
    admin.open("/contacts/")
    rows(admin).first.locator("[data-open]").click()
    expect(admin.page.locator("#drawer[open]")).to_be_visible()
    inside = "document.querySelector('#drawer').scrollWidth - document.querySelector('#drawer').clientWidth"
    assert admin.page.evaluate(inside) <= 0
