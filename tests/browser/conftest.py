"""Who is at work in the browser tests."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Browser

from .at_work import Admin


@pytest.fixture
def admin(request: pytest.FixtureRequest, chromium: Browser, live_server: Any, settings: Any) -> Iterator[Admin]:
    """An admin who has signed in; the parameter is how their browser is set up."""
    settings.OUTREACH_PUBLIC_URL = "https://write.sender.example"
    get_user_model().objects.create_superuser("boss", password="correct horse battery")
    context = chromium.new_context(**request.param)
    context.set_default_timeout(10_000)
    person = Admin(context.new_page(), live_server.url, request.param.get("java_script_enabled", True))
    person.page.goto(f"{live_server.url}/crm/contacts/")
    person.page.get_by_label("Username").fill("boss")
    person.page.get_by_label("Password").fill("correct horse battery")
    person.page.get_by_role("button", name="Sign in").click()
    person.look()
    yield person
    context.close()
    assert person.problems == []
