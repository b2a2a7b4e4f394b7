"""`manage.py verify_emails [ADDRESS…]`: what syntax, DNS and lists say of addresses, and mail servers and providers.

By itself it needs no database and sends nothing to anybody; --smtp and --providers ask those about the addresses.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.table import Table
from rich.text import Text

from core import dns, http
from enrichment import terminal, verdict_json
from enrichment.emails.verification import verdict
from enrichment.emails.verification.verdict import Verdict
from enrichment.management import standard_input

NO_ADDRESS = "Name an address, or write addresses to standard input, one a line."
NO_PROVIDER = "No provider is configured: set a key or an address, such as HUNTER_API_KEY, or leave --providers out."

# Mail servers and providers take seconds for each address: fewer at a time, so that answers come while it runs.
ASKED_AT_ONCE = 100

Verify = Callable[[Sequence[str]], list[Verdict]]


class Command(BaseCommand):
    help = "Verify addresses by syntax, mail exchangers and lists; one verdict a line, in the order given."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", nargs="*", metavar="ADDRESS", help="none: read from stdin, one a line")
        parser.add_argument("--smtp", action="store_true", help="ask the mail servers too (needs port 25)")
        parser.add_argument("--providers", action="store_true", help="ask the providers too, which costs money")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(
        self, *_args: Any, addresses: list[str], smtp: bool, providers: bool, json: bool, **_options: Any
    ) -> None:
        smtp = smtp or settings.ENRICHMENT_SMTP_PROBE
        asks = smtp or providers
        try:
            verify = _asking(smtp, providers) if asks else _looking()
        except (ImproperlyConfigured, ValueError) as error:
            raise CommandError(str(error), returncode=2) from error
        given = map(standard_input.readable, addresses) if addresses else _addresses_of_stdin()
        done = 0
        with terminal.progress(not json) as progress:
            for batch in standard_input.batches(given, ASKED_AT_ONCE if asks else standard_input.BATCH):
                progress(
                    f"{'Asking about' if asks else 'Looking up the domains of'} {len(batch)} addresses ({done} done)"
                )
                verdicts = verify(batch)
                done += len(batch)
                if json:
                    self.stdout.write("\n".join(map(as_json, verdicts)))
                else:
                    terminal.console(self.stdout).print(as_table(verdicts))


def _looking() -> Verify:
    """Return what verifies addresses without a database, by the DNS and lists. Raises ImproperlyConfigured."""
    resolver, allowed = dns.from_settings(), http.config_from_settings().allowed
    return lambda addresses: verdict.verify(addresses, resolver, allowed)


def _asking(smtp: bool, providers: bool) -> Verify:
    """Return what asks mail servers or providers too, and keeps their answers in the database.

    Raises ValueError for a provider that is named but not configured.
    """
    from enrichment import verifying
    from enrichment.providers import from_settings

    if providers and not from_settings():
        raise CommandError(NO_PROVIDER, returncode=2)
    means = verifying.Means(smtp=smtp, providers=providers)
    return lambda addresses: verifying.verify(addresses, means)


def _addresses_of_stdin() -> Iterable[str]:
    return (line.decode("utf-8-sig", "replace") for line in standard_input.lines(NO_ADDRESS))


def as_json(of: Verdict) -> str:
    """Return the line that a program reads."""
    return orjson.dumps(verdict_json.as_json(of, timezone.now())).decode()


def as_table(verdicts: Iterable[Verdict]) -> Table:
    """Return the table that a person reads."""
    table = terminal.table("Address", "Score", "Status", "Chance", "What speaks for and against it")
    for one in verdicts:
        table.add_row(
            Text(one.email),
            terminal.score(one.score),
            one.status,
            terminal.chance(one.probability),
            Text("; ".join(_remarks(one))),
        )
    return table


def _remarks(of: Verdict) -> Iterable[str]:
    if of.did_you_mean:
        yield f"did you mean {of.did_you_mean}?"
    if of.disposable:
        yield "throw-away domain"
    elif of.free:
        yield "free mail"
    if of.role:
        yield "shared mailbox"
    evidence = [row.evidence for row in of.breakdown if row.label in {"MX record", "Format"}]
    yield evidence[0]
    if of.smtp:
        yield f"mail server: {of.smtp.sentence}"
    if of.api:
        yield f"{of.api.by}: {of.api.sentence}"
