"""`manage.py send_due`: send the messages that are due, once, as the scheduler does every minute."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from outreach import claiming, sending

LIMIT = 200


class Command(BaseCommand):
    help = "Send the messages that are due; with sending switched off, write them to the outbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=whole_number, default=LIMIT, help="most messages (default: %(default)s)")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *_args: Any, limit: int, json: bool, **_options: Any) -> None:
        try:
            report = sending.send_due(limit)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if json:
            self.stdout.write(orjson.dumps(report.as_json()).decode())
            return
        self.stdout.write(
            f"{report.sent} sent, {report.held} held, {report.postponed} put off, {report.failed} failed, "
            f"{report.unknown} perhaps sent. Tasks opened: {report.tasks}."
        )
        if not claiming.sending_is_on():
            self.stdout.write(f"{report.outbox} in the outbox. {claiming.SENDING_IS_OFF}")


def whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"{text!r} is no whole number.")
    return int(text)
