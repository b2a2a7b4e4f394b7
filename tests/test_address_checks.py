"""What was said of an address is kept, and is worth more than a new question for a while."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from enrichment import address_checks
from enrichment.emails.checks import OUTCOME, SMTP, Check, Result
from enrichment.models import AddressCheck
from tests.racing import race

pytestmark = pytest.mark.django_db

ADA, BO = "ada@acme.example", "bo@acme.example"
DELIVERABLE, UNDELIVERABLE, UNKNOWN = Result.DELIVERABLE, Result.UNDELIVERABLE, Result.UNKNOWN


def check(
    result: Result = DELIVERABLE, by: str = SMTP, email: str = ADA, ago: timedelta = timedelta(), **fields
) -> Check:
    reason = fields.pop("reason", "accepted")
    return Check(email, by, result, reason, "The server answered 250.", timezone.now() - ago, **fields)


def said(email: str = ADA) -> list[tuple[str, Result]]:
    return [(check.by, check.result) for check in address_checks.load([email]).get(email, [])]


def test_what_is_saved_comes_back_whole() -> None:
    later = timezone.now() + timedelta(minutes=10)
    given = check(UNKNOWN, reason="greylisted", code=450, enhanced="4.2.0", retry_at=later)
    bought = check(by="hunter", confidence=0.9, url="https://news.example/1")
    address_checks.save([given, bought, check(email=BO)])
    assert address_checks.load([ADA, "nobody@acme.example"]) == {ADA: [given, bought]}


def test_the_address_is_not_kept() -> None:
    address_checks.save([check()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT email_index, checks FROM enrichment_address_check")
        ((index, checks),) = cursor.fetchall()
    assert "ada" not in index
    assert "accepted" not in checks, "encrypted"
    assert "email" not in AddressCheck.objects.get().checks[0]


def test_a_new_answer_takes_the_place_of_the_same_givers_alone() -> None:
    address_checks.save([check(), check(by="hunter")])
    address_checks.save([check(UNDELIVERABLE)])
    assert sorted(said()) == [("hunter", DELIVERABLE), (SMTP, UNDELIVERABLE)]
    assert AddressCheck.objects.count() == 1


def test_one_that_tells_nothing_does_not_undo_what_was_said_before() -> None:
    address_checks.save([check(UNDELIVERABLE, ago=timedelta(days=8))])
    for reason in ("timeout", "paused"):
        address_checks.save([check(UNKNOWN, reason=reason)])
    assert said() == [(SMTP, UNDELIVERABLE), (SMTP, UNKNOWN)]
    assert [kept.reason for kept in address_checks.load([ADA])[ADA]] == ["accepted", "paused"]
    address_checks.save([check()])
    assert said() == [(SMTP, DELIVERABLE)]


def test_many_are_kept_and_found_by_few_questions(django_assert_max_num_queries) -> None:
    many = [check(email=f"ada{n}@acme.example") for n in range(1200)]
    with django_assert_max_num_queries(15):
        address_checks.save(many)
    with django_assert_max_num_queries(3):
        assert len(address_checks.load([item.email for item in many])) == 1200


def test_what_is_forgotten_is_gone_and_the_rest_stays() -> None:
    address_checks.save([check(), check(email=BO)])
    address_checks.forget([ADA])
    assert (said(ADA), said(BO)) == ([], [(SMTP, DELIVERABLE)])


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({"result": DELIVERABLE}, 7),
        ({"result": UNDELIVERABLE}, 7),
        ({"result": Result.CATCH_ALL}, 7),
        ({"result": UNDELIVERABLE, "by": "hunter"}, 30),
        ({"result": Result.CATCH_ALL, "by": "hunter"}, 30),
        ({"result": UNKNOWN, "by": "hunter"}, 1),
        ({"result": DELIVERABLE, "by": OUTCOME}, 30),
        ({"result": UNKNOWN}, 10 / 1440),
    ],
)
def test_an_answer_is_good_for_as_long_as_it_says_something(given, days) -> None:
    answer, end = check(**given), timezone.now() + timedelta(days=days)
    assert address_checks.is_fresh(answer, end - timedelta(minutes=1))
    assert not address_checks.is_fresh(answer, end + timedelta(minutes=1))


def test_a_server_that_asked_for_patience_gets_it() -> None:
    answer = check(UNKNOWN, retry_at=timezone.now() + timedelta(hours=1))
    assert address_checks.is_fresh(answer, timezone.now() + timedelta(minutes=59))
    assert not address_checks.is_fresh(answer, timezone.now() + timedelta(minutes=61))


def test_the_fresh_answer_of_a_giver_is_the_one_that_tells_more() -> None:
    old, new = check(ago=timedelta(days=6)), check(UNKNOWN, reason="timeout")
    assert address_checks.fresh([old, new], SMTP) == old
    assert address_checks.fresh([old, new], "hunter") is None
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert address_checks.fresh([old, new], SMTP) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_many_who_save_the_same_addresses_at_once_lose_nothing_and_do_not_wait_for_ever(known) -> None:
    addresses = [f"ada{n}@acme.example" for n in range(100)]

    def save(index: int) -> None:
        turned = addresses if index % 2 else addresses[::-1]
        address_checks.save([check(by=f"giver{index}", email=email) for email in turned])

    if known:
        address_checks.save([check(email=email) for email in addresses])
    race(6, save)
    kept = address_checks.load(addresses)
    assert len(kept) == 100
    assert {len(checks) for checks in kept.values()} == {6 + known}
