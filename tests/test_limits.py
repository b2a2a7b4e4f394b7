"""Limits at the database. Requests are in tests/api/test_limits.py, the pipeline's part in tests/test_pipeline.py."""

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, transaction
from redis.exceptions import ConnectionError as RedisDown

from crm.models import Brand, Contact
from enrichment import jobs, limits
from enrichment.intake import DiscoveryRequest
from enrichment.limits import LimitReached
from enrichment.models import EnrichmentJob, JobStatus, Usage, UsageKind
from tests.factories import BrandFactory, JobFactory
from tests.racing import race

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def user(db) -> User:
    return User.objects.create_user("ada")


@pytest.fixture(autouse=True)
def _roomy(settings) -> None:
    """Limits that no test reaches unless it lowers them."""
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1000
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 1000
    settings.ENRICHMENT_LIMIT_BRAND_JOBS = 1000


def discover(user: User | None, brand: str = "Acme", **fields: str) -> EnrichmentJob:
    return jobs.create(DiscoveryRequest(brand, **fields), user)


def refused(user: User, brand: str = "Acme") -> LimitReached:
    with pytest.raises(LimitReached) as caught:
        discover(user, brand)
    return caught.value


def test_the_window_rolls_and_a_place_is_free_again_when_its_day_is_over(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 2
    with time_machine.travel(NOON, tick=False) as clock:
        discover(user)
        clock.move_to(NOON + timedelta(hours=20, minutes=48))
        discover(user)
        error = refused(user)
        assert error.limit == "discoveries"
        assert error.retry_after == (3 * 60 + 12) * 60
        assert error.message == (
            "You have started 2 of 2 discoveries in the last 24 hours. The next place is free in 3 h 12 min."
        )
        clock.move_to(NOON + timedelta(hours=24) - timedelta(seconds=1))
        assert refused(user).retry_after == 1
        clock.move_to(NOON + timedelta(hours=24))
        discover(user)
        assert refused(user).retry_after == (20 * 60 + 48) * 60, "the second one is the oldest now"


def test_the_fixed_window_of_the_counter_never_refuses_what_the_rolling_one_accepts(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 3
    with time_machine.travel(NOON, tick=False) as clock:
        for hours in range(0, 240, 8):  # three in any 24 hours, across every edge of the fixed window
            clock.move_to(NOON + timedelta(hours=hours))
            discover(user)
            assert refused(user, "Another") if hours >= 16 else True


def test_what_is_refused_is_not_counted(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    discover(user)
    for _ in range(3):
        refused(user, "Another brand")
    assert Usage.objects.count() == EnrichmentJob.objects.count() == 1
    assert not Brand.objects.filter(name="Another brand").exists()
    assert limits._count(user, increment=False)["count"] == 1


def test_a_counter_that_strayed_does_not_refuse_what_the_ledger_accepts(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    limits._count(user, increment=True)  # as after a commit that failed
    discover(user)


def test_a_full_counter_refuses_before_anything_is_locked(user, settings, monkeypatch) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    discover(user)
    monkeypatch.setattr(limits, "_lock", lambda _user: pytest.fail("locked"))
    refused(user)


def test_each_user_has_limits_of_their_own_superusers_too_and_commands_none(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    boss = User.objects.create_superuser("boss")
    for one in (user, boss):
        discover(one)
        refused(one)
    for _ in range(3):
        discover(None)


def test_a_lowered_limit_waits_until_enough_entries_have_left(user, settings) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for hour in range(4):
            clock.move_to(NOON + timedelta(hours=hour))
            discover(user)
        settings.ENRICHMENT_LIMIT_DISCOVERIES = 2
        assert refused(user).retry_after == 23 * 3600, "three of the four have to leave"


def test_a_limit_of_nothing_refuses_everything(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 0
    assert refused(user).retry_after == 24 * 3600


def test_a_brand_has_a_limit_across_users(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_BRAND_JOBS = 2
    other = User.objects.create_user("zoe")
    discover(user)
    discover(other)
    error = refused(user, "ACME GmbH")
    assert (error.limit, error.message[:2]) == ("brand", "2 ")
    discover(user, "Another brand")
    assert Usage.objects.filter(user=user).count() == 2


@pytest.mark.parametrize("status", JobStatus.values)
def test_jobs_that_have_not_ended_are_the_parallel_ones(user, settings, status) -> None:
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 1
    JobFactory(created_by=user, status=status)
    JobFactory(status="processing")  # somebody else's
    if status in jobs.ENDED:
        discover(user)
    else:
        error = refused(user)
        assert (error.limit, error.retry_after) == ("parallel", 10)
        assert "cancel one" in error.message


def test_parallel_jobs_are_checked_before_discoveries_and_those_before_the_brand(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_BRAND_JOBS = 1
    discover(user)
    assert refused(user).limit == "brand"
    settings.ENRICHMENT_LIMIT_DISCOVERIES = 1
    assert refused(user).limit == "discoveries"
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 1
    assert refused(user).limit == "parallel"


def test_budgets_say_what_is_left_and_when_more_is_free(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_DISCOVERIES, settings.ENRICHMENT_LIMIT_EMAILS = 100, 500
    settings.ENRICHMENT_LIMIT_PARALLEL_JOBS = 10
    with time_machine.travel(NOON, tick=False) as clock:
        discover(user)
        clock.shift(timedelta(hours=1))
        discover(user)
        limits.use_addresses(user, 7)
        discoveries, addresses, parallel = limits.budgets(user)
    assert (discoveries.name, discoveries.limit, discoveries.remaining) == ("discoveries", 100, 98)
    assert (discoveries.reset_seconds, discoveries.window) == (23 * 3600, 86400)
    assert (addresses.name, addresses.remaining, addresses.reset_seconds) == ("addresses", 493, 86400)
    assert (parallel.name, parallel.remaining, parallel.reset_seconds, parallel.window) == ("parallel", 8, 0, None)


def test_addresses_are_counted_in_a_rolling_day(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 10
    with time_machine.travel(NOON, tick=False) as clock:
        limits.use_addresses(user, 8)
        clock.shift(timedelta(hours=23))
        limits.use_addresses(user, 2)
        limits.use_addresses(user, 0)
        assert limits.address_budget(user) == 0
        clock.shift(timedelta(hours=1))
        assert limits.address_budget(user) == 8
    assert Usage.objects.count() == 2, "nothing used is no entry"


@pytest.mark.parametrize("increment", [False, True])
def test_a_redis_that_dies_at_any_moment_leaves_nothing_behind(user, monkeypatch, increment) -> None:
    count = limits._count

    def dies(one: User, **options: bool) -> object:
        if options["increment"] is increment:
            raise RedisDown
        return count(one, **options)

    monkeypatch.setattr(limits, "_count", dies)
    with pytest.raises(RedisDown):
        discover(user)
    assert not Usage.objects.exists()
    assert not EnrichmentJob.objects.exists()
    assert not Brand.objects.exists()


def test_the_counter_loses_nothing_to_concurrency(user) -> None:
    counts = race(20, lambda _index: limits._count(user, increment=True)["count"])
    assert sorted(counts) == list(range(1, 21))


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_reach_for_the_last_address_one_gets_it(user, settings) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 5
    limits.use_addresses(user, 4)

    def work(_index: int) -> int:
        with transaction.atomic():
            left = limits.address_budget(user)
            limits.use_addresses(user, min(left, 1))
        return left

    assert sorted(race(20, work)) == [0] * 19 + [1]
    assert sum(Usage.objects.values_list("amount", flat=True)) == 5


@pytest.mark.django_db(transaction=True)
def test_users_and_brands_that_cross_each_other_all_get_through(settings) -> None:
    users = [User.objects.create_user(f"user{n}") for n in range(4)]
    for n in range(2):
        BrandFactory(name=f"Brand {n}", name_key=f"brand {n}", domain=f"brand{n}.example")

    def work(index: int) -> EnrichmentJob:
        number = index % 2
        return discover(users[index % 4], f"Brand {number}", domain=f"brand{number}.example", region="DE")

    assert len({job.pk for job in race(16, work)}) == 16
    assert Usage.objects.filter(kind=UsageKind.DISCOVERY).count() == 16


@pytest.mark.django_db(transaction=True)
def test_a_discovery_that_waits_for_the_brand_does_not_stop_who_holds_it(user, monkeypatch) -> None:
    """An approval locks the brand and writes rows that refer to the user; the two must not wait for each other."""
    brand, record, has_user = BrandFactory(name="Acme", name_key="acme", domain=None), limits.record_discovery, Event()

    def tell_and_record(*arguments: object) -> None:
        has_user.set()
        record(*arguments)

    monkeypatch.setattr(limits, "record_discovery", tell_and_record)

    def work(index: int) -> None:
        if index:
            holds_brand.wait(10)
            discover(user)
            return
        with transaction.atomic():
            list(Brand.objects.select_for_update().filter(pk=brand.pk))
            holds_brand.set()
            if connection.vendor == "postgresql":  # SQLite has one writer at a time
                assert has_user.wait(10)
            Contact.objects.create(brand=brand, first_name="Zoe", last_name="Mueller", created_by=user)

    holds_brand = Event()
    race(2, work)
    assert (Contact.objects.count(), EnrichmentJob.objects.count()) == (1, 1)
