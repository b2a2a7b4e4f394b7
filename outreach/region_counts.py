"""How often the rules of a country stood in a message's way, or would have: counted once a message (core/counts.py)."""

from collections import Counter
from datetime import datetime
from functools import partial

from django.db import transaction

from core import counts

from . import gate
from .models import Message

COUNTED = "regionCounted"  # in a message's receipt: it was
NAMES = {gate.STOPPED: counts.REGION_BLOCKED, gate.WARNED: counts.REGION_WARNED}

Met = Counter[tuple[str, str]]


def is_counted(message: Message) -> bool:
    """Return whether a message was counted, as its receipt says."""
    return bool((message.receipt or {}).get(COUNTED))


def receive(message: Message, facts: gate.Facts, decision: gate.Decision, now: datetime) -> Met:
    """Give a message its receipt, unsaved, and return what is to be counted once it is saved."""
    counted = is_counted(message)
    message.receipt = gate.receipt(facts, decision, now)
    if counted or decision.region:
        message.receipt[COUNTED] = True
    return Counter() if counted or not decision.region else Counter([(NAMES[decision.region], facts.region or "ZZ")])


def add(met: Met) -> None:
    """Count what was met, once the transaction is committed. Call where the receipts are saved."""
    for (name, region), number in met.items():
        transaction.on_commit(partial(counts.add, name, region, number))
