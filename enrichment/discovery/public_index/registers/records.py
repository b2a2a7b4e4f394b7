"""What a register says about one company, without what it says about people's lives.

Birth dates, nationalities, private addresses and tax numbers are never read into a Record; it is a Record, not the
register's answer, that is kept between runs.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who holds or held a role. Legal persons are none.

    `role`: as the register words it; `code`: the register's code for it, "" for none; `title`: the role in English
    where it is known, else as worded. `started`, `ended`: "YYYY-MM-DD", "" where not stated. `through`: the legal
    person that holds the role and for which this person acts, with `url` its entry, "" for a role of one's own.
    """

    first_name: str
    last_name: str
    role: str
    title: str
    code: str = ""
    started: str = ""
    ended: str = ""
    current: bool = True
    through: str = ""
    url: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Record:
    """One company. `url`: where anybody can read the entry.

    `other_names`: trading names and signs; `domains`: registrable domains of its stated website and addresses.
    `withheld`: the company opposes that its entry is spread, and nothing else is filled in; `withheld_people`: how many
    officers do. `legal_form`, `industry` and `employees` are text, "" where not stated.
    """

    number: str
    legal_name: str
    url: str
    fetched_at: datetime
    officers: tuple[Officer, ...] = ()
    other_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    legal_form: str = ""
    industry: str = ""
    employees: str = ""
    withheld: bool = False
    withheld_people: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return (self.legal_name, *self.other_names)


def dumped(record: Record | None) -> bytes:
    """Return a record, or that there is none, as it is kept between runs."""
    return json.dumps(record and asdict(record), default=datetime.isoformat).encode()


def loaded(content: bytes) -> Record | None:
    """Return what `dumped` wrote. Raises ValueError for what another version wrote."""
    data: Any = json.loads(content)
    if data is None:
        return None
    try:
        return Record(
            **{
                **data,
                "fetched_at": datetime.fromisoformat(data["fetched_at"]),
                "officers": tuple(Officer(**officer) for officer in data["officers"]),
                "other_names": tuple(data["other_names"]),
                "domains": tuple(data["domains"]),
            }
        )
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a record: {error}") from None
