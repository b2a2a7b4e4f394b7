"""`manage.py check_sender`, with a DNS server on loopback."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from outreach import mailboxes
from outreach.models import Mailbox
from tests.kit.dns import DnsServer
from tests.outreach.factories import MailboxFactory

pytestmark = pytest.mark.django_db

ZONE: dict[str, Any] = {
    "good.example": {"TXT": ["v=spf1 -all"], "MX": ["10 mx.good.example"]},
    "s1._domainkey.good.example": {"TXT": ["v=DKIM1; p=MIIB"]},
    "_dmarc.good.example": {"TXT": ["v=DMARC1; p=none"]},
}


@pytest.fixture(autouse=True)
def _dns(settings: Any) -> Iterator[None]:
    with DnsServer(ZONE) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        yield


@pytest.fixture
def good() -> Mailbox:
    return MailboxFactory(address="ada@good.example", dkim_selector="s1")


def lines(capsys: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]


def test_one_object_for_each_mailbox(good: Mailbox, capsys: Any) -> None:
    call_command("check_sender", json=True)
    (found,) = lines(capsys)
    assert list(found) == ["address", "checks", "problems", "paused", "health"]
    assert (found["address"], found["problems"], found["paused"]) == ("ada@good.example", [], False)
    assert {name: check["result"] for name, check in found["checks"].items()} == dict.fromkeys(
        ("spf", "dkim", "dmarc", "mx"), True
    )
    assert found["health"] == {"sent": 0, "bounced": 0, "complained": 0, "bounceRate": 0.0, "complaintRate": 0.0}
    assert Mailbox.objects.get().preflight == found["checks"]


def test_a_sure_failure_exits_with_1_after_all_were_shown(good: Mailbox, capsys: Any) -> None:
    MailboxFactory(address="bob@bad.example")
    with pytest.raises(CommandError, match="1 of 2 senders") as failed:
        call_command("check_sender", json=True)
    assert failed.value.returncode == 1
    _, bad = lines(capsys)
    assert len(bad["problems"]) == 3  # without a selector nobody can tell about DKIM
    assert bad["checks"]["dkim"]["result"] is None


def test_people_read_a_table_and_the_sentences(good: Mailbox, capsys: Any) -> None:
    MailboxFactory(address="bob@bad.example")
    with pytest.raises(CommandError):
        call_command("check_sender")
    out = capsys.readouterr().out
    assert "ada@good.example  yes" in out
    assert "bob@bad.example: SPF: bad.example has no record" in out
    assert "bob@bad.example: DKIM: tell us the selector" in out


def test_addresses_choose_in_any_case_also_one_that_is_switched_off(good: Mailbox, capsys: Any) -> None:
    MailboxFactory(address="bob@bad.example")
    Mailbox.objects.filter(pk=good.pk).update(active=False)
    call_command("check_sender", "ADA@good.example", "ada@good.example", json=True)
    assert [found["address"] for found in lines(capsys)] == ["ada@good.example"]


def test_a_paused_mailbox_is_a_problem(good: Mailbox, capsys: Any) -> None:
    mailboxes.pause(good, "3 of 20 messages bounced.")
    with pytest.raises(CommandError) as failed:
        call_command("check_sender", json=True)
    assert failed.value.returncode == 1
    (found,) = lines(capsys)
    assert (found["paused"], found["problems"]) == (True, ["It is paused. 3 of 20 messages bounced."])


def test_the_mailbox_of_the_setting_is_made_and_checked(settings: Any, capsys: Any) -> None:
    settings.OUTREACH_FROM = "Ada Sender <ada@good.example>"
    call_command("check_sender", json=True)
    assert [found["address"] for found in lines(capsys)] == ["ada@good.example"]


def test_bad_usage_exits_with_2_and_says_what_to_do(settings: Any) -> None:
    with pytest.raises(CommandError, match="set OUTREACH_FROM") as none:
        call_command("check_sender")
    MailboxFactory()
    with pytest.raises(CommandError, match=r"No mailbox has the address eve@acme\.example") as unknown:
        call_command("check_sender", "eve@acme.example")
    settings.ENRICHMENT_DNS_SERVERS = ["nonsense"]
    with pytest.raises(CommandError, match="ENRICHMENT_DNS_SERVERS") as servers:
        call_command("check_sender")
    assert {none.value.returncode, unknown.value.returncode, servers.value.returncode} == {2}
