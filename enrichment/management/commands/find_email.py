"""`manage.py find_email ["Jane Doe" example.com]`: candidate addresses of people, from their names and domains."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table
from rich.text import Text

from core import dns, http
from enrichment import terminal
from enrichment.emails import finder, names
from enrichment.emails.verification import mx, syntax
from enrichment.management import standard_input

MAX_NAME = 200
MAX_KNOWN = 1000
USAGE = (
    'Give a name and a domain (find_email "Jane Doe" example.com), or write JSON lines '
    '{"name": "Jane Doe", "domain": "example.com"} to standard input.'
)


@dataclass(frozen=True, slots=True)
class Query:
    """Whom to find, as a line states it. `domain` is in A-labels."""

    first_name: str
    last_name: str
    domain: str
    known: tuple[finder.Known, ...] = ()


class BadLineError(ValueError):
    """A line that is no query: a stable code and a sentence that says what to write instead."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Command(BaseCommand):
    help = "Work out the addresses that a person may have at a domain, best first, with scores and chances."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", help="a full name; none: read JSON lines from stdin")
        parser.add_argument("domain", nargs="?", metavar="DOMAIN", help="the domain of the company's mail")
        parser.add_argument("--no-dns", action="store_true", help="do not look up the domains' mail exchangers")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *_args: Any, name: str | None, domain: str | None, **options: Any) -> None:
        answers: dict[str, mx.Mx] = {}
        bad = total = 0
        with terminal.progress(not options["json"]) as progress:
            for batch in standard_input.batches(_queries(name, domain)):
                progress(f"Working out the addresses of {len(batch)} people ({total} done)")
                if not options["no_dns"]:
                    _look_up({query.domain for query in batch if isinstance(query, Query)}, answers)
                for query in batch:
                    self._answer(query, answers, options["json"])
                total += len(batch)
                bad += sum(isinstance(query, BadLineError) for query in batch)
        if bad:
            raise CommandError(f"{bad} of {total} lines could not be read.", returncode=1)

    def _answer(self, query: Query | BadLineError, answers: Mapping[str, mx.Mx], json: bool) -> None:
        if isinstance(query, BadLineError):
            problem = {"error": query.code, "message": str(query)}
            self.stdout.write(orjson.dumps(problem).decode() if json else f"{query.code}: {query}")
            return
        candidates = finder.find(query.first_name, query.last_name, query.domain, known=query.known, mx=answers)
        if json:
            self.stdout.write(as_json(candidates))
            return
        console = terminal.console(self.stdout)
        console.print(Text(f"{query.first_name} {query.last_name} at {query.domain}", style="bold"))
        console.print(
            as_table(candidates) if candidates else "No address can be formed: first and last name are needed."
        )


def _queries(name: str | None, domain: str | None) -> Iterable[Query | BadLineError]:
    if name is None:
        return map(_read, filter(bytes.strip, standard_input.lines(USAGE)))
    if domain is None:
        raise CommandError(USAGE, returncode=2)
    try:
        return [query({"name": standard_input.readable(name), "domain": standard_input.readable(domain)})]
    except BadLineError as error:
        raise CommandError(str(error), returncode=2) from error


def _look_up(domains: set[str], answers: dict[str, mx.Mx]) -> None:
    """Add what the DNS says of the domains not asked for yet."""
    try:
        resolver, allowed = dns.from_settings(), http.config_from_settings().allowed
    except ImproperlyConfigured as error:
        raise CommandError(str(error), returncode=2) from error
    answers.update(mx.look_up(domains - answers.keys(), resolver, allowed))


def _read(line: bytes) -> Query | BadLineError:
    try:
        return query(orjson.loads(line.removeprefix(b"\xef\xbb\xbf")))
    except orjson.JSONDecodeError as error:
        return BadLineError("invalid_json", f"This line is not JSON ({error}). {USAGE}")
    except BadLineError as error:
        return error


def query(line: object) -> Query:
    """Return the query that a decoded JSON line states. Raises BadLineError."""
    if not isinstance(line, dict):
        raise BadLineError("invalid_line", f"A line must be a JSON object. {USAGE}")
    first, last = _name(line)
    domain = line.get("domain")
    host = syntax.ascii_domain(domain) if isinstance(domain, str) else None
    if host is None:
        raise BadLineError("invalid_domain", '"domain" must be a mail domain such as example.com.')
    return Query(first, last, host, _known(line.get("known") or []))


def _name(line: Mapping[str, object]) -> tuple[str, str]:
    parts = [line["name"]] if line.get("name") is not None else [line.get("firstName"), line.get("lastName")]
    written = [part for part in parts if isinstance(part, str) and len(part) <= MAX_NAME]
    if len(written) < len(parts) or not any(map(str.strip, written)):
        raise BadLineError("invalid_name", f'Give "name", or "firstName" and "lastName", of 1-{MAX_NAME} characters.')
    return names.split(written[0]) if len(written) == 1 else (written[0], written[1])


def _known(pairs: object) -> tuple[finder.Known, ...]:
    if not isinstance(pairs, list) or len(pairs) > MAX_KNOWN:
        raise BadLineError("invalid_known", f'"known" must be a list of at most {MAX_KNOWN} objects.')
    known = []
    for pair in pairs:
        if not (isinstance(pair, dict) and isinstance(pair.get("name"), str) and isinstance(pair.get("email"), str)):
            raise BadLineError("invalid_known", 'Each entry of "known" must be {"name": "…", "email": "…"}.')
        known.append(finder.Known(pair["name"], pair["email"]))
    return tuple(known)


def as_json(candidates: Iterable[finder.Candidate]) -> str:
    """Return the line that a program reads."""
    return orjson.dumps(
        {
            "candidates": [
                {
                    "email": candidate.email,
                    "pattern": candidate.pattern,
                    "confidence": candidate.confidence,
                    "verificationScore": candidate.score,
                    "verificationStatus": candidate.status,
                    "probability": candidate.probability,
                    "scoreBreakdown": [asdict(points) for points in candidate.breakdown],
                }
                for candidate in candidates
            ]
        }
    ).decode()


def as_table(candidates: Iterable[finder.Candidate]) -> Table:
    """Return the table that a person reads."""
    table = terminal.table("Address", "Pattern", "Confidence", "Score", "Status", "Chance")
    for candidate in candidates:
        table.add_row(
            Text(candidate.email),
            candidate.pattern or "-",
            terminal.score(candidate.confidence),
            terminal.score(candidate.score),
            candidate.status,
            terminal.chance(candidate.probability),
        )
    return table
