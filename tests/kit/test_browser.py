"""Without a Chromium, tests that want one are skipped with a word, or fail when `REQUIRE_BROWSER=1`."""

import pytest
from django.conf import settings

pytest_plugins = ["pytester"]

TEST = """
    pytest_plugins = ["tests.kit.browser"]

    def test_a_page(browser):
        browser.goto("data:text/html,<h1>Hello</h1>")
        assert browser.inner_text("h1") == "Hello"
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(settings.BASE_DIR))
    monkeypatch.setenv("PATH", str(pytester.path))
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)
    pytester.makepyfile(TEST)
    return lambda: pytester.runpytest_subprocess("-rs", "-p", "no:django", "-p", "no:cacheprovider")


def test_without_a_browser_the_test_is_skipped_and_says_why(run) -> None:
    result = run()
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*browser: none found*install chromium*"])


def test_where_a_browser_is_required_its_absence_is_a_failure(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*browser: none found*"])
