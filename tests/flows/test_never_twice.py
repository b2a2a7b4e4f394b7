"""Nobody gets a message twice, whatever kills the senders and however many of them there are.

The senders are processes of their own, the mail server is a real one in this process, and it counts.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from outreach import sending
from outreach.models import Event, Mailbox, Message
from tests.kit.outbox import Outbox, switch_on
from tests.outreach import ready
from tests.outreach.factories import MailboxFactory
from tests.outreach.ready import NOW

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGES = 1000
KILLS = 50
STAGES = ("connect", "MAIL", "RCPT", "DATA", "text")  # forced: each stands six times among the kills
FORCED = 6 * len(STAGES)
State = Message.State


@pytest.fixture
def server(settings: Any) -> Iterator[Outbox]:
    with Outbox() as running:
        switch_on(settings, running)
        yield running


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):  # the processes below have it too
        yield


def start(work: Callable[[], object]) -> int:
    """Do `work` in a process of its own; return its id."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def end_of(pid: int) -> int:
    """Wait for a process; return its exit code, negative for the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def send() -> None:
    sending.send_due(limit=MESSAGES, seconds=60)


class Killer:
    """Kills the running sender as the server reaches a stage for the n-th time, or after a while."""

    def __init__(self, server: Outbox) -> None:
        self._server = server
        server.hook = self._heard
        self._pid: int | None = None
        self._stage, self._count = "", 0
        self.hits: Counter[str] = Counter()

    def at_stage(self, stage: str, count: int) -> None:
        self._stage, self._count, self._pid = stage, count, None
        self._pid = start(send)
        assert end_of(self._pid) == -signal.SIGKILL
        self._pid = None

    def after(self, seconds: float) -> None:
        pid = start(send)
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        assert end_of(pid) == -signal.SIGKILL
        self.hits["after a while"] += 1

    def _heard(self, stage: str) -> None:
        if self._pid is None or stage != self._stage:
            return
        self._count -= 1
        if self._count == 0:
            os.kill(self._pid, signal.SIGKILL)
            self.hits[stage] += 1


@pytest.mark.timeout(300)
def test_a_thousand_messages_and_fifty_kills_and_nobody_gets_one_twice(server: Outbox) -> None:
    seed = random.SystemRandom().randrange(10**9)
    chance = random.Random(seed)
    print(f"seed {seed}")
    messages = ready.messages(MESSAGES, MailboxFactory(daily_cap=2 * MESSAGES))
    killer = Killer(server)
    plan = [*STAGES] * (FORCED // len(STAGES)) + ["after a while"] * (KILLS - FORCED)
    chance.shuffle(plan)
    for kind in plan:
        if kind == "after a while":
            killer.after(chance.uniform(0.02, 0.3))
        else:
            killer.at_stage(kind, 1 if kind == "connect" else chance.randint(1, 8))
    assert sum(killer.hits.values()) == KILLS
    assert end_of(start(send)) == 0

    left = Message.objects.filter(state=State.SENDING).count()
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        assert end_of(start(send)) == 0
        assert end_of(start(send)) == 0
    states = dict(Message.objects.values_list("pk", "state"))
    assert set(states) == {message.pk for message in messages}
    assert set(states.values()) == {State.SENT, State.UNKNOWN}
    unknown = [pk for pk, state in states.items() if state == State.UNKNOWN]
    assert FORCED <= len(unknown) == left <= KILLS  # every forced kill hit a message that was under way
    assert Event.objects.filter(kind=Event.Kind.UNCERTAIN, needs_human=True).count() == len(unknown)

    assert max(Counter(server.recipients).values()) == 1
    assert max(Counter(server.message_ids).values()) == 1
    known = {row.message_id: row for row in Message.objects.all()}
    assert {known[one.message_id].email for one in server.accepted} == set(server.recipients)
    assert all(known[one.message_id].state in {State.SENT, State.UNKNOWN} for one in server.accepted)
    sent = {row.message_id for row in known.values() if row.state == State.SENT}
    assert sent <= set(server.message_ids)  # what we call sent was accepted
    assert len(server.accepted) - len(sent) >= killer.hits["text"]  # accepted, and the answer never heard


def test_four_senders_at_once_send_each_message_once_and_never_more_than_the_days_cap(server: Outbox) -> None:
    mailbox = MailboxFactory(daily_cap=120)
    ready.messages(200, mailbox)
    assert [end_of(pid) for pid in [start(send) for _ in range(4)]] == [0] * 4
    assert len(set(server.recipients)) == len(server.accepted) == 120
    assert Message.objects.filter(state=State.SENT).count() == 120
    with time_machine.travel(NOW + timedelta(days=1), tick=True):
        assert [end_of(pid) for pid in [start(send) for _ in range(4)]] == [0] * 4
    assert len(set(server.recipients)) == len(server.accepted) == 200
    assert len(set(server.message_ids)) == 200
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}


def test_senders_of_two_mailboxes_at_once_keep_each_to_its_own_cap(server: Outbox) -> None:
    mailboxes = [MailboxFactory(daily_cap=7), MailboxFactory(daily_cap=11)]
    for mailbox in mailboxes:
        ready.messages(20, mailbox)
    assert [end_of(pid) for pid in [start(send) for _ in range(4)]] == [0] * 4
    caps = dict(Mailbox.objects.values_list("address", "daily_cap"))
    assert Counter(one.sender for one in server.accepted) == caps
