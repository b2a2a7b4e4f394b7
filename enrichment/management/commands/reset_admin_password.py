"""Give an admin a new password."""

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from enrichment_project import admin_user


class Command(BaseCommand):
    help = (
        "Give an admin a new password, creating the user when missing. It is printed once. It also turns off the "
        "second factor and lifts a lock-out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default=admin_user.USERNAME, help="default: %(default)s")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, username: str, json: bool, **_options: Any) -> None:
        try:
            password, created = admin_user.reset_password(username)
        except admin_user.NotAnAdmin as error:
            raise CommandError(str(error)) from error
        kept = str(admin_user.password_file()) if username == admin_user.USERNAME else None
        if json:
            answer = {"username": username, "password": password, "created": created, "passwordFile": kept}
            self.stdout.write(orjson.dumps(answer).decode())
            return
        done = "Created the admin" if created else "New password for the admin"
        self.stdout.write(f"{done} {username}: {password}")
        self.stdout.write(f"It is kept in {kept}." if kept else "It is kept nowhere else: note it now.")
