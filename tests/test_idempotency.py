"""A key does its work once, whatever happens at the same time."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User

from core.refusals import InputError
from enrichment import idempotency
from enrichment.models import EnrichmentJob, IdempotencyKey
from tests.factories import JobFactory
from tests.racing import race

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def user(db) -> User:
    return User.objects.create_user("ada")


def make_a_job() -> dict[str, str]:
    return {"jobId": str(JobFactory(brand=None, brand_name="Acme").pk)}


def test_a_repetition_does_nothing_and_gets_the_first_result(user) -> None:
    first = idempotency.run(user, "discover", "k", {"a": 1, "b": 2}, make_a_job)
    again = idempotency.run(user, "discover", "k", {"b": 2, "a": 1}, lambda: pytest.fail("done twice"))
    assert first == (again[0], False)
    assert again[1] is True


def test_without_a_key_the_work_is_done_each_time(user) -> None:
    for _ in range(2):
        assert idempotency.run(user, "discover", None, {}, make_a_job)[1] is False
    assert (EnrichmentJob.objects.count(), IdempotencyKey.objects.count()) == (2, 0)


def test_another_body_under_the_same_key_is_an_error(user) -> None:
    idempotency.run(user, "discover", "k", {"brandName": "Acme"}, make_a_job)
    with pytest.raises(InputError) as caught:
        idempotency.run(user, "discover", "k", {"brandName": "Other"}, make_a_job)
    assert caught.value.error == "idempotency_key_reused"
    assert EnrichmentJob.objects.count() == 1


def test_users_and_operations_have_keys_of_their_own(user) -> None:
    idempotency.run(user, "discover", "k", {}, make_a_job)
    assert idempotency.run(user, "approve", "k", {}, make_a_job)[1] is False
    assert idempotency.run(User.objects.create_user("zoe"), "discover", "k", {}, make_a_job)[1] is False


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "k\n", "k\x7f", "schlüssel", "\x00"])
def test_a_malformed_key_is_refused_before_anything_is_done(user, key) -> None:
    with pytest.raises(InputError) as caught:
        idempotency.run(user, "discover", key, {}, lambda: pytest.fail("done"))
    assert caught.value.error == "invalid_idempotency_key"


@pytest.mark.parametrize("key", ["k", "k" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a b"])
def test_keys_that_may_be_used(user, key) -> None:
    assert idempotency.run(user, "discover", key, {}, make_a_job)[1] is False


def test_work_that_fails_takes_its_key_back(user) -> None:
    def fail() -> dict[str, str]:
        make_a_job()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        idempotency.run(user, "discover", "k", {}, fail)
    assert not EnrichmentJob.objects.exists()
    assert idempotency.run(user, "discover", "k", {"now": "another"}, make_a_job)[1] is False


def test_a_key_older_than_a_day_counts_as_unused(user) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        first, _ = idempotency.run(user, "discover", "k", {}, make_a_job)
        clock.move_to(NOON + timedelta(hours=24) - timedelta(seconds=1))
        assert idempotency.run(user, "discover", "k", {}, make_a_job) == (first, True)
        clock.move_to(NOON + timedelta(hours=24))
        second, replayed = idempotency.run(user, "discover", "k", {"now": "another"}, make_a_job)
        assert (second == first, replayed) == (False, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("expired", [False, True])
def test_of_twenty_at_once_with_one_key_one_does_the_work(user, expired) -> None:
    if expired:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        IdempotencyKey.objects.create(user=user, operation="discover", key="k", request_hash="", created_at=long_ago)
    results = race(20, lambda _index: idempotency.run(user, "discover", "k", {}, make_a_job))
    assert sorted(replayed for _, replayed in results) == [False] + [True] * 19
    assert {result["jobId"] for result, _ in results} == {str(EnrichmentJob.objects.get().pk)}


@pytest.mark.django_db(transaction=True)
def test_when_the_first_fails_one_of_those_who_waited_does_the_work(user) -> None:
    calls = iter(range(20))

    def fail_first() -> dict[str, str]:
        if next(calls) == 0:
            raise ZeroDivisionError
        return make_a_job()

    def work(_index: int) -> bool | None:
        try:
            return idempotency.run(user, "discover", "k", {}, fail_first)[1]
        except ZeroDivisionError:
            return None

    results = race(20, work)
    assert (results.count(None), results.count(False), results.count(True)) == (1, 1, 18)
    assert EnrichmentJob.objects.count() == 1
