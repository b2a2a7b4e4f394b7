"""Discover the demo company with the real pipeline, into a database of its own, and print what came out."""

import os
import shutil
import sys
from pathlib import Path

from demo.servers import DOMAIN, NAME, WEBSITE, company

ROOT = Path(__file__).resolve().parent.parent
EXPECTED = 8
# What the demo decides itself, whatever the caller's environment says.
OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "BLIND_INDEX_KEY")

INTRODUCTION = f"""
{NAME} is made up. Its web site, DNS and mail server run on this machine; nothing leaves it.
Reading {WEBSITE} and working out addresses at {DOMAIN}:
"""
EXPLANATION = """
Score is the rule-based one (pattern, mail server, format). Chance is how likely the address is right: an address
published by the company stands at 95%, one formed as its colleagues' are comes next. Customers, guest authors and
job openings on the site are not taken for staff.

Now with a company of your own:
  make run
  .venv/bin/python manage.py discover "Acme" --website https://acme.example
"""


def main() -> int:
    """Run the demo; return the exit code."""
    var_dir = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve() / "demo"
    shutil.rmtree(var_dir, ignore_errors=True)
    for name in [name for name in os.environ if name in OWN or name.startswith("ENRICHMENT_")]:
        del os.environ[name]
    with company() as environment:
        os.environ.update(
            environment,
            VAR_DIR=str(var_dir),
            ENV_FILE="",
            LOG_LEVEL="WARNING",
            DJANGO_SETTINGS_MODULE="enrichment_project.settings",
        )
        import django

        django.setup()
        return discover()


def discover() -> int:
    """Run the main job and show its result."""
    from django.core.management import call_command
    from django.db import connections

    from enrichment.models import EnrichedContact

    print(INTRODUCTION, flush=True)
    call_command("migrate", verbosity=0)
    call_command("discover", NAME, website=WEBSITE, region="GB")
    reachable = EnrichedContact.objects.filter(emails__isnull=False).distinct().count()
    connections.close_all()
    if reachable < EXPECTED:
        print(f"Only {reachable} people with addresses came out; {EXPECTED} or more were expected.", file=sys.stderr)
        return 1
    print(EXPLANATION)
    return 0


if __name__ == "__main__":
    sys.exit(main())
