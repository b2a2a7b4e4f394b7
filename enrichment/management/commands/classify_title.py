"""`manage.py classify_title [TITLE…]`: seniority, department and decision-maker or not, of job titles."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from enrichment.discovery.titles import Role, classify
from enrichment.management.standard_input import lines, readable


class Command(BaseCommand):
    help = "Say how senior job titles are, in which department, and whether their holders decide."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("titles", nargs="*", metavar="TITLE", help="job titles; none: read from stdin, one a line")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *_args: Any, titles: list[str], json: bool, **_options: Any) -> None:
        for title in map(readable, titles) if titles else titles_of_stdin():
            role = classify(title)
            self.stdout.write(as_json(title, role) if json else as_row(title, role))


def titles_of_stdin() -> Iterable[str]:
    """Return the titles on stdin, one for each line. Raises CommandError when a terminal waits there."""
    found = lines("Name a title, or write titles to standard input, one a line.")
    return (line.decode("utf-8-sig", "replace") for line in found)


def as_json(title: str, role: Role) -> str:
    """Return the line that a program reads."""
    return orjson.dumps(
        {
            "title": title,
            "seniority": role.seniority,
            "department": role.department,
            "decisionMaker": role.decision_maker,
        }
    ).decode()


def as_row(title: str, role: Role) -> str:
    """Return the line that a person reads: one, whatever the title holds."""
    decides = "decides" if role.decision_maker else "-"
    shown = "".join(char if char.isprintable() else " " for char in title)
    return f"{role.seniority:<10} {role.department:<15} {decides:<8} {shown}"
