"""Somebody at work in a real Chromium: on a wide screen, on a phone, and without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SCREENS = {"wide": {"viewport": WIDE}, "phone": {"viewport": PHONE, "color_scheme": "dark"}}
PLAIN = {"plain": {"viewport": WIDE, "java_script_enabled": False}}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Admin:
    """Somebody at work: each page that is opened or that follows a button is looked at."""

    def __init__(self, page: Page, url: str, scripts: bool) -> None:
        self.page, self.url, self.scripts = page, url, scripts
        self.problems: list[str] = []
        page.on("console", lambda said: self.problems.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("requestfailed", lambda request: self.problems.append(request.url))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")
        self.look()

    def look(self) -> None:
        self.page.wait_for_load_state()  # with its style
        expect(self.page.locator("h1")).to_be_visible()
        if self.scripts:
            assert self.page.evaluate(TOO_WIDE) <= 0, self.page.url

    def menu(self, name: str) -> None:
        """Open a page of the menu, and see it marked there."""
        narrow = (self.page.viewport_size or WIDE)["width"] < 700
        where = self.page.locator("details.menu" if narrow else "aside")
        if narrow:
            self.page.get_by_text("Menu", exact=True).click()
        where.get_by_role("link", name=name, exact=True).click()
        self.look()
        expect(where.locator("[aria-current]")).to_have_text(name)

    def press(self, name: str, said: str = "") -> None:
        """Press the first button of this name, and read what follows."""
        self.page.get_by_role("button", name=name).first.click()
        self.look()
        if said:
            expect(self.page.locator("p.message", has_text=said)).to_be_visible()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)


def screens(**more: Any) -> Any:
    known = SCREENS | more
    return pytest.mark.parametrize("admin", list(known.values()), ids=list(known), indirect=True)
