"""`manage.py check_sender [ADDRESS…]`: is the sending domain in order (SPF, DKIM, DMARC, MX), and what bounced?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core import dns
from outreach import health, mailboxes, preflight
from outreach.health import Health
from outreach.models import Mailbox

NONE = "There is no sender: set OUTREACH_FROM, or add a mailbox under Outreach, Mailboxes."
RESULTS = {True: "yes", False: "NO", None: "could not tell"}


class Command(BaseCommand):
    help = (
        "Ask the DNS whether senders' domains are set up, and show what bounced; exit 1 when something surely is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", nargs="*", metavar="ADDRESS", help="a mailbox's; none: all that are active")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line, one for each mailbox")

    def handle(self, *_args: Any, addresses: list[str], json: bool, **_options: Any) -> None:
        try:
            boxes, resolver = _chosen(addresses), dns.from_settings()
        except (ValueError, ImproperlyConfigured) as error:
            raise CommandError(str(error), returncode=2) from error
        checked = [_check(mailbox, resolver) for mailbox in boxes]
        if json:
            self.stdout.write("\n".join(map(as_json, checked)))
        else:
            self._show(checked)
        failed = sum(bool(one.problems) for one in checked)
        if failed:
            raise CommandError(f"{failed} of {len(checked)} senders not in order.", returncode=1)

    def _show(self, checked: Sequence["Checked"]) -> None:
        terminal = self.stdout.isatty()
        stream = cast(IO[str], self.stdout)
        console = Console(file=stream, no_color=not terminal, width=None if terminal else 160, highlight=False)
        console.print(as_table(checked))
        for one in checked:
            for sentence in (*one.problems, *one.notes):
                console.print(Text(f"{one.mailbox.address}: {sentence}"))


@dataclass(frozen=True, slots=True)
class Checked:
    """A mailbox with what was found; `problems` surely are some, `notes` say what could not be told."""

    mailbox: Mailbox
    checks: dict[str, dict[str, Any]]
    health: Health

    @property
    def problems(self) -> list[str]:
        paused = [f"It is paused. {self.mailbox.pause_reason}".strip()] if self.mailbox.paused_at else []
        return [*paused, *preflight.problems(self.mailbox), *self.health.problems]

    @property
    def notes(self) -> list[str]:
        return [found["sentence"] for found in self.checks.values() if found["result"] is None]


def as_json(one: Checked) -> str:
    """Return the line that a program reads."""
    return orjson.dumps(
        {
            "address": one.mailbox.address,
            "checks": one.checks,
            "problems": one.problems,
            "paused": one.mailbox.paused_at is not None,
            "health": {
                "sent": one.health.sent,
                "bounced": one.health.bounced,
                "complained": one.health.complained,
                "bounceRate": one.health.bounce_rate,
                "complaintRate": one.health.complaint_rate,
            },
        }
    ).decode()


def as_table(checked: Sequence[Checked]) -> Table:
    """Return the table that a person reads."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Sender", "SPF", "DKIM", "DMARC", "MX", "Sent in 7 days", "Bounced", "Complained"):
        table.add_column(heading, overflow="fold")
    for one in checked:
        results = [RESULTS[one.checks[name]["result"]] for name in preflight.CHECKS]
        figures = [f"{count:,}" for count in (one.health.sent, one.health.bounced, one.health.complained)]
        table.add_row(*(Text(cell) for cell in (one.mailbox.address, *results, *figures)))
    return table


def _check(mailbox: Mailbox, resolver: dns.Resolver) -> Checked:
    return Checked(mailbox, preflight.run(mailbox, resolver).checks, health.check(mailbox, timezone.now()))


def _chosen(addresses: Sequence[str]) -> list[Mailbox]:
    """Return the mailboxes of these addresses, in their order; without any, all active ones. Raises ValueError."""
    default = mailboxes.default()  # made on the first occasion, when OUTREACH_FROM names it
    if not addresses:
        boxes = list(Mailbox.objects.filter(active=True))
        if default is None or not boxes:
            raise ValueError(NONE)
        return boxes
    known = {mailbox.address.lower(): mailbox for mailbox in Mailbox.objects.all()}
    if missing := [address for address in addresses if address.strip().lower() not in known]:
        raise ValueError(f"No mailbox has the address {', '.join(missing)}: add it under Outreach, Mailboxes.")
    return list(dict.fromkeys(known[address.strip().lower()] for address in addresses))
