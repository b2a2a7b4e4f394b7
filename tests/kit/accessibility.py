"""axe-core (axe/, MPL 2.0, vendored for tests) looks at a page; what it finds is told in lines that one can act on."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_name("axe") / "axe.min.js"
SERIOUS = ("serious", "critical")
RUN = "async (options) => (await axe.run(document, options)).violations"
# WCAG 2.2 A and AA, and axe's own good practice.
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page, impacts: tuple[str, ...] = SERIOUS) -> list[str]:
    """Return what axe-core finds on a page, of these impacts: the rule, what is wrong, and the first elements.

    The script is evaluated from outside the page, where the page's Content-Security-Policy does not hold.
    """
    page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(RUN, OPTIONS)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {[node['html'][:160] for node in rule['nodes'][:3]]}"
        for rule in found
        if rule["impact"] in impacts
    ]


@cache
def _source() -> str:
    return SCRIPT.read_text(encoding="utf-8")
