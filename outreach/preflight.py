"""Is the sending domain set up so that mail arrives and answers come back? SPF, DKIM, DMARC and MX, from the DNS.

Each check is three-valued: None means that nobody could tell (a DNS server failed, no selector is known), and holds
nothing up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from core import dns
from core.dns import MAX_RECORDS, Answer, Resolver, Status
from core.domains import registrable_domain

from .models import Mailbox

CHECKS = ("spf", "dkim", "dmarc", "mx")
POLICIES = {"none", "quarantine", "reject"}

Finding = tuple[bool | None, str]  # in order, not in order, could not tell; and what to do


@dataclass(frozen=True, slots=True)
class Preflight:
    """By the check's name (CHECKS) `{"result": True | False | None, "sentence": …}`, as Mailbox.preflight keeps it."""

    checks: dict[str, dict[str, Any]]


def check(domain: str, selector: str, resolver: Resolver | None = None) -> Preflight:
    """Return what the DNS says of a domain that we send from; never raises for what the DNS does.

    `selector` is DKIM's, "" when it is not known; without a `resolver` the installation's own is asked.
    """
    resolver = resolver or dns.from_settings()
    findings = {
        "spf": _spf(resolver.lookup(domain, "TXT"), domain),
        "dkim": _dkim(resolver, domain, selector.strip()),
        "dmarc": _dmarc(resolver, domain),
        "mx": _mx(resolver, domain),
    }
    return Preflight({name: {"result": result, "sentence": text} for name, (result, text) in findings.items()})


def run(mailbox: Mailbox, resolver: Resolver | None = None) -> Preflight:
    """Check a mailbox's domain, and keep the answer and its time with the mailbox."""
    found = check(mailbox.address.rpartition("@")[2], mailbox.dkim_selector, resolver)
    mailbox.preflight, mailbox.preflight_at = found.checks, timezone.now()
    mailbox.save(update_fields=["preflight", "preflight_at", "updated_at"])
    return found


def problems(mailbox: Mailbox) -> list[str]:
    """Return a sentence for each check that surely failed when the mailbox was last checked."""
    kept = mailbox.preflight or {}
    return [kept[name]["sentence"] for name in CHECKS if name in kept and kept[name]["result"] is False]


def _spf(answer: Answer, domain: str) -> Finding:
    """RFC 7208: exactly one record, whose version is `v=spf1` in any case."""
    records = [record for record in answer.records if record.lower().split(" ", 1)[0] == "v=spf1"]
    if answer.status is Status.FAILED:
        return None, f"SPF: the DNS of {domain} did not answer: try again later."
    if not records and _cut(answer):
        return None, f"SPF: {domain} has too many TXT records to find it among them: remove some."
    if not records:
        return (
            False,
            f"SPF: {domain} has no record: add a TXT record that begins with v=spf1 and names who sends for it.",
        )
    if len(records) > 1:
        return False, f"SPF: {domain} has {len(records)} records, which makes all of them void: leave one."
    if {"all", "+all"} & set(records[0].lower().split()):
        return False, f"SPF: the record of {domain} lets everybody send in its name (+all): end it with ~all or -all."
    return True, f"SPF: {domain} has one record."


def _dkim(resolver: Resolver, domain: str, selector: str) -> Finding:
    """RFC 6376, 3.6: a key of the selector with a public key that was not revoked (an empty p=)."""
    if not selector:
        return None, "DKIM: tell us the selector: enter it with the mailbox; who sends for you knows it."
    name = f"{selector}._domainkey.{domain}"
    answer = resolver.lookup(name, "TXT")
    if answer.status is Status.FAILED:
        return None, f"DKIM: the DNS did not answer for {name}: try again later."
    keys = [tags["p"] for record in answer.records if "p" in (tags := _tags(record)) and _is_key(tags)]
    return _key(name, keys, _cut(answer))


def _key(name: str, keys: list[str], cut: bool) -> Finding:
    if not keys and cut:
        return None, f"DKIM: {name} has too many TXT records to find the key among them: remove some."
    if not keys:
        return False, f"DKIM: {name} has no key: publish it, or correct the selector with the mailbox."
    if len(keys) > 1:
        return None, f"DKIM: {name} has {len(keys)} keys, and which of them counts is not defined: leave one."
    if not keys[0]:
        return False, f"DKIM: the key at {name} was revoked (an empty p=): publish a new one."
    return True, f"DKIM: there is a key at {name}."


def _is_key(tags: dict[str, str]) -> bool:
    return tags.get("v", "DKIM1") == "DKIM1"


def _dmarc(resolver: Resolver, domain: str) -> Finding:
    """RFC 7489, 6.6.3: the record of the domain, else that of its registrable domain."""
    for owner in dict.fromkeys(filter(None, [domain, registrable_domain(domain)])):
        answer = resolver.lookup(f"_dmarc.{owner}", "TXT")
        if answer.status is Status.FAILED:
            return None, f"DMARC: the DNS did not answer for _dmarc.{owner}: try again later."
        records = [tags for record in answer.records if (tags := _tags(record)) and next(iter(tags.items()))[0] == "v"]
        records = [tags for tags in records if tags["v"] == "DMARC1"]  # in capitals: the RFC compares exactly
        if len(records) > 1:
            return False, f"DMARC: _dmarc.{owner} has {len(records)} records, which makes all of them void: leave one."
        if records and records[0].get("p", "").lower() not in POLICIES:
            return False, f"DMARC: the record at _dmarc.{owner} has no policy: add p=none, p=quarantine or p=reject."
        if records:
            return True, f"DMARC: there is a policy at _dmarc.{owner}."
        if _cut(answer):
            return None, f"DMARC: _dmarc.{owner} has too many TXT records to find it among them: remove some."
    return False, f"DMARC: {domain} has no record: add a TXT record at _dmarc.{domain}, such as v=DMARC1; p=none."


def _mx(resolver: Resolver, domain: str) -> Finding:
    """RFC 5321, 5.1 and RFC 7505: without one, replies and bounces have nowhere to go."""
    answer = resolver.lookup(domain, "MX")
    if answer.status is Status.FAILED:
        return None, f"MX: the DNS of {domain} did not answer: try again later."
    if any(record.host for record in answer.mx):
        return True, f"MX: {domain} takes mail."
    if answer.status is Status.OK:
        return False, f"MX: {domain} says that it takes no mail, so replies and bounces cannot come back: add a record."
    addresses = resolver.lookup_many((domain, rdtype) for rdtype in ("A", "AAAA")).values()
    statuses = {address.status for address in addresses}
    if answer.status is Status.NODATA and statuses & {Status.OK, Status.FAILED}:
        return None, f"MX: {domain} has no record, and perhaps its own address takes mail: add a record to be sure."
    return False, f"MX: {domain} has no record, so replies and bounces cannot come back: add one."


def _tags(record: str) -> dict[str, str]:
    """Return the tags of `v=DMARC1; p=none`, in their order and without white space around them; the first counts."""
    tags: dict[str, str] = {}
    for name, value in _pairs(record):
        tags.setdefault(name, value)
    return tags


def _pairs(record: str) -> Iterator[tuple[str, str]]:
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            yield name.strip(), value.strip()


def _cut(answer: Answer) -> bool:
    """Whether there may be more records than were kept (core/dns.py)."""
    return len(answer.records) >= MAX_RECORDS
