"""What came of messages: written once, without the address, and heeded by the suppression list."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import reverse

from crm import outcomes, suppression
from crm.models import AddressOutcome, Suppression
from crm.outcomes import Outcome, Recorded
from tests.crm import at_once

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIST = reverse("admin:crm_addressoutcome_changelist")


def test_an_outcome_is_written_with_what_was_predicted_and_without_the_address() -> None:
    assert outcomes.record(
        " Lovelace@Umbrella.example ", "delivered", NOON, probability=0.42, method="pattern", mail_operator="google"
    )
    row = AddressOutcome.objects.get()
    assert (row.kind, row.happened_at, row.domain) == ("delivered", NOON, "umbrella.example")
    assert (row.probability, row.method, row.mail_operator) == (0.42, "pattern", "google")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM crm_address_outcome")
        assert "lovelace" not in str(cursor.fetchall()).lower()
    assert not Suppression.objects.exists()


def test_the_same_outcome_is_written_once_in_whatever_spelling() -> None:
    assert outcomes.record("ada@müller.example", "delivered", NOON)
    assert not outcomes.record("ADA@xn--mller-kva.example", "delivered", NOON, probability=0.9)
    assert outcomes.record("ada@müller.example", "delivered", NOON + timedelta(days=7))
    assert outcomes.record("ada@müller.example", "replied", NOON)
    assert AddressOutcome.objects.count() == 3


def test_an_outcome_of_just_now_is_the_same_when_told_again_within_a_day() -> None:
    assert outcomes.record("ada@acme.example", "delivered", None)
    assert not outcomes.record("ada@acme.example", "delivered", None)
    AddressOutcome.objects.update(happened_at=NOON)
    assert outcomes.record("ada@acme.example", "delivered", None)


@pytest.mark.parametrize(("kind", "reason"), [("bounced", "bounced"), ("complained", "complaint")])
def test_who_bounced_or_complained_is_suppressed(kind: str, reason: str) -> None:
    outcomes.record("ada@acme.example", kind, NOON)
    assert suppression.suppressed(["Ada@acme.example", "joan@acme.example"]) == {"Ada@acme.example"}
    assert Suppression.objects.get().reason == reason


def test_an_old_bounce_told_again_does_not_undo_a_removal_from_the_list() -> None:
    outcomes.record("ada@acme.example", "bounced", NOON)
    suppression.remove(["ada@acme.example"])
    assert not outcomes.record("ada@acme.example", "bounced", NOON)
    assert not Suppression.objects.exists()


def test_many_are_counted_and_take_no_query_each(django_assert_max_num_queries) -> None:
    given = [Outcome(f"ada{n}@acme.example", "bounced" if n % 2 else "delivered", NOON) for n in range(400)]
    outcomes.record_many(given[:10])
    suppression.add(["ada11@acme.example"], "objection")
    with django_assert_max_num_queries(20):
        assert outcomes.record_many([*given, *given]) == Recorded(added=390, known=410, suppressed=194)
    assert Suppression.objects.filter(reason="objection").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        Outcome("no address", "bounced", NOON),
        Outcome("joan@acme.example", "lost", NOON),
        Outcome("joan@acme.example", "bounced", NOON, probability=1.5),
        Outcome("joan@acme.example", "bounced", NOON, probability=float("nan")),
    ],
)
def test_with_one_that_is_wrong_nothing_is_written(wrong: Outcome) -> None:
    with pytest.raises(ValueError, match=r"is not an e-mail address|is not a valid|is no probability"):
        outcomes.record_many([Outcome("ada@acme.example", "bounced", NOON), wrong])
    assert not AddressOutcome.objects.exists()
    assert not Suppression.objects.exists()


def test_the_outcomes_of_addresses_are_found_by_any_spelling_oldest_first(django_assert_num_queries) -> None:
    outcomes.record("ada@acme.example", "replied", NOON)
    outcomes.record("ada@acme.example", "delivered", NOON - timedelta(hours=1))
    outcomes.record("joan@acme.example", "delivered", NOON)
    with django_assert_num_queries(1):
        found = outcomes.of(["ADA@acme.example", "grace@acme.example"])
    assert {email: [row.kind for row in rows] for email, rows in found.items()} == {
        "ada@acme.example": ["delivered", "replied"]
    }


@pytest.mark.parametrize(
    ("happened", "decides"),
    [
        ([], None),
        ([("complained", 0)], None),
        ([("delivered", 0)], "delivered"),
        ([("bounced", 0)], "bounced"),
        ([("delivered", 0), ("bounced", 0)], "bounced"),
        ([("delivered", 0), ("bounced", 5)], "bounced"),
        ([("bounced", 0), ("delivered", 20)], "bounced"),  # the server took it, and the bounce was told by its day
        ([("bounced", 0), ("delivered", 200)], "delivered"),
        ([("replied", 0), ("delivered", 100)], "replied"),
        ([("replied", 0), ("bounced", 0)], "replied"),
        ([("replied", 0), ("bounced", 1)], "bounced"),
        ([("replied", 0), ("bounced", 1), ("delivered", 200)], "delivered"),
        ([("bounced", 0), ("replied", 1), ("complained", 2)], "replied"),
    ],
)
def test_one_outcome_decides(happened: list[tuple[str, int]], decides: str | None) -> None:
    rows = [AddressOutcome(kind=kind, happened_at=NOON + timedelta(hours=hours)) for kind, hours in happened]
    for order in (rows, rows[::-1]):
        row = outcomes.decisive(order)
        assert (row.kind if row else None) == decides


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_the_same_at_once_make_one_row_and_no_error(monkeypatch) -> None:
    monkeypatch.setattr(outcomes, "_known", at_once.meeting(outcomes._known))
    assert at_once.run(lambda: outcomes.record("ada@acme.example", "bounced", NOON)) == []
    assert (AddressOutcome.objects.count(), Suppression.objects.count()) == (1, 1)


@pytest.fixture
def staff(client):
    client.force_login(get_user_model().objects.create_superuser("boss", password="!"))
    return client


def test_the_admin_lists_outcomes_by_kind_without_addresses(staff, django_assert_max_num_queries) -> None:
    for n in range(20):
        outcomes.record(f"lovelace{n}@umbrella.example", "delivered", NOON, mail_operator="google")
    outcomes.record("lovelace@other.example", "bounced", NOON)
    with django_assert_max_num_queries(12):
        content = staff.get(LIST).content.decode()
    assert "umbrella.example" in content
    assert "lovelace" not in content
    index = outcomes.index("lovelace@other.example")
    assert f"{index[:12]}…" in content
    assert index not in content
    bounced = staff.get(LIST, {"kind__exact": "bounced"}).content.decode()
    assert "other.example" in bounced
    assert "umbrella.example" not in bounced


@pytest.mark.parametrize(("words", "found"), [("ADA@acme.example", 1), ("Acme.example", 2), ("joan@x.example", 0)])
def test_the_admin_finds_outcomes_by_whole_address_or_domain(staff, words: str, found: int) -> None:
    for email in ("ada@acme.example", "joan@acme.example", "ada@beta.example"):
        outcomes.record(email, "delivered", NOON)
    content = staff.get(LIST, {"q": words}).content.decode()
    assert content.count("/crm/addressoutcome/0") == found


def test_nobody_adds_changes_or_deletes_outcomes_by_hand(staff) -> None:
    outcomes.record("ada@acme.example", "delivered", NOON)
    row = AddressOutcome.objects.get()
    change, delete = (reverse(f"admin:crm_addressoutcome_{action}", args=[row.pk]) for action in ("change", "delete"))
    assert "Delivered" in staff.get(change).content.decode()
    assert staff.get(reverse("admin:crm_addressoutcome_add")).status_code == 403
    assert staff.post(change, {"kind": "bounced"}).status_code == 403
    assert staff.post(delete, {"post": "yes"}).status_code == 403
