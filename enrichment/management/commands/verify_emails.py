"""`manage.py verify_emails [ADDRESS…]`: what syntax, DNS and lists say of addresses. Nothing is sent to them."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table
from rich.text import Text

from core import dns, http
from enrichment import terminal
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.verdict import Verdict, verify
from enrichment.management import standard_input

NO_ADDRESS = "Name an address, or write addresses to standard input, one a line."
NO_PROBING = "SMTP probing is not part of this version: leave --smtp out and ENRICHMENT_SMTP_PROBE unset."


class Command(BaseCommand):
    help = "Verify addresses by syntax, mail exchangers and lists; one verdict a line, in the order given."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", nargs="*", metavar="ADDRESS", help="none: read from stdin, one a line")
        parser.add_argument("--smtp", action="store_true", help="ask the mail servers too (not in this version)")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *_args: Any, addresses: list[str], smtp: bool, json: bool, **_options: Any) -> None:
        if smtp or settings.ENRICHMENT_SMTP_PROBE:
            raise CommandError(NO_PROBING, returncode=2)
        try:
            resolver, allowed = dns.from_settings(), http.config_from_settings().allowed
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=2) from error
        given = map(standard_input.readable, addresses) if addresses else _addresses_of_stdin()
        done = 0
        with terminal.progress(not json) as progress:
            for batch in standard_input.batches(given):
                progress(f"Looking up the domains of {len(batch)} addresses ({done} done)")
                verdicts = verify(batch, resolver, allowed)
                done += len(batch)
                if json:
                    self.stdout.write("\n".join(as_json(verdict) for verdict in verdicts))
                else:
                    terminal.console(self.stdout).print(as_table(verdicts))


def _addresses_of_stdin() -> Iterable[str]:
    return (line.decode("utf-8-sig", "replace") for line in standard_input.lines(NO_ADDRESS))


def as_json(verdict: Verdict) -> str:
    """Return the line that a program reads."""
    return orjson.dumps(
        {
            "email": verdict.email,
            "verificationStatus": verdict.status,
            "verificationScore": verdict.score,
            "verificationMethod": verdict.method,
            "probability": verdict.probability,
            "syntaxValid": verdict.syntax_valid,
            "mx": _mx(verdict.mx),
            "smtp": {"result": None, "code": None, "reason": None},
            "disposable": verdict.disposable,
            "role": verdict.role,
            "free": verdict.free,
            "didYouMean": verdict.did_you_mean,
        }
    ).decode()


def _mx(mx: Mx | None) -> dict[str, Any]:
    if mx is None or mx.passed is None:
        return {"found": None, "hosts": [], "null": None, "implicit": None}
    return {
        "found": mx.passed,
        "hosts": list(mx.hosts),
        "null": mx.status == "null",
        "implicit": mx.status == "implicit",
    }


def as_table(verdicts: Iterable[Verdict]) -> Table:
    """Return the table that a person reads."""
    table = terminal.table("Address", "Score", "Status", "Chance", "What speaks for and against it")
    for verdict in verdicts:
        table.add_row(
            Text(verdict.email),
            terminal.score(verdict.score),
            verdict.status,
            terminal.chance(verdict.probability),
            Text("; ".join(_remarks(verdict))),
        )
    return table


def _remarks(verdict: Verdict) -> Iterable[str]:
    if verdict.did_you_mean:
        yield f"did you mean {verdict.did_you_mean}?"
    if verdict.disposable:
        yield "throw-away domain"
    elif verdict.free:
        yield "free mail"
    if verdict.role:
        yield "shared mailbox"
    evidence = [row.evidence for row in verdict.breakdown if row.label in {"MX record", "Format"}]
    yield evidence[0]
