"""`manage.py send_due`, in this process and as one of its own, and the tasks that the scheduler starts."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core.management import CommandError, call_command

from outreach import mailbox_poll, sending, tasks
from outreach.models import Mailbox, Message
from tests.kit.outbox import Outbox, switch_on
from tests.kit.processes import environment
from tests.outreach import ready
from tests.outreach.factories import MailboxFactory
from tests.outreach.ready import NOW

NOTHING = {"sent": 0, "held": 0, "postponed": 0, "failed": 0, "unknown": 0, "outbox": 0, "tasks": 0}


@pytest.fixture
def server(settings: Any) -> Iterator[Outbox]:
    with Outbox() as running, time_machine.travel(NOW, tick=False):
        switch_on(settings, running)
        yield running


@pytest.mark.django_db
def test_it_prints_what_it_did(server: Outbox, capsys: pytest.CaptureFixture[str]) -> None:
    ready.messages(3, MailboxFactory())
    call_command("send_due", limit=2, json=True)
    assert json.loads(capsys.readouterr().out) == {**NOTHING, "sent": 2}
    call_command("send_due")
    assert capsys.readouterr().out == ("1 sent, 0 held, 0 put off, 0 failed, 0 perhaps sent. Tasks opened: 0.\n")
    assert len(server.accepted) == 3


@pytest.mark.django_db
def test_switched_off_it_says_what_waits_and_what_to_do(
    server: Outbox, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.OUTREACH_SEND_ENABLED = False
    ready.messages(2, MailboxFactory())
    call_command("send_due")
    assert "2 in the outbox. Sending is switched off" in capsys.readouterr().out
    call_command("send_due", json=True)
    assert json.loads(capsys.readouterr().out) == {**NOTHING, "outbox": 2}
    assert server.connections == 0


@pytest.mark.django_db
def test_a_setting_that_cannot_be_read_is_named(server: Outbox, settings: Any) -> None:
    settings.OUTREACH_FROM = "Ada Sender"
    with pytest.raises(CommandError, match="OUTREACH_FROM is 'Ada Sender'"):
        call_command("send_due")


@pytest.mark.django_db
def test_the_log_names_nobody(server: Outbox, capsys: pytest.CaptureFixture[str]) -> None:
    ready.message("jane@acme.example")
    server.say["RCPT"] = "550 5.1.1 <jane@acme.example>: no such user"
    tasks.send_due()
    said = [line for line in capsys.readouterr().err.splitlines() if "mail.log" not in line]  # that is the server's
    assert "jane" not in "".join(said)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("arguments", [[], ["--limit", "5"]])
def test_a_process_prints_json_alone(server: Outbox, arguments: list[str]) -> None:
    message = ready.message(due_at=NOW.replace(year=2100))
    done = run("--json", *arguments, port=server.port)
    assert json.loads(done.stdout) == NOTHING
    assert done.returncode == 0
    message.refresh_from_db()
    assert message.state == Message.State.PLANNED


@pytest.mark.django_db(transaction=True)
def test_a_process_sends_at_the_hour(server: Outbox) -> None:
    message = ready.message("jane@acme.example")
    code = (
        "import time_machine\n"
        f"with time_machine.travel({NOW.isoformat()!r}, tick=True):\n"
        "    from django.core.management import execute_from_command_line\n"
        "    execute_from_command_line(['manage.py', 'send_due', '--json'])\n"
    )
    done = run(port=server.port, code=code)
    assert json.loads(done.stdout) == {**NOTHING, "sent": 1}, done.stderr
    assert server.recipients == ["jane@acme.example"]
    message.refresh_from_db()
    assert message.state == Message.State.SENT


@pytest.mark.parametrize("limit", ["-1", "many"])
def test_a_limit_that_is_no_number_is_bad_usage(limit: str) -> None:
    with pytest.raises(CommandError, match="is no whole number"):
        call_command("send_due", f"--limit={limit}")


def run(*arguments: str, port: int, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a process that shares this test's database and may send by the server at `port`."""
    env = environment(
        OUTREACH_SEND_ENABLED="true",
        OUTREACH_PUBLIC_URL="https://outreach.sender.example",
        EMAIL_URL=f"smtp://127.0.0.1:{port}",
        DJANGO_SETTINGS_MODULE="enrichment_project.settings",
    )
    command = ["-c", code] if code else ["manage.py", "send_due", *arguments]
    return subprocess.run(
        [sys.executable, *command],
        cwd=project.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# Tasks ------------------------------------------------------------------------------------------


def test_a_task_leaves_itself_time_to_finish(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    monkeypatch.setattr(sending, "send_due", lambda **options: given.append(options["seconds"]))
    settings.JOB_TIME_LIMIT_SECONDS = 300
    tasks.send_due()
    settings.JOB_TIME_LIMIT_SECONDS = 3600
    tasks.send_due()
    assert given == [100.0, 120.0]


def test_a_mailbox_is_read_only_where_one_is_set(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    polled: list[str] = []
    monkeypatch.setattr(mailbox_poll, "poll", lambda: polled.append("polled"))
    settings.OUTREACH_IMAP_URL = ""
    tasks.poll_mailbox()
    assert polled == []
    settings.OUTREACH_IMAP_URL = "imaps://grace:secret@imap.sender.example/INBOX"
    tasks.poll_mailbox()
    assert polled == ["polled"]


@pytest.mark.django_db
def test_the_first_run_makes_the_sender_of_the_settings(server: Outbox, settings: Any) -> None:
    settings.OUTREACH_FROM = "Ada Sender <ada@sender.example>"
    sending.send_due()
    assert Mailbox.objects.get().address == "ada@sender.example"
