import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from core import roles
from crm import consents, history, notes, suppression
from outreach import default_sequence
from outreach.models import Enrolment, Event, Experiment, Mailbox, Message, Sequence, Task, Variant
from tests.outreach.factories import EnrolmentFactory, MessageFactory, StepFactory


class World:
    """One row of everything that the pages show."""

    def __init__(self, boss: User) -> None:
        self.step = StepFactory(position=1)
        self.enrolment: Enrolment = EnrolmentFactory(version=self.step.version, enrolled_by=boss)
        self.contact = self.enrolment.contact
        self.mailbox: Mailbox = self.enrolment.mailbox
        reason = "The address was formed from the name."
        self.held: Message = MessageFactory(enrolment=self.enrolment, step=self.step, state="held", reasons=[reason])
        second = EnrolmentFactory(mailbox=self.mailbox)
        self.sent: Message = MessageFactory(
            enrolment=second,
            state="sent",
            sent_at=timezone.now(),
            email="ada@acme.example",
            subject="Hello Ada",
            body="As it went out.",
            receipt={"action": "allow", "reasons": [], "cap": {"used": 1, "of": 50}, "consent": None},
        )
        by_hand = StepFactory(version=second.version, position=5000, channel="linkedin")
        self.by_hand: Message = MessageFactory(enrolment=second, step=by_hand)
        self.task: Task = Task.objects.create(message=self.by_hand, expires_at=timezone.now())
        self.reply: Event = Event.objects.create(
            kind="reply",
            source="mailbox",
            key="1",
            message=self.sent,
            enrolment=second,
            contact=second.contact,
            happened_at=timezone.now(),
            subject="Re: Hello Ada",
            text="Gladly, on Monday.",
            needs_human=True,
            advice="Answer it.",
        )
        self.variant = Variant.objects.create(template=self.step.template, name="Shorter", subject="Hi", body="Hi.")
        self.experiment = Experiment.objects.create(
            name="Shorter or not", template=self.step.template, variant=self.variant, planned_per_arm=20
        )
        notes.add(self.contact, "Met at the fair.", boss)
        consents.record(self.contact, timezone.now(), "by telephone", boss)
        history.record(self.contact, "sent", "Step 1 was sent.")
        suppression.add(["gone@acme.example"], "objection", boss)


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="!")


@pytest.fixture
def world(boss: User) -> World:
    return World(boss)


@pytest.fixture
def staff(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


@pytest.fixture
def reader(db: None) -> Client:
    """A staff member who may look at everything and change nothing."""
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def reviewer(db: None) -> Client:
    """Somebody with the role of a reviewer."""
    user = User.objects.create_user("reviewer")
    roles.give(user, roles.REVIEWER)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sequence(db: None) -> Sequence:
    default_sequence.create()
    return Sequence.objects.get(name=default_sequence.NAME)
