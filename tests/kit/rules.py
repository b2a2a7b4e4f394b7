"""Rules of countries are the file's, unless a test changes one: no test pays for reading them, or sees another's."""

import pytest

from crm import regions


@pytest.fixture(autouse=True)
def _rules_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as if no rule had been changed, and were not until one is (region_rules.py)."""
    monkeypatch.setattr(regions, "_changed", regions._Changed(until=float("inf")))
