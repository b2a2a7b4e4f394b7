"""`manage.py rotate_field_keys`: encrypt every stored value anew under the first of FIELD_ENCRYPTION_KEYS."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from core import rotation
from core.encryption import signers
from core.rotation import Outcome

BEFORE = (
    "Every process must have been started with this list of keys: one that knows the older ones alone cannot read "
    "what is written now."
)
DONE = "The first key reads every value."
ONE_KEY = f"{DONE} There is no other key in FIELD_ENCRYPTION_KEYS."
MAY_GO = (
    f"{DONE} The other{{plural}} may be removed from FIELD_ENCRYPTION_KEYS: then restart every process. Keep "
    "what you removed for as long as you keep back-ups that it wrote."
)
OLDER = (
    "{number} values still need an older key: keep it. If a process that was started before the first key came to its "
    "place goes on writing, restart it; then run this again."
)
UNREADABLE = (
    "{number} values cannot be read with any key in FIELD_ENCRYPTION_KEYS. If you have the key that wrote them, append "
    "it to the list and run this again. They are in:"
)


class Command(BaseCommand):
    help = (
        "Encrypt every stored value anew under the first of FIELD_ENCRYPTION_KEYS. It may run beside everything else, "
        "and be stopped and run again. Exit code 0: the first key reads every value."
    )
    requires_system_checks = ["configuration"]  # not whether the keys fit: it says itself what they do not read

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--batch", type=int, default=rotation.BATCH, metavar="N", help="rows at once (%(default)s)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, dry_run: bool, batch: int, json: bool, **_options: Any) -> None:
        if not 1 <= batch <= 10_000:
            raise CommandError("--batch is how many rows are read at once: 1 to 10000.", returncode=2)
        try:
            signers([])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if not dry_run and len(settings.FIELD_ENCRYPTION_KEYS) > 1:
            self.stderr.write(BEFORE)
        outcome = rotation.look() if dry_run else rotation.rotate(batch)
        self.stdout.write(as_json(outcome, dry_run) if json else table(outcome, dry_run))
        if not outcome.is_complete:
            raise CommandError(_left(outcome, dry_run), returncode=1)


def as_json(outcome: Outcome, dry_run: bool) -> str:
    """Return the counts as one JSON object."""
    return orjson.dumps(
        {
            "dryRun": dry_run,
            "keys": outcome.keys,
            "values": outcome.values,
            "rotated": outcome.rotated,
            "older": outcome.older,
            "unreadable": outcome.unreadable,
            "complete": outcome.is_complete,
            "models": [
                {
                    **{"model": count.model, "values": count.values, "rotated": count.rotated},
                    **{"older": count.older, "unreadable": count.unreadable},
                    "unreadableRows": [{"id": pk, "column": column} for pk, column in count.named],
                }
                for count in outcome.counts
                if count.values
            ],
        }
    ).decode()


def table(outcome: Outcome, dry_run: bool) -> str:
    """Return the counts for people, and whether the older keys may go."""
    head = f"{'':<32}{'values':>9}{'older key' if dry_run else 'rotated':>11}"
    rows = [(count.model, count.values, count.older if dry_run else count.rotated) for count in outcome.counts]
    lines = [head, *(f"{model:<32}{values:>9}{number:>11}" for model, values, number in rows if values)]
    if outcome.is_complete:
        others = outcome.keys - 1
        lines.append(MAY_GO.format(plural="s" if others > 1 else "") if others else ONE_KEY)
    return "\n".join(lines)


def _left(outcome: Outcome, dry_run: bool) -> str:
    said = []
    if outcome.older:
        would = f"{outcome.older} values would be encrypted anew: an older key wrote them."
        said.append(would if dry_run else OLDER.format(number=outcome.older))
    if outcome.unreadable:
        said.append(UNREADABLE.format(number=outcome.unreadable))
        said += [f"  {count.model} {pk}: {name}" for count in outcome.counts for pk, name in count.named]
    return "\n".join(said)
