import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.kit.imap import ImapServer
from tests.outreach.coming_back import answer, bounce, sent_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[ImapServer]:
    with ImapServer() as running:
        settings.OUTREACH_IMAP_URL = running.url
        yield running


def run(**options: bool | int) -> str:
    out = io.StringIO()
    call_command("poll_mailbox", stdout=out, **options)
    return out.getvalue()


def test_it_prints_what_came_back(server: ImapServer) -> None:
    sent_to()
    server.append(answer())
    server.append(bounce())
    assert json.loads(run(json=True)) == {"seen": 2, "events": {"reply": 1, "hard": 1}, "errors": 0}
    assert json.loads(run(json=True)) == {"seen": 0, "events": {}, "errors": 0}


def test_it_prints_a_sentence_for_people(server: ImapServer) -> None:
    sent_to()
    server.append(answer())
    server.append(bounce())
    assert run() == "2 mails read: 1 hard, 1 reply.\n"
    assert run() == "0 mails read.\n"


def test_a_mailbox_that_cannot_be_read_is_exit_code_1_and_a_sentence(settings: Any) -> None:
    settings.OUTREACH_IMAP_URL = "imap://u:secret@127.0.0.1:1/INBOX"
    with pytest.raises(CommandError, match=r"127\.0\.0\.1 could not be reached") as error:
        run()
    assert error.value.returncode == 1
    assert "secret" not in str(error.value)


def test_without_a_mailbox_it_says_what_to_set(settings: Any) -> None:
    settings.OUTREACH_IMAP_URL = ""
    with pytest.raises(CommandError, match="OUTREACH_IMAP_URL") as error:
        run(json=True)
    assert error.value.returncode == 1


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(CommandError) as error:
        run(limit=0)
    assert error.value.returncode == 2
