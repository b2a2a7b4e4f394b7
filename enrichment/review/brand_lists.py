"""Lists of brands, pasted or from a file: one a line, with website, LinkedIn page and region if they are known.

The first line may name the columns, as exports of other programs do (crm/csv_columns.py). Without such a line the name
comes first, and what follows is told apart by its form.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import urlsplit

from cleanco import basename
from django.core.exceptions import ValidationError

from core.domains import registrable_domain
from crm import brands, csv_cells
from crm.csv_columns import NAMED
from crm.csv_text import DELIMITERS, NO_CSV, Record, Records, opened, unescaped
from enrichment import intake
from enrichment.intake import DiscoveryRequest
from enrichment.review.discover_forms import NO_NAME, clean_region, cleaned

MAX_LINES = 100
MAX_BYTES = 1_000_000
ZIP = b"PK\x03\x04"  # a spreadsheet

COLUMNS = {
    "company": "brand",
    "name": "brand",
    "website": "website",
    "domain": "website",
    "company linkedin": "linkedin",
    "linkedin": "linkedin",
    "company region": "region",
    "region": "region",
}
UNCLEAR = (
    "“{cell}” is no website, LinkedIn page or country. If it belongs to the name, put the name in quotation marks."
)
TWICE = "The {what} is given twice in this line."


class ListError(ValueError):
    """A file that is no list of brands; the message says what to do."""


@dataclass(slots=True)
class Line:
    """A line of the list: its number, as it was typed, what was understood, what is wrong, and the line it repeats."""

    number: int
    raw: str
    cells: Mapping[str, str]
    problems: list[str] = field(default_factory=list)
    request: DiscoveryRequest | None = None
    repeats: int = 0

    @property
    def is_good(self) -> bool:
        return self.request is not None and not self.repeats


@dataclass(slots=True)
class BrandList:
    """The first MAX_LINES `lines` of a list, how many come after them, and the headings of columns that say nothing."""

    lines: list[Line]
    header: str = ""
    beyond: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.without(set())

    def without(self, done: set[int]) -> str:
        """Return the list as text, without the lines of these numbers."""
        raws = [line.raw for line in self.lines if line.number not in done]
        rest = [*raws, *self.beyond]
        return "\n".join([self.header, *rest] if self.header and rest else rest)


def text_of(stream: BinaryIO) -> str:
    """Return the text of a file, in whichever usual encoding. Raises ListError."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ListError("This file is larger than 1 MB: split it.")
    if content.startswith(ZIP):
        raise ListError("This is a spreadsheet or an archive: save the sheet as CSV and choose that file.")
    with opened(io.BytesIO(content)) as text:
        read = text.read()
    if "\0" in read:
        raise ListError("This is no text file: save the list as CSV or as text.")
    return read.strip()


def parse(text: str) -> BrandList:
    """Return what a list says, line by line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    records = Records(io.StringIO(text, newline=""))
    records.skip()
    delimiter, columns = _header(records)
    if columns is None:
        delimiter = next((mark for mark in "\t;" if mark in text), ",")
    read = list(_with_raw(text.split("\n"), records.read(delimiter)))
    found = BrandList([])
    if columns is not None:
        (header, found.header), *read = read
        found.ignored = [cell.strip() for cell, name in zip(header.cells or [], columns, strict=True) if not name]
    read = [(record, raw) for record, raw in read if raw.strip(f" {DELIMITERS}")]
    found.beyond = [raw for _, raw in read[MAX_LINES:]]
    found.lines = [_line(record, raw, columns, delimiter) for record, raw in read[:MAX_LINES]]
    _mark_repeated(found.lines)
    return found


def _with_raw(lines: Sequence[str], records: Iterator[Record]) -> Iterator[tuple[Record, str]]:
    """Yield each record with the text that it was read from: up to where the next one begins."""
    before = next(records, None)
    while before is not None:
        after = next(records, None)
        end = after.line - 1 if after else len(lines)
        yield before, "\n".join(lines[before.line - 1 : end]).rstrip("\n")
        before = after


def _header(records: Records) -> tuple[str, list[str] | None]:
    """Return the delimiter of a first line that names the columns, and what they hold ("" for what is not used)."""
    best: tuple[str, list[str] | None] = ",", None
    for delimiter in DELIMITERS:
        record = records.peek(delimiter)
        columns = _columns(record.cells if record and record.cells else [])
        filled = [name for name in columns if name]
        if "brand" in filled and len(filled) > len([name for name in best[1] or [] if name]):
            best = delimiter, columns
    return best


def _columns(cells: Sequence[str]) -> list[str]:
    known = [NAMED.get(" ".join(re.findall(r"\w+", cell.replace("_", " ").casefold())), "") for cell in cells]
    # Where both stand, the name is a person's.
    return ["" if name == "name" and "company" in known else COLUMNS.get(name, "") for name in known]


def _line(record: Record, raw: str, columns: Sequence[str] | None, delimiter: str) -> Line:
    line = Line(record.line, raw, {})
    if record.cells is None:
        line.problems.append(NO_CSV)
        return line
    cells = [unescaped(cell.strip()) for cell in record.cells]
    line.cells = _by_form(cells, delimiter, line.problems) if columns is None else _by_column(cells, columns)
    if not line.problems:
        line.request = _request(line.cells, line.problems)
    return line


def _by_column(cells: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name and cell:
            found.setdefault(name, cell)
    return found


def _by_form(cells: Sequence[str], delimiter: str, problems: list[str]) -> dict[str, str]:
    """Return the cells of a line by what they look like; the first is the name."""
    name, *others = cells
    if delimiter == "," and others and others[0] and basename(f"{name}, {others[0]}") == basename(name):
        name, others = f"{name}, {others[0]}", others[1:]  # Acme, Inc.
    found = {"brand": name}
    for cell in filter(None, others):
        what = _form(cell)
        if not what:
            problems.append(UNCLEAR.format(cell=cell[:60]))
        elif what in found:
            problems.append(TWICE.format(what={"linkedin": "LinkedIn page"}.get(what, what)))
        else:
            found[what] = cell
    return found


def _form(cell: str) -> str:
    if re.search(r"\blinkedin\.com\b", cell, re.IGNORECASE):
        return "linkedin"
    if "://" in cell or _domain(cell):
        return "website"
    try:
        return "region" if csv_cells.region(cell) else ""
    except ValueError:
        return ""


def _domain(text: str) -> str | None:
    """Return the registrable domain of what looks like a host name or a URL without its scheme."""
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)+\.?(:\d+)?([/?#]\S*)?", text):
        return None
    return registrable_domain(urlsplit(f"//{text}").hostname or "")


def _request(cells: Mapping[str, str], problems: list[str]) -> DiscoveryRequest | None:
    """Return what a line asks for; what is wrong is added to `problems`."""
    brand, website = cells.get("brand", ""), cells.get("website", "")
    # A list of websites is a list of brands, too. People write domains in small letters, and Dr.Oetker not.
    host = _domain((brand or website).partition("://")[2] or (brand or website))
    if host and (not brand or "://" in brand or brand.islower()):
        brand, website = host, website or brand
    rules = (
        (intake.clean_brand_name, brand),
        (intake.clean_website, website),
        (intake.clean_linkedin_company_url, cells.get("linkedin", "")),
        (_clean_country, cells.get("region", "")),
    )
    values: list[str | None] = []
    for clean, text in rules:
        try:
            values.append(cleaned(clean, text))
        except ValidationError as error:
            problems.append(str(error.message) if text else NO_NAME)
    return None if problems else intake.discovery_request(*values)


def _clean_country(text: str) -> str | None:
    return clean_region(csv_cells.region(text)) if text else None


def _mark_repeated(lines: Sequence[Line]) -> None:
    """Say of each good line whether an earlier one is the same brand: one name at two domains is two."""
    seen: dict[str, list[tuple[str | None, int]]] = {}
    domains: dict[str, int] = {}
    for line in lines:
        if line.request is None:
            continue
        domain, key = line.request.domain, brands.name_key(line.request.brand_name)
        same = [number for other, number in seen.get(key, []) if not (domain and other) or domain == other]
        if domain in domains:
            same.append(domains[domain])
        line.repeats = min(same, default=0)
        if not line.repeats:
            seen.setdefault(key, []).append((domain, line.number))
            if domain:
                domains[domain] = line.number
