"""The audit trail: written with its act, chained, refused changes by the database, unreadable after an erasure."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core import audit
from core.models import AuditEntry, SubjectKey
from core.tasks import keep_audit_trail
from tests.racing import race

ADDRESS = "ada@acme.example"


def chained(number: int = 3) -> list[AuditEntry]:
    for position in range(number):
        audit.record("thing.done", of=("core.thing", position), position=position)
    audit.seal()
    return list(AuditEntry.objects.order_by("number"))


@pytest.mark.django_db
def test_an_entry_says_who_did_what_when_and_from_where() -> None:
    ada = User.objects.create_user("ada")
    with audit.acting_as("page", ada, "127.0.0.1"):
        entry = audit.record("contact.changed", of=ada, reason="asked")
    row = AuditEntry.objects.get(pk=entry.pk)
    assert (row.action, row.actor, row.actor_id, row.via, row.client) == (
        "contact.changed",
        "ada",
        ada.pk,
        "page",
        "127.0.0.1",
    )
    assert (row.object_type, row.object_id, row.facts) == ("auth.user", str(ada.pk), {"reason": "asked"})


@pytest.mark.django_db
def test_what_changed_is_encrypted_for_the_person_and_gone_with_their_key() -> None:
    subject = audit.address(ADDRESS)
    entry = audit.record("contact.changed", subject=subject, before={"email": None}, after={"email": ADDRESS})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_audit_entry")
        assert ADDRESS not in str(cursor.fetchall())
    assert audit.values_of([entry]) == {entry.pk: {"before": {"email": None}, "after": {"email": ADDRESS}}}
    assert audit.forget([subject]) == 1
    audit.record("contact.changed", subject=subject, after={"email": ADDRESS})  # came back, with another key
    assert audit.values_of([entry]) == {entry.pk: None}
    assert audit.verify().last == 2


@pytest.mark.django_db
def test_the_chain_holds_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.audit.chain.BATCH", 2)
    chained(5)
    assert (audit.verify().first, audit.verify().last) == (1, 5)
    assert [json.loads(entry.details)["position"] for entry in AuditEntry.objects.order_by("number")] == list(range(5))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_audit_entry SET action = 'other'",
        "UPDATE core_audit_entry SET link = ''",
        "UPDATE core_audit_entry SET number = 99 WHERE number = 2",
        "DELETE FROM core_audit_entry WHERE number = 2",
    ],
)
def test_the_database_refuses_to_change_it(statement: str) -> None:
    chained()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert audit.verify().last == 3


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_is_not_yet_sealed_is_protected_too() -> None:
    with transaction.atomic():
        audit.record("thing.done")
        for statement in ("UPDATE core_audit_entry SET details = '[]'", "DELETE FROM core_audit_entry"):
            with (
                pytest.raises(DatabaseError, match="never changed"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_it_is_sealed_as_soon_as_its_act_is_committed_and_not_written_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.audit.chain._sealed_at", float("-inf"))
    audit.record("thing.done")
    assert AuditEntry.objects.get().number == 1

    @transaction.atomic
    def fail() -> None:
        audit.record("thing.done")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_acts_in_a_row_are_sealed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.audit.chain._sealed_at", float("-inf"))
    for _ in range(3):
        audit.record("thing.done")
    assert list(AuditEntry.objects.order_by("id").values_list("number", flat=True)) == [1, None, None]
    monkeypatch.setattr("core.audit.chain._sealed_at", float("-inf"))
    audit.record("thing.done")
    assert sorted(AuditEntry.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


@pytest.mark.django_db
def test_people_have_one_key_each() -> None:
    acts = [audit.Act("thing.done", subject=audit.address(f"{n % 2}@acme.example"), after={"n": n}) for n in range(6)]
    audit.record_many(acts)
    assert SubjectKey.objects.count() == 2


def verified(*options: str) -> str:
    output = StringIO()
    call_command("verify_audit", *options, stdout=output)
    return output.getvalue()


def broken(statement: str = "", anchor: tuple[int, str] | None = None) -> str:
    """Return what verifying says once somebody has dropped the triggers and run a statement."""
    with connection.cursor() as cursor:
        for name in ("core_audit_no_update", "core_audit_no_delete", "core_audit_no_change"):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON core_audit_entry")
        if statement:
            cursor.execute(statement)
    with pytest.raises(audit.Broken) as caught:
        audit.verify(anchor)
    return str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE core_audit_entry SET actor = 'eve' WHERE number = 2", "Entry 2 .* was changed"),
        ("UPDATE core_audit_entry SET at = '2020-01-01T00:00:00Z' WHERE number = 2", "Entry 2 .* was changed"),
        ("DELETE FROM core_audit_entry WHERE number = 2", "Entry 2 is missing"),
        ("DELETE FROM core_audit_entry WHERE number = 3", "The trail ends with entry 2, and 3 were written"),
        ("DELETE FROM core_audit_head", "beyond the end of the chain"),
        (
            "UPDATE core_audit_head SET number = 2, link = (SELECT link FROM core_audit_entry WHERE number = 2)",
            "beyond",
        ),
    ],
)
def test_whoever_drops_the_triggers_is_found_out(statement: str, sentence: str) -> None:
    chained()
    assert re.search(sentence, broken(statement))


@pytest.mark.django_db
def test_entries_that_were_exchanged_are_found_out() -> None:
    first, second, _ = chained()
    exchange = (
        f"UPDATE core_audit_entry SET number = CASE number WHEN 11 THEN 2 ELSE 1 END, "
        f"link = CASE number WHEN 11 THEN '{second.link}' ELSE '{first.link}' END WHERE number > 10"
    )
    broken("UPDATE core_audit_entry SET number = number + 10 WHERE number < 3")
    assert "Entry 1" in broken(exchange)


@pytest.mark.django_db
def test_a_beginning_that_was_taken_away_without_being_forgotten_is_found_out() -> None:
    _, second, _ = chained()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE core_audit_head SET purged_through = 2, purged_link = '{second.link}'")
        cursor.execute("DELETE FROM core_audit_entry WHERE number <= 2")
    assert "no entry says" in broken()


@pytest.mark.django_db
def test_the_command_says_where_the_chain_ends_and_whether_it_holds_an_earlier_end() -> None:
    assert verified() == "The audit trail has no entries.\n"
    rows = chained()
    said = json.loads(verified("--json"))
    assert said == {"whole": True, "first": 1, "last": 3, "link": rows[2].link}
    anchor = f"2:{rows[1].link}"
    assert f"3:{rows[2].link}" in verified("--after", anchor)
    for wrong, sentence in [
        (f"2:{rows[0].link}", "Entry 2 had another link"),
        (f"4:{rows[0].link}", "ends with entry 3 and had 4"),
    ]:
        with pytest.raises(CommandError, match=sentence) as caught:
            verified("--after", wrong)
        assert caught.value.returncode == 1
    with pytest.raises(CommandError, match="a colon"):
        verified("--after", "3")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("client", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::192.0.2.7", "::c000:207"),
        ("fe80::1%eth0", "fe80::1"),
        ("1.0.0.1%zone", "1.0.0.1"),
        ("", None),
        ("unix:/run/web.sock", None),
        (None, None),
    ],
)
def test_whatever_address_a_client_has_the_entry_can_be_verified(client: str | None, kept: str | None) -> None:
    with audit.acting_as("page", client=client):
        assert audit.record("thing.done").client == kept
    assert audit.verify().last == 1


@pytest.mark.django_db
def test_what_has_had_its_time_is_forgotten_and_the_rest_can_be_verified(settings, caplog) -> None:
    settings.AUDIT_DAYS = 30
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    old, both = audit.address(ADDRESS), audit.address("grace@acme.example")
    for day, subject in [(0, old), (1, both), (2, both)]:
        with time_machine.travel(start + timedelta(days=day), tick=False):
            audit.record("contact.changed", subject=subject, after={"email": ADDRESS})
    anchor = audit.verify().link
    with time_machine.travel(start + timedelta(days=31, hours=13), tick=False):
        keep_audit_trail()
        assert audit.forget_old(timezone.now()) == 0
    assert [entry.action for entry in AuditEntry.objects.order_by("number")] == ["contact.changed", "audit.forgotten"]
    assert (audit.verify().first, audit.verify().last) == (3, 4)
    assert set(SubjectKey.objects.values_list("pk", flat=True)) == {both}
    assert audit.verify((3, anchor)).last == 4
    with pytest.raises(audit.Broken, match="forgotten since"):
        audit.verify((1, anchor))
    settings.AUDIT_DAYS = 0
    assert audit.forget_old(start + timedelta(days=9999)) == 0
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditEntry.objects.filter(number=3).delete()


@pytest.mark.django_db
def test_a_long_past_is_forgotten_in_batches(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AUDIT_DAYS = 1
    monkeypatch.setattr("core.audit.forgetting.BATCH", 2)
    chained(5)
    assert audit.forget_old(timezone.now() + timedelta(days=3)) >= 5
    assert audit.verify().last > 5


@pytest.mark.django_db(transaction=True)
def test_those_who_act_at_once_are_chained_one_after_the_other() -> None:
    def act(number: int) -> None:
        for _ in range(3):
            with transaction.atomic():
                audit.record("thing.done", subject=audit.address(ADDRESS), after={"by": number})

    race(4, act)
    assert (audit.verify().first, audit.verify().last) == (1, 12)
    assert SubjectKey.objects.count() == 1
