#!/usr/bin/env python
"""Run a management command: `python manage.py COMMAND`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enrichment_project.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        # SQLite's words, and PostgreSQL's.
        if not any(words in str(error) for words in ("no such table", "no such column", "does not exist")):
            raise
        sys.exit("The database is not set up, or not up to date: run `make run` once, or `manage.py migrate`.")


if __name__ == "__main__":
    main()
