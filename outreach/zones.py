"""Which clock does a recipient look at? The time zone of a country.

zones.csv has a row for each country, from tzdata's zone.tab (2025b, public domain). A country of several zones has one
chosen for it, and the column `chosen` says why: nothing finer than a contact's country is known.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

TABLE = Path(__file__).with_name("zones.csv")


def _read(path: Path) -> Mapping[str, str]:
    with path.open(encoding="utf-8", newline="") as table:
        return MappingProxyType({row["country_code"]: row["zone"] for row in csv.DictReader(table)})


ZONES = _read(TABLE)


def zone_of(region: str | None, default: ZoneInfo) -> ZoneInfo:
    """Return the zone of a country (ISO 3166-1 alpha-2); `default` for an unknown one."""
    name = ZONES.get((region or "").strip().upper())
    return ZoneInfo(name) if name else default
