"""Every country has a clock and a working week; what the settings say is read or refused in a sentence."""

import os
import subprocess
import sys
from datetime import date, time, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pycountry
import pytest
from django.core.exceptions import ImproperlyConfigured

from outreach.hours import hours_of
from outreach.workdays import is_workday
from outreach.zones import ZONES, zone_of

UNINHABITED = {"BV", "HM"}
TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = date(2026, 7, 6)  # none of the countries below has a holiday that week


def free_days(country: str) -> str:
    """Return the weekdays on which nobody works, in a week without holidays."""
    week = [MONDAY + timedelta(days=n) for n in range(7)]
    return " ".join(f"{day:%a}" for day in week if not is_workday(day, country))


def test_every_country_has_a_zone() -> None:
    assert {country.alpha_2 for country in pycountry.countries} - set(ZONES) == UNINHABITED
    assert all(zone_of(country, TOKYO).key == zone for country, zone in ZONES.items())


def test_every_zone_is_one_of_its_country() -> None:
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    known = {(row[0], row[2]) for row in rows}
    assert set(ZONES.items()) <= known


def test_zones_are_known_on_a_machine_that_has_none_of_its_own() -> None:
    program = "from zoneinfo import ZoneInfo; print(ZoneInfo('America/Chicago'))"
    environment = {**os.environ, "PYTHONTZPATH": ""}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "America/Chicago"


@pytest.mark.parametrize(
    ("region", "zone"),
    [("DE", "Europe/Berlin"), (" de", "Europe/Berlin"), ("US", "America/Chicago"), ("JP", "Asia/Tokyo")],
)
def test_a_region_has_its_zone_in_any_spelling(region: str, zone: str) -> None:
    assert zone_of(region, ZoneInfo("UTC")) == ZoneInfo(zone)


@pytest.mark.parametrize("region", ["", None, "XX", "Germany"])
def test_an_unknown_region_has_the_zone_that_is_given(region: str | None) -> None:
    assert zone_of(region, TOKYO) == TOKYO


@pytest.mark.parametrize(
    ("countries", "free"),
    [
        (["DE", "US", "JP", "AE", "HK", "IN", "VE", "XX", ""], "Sat Sun"),
        (["IL", "SA", "EG", "QA", "LY", "PS"], "Fri Sat"),
        (["IR"], "Fri"),
        (["BN"], "Fri Sun"),
    ],
)
def test_the_working_week_is_the_countrys(countries: list[str], free: str) -> None:
    assert {country: free_days(country) for country in countries} == dict.fromkeys(countries, free)


def test_a_country_that_moved_its_weekend_has_moved_it() -> None:
    assert not is_workday(date(2021, 11, 12), "AE")  # a Friday
    assert is_workday(date(2026, 11, 13), "AE")  # a Friday


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("DE", "2025-10-03"),
        ("DE", "2026-05-14"),
        ("GB", "2026-12-28"),  # Boxing Day, which is a Saturday
        ("US", "2021-12-31"),  # New Year's Day, which is a Saturday of the next year
        ("US", "2026-07-03"),
        ("JP", "2026-05-06"),
        ("NO", "2027-05-17"),
    ],
)
def test_national_holidays_and_the_days_that_stand_for_them_are_free(country: str, day: str) -> None:
    assert not is_workday(date.fromisoformat(day), country)
    assert is_workday(date.fromisoformat(day), "")


def test_a_holiday_of_a_region_within_the_country_is_a_workday() -> None:
    assert is_workday(date(2026, 1, 6), "DE")  # Epiphany, in Bavaria


def test_hours_come_from_the_settings(settings) -> None:
    settings.OUTREACH_WINDOW, settings.OUTREACH_DEFAULT_ZONE = "08:30 - 12:00", "Asia/Tokyo"
    hours = hours_of(" de ")
    assert (hours.country, hours.zone.key, hours.opens, hours.closes) == (
        "DE", "Europe/Berlin", time(8, 30), time(12),
    )  # fmt: skip
    assert hours_of(None).zone == TOKYO
    chosen = hours_of("DE", [0, 2], "Asia/Tokyo")
    assert (chosen.country, chosen.zone, chosen.weekdays) == ("DE", TOKYO, {0, 2})
    assert hours_of("DE", zone="Europe/Atlantis").zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    "text", ["", "9 to 5", "09:00", "09:00-17:00-18:00", "09:00-25:00", "17:00-09:00", "9:00-9:00"]
)
def test_a_window_that_cannot_be_read_is_refused(settings, text: str) -> None:
    settings.OUTREACH_WINDOW = text
    with pytest.raises(ImproperlyConfigured, match="OUTREACH_WINDOW is "):
        hours_of("DE")


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Atlantis", "../UTC", "/etc/passwd", "a\0b"])
def test_a_zone_that_does_not_exist_is_refused(settings, name: str) -> None:
    settings.OUTREACH_DEFAULT_ZONE = name
    with pytest.raises(ImproperlyConfigured, match="OUTREACH_DEFAULT_ZONE is "):
        hours_of("DE")
