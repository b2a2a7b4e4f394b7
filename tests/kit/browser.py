"""A real Chromium for tests marked `browser`. Without one they are skipped; with `REQUIRE_BROWSER=1` they fail."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = "none found; tests marked browser are skipped (install chromium; REQUIRE_BROWSER=1 makes this a failure)"
TIMEOUT = 15_000  # milliseconds

# The pages may load nothing from elsewhere.
LOCAL_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]"


def find_chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running Chromium, for contexts of one's own (`chromium.new_context(java_script_enabled=False)`).

    It lives no longer than a module: while it runs, its event loop runs in the tests' thread, where asyncio.run()
    is then refused, and Django's ORM would be too.
    """
    path = find_chromium()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"browser: {MISSING}")
        pytest.skip(f"browser: {MISSING}")
    arguments = [LOCAL_ONLY, "--disable-dev-shm-usage", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        running.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Page]:
    """A page in a fresh Chromium context: no cookies, no cache. Use with `live_server`."""
    context = chromium.new_context()
    context.set_default_timeout(TIMEOUT)
    yield context.new_page()
    context.close()
