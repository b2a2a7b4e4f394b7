import pytest
from django.contrib.auth.models import User

from outreach import default_sequence
from outreach.models import Mailbox, Sequence
from tests.outreach.factories import MailboxFactory


@pytest.fixture
def sequence(db: None) -> Sequence:
    """The sequence of a new installation; a transactional test before this one may have emptied the tables."""
    default_sequence.create()
    return Sequence.objects.get()


@pytest.fixture
def sender(db: None, settings) -> Mailbox:
    """The only sender, of whom all is known that a message must say."""
    settings.OUTREACH_PUBLIC_URL = "https://crm.sender.example"
    return MailboxFactory()


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("grace", first_name="Grace", last_name="Sender")
