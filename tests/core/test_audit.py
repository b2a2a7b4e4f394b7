"""The audit trail: written with its act, chained, refused changes by the database, unreadable after an erasure."""

import json

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from core import audit
from core.models import AuditEntry, SubjectKey

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
def test_it_is_sealed_as_soon_as_its_act_is_committed_and_not_written_without_it() -> None:
    audit.record("thing.done")
    assert AuditEntry.objects.get().number == 1
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("thing.done")
        raise ZeroDivisionError
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_people_have_one_key_each() -> None:
    acts = [audit.Act("thing.done", subject=audit.address(f"{n % 2}@acme.example"), after={"n": n}) for n in range(6)]
    audit.record_many(acts)
    assert SubjectKey.objects.count() == 2
