"""What the pages name exists: commands with their options, settings, other pages and their sections."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT = Path(settings.BASE_DIR)
NAMES = ("api.md", "operations.md", "outreach.md", "review.md", "troubleshooting.md", "verification.md")
PAGES = [*(ROOT / "docs" / name for name in NAMES), ROOT / "docs" / "adr" / "0023-decisions.md"]


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def page(request) -> Path:
    return request.param


def test_every_command_takes_what_the_page_gives_it(page) -> None:
    blocks = "".join(re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL))
    for line in re.findall(r"manage\.py (.*)", blocks):
        name, *arguments = shlex.split(line, comments=True)
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(arguments)


def test_every_setting_named_is_one(page) -> None:
    known = set(re.findall(r"[A-Z][A-Z0-9_]+", (ROOT / ".env.example").read_text()))
    assert set(re.findall(r"ENRICHMENT_[A-Z0-9_]+", page.read_text())) <= known


def test_every_link_leads_somewhere(page) -> None:
    for target, _, section in re.findall(r"\]\((?!http)([^)#]*)(#([^)]+))?\)", page.read_text()):
        other = page.parent / target if target else page
        assert other.exists(), target
        titles = re.findall(r"^#+ (.*)$", other.read_text(), re.MULTILINE)
        if section:
            assert section in {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_lines_fit_into_120_characters(page) -> None:
    """Those of outreach.md's tables excepted: their rows have several sentences, and cannot be broken."""
    lines = [line for line in page.read_text().splitlines() if page.name != "outreach.md" or line[:1] != "|"]
    assert [line for line in lines if len(line) > 120] == []


def test_every_picture_of_the_readme_is_one_that_is_taken() -> None:
    """`make screenshots` takes a picture of each page on two screens; demo/screenshots.py names them."""
    taken = re.findall(r'^        "([a-z-]+)": f?"/', (ROOT / "demo" / "screenshots.py").read_text(), re.MULTILINE)
    names = {*taken, "sign-in", "drawer", "approve"}
    shown = set(re.findall(r"\(docs/screenshots/([^)]*)\)", (ROOT / "README.md").read_text()))
    assert shown == {f"{name}-{screen}.png" for name in names for screen in ("desktop", "phone")}
