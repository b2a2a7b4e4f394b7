"""`manage.py send_notices`: tell people what we hold of them before the month is over, as the scheduler does hourly."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from outreach import mailboxes, notice_mail
from outreach.management.commands.send_due import whole_number


class Command(BaseCommand):
    help = "Tell people by mail what is held about them (GDPR article 14), where no message did and the month runs out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--limit", type=whole_number, default=notice_mail.LIMIT, help="most mails (default: %(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count who would be told")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *_args: Any, limit: int, dry_run: bool, json: bool, **_options: Any) -> None:
        try:
            report = notice_mail.send_notices(limit, dry_run=dry_run)
            obstacle = notice_mail.obstacle(mailboxes.default(), timezone.now())
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if json:
            self.stdout.write(orjson.dumps(report.as_json() | {"obstacle": obstacle}).decode())
            return
        self.stdout.write(
            f"{report.sent} told, {report.failed} refused, {report.postponed} put off, {report.unknown} perhaps told. "
            f"{report.waiting} to be told by mail, {report.by_hand} only by other means."
        )
        if report.waiting and obstacle:
            self.stdout.write(obstacle)
