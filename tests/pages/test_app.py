"""What makes the pages an app: manifest and service worker; the viewer's clock; a session that ends."""

import json
import re
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from core.viewer import RENEWED_EVERY
from tests.factories import CrmContactFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HOSTILE_ZONES = ["../../etc/passwd", "Europe/Atlantis", "/etc/localtime", "x" * 4000, "Europe/Berlin\\000", "."]


def test_the_manifest_names_icons_that_are_as_large_as_it_says(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/manifest+json")
    manifest = json.loads(answer.content)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        path = finders.find(icon["src"].removeprefix(settings.STATIC_URL))
        assert path, icon["src"]
        width, height = struct.unpack(">II", Path(str(path)).read_bytes()[16:24])
        assert icon["sizes"] == f"{width}x{height}"


def test_the_service_worker_keeps_the_shell_and_no_page_about_anybody(client: Client) -> None:
    answer = client.get("/service-worker.js")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript")
    text = answer.content.decode()
    shell = re.findall(r'"([^"]+)"', text[text.index("SHELL") : text.index("];")])
    assert "/offline/" in shell
    assert all(path.startswith("/static/") for path in shell if path != "/offline/")
    for path in shell:
        found = client.get(path)  # for anybody: nothing of a session in it
        assert found.status_code == 200, path
        found.close()
    offline = client.get("/offline/").content.decode()
    assert "No connection" in offline
    assert "csrf" not in offline


def test_dates_are_shown_on_the_viewers_clock(staff: Client) -> None:
    contact = CrmContactFactory()
    type(contact).objects.filter(pk=contact.pk).update(created_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    url = f"/crm/contacts/{contact.pk}/"
    assert "1 Jul 2026, 22:30" in staff.get(url).content.decode()
    staff.cookies["time_zone"] = "Asia/Tokyo"
    text = staff.get(url).content.decode()
    assert "2 Jul 2026, 07:30" in text
    assert 'datetime="2026-07-02T07:30:00+09:00"' in text
    for zone in HOSTILE_ZONES:
        staff.cookies["time_zone"] = zone
        assert "1 Jul 2026, 22:30" in staff.get(url).content.decode()


def test_a_session_ends_after_its_hours_without_doing_anything_and_goes_on_with_work() -> None:
    client, begun = Client(), datetime(2026, 7, 1, 9, tzinfo=UTC)
    with time_machine.travel(begun, tick=False):
        client.force_login(User.objects.create_superuser("boss", password="!"))
        client.get("/crm/contacts/")
    most = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    with time_machine.travel(begun + most - timedelta(minutes=1), tick=False):
        assert client.get("/crm/contacts/").status_code == 200
    with time_machine.travel(begun + 2 * most - timedelta(minutes=2), tick=False):
        assert client.get("/crm/contacts/").status_code == 200, "it began anew a while ago"
        renewed = client.session.get_expiry_date()
        client.get("/crm/contacts/")
        assert client.session.get_expiry_date() == renewed
    with time_machine.travel(begun + 3 * most, tick=False):
        assert client.get("/crm/contacts/").status_code == 302
    assert RENEWED_EVERY < settings.SESSION_COOKIE_AGE
