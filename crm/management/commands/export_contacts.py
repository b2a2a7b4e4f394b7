"""`manage.py export_contacts`: the CRM's contacts as CSV, in the columns that import_contacts reads."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from crm import audited, exports
from crm.brands import name_key
from crm.models import Brand, Contact


class Command(BaseCommand):
    help = "Export contacts as CSV (UTF-8): all of them, or those of one brand."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--brand", metavar="NAME|DOMAIN", help="only the contacts of this brand")
        parser.add_argument("--output", type=Path, metavar="FILE", help="none: write to stdout")

    def handle(self, *_args: Any, brand: str | None, output: Path | None, **_options: Any) -> None:
        rows = Contact.objects.all()
        if brand is not None:
            rows = rows.filter(brand__in=_brands(brand))
        audited.exported("contacts", rows, exports.CONTACT)
        pieces = exports.contacts(rows)
        try:
            if output is None:
                self._print(pieces)
            else:
                _write(output, pieces)
        except BrokenPipeError:  # whoever read has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}.", returncode=2) from error

    def _print(self, pieces: Iterable[str]) -> None:
        for piece in pieces:
            self.stdout.write(piece, ending="")


def _brands(text: str) -> list[Brand]:
    """Return the brands of a domain, else of a name. Raises CommandError when there is none."""
    word = text.strip()
    found = Brand.objects.filter(domain=word.lower().removeprefix("www.")) if word else Brand.objects.none()
    brands = list(found or Brand.objects.filter(Q(name__iexact=word) | Q(name_key=name_key(word))))
    if not brands:
        raise CommandError("There is no brand of this name or domain: the admin lists them.", returncode=2)
    return brands


def _write(output: Path, pieces: Iterable[str]) -> None:
    """Write a file that only its owner may read, since it holds personal data."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)
