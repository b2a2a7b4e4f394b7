"""Asking mail servers under this installation's name, at its pace, and leaving those alone that want to be."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.utils import timezone

from enrichment import probing
from enrichment.emails.checks import Result
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.smtp import Probed
from enrichment.models import MailOperator
from tests.kit.mail import Mail, mail

pytestmark = pytest.mark.django_db

ADA, BO = "ada@acme.example", "bo@acme.example"
BLOCKED = "550 5.7.1 Service unavailable; client host blocked using zen.spamhaus.org"


@pytest.fixture
def running(settings) -> Iterator[Mail]:
    with mail(settings, {ADA: "250 OK"}) as running:
        yield running


def ask(*addresses: str, **options) -> Probed:
    domains = {address.rpartition("@")[2] for address in addresses}
    mx = {domain: Mx("found", (f"mx.{domain}",)) for domain in domains}
    given: Sequence[Sequence[str]] = [[address] for address in addresses]
    return probing.ask(given, mx, options.pop("catch_all", {}), options.pop("lifetime", 30.0), **options)


def restart() -> None:
    """Forget what a process keeps to itself."""
    probing._pacing.cache_clear()


def test_the_server_hears_who_asks_and_gets_no_message(running: Mail, settings) -> None:
    settings.ENRICHMENT_SMTP_FROM = "hello@probe.example"
    probed = ask(ADA, BO)
    assert [probed.checks[email].result for email in (ADA, BO)] == [Result.DELIVERABLE, Result.UNDELIVERABLE]
    assert probed.catch_all == {"acme.example": False}
    said = [f"{command.verb} {command.argument}" for command in running.server.commands]
    assert said[0] == "EHLO probe.example"
    assert said[1].startswith("MAIL FROM:<hello@probe.example>")
    assert "DATA" not in running.server.verbs


def test_without_a_sender_it_is_verify_at_our_name(running: Mail) -> None:
    ask(ADA)
    assert any("<verify@probe.example>" in command.argument for command in running.server.commands)


def test_nobody_is_asked_for_nothing(running: Mail, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert ask().checks == {}


def test_an_operator_that_blocks_us_is_left_alone_by_other_processes_too(running: Mail) -> None:
    running.replies[ADA] = BLOCKED
    assert ask(ADA).checks[ADA].reason == "blocked"
    row = MailOperator.objects.get()
    assert (row.name, row.reason) == ("acme.example", "blocked")
    assert row.paused_until > timezone.now() + timedelta(minutes=30)
    restart()
    heard = len(running.server.commands)
    probed = ask(BO, "cy@other.example")
    assert (probed.checks[BO].result, probed.checks[BO].reason) == (Result.UNKNOWN, "paused")
    assert probed.checks["cy@other.example"].reason == "no_such_user"
    assert running.server.asked[1:] == ["cy@other.example"]
    assert len(running.server.commands) > heard
    assert MailOperator.objects.get() == row


def test_when_the_pause_is_over_it_is_asked_again(running: Mail) -> None:
    past = timezone.now() - timedelta(seconds=1)
    MailOperator.objects.create(name="acme.example", paused_until=past, reason="blocked")
    MailOperator.objects.create(name="other.example")
    assert ask(ADA).checks[ADA].result is Result.DELIVERABLE


def test_a_pause_that_somebody_made_longer_is_not_shortened(running: Mail) -> None:
    running.replies[ADA] = BLOCKED
    ask(ADA)
    longer = timezone.now() + timedelta(days=1)
    MailOperator.objects.update(paused_until=longer)
    ask(BO)
    assert MailOperator.objects.get().paused_until == longer


def test_a_pause_is_written_down_once(running: Mail) -> None:
    running.replies[ADA] = BLOCKED
    ask(ADA)
    MailOperator.objects.update(updated_at=None)
    ask(BO)
    restart()
    ask(BO)
    assert MailOperator.objects.get().updated_at is None


class Held:
    """A reply that is not given until somebody ticks."""

    def __init__(self) -> None:
        self.released = Event()

    def __call__(self) -> str:
        return "250 OK" if self.released.wait(20) else "451 4.3.0 Nobody ticked"

    def tick(self) -> None:
        self.released.set()

    def interrupt(self) -> None:
        raise Interrupted


class Interrupted(Exception):
    """What a lost lease, or a time limit, raises."""


def test_somebody_is_told_while_a_slow_server_is_asked(running: Mail) -> None:
    running.replies[ADA] = held = Held()
    assert ask(ADA, tick=held.tick).checks[ADA].result is Result.DELIVERABLE


def test_who_is_told_may_stop_it_and_nothing_goes_on(running: Mail) -> None:
    running.replies[ADA] = held = Held()
    with pytest.raises(Interrupted):
        ask(ADA, tick=held.interrupt)
    assert not held.released.is_set()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("probe_", "smtp_"))]
    held.tick()


def test_a_pause_begun_while_the_asker_was_interrupted_is_written_down_the_next_time(running: Mail, settings) -> None:
    settings.ENRICHMENT_SMTP_RATE = 0.1  # so that the others take their time
    running.replies[ADA] = BLOCKED

    def interrupt_once_blocked() -> None:
        if probing._pacing(settings.ENRICHMENT_SMTP_RATE).paused("acme.example"):
            raise Interrupted

    with pytest.raises(Interrupted):
        ask(ADA, *(f"bo{number}@other.example" for number in range(9)), tick=interrupt_once_blocked)
    assert not MailOperator.objects.exists()
    ask("cy@third.example")
    assert MailOperator.objects.get().name == "acme.example"


def test_operators_that_do_not_answer_are_paused_as_well(running: Mail, settings) -> None:
    settings.ENRICHMENT_SMTP_PORT = 1  # where nobody listens
    for number in range(6):
        ask(f"ada{number}@acme.example")
    row = MailOperator.objects.get()
    assert (row.name, row.reason) == ("acme.example", "unanswered")


def test_the_clock_of_a_pause_is_that_of_the_world(running: Mail) -> None:
    running.replies[ADA] = BLOCKED
    ask(ADA)
    restart()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        running.replies[ADA] = "250 OK"
        assert ask(ADA).checks[ADA].result is Result.DELIVERABLE
