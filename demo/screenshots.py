"""The screenshots in docs/screenshots/: every page, on a desktop and on a phone, with invented companies and people.

`make screenshots` runs it. The product itself runs as `make run` starts it, on a database of its own, beside the demo
company's servers; Chromium has to be installed.
"""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from demo.servers import NAME, WEBSITE, company
from tests.kit.browser import LOCAL_ONLY, find_chromium

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
PASSWORD = "shown-in-no-picture-4711"
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True},
}
TALLEST = 1200  # CSS pixels: a list need not be shown to its end
COMPANIES = (
    ("Alder & Finch Tea", "alderfinch.example", 7),
    ("Bluebell Bicycles", "bluebell-bikes.example", 9),
    ("Copperleaf Robotics", "copperleaf.example", 11),
    ("Dovetail Furniture", "dovetail.example", 6),
    ("Eastwind Ferries", "eastwind.example", 8),
    ("Foxglove Skincare", "foxglove.example", 7),
)
PATIENCE = 90.0  # seconds


def main() -> int:
    """Take the pictures; return the exit code."""
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is needed for screenshots: install the package chromium.", file=sys.stderr)
        return 1
    var_dir = tempfile.mkdtemp(prefix="enr-")
    try:
        with company() as environment:
            os.environ.update(environment | own_settings(var_dir))
            prepare()
            with server() as url, sync_playwright() as playwright:
                running = playwright.chromium.launch(executable_path=chromium, args=[LOCAL_ONLY, "--no-sandbox"])
                work(running, url)
                pages = paths()
                shutil.rmtree(PICTURES, ignore_errors=True)
                PICTURES.mkdir(parents=True)
                for screen, options in SCREENS.items():
                    take(running, url, screen, options, pages)
                running.close()
    finally:
        shutil.rmtree(var_dir, ignore_errors=True)
    print(f"{len(list(PICTURES.glob('*.png')))} pictures in {PICTURES.relative_to(ROOT)}")
    return 0


def own_settings(var_dir: str) -> dict[str, str]:
    """Return the environment of the product that is shown: nothing of the caller's data, and nothing is sent."""
    return {
        "VAR_DIR": var_dir,
        "ENV_FILE": "",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "PORT": free_port(),
        "LOG_LEVEL": "WARNING",
        "OUTREACH_PUBLIC_URL": "https://outreach.sender.example",
        "DJANGO_SETTINGS_MODULE": "enrichment_project.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def prepare() -> None:
    """Make the database: an admin, a sender, and companies that were looked into before."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from enrichment.management import load
    from outreach.models import Mailbox

    call_command("migrate", verbosity=0)
    User.objects.create_superuser("dana", "dana@sender.example", PASSWORD, first_name="Dana", last_name="Demo")
    Mailbox.objects.create(
        address="dana@sender.example",
        sender_name="Dana Demo",
        company="Sender Ltd",
        postal_address="1 Sample Street, Sampletown",
    )
    for name, domain, people in COMPANIES:
        load.write_company(name, domain, people, random.Random(name))


@contextmanager
def server() -> Iterator[str]:
    """Run the whole product; yield its address."""
    url = f"http://127.0.0.1:{os.environ['PORT']}"
    process = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(f"{url}/readyz"), "the product to start")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"Waited in vain for {what}.")
        time.sleep(0.2)


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/account/sign-in/")
    page.get_by_label("Username").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def work(browser: Browser, url: str) -> None:
    """Do what an admin does: discover the demo company, approve two people, reject one, save a view."""
    page = browser.new_page(viewport=SCREENS["desktop"]["viewport"])
    sign_in(page, url)
    page.goto(f"{url}/discover/")
    page.get_by_label("Brand", exact=False).first.fill(NAME)
    page.get_by_label("Website").fill(WEBSITE)
    page.get_by_label("Region").select_option("GB")
    page.get_by_role("button", name="Start the discovery").click()
    page.get_by_text("Review these", exact=True).wait_for(timeout=PATIENCE * 1000)
    from enrichment import approval, editing, requests
    from enrichment.models import EnrichedContact

    found = list(EnrichedContact.objects.filter(linked_brand__name=NAME).order_by("-best_probability", "last_name"))
    from django.contrib.auth.models import User

    dana = User.objects.get(username="dana")
    approval.approve([str(contact.pk) for contact in found[:2]], user=dana)
    editing.reject(found[-1].pk, "No longer there", dana)
    for kind in ("access", "erasure"):
        requests.enter(kind, "somebody@unknown.example", "", "By letter, signed.", dana)
    page.close()


def paths() -> dict[str, str]:
    """Return every page that is shown, by the name of its picture."""
    from crm.models import Contact
    from enrichment.models import EnrichedContact, EnrichmentJob
    from outreach.models import Enrolment, Message, Sequence, Template

    person = EnrichedContact.objects.filter(linked_brand__name=NAME, review_status="new").order_by("-best_probability")
    crm_contact = Contact.objects.order_by("last_name").first()
    return {
        "home": "/",
        "discover": "/discover/",
        "discover-many": "/discover/many/",
        "jobs": "/jobs/",
        "job": f"/jobs/{EnrichmentJob.objects.get(brand__name=NAME).pk}/",
        "contacts": "/contacts/",
        "contact": f"/contacts/{person[0].pk}/",
        "contact-edit": f"/contacts/{person[0].pk}/edit/",
        "duplicates": f"/contacts/{person[0].pk}/duplicates/",
        "merge": f"/contacts/{person[0].pk}/merge/{person[1].pk}/",
        "decisions": "/decisions/",
        "crm-contacts": "/crm/contacts/",
        "crm-contact": f"/crm/contacts/{crm_contact.pk}/",
        "crm-brands": "/crm/brands/",
        "suppression": "/crm/suppression/",
        "sequences": "/outreach/sequences/",
        "sequence": f"/outreach/sequences/{Sequence.objects.get().pk}/",
        "templates": "/outreach/templates/",
        "template": f"/outreach/templates/{Template.objects.order_by('name').first().pk}/",
        "enrolments": "/outreach/enrolments/",
        "enrolment": f"/outreach/enrolments/{Enrolment.objects.first().pk}/",
        "tasks": "/outreach/tasks/",
        "outbox": "/outreach/outbox/",
        "message": f"/outreach/messages/{Message.objects.order_by('due_at').first().pk}/",
        "calendar": "/outreach/calendar/",
        "senders": "/outreach/senders/",
        "compliance": "/compliance/",
        "requests": "/compliance/requests/",
        "notices": "/compliance/notices/",
        "retention": "/compliance/retention/",
        "countries": "/compliance/regions/",
        "country": "/compliance/regions/DE/",
        "audit": "/compliance/audit/",
        "register": "/compliance/register/",
        "assessments": "/compliance/assessments/",
        "privacy": "/privacy/",
        "account": "/account/",
        "admin": "/admin/",
        "admin-contacts": "/admin/enrichment/enrichedcontact/",
    }


def take(browser: Browser, url: str, screen: str, options: dict[str, Any], pages: dict[str, str]) -> None:
    """Take a picture of each page on one kind of screen, and of what opens above a page."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f"{url}/account/sign-in/")
    shoot(page, screen, "sign-in")
    sign_in(page, url)
    for name, path in pages.items():
        answer = page.goto(f"{url}{path}")
        if answer is None or not answer.ok:
            raise SystemExit(f"{path} cannot be shown.")
        page.wait_for_load_state("networkidle")
        shoot(page, screen, name)
    drawer(page, url, screen)
    approval_page(page, url, screen)
    context.close()


def shoot(page: Page, screen: str, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    height = page.evaluate("document.documentElement.scrollHeight")
    least = page.viewport_size["height"] if page.viewport_size else 0
    clip = {"x": 0, "y": 0, "width": width, "height": max(least, min(height, TALLEST))}
    page.screenshot(path=PICTURES / f"{name}-{screen}.png", full_page=True, clip=clip, scale="css")  # type: ignore[arg-type]


def drawer(page: Page, url: str, screen: str) -> None:
    page.goto(f"{url}/contacts/?q={NAME.split()[0]}")
    page.wait_for_load_state("networkidle")
    page.locator("tr[data-row] [data-open]").first.click()
    page.locator("#drawer[open] h2").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"drawer-{screen}.png", scale="css")


def approval_page(page: Page, url: str, screen: str) -> None:
    page.goto(f"{url}/contacts/?q={NAME.split()[0]}")
    page.wait_for_load_state("networkidle")
    boxes = page.locator("tr[data-row] input[type=checkbox]")
    for number in range(min(4, boxes.count())):
        boxes.nth(number).check()
    page.keyboard.press("a")
    page.wait_for_url("**/decisions/**")
    page.wait_for_load_state("networkidle")
    shoot(page, screen, "approve")


if __name__ == "__main__":
    sys.exit(main())
