"""Fields that may be anything."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from enrichment.emails.providers.reading import address, count, entry, flag, moment, number, page_url, past, share

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (97, 97.0), (1.5, 1.5), ("25000.00", 25000.0), (0, 0.0), (True, None), (-1, None), (math.nan, None),
        ("inf", None), (10**400, None), ("many", None), (None, None), ([3], None),
    ],
)  # fmt: skip
def test_numbers(value: Any, read: float | None) -> None:
    assert number(value) == read
    assert count(value) == (None if read is None else int(read))


@pytest.mark.parametrize(("value", "read"), [(97, 0.97), (0, 0.0), (100, 1.0), (101, None), (False, None)])
def test_scores(value: Any, read: float | None) -> None:
    assert share(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-05-18", datetime(2026, 5, 18, tzinfo=UTC)),
        ("2026-05-18T10:00:00+02:00", datetime(2026, 5, 18, 8, tzinfo=UTC)),
        ("2016-11-07T00:00:00.000Z", datetime(2016, 11, 7, tzinfo=UTC)),
        ("2026-13-45", None), ("", None), ("soon", None), (1_700_000_000, None), (None, None),
        ("0001-01-01T00:00:00+10:00", None),
    ],
)  # fmt: skip
def test_moments(value: Any, read: datetime | None) -> None:
    assert moment(value) == read


def test_what_is_past_is_not_in_the_future() -> None:
    assert past("2026-05-18", NOW) == datetime(2026, 5, 18, tzinfo=UTC)
    assert past("2027-05-18", NOW) == NOW
    assert past("soon", NOW) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (" Jane.Doe@ACME.example ", "jane.doe@acme.example"), ("zoë@müller.example", "zoë@xn--mller-kva.example"),
        ("jane", None), ("jane@", None), ("", None), ("a@b@c.example", None), (None, None), ({}, None),
    ],
)  # fmt: skip
def test_addresses(value: Any, read: str | None) -> None:
    assert address(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("https://news.example/a?b#c", "https://news.example/a?b#c"), (" http://news.example ", "http://news.example"),
        ("javascript:alert(1)", ""), ("/a", ""), ("https://", ""), ("https://[::1", ""), ("x" * 3_000, ""), (None, ""),
    ],
)  # fmt: skip
def test_pages(value: Any, read: str) -> None:
    assert page_url(value) == read


def test_other_types_are_nothing() -> None:
    assert (entry({"a": 1}), entry([]), entry(None)) == ({"a": 1}, {}, {})
    assert (flag(True), flag(False), flag(None), flag("true"), flag(1)) == (True, False, None, None, None)
