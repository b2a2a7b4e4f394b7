"""`manage.py extract_people FILE…`: the people whom stored web pages show, with the evidence."""

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table
from rich.text import Text

from enrichment import terminal
from enrichment.discovery.base import Person
from enrichment.discovery.website import cjk_names, pages, people
from enrichment.discovery.website.people import Extraction
from enrichment.management.standard_input import readable


class Command(BaseCommand):
    help = "Read people, titles and addresses off stored web pages."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a stored page")
        parser.add_argument("--url", help="the address that the page was read from; it is part of the evidence")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line, one for each file")

    def handle(self, *_args: Any, files: list[str], url: str | None, json: bool, **_options: Any) -> None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise CommandError(f"{url} is no web address: it must begin with http:// or https://.", returncode=2)
        unread = 0
        for file in files:
            try:
                content = read(Path(file))
            except (OSError, ValueError) as error:  # ValueError: a NUL in the name
                unread += 1
                self._report(file, getattr(error, "strerror", None) or str(error), json)
                continue
            extraction = people.extract(pages.parse(content, None, url or Path(file).resolve().as_uri()))
            self._print(file, extraction, json)
        if unread:
            raise CommandError(f"{unread} of {len(files)} files could not be read.", returncode=1)

    def _report(self, file: str, reason: str, json: bool) -> None:
        message = f"{readable(file)} could not be read: {reason}."
        problem = {"file": readable(file), "error": "unreadable", "message": message}
        self.stdout.write(orjson.dumps(problem).decode() if json else message)

    def _print(self, file: str, extraction: Extraction, json: bool) -> None:
        if json:
            self.stdout.write(as_json(file, extraction))
            return
        console = terminal.console(self.stdout)
        console.print(Text(readable(file), style="bold"))
        console.print(as_table(extraction) if extraction.people else "This page shows nobody.")
        for label, items in (("Other addresses", extraction.emails), ("By one name only", extraction.single_names)):
            if items:
                console.print(Text(f"{label}: {', '.join(items)}"))


def read(path: Path) -> bytes:
    """Return as much of a file as a page can have. Raises OSError."""
    with path.open("rb") as file:
        return file.read(pages.MAX_BYTES)


def as_json(file: str, extraction: Extraction) -> str:
    """Return the line that a program reads."""
    line = {
        "file": readable(file),
        "people": [as_dict(person) for person in extraction.people],
        "emails": extraction.emails,
        "singleNames": extraction.single_names,
    }
    return orjson.dumps(line).decode()


def as_dict(person: Person) -> dict[str, Any]:
    """Return a person under the names that the API uses."""
    return {
        "name": cjk_names.written(person.first_name, person.last_name),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "jobTitle": person.title,
        "seniority": person.seniority,
        "department": person.department,
        "decisionMaker": person.decision_maker,
        "email": person.email,
        "linkedInUrl": person.linkedin_url,
        "confidenceScore": person.confidence,
        "evidence": [item.as_json() for item in person.evidence],
    }


def as_table(extraction: Extraction) -> Table:
    """Return the people of a page as a person reads them."""
    table = terminal.table("Score", "Name", "Title", "E-mail", "LinkedIn")
    for person in extraction.people:
        table.add_row(
            terminal.score(person.confidence),
            Text(cjk_names.written(person.first_name, person.last_name)),
            Text(person.title or "-"),
            Text(person.email or "-"),
            Text(person.linkedin_id or "-"),
        )
    return table
