"""Discover the demo company with the real pipeline, approve two people, and print what came of it."""

import os
import shutil
import sys
from pathlib import Path

from demo.servers import DOMAIN, NAME, WEBSITE, company

ROOT = Path(__file__).resolve().parent.parent
EXPECTED = 8
APPROVED = 2
# What the demo decides itself, whatever the caller's environment says.
OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "BLIND_INDEX_KEY")

INTRODUCTION = f"""
{NAME} is made up. Its web site, DNS and mail server run on this machine; nothing leaves it.
Reading {WEBSITE} and working out addresses at {DOMAIN}:
"""
EXPLANATION = """
Score is the rule-based one (pattern, mail server, format). Chance is how likely the address is right, by the company's
pattern, what its pages publish, and what its mail server says when asked (nothing is sent to it). Customers, guest
authors and job openings on the site are not taken for staff.
"""
NEXT = """
Planned is not sent: nothing leaves this machine.

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
            OUTREACH_PUBLIC_URL="https://outreach.sender.example",
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
    if reachable < EXPECTED:
        print(f"Only {reachable} people with addresses came out; {EXPECTED} or more were expected.", file=sys.stderr)
        return 1
    print(EXPLANATION)
    approve()
    connections.close_all()
    print(NEXT)
    return 0


def approve() -> None:
    """Approve the two people who decide and are likeliest to be reached, and show what outreach planned."""
    from django.contrib.auth.models import User
    from django.core.management.base import OutputWrapper

    from enrichment import approval, terminal
    from enrichment.models import EnrichedContact
    from outreach import enrolments
    from outreach.models import Mailbox

    Mailbox.objects.create(
        address="dana@sender.example",
        sender_name="Dana Demo",
        company="Sender Ltd",
        postal_address="1 Sample Street, Sampletown",
    )
    sender = User.objects.create_user("dana", first_name="Dana", last_name="Demo")
    deciders = (
        EnrichedContact.objects.filter(decision_maker=True, emails__isnull=False)
        .distinct()
        .order_by("-confidence_score", "last_name")
    )
    likeliest = deciders.order_by("-confidence_score", "last_name").prefetch_related("emails")
    ranked = sorted(likeliest, key=lambda one: -(one.emails.all()[0].probability or 0))
    result = approval.approve([str(contact.pk) for contact in ranked[:APPROVED]], user=sender)
    chosen = EnrichedContact.objects.in_bulk([one.contact_id for one in result.approved], field_name="pk")
    plan = enrolments.plan([contact.linked_contact_id for contact in chosen.values()])

    table = terminal.table("Person", "Step", "When", "How", "State", "Subject")
    for contact in chosen.values():
        for number, message in enumerate(plan[contact.linked_contact_id]):
            table.add_row(
                "" if number else str(contact),
                str(message.step),
                f"{message.due_at:%a %d %b %Y}",
                message.channel,
                message.state,
                message.subject or "(text ready to copy)",
            )
    print(f"Approving {len(chosen)} of them puts them into the CRM and into the first sequence:\n")
    console = terminal.console(OutputWrapper(sys.stdout))
    console.print(table)
    console.print("\nWhat to mind, by the rules of the region (not legal advice):")
    reasons = [reason for messages in plan.values() for message in messages for reason in message.reasons]
    for reason in dict.fromkeys(reasons):
        console.print(f"- {reason}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
