"""What a user should know of the addresses that mail servers could not tell: how many there are, why, what to do."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from enrichment.discovery.base import Diagnostic
from enrichment.emails.checks import SMTP, Check
from enrichment.emails.domains import domain_of
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.operators import operator_of

_SENTENCES = {
    "paused": "Addresses not asked about, since their mail servers are left alone for now{operators}, after a block or "
    "many connections without an answer: {count}. Verify again later; if it lasts, docs/verification.md has what "
    "asking needs.",
    "servers_block": "Addresses whose mail servers turn this machine away{operators}: {count}. It may be on a block "
    "list, or have no reverse name: docs/verification.md has what asking needs.",
    "servers_unreachable": "Addresses whose mail servers could not be reached or did not answer in time{operators}: "
    "{count}. If that is so of all, port 25 is closed here, as in most clouds: docs/verification.md has what asking "
    "needs.",
    "temporary": "Addresses whose mail servers only asked for patience: {count}. The scheduler asks again about those "
    "of contacts; verify others again in some hours.",
    "catch_all": "Addresses at domains that take mail for any name, so that their mail servers prove nothing: {count}.",
    "directory_hidden": "Addresses whose mail servers do not say which mailboxes exist{operators}: {count}.",
}

# By the reasons of checks. A firewall that drops what goes to port 25 uses up all the time there is.
_CODES = {
    "paused": "paused",
    "blocked": "servers_block",
    "unreachable": "servers_unreachable",
    "timeout": "servers_unreachable",
    "out_of_time": "servers_unreachable",
    "catch_all": "catch_all",
    "directory_hidden": "directory_hidden",
}


def of(checks: Iterable[Check], mx: Mapping[str, Mx]) -> list[Diagnostic]:
    """Return a note for each cause, from the mail servers' checks of different addresses; `mx` by domain."""
    counts, operators = Counter[str](), defaultdict[str, set[str]](set)
    for check in checks:
        code = "temporary" if check.retry_at else _CODES.get(check.reason)
        if code:
            counts[code] += 1
            found = mx.get(domain_of(check.email))
            operators[code] |= {operator_of(found.hosts)} - {""} if found else set()
    return [note(code, counts[code], operators[code]) for code in _SENTENCES if code in counts]


def note(code: str, count: int, operators: Collection[str] = ()) -> Diagnostic:
    """Return the note on so many addresses with the mail servers of these operators; `code` as above."""
    named = f" ({', '.join(sorted(operators))})" if operators else ""
    return Diagnostic(code, _SENTENCES[code].format(count=count, operators=named), SMTP)
