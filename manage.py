#!/usr/bin/env python
"""Run a management command: `python manage.py COMMAND`."""

import os
import sys
from typing import Any


def keys_fit(**options: Any) -> Any:
    """The system check of the keys: for commands, since it asks the database, which no import may do."""
    from core import key_check

    return key_check.check(**options)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enrichment_project.settings")
    from django.core.checks import register
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    register(keys_fit, "keys")
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        # SQLite's words, and PostgreSQL's.
        if not any(words in str(error) for words in ("no such table", "no such column", "does not exist")):
            raise
        sys.exit("The database is not set up, or not up to date: run `make run` once, or `manage.py migrate`.")


if __name__ == "__main__":
    main()
