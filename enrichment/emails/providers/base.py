"""The words that every provider of addresses speaks: a name and a domain go in, an address with its evidence comes out.

A provider is an outside service that one pays by the request. Nothing here knows a database; what is spent is counted
by enrichment/provider_budget.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from enrichment.discovery.base import Context, Evidence, SourceError
from enrichment.emails.checks import Check
from enrichment.emails.patterns import Known

FIND, VERIFY, DOMAIN = "find", "verify", "domain"


@dataclass(frozen=True, slots=True)
class Found:
    """The address that a provider gives for a person; `email` in the form of normalise_email.

    `by`: the provider's name. `confidence`: its own (0-1), None when it names none. `evidence`: the public pages where
    it saw the address, as it says. `check`: what it says of the mailbox, if it does. `at`: when it was asked.
    """

    email: str
    by: str
    confidence: float | None
    evidence: tuple[Evidence, ...]
    check: Check | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DomainFindings:
    """What a provider knows of a domain.

    `known`: people with their addresses, source "provider"; no role accounts. `catch_all`: whether the domain takes
    mail for every address, None when it does not say. `pattern`: how it forms addresses, by the names of
    permutations.py, "" for none. `total`: how many addresses of the domain the provider knows, None when it does not
    say. `requests`: how many of the plan's requests the look-up took.
    """

    known: tuple[Known, ...] = ()
    catch_all: bool | None = None
    pattern: str = ""
    total: int | None = None
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests of the plan: `used` (None when the provider does not say), `available`: those left; `resets`: when."""

    used: int | None
    available: int
    resets: datetime | None = None


class Objected(Exception):
    """The person asked the provider to stop processing their data, and nobody else may either (Hunter: status 451).

    `email` is the address asked about, "" when the question was a name. No part of the message.
    """

    def __init__(self, email: str) -> None:
        super().__init__("The person behind this address has objected to the processing of their data.")
        self.email = email


class StillWorking(SourceError):
    """A provider was still working on its answer when nobody waited for it any longer."""


LATE = "{title} did not find out in time; try again later."


class Provider(Protocol):
    """An outside service for addresses. One module each, one line in registry.py.

    `name`: as in ENRICHMENT_PROVIDERS, in checks and in diagnostics. `title`: what people call it. `can`: which of
    FIND, VERIFY and DOMAIN it offers. `costs`: how many of the plan's requests one such look-up takes at most, where it
    is more than 1. All methods raise SourceError when the provider cannot tell, and Objected.
    """

    name: str
    title: str
    can: frozenset[str]
    costs: Mapping[str, int] = {}

    def find(self, context: Context, first: str, last: str, domain: str) -> Found | None:
        """Return the person's address at `domain`, None when the provider knows none."""
        return None

    def verify(self, context: Context, email: str) -> Check:
        """Return what the provider says of the mailbox."""
        ...

    def domain(self, context: Context, domain: str) -> DomainFindings:
        """Return what the provider knows of `domain`."""
        return DomainFindings()

    def quota(self, context: Context) -> Quota | None:
        """Return what is left of the plan, without using any of it; None when the provider does not say."""
        return None
