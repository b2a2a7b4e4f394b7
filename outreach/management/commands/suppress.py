"""`manage.py suppress VALUE…`: addresses and domains that are never written to, and the enrolments they stop."""

import sys
from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from crm import suppression
from crm.models import Suppression
from outreach import enrolments

NOTHING = "Name an address or a domain, or write them to standard input, one a line."


class Command(BaseCommand):
    help = "Put addresses and domains on the suppression list and stop the enrolments that would write to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("values", nargs="*", metavar="VALUE", help="none: read from stdin, one a line")
        parser.add_argument("--reason", choices=Suppression.Reason.values, default=Suppression.Reason.MANUAL)
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--remove", action="store_true", help="take them off the list; stopped enrolments stay so")
        instead.add_argument("--check", action="store_true", help="say for each whether it is on the list")
        parser.add_argument("--json", action="store_true", help="print JSON; with --check one object a line")

    def handle(
        self, *_args: Any, values: list[str], reason: str, remove: bool, check: bool, json: bool, **_options: Any
    ) -> None:
        given = [text for value in values or _lines() if (text := value.strip())]
        if not given:
            raise CommandError(NOTHING, returncode=2)
        try:
            lines = _check(given) if check else [_remove(given) if remove else _add(given, reason)]
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        for figures, sentence in lines:
            self.stdout.write(orjson.dumps(figures).decode() if json else sentence)


Line = tuple[dict[str, Any], str]  # for a program, for a person


def _add(values: list[str], reason: str) -> Line:
    added = suppression.add(values, reason)
    stopped = enrolments.stop_suppressed()
    return (
        {"added": added.added, "known": added.known, "enrolmentsStopped": stopped},
        f"{added.added} added, {added.known} known already, {_count(stopped)} stopped.",
    )


def _remove(values: list[str]) -> Line:
    entries = {suppression.entry(value) for value in values}  # however often and however spelled
    removed = suppression.remove(values)
    return {"removed": removed}, f"{removed} removed, {len(entries) - removed} not on the list."


def _check(values: list[str]) -> list[Line]:
    for value in values:
        suppression.entry(value)  # raises ValueError for what is neither an address nor a domain
    asked = {value: value if "@" in value else f"@{value}" for value in values}
    listed = suppression.suppressed(asked.values())
    return [_answer(value, asked[value] in listed) for value in values]


def _answer(value: str, listed: bool) -> Line:
    return {"value": value, "suppressed": listed}, f"{value}: {'' if listed else 'not '}on the list"


def _count(stopped: int) -> str:
    return f"{stopped} enrolment{'' if stopped == 1 else 's'}"


def _lines() -> list[str]:
    """Return the lines of standard input; none when a terminal waits there."""
    if sys.stdin.isatty():
        return []
    return [line.decode("utf-8-sig", "replace") for line in sys.stdin.buffer]
