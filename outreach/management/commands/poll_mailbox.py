"""`manage.py poll_mailbox`: read the bounces and replies that came to the mailbox of OUTREACH_IMAP_URL."""

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach import mailbox_poll
from outreach.mailbox_poll import Polled


class Command(BaseCommand):
    help = "Read the mails that came since the last time; nothing in the mailbox is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=200, metavar="N", help="most mails to look at (200)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, limit: int, json: bool, **_options: Any) -> None:
        if limit < 1:
            raise CommandError("--limit must be at least 1.", returncode=2)
        polled = mailbox_poll.poll(limit)
        if json:
            figures = {"seen": polled.seen, "events": dict(polled.events), "errors": polled.errors}
            self.stdout.write(orjson.dumps(figures).decode())
        else:
            self.stdout.write(_sentence(polled))
        if polled.problem:
            raise CommandError(polled.problem, returncode=1)


def _sentence(polled: Polled) -> str:
    kinds = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in sorted(polled.events.items()))
    mails = f"{polled.seen} mail{'' if polled.seen == 1 else 's'} read"
    unread = f"; {polled.errors} could not be dealt with" if polled.errors else ""
    return f"{mails}{f': {kinds}' if kinds else ''}{unread}."
