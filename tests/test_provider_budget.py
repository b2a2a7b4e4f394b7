"""How many requests of a provider may be used in a month."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured

from enrichment import provider_budget
from enrichment.models import ProviderUsage
from tests.racing import race

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def test_a_month_has_so_many_requests_whatever_they_are_for(settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = ["hunter=3"]
    taken = [provider_budget.hold("hunter", operation) for operation in ("find", "verify", "domain", "find")]
    assert taken == [True, True, True, False]
    assert provider_budget.used("hunter") == 3
    assert provider_budget.used("snov") == 0


def test_days_of_a_month_add_up_and_a_new_month_begins_anew(settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = ["2"]
    for day in (1, 30):
        with time_machine.travel(NOVEMBER.replace(day=day), tick=False):
            assert provider_budget.hold("hunter", "find")
    with time_machine.travel(NOVEMBER, tick=False):
        assert not provider_budget.hold("hunter", "find")
    with time_machine.travel(DECEMBER, tick=False):
        assert provider_budget.used("hunter") == 0
        assert provider_budget.hold("hunter", "find")
    rows = ProviderUsage.objects.filter(calls__gt=0).order_by("day")
    assert [(row.day.isoformat(), row.operation, row.calls) for row in rows] == [
        ("2026-11-01", "find", 1), ("2026-11-30", "find", 1), ("2026-12-01", "find", 1),
    ]  # fmt: skip


def test_several_are_taken_at_once_or_not_at_all(settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = ["5"]
    assert provider_budget.hold("snov", "domain", 4)
    assert not provider_budget.hold("snov", "domain", 2)
    assert provider_budget.used("snov") == 4
    assert provider_budget.hold("snov", "verify")


def test_what_is_given_back_can_be_taken_again(settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = ["2"]
    assert provider_budget.hold("hunter", "verify", 2)
    provider_budget.release("hunter", "verify")
    assert provider_budget.used("hunter") == 1
    assert provider_budget.hold("hunter", "find")
    assert not provider_budget.hold("hunter", "find")


def test_what_was_taken_before_midnight_is_given_back_to_its_day(settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = ["2"]
    with time_machine.travel(NOVEMBER, tick=False):
        provider_budget.hold("hunter", "find")
    with time_machine.travel(DECEMBER, tick=False):
        provider_budget.release("hunter", "find")
    with time_machine.travel(NOVEMBER, tick=False):
        assert provider_budget.used("hunter") == 0


def test_nothing_is_given_back_that_was_not_taken() -> None:
    provider_budget.hold("hunter", "find")
    provider_budget.release("hunter", "verify")
    provider_budget.release("hunter", "find")
    provider_budget.release("hunter", "find")
    assert provider_budget.used("hunter") == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_who_reach_for_the_last_requests_as_many_get_one_as_there_are(settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = ["5"]
    operations = ("find", "verify", "domain")
    taken = race(12, lambda index: provider_budget.hold("hunter", operations[index % 3]))
    assert sum(taken) == provider_budget.used("hunter") == 5


@pytest.mark.django_db(transaction=True)
def test_taking_and_giving_back_at_once_loses_nothing() -> None:
    def work(_index: int) -> None:
        for _ in range(3):
            assert provider_budget.hold("hunter", "find", 2)
            provider_budget.release("hunter", "find")

    race(6, work)
    assert provider_budget.used("hunter") == 18


@pytest.mark.parametrize(
    ("entries", "budgets"),
    [
        (["1000"], {"hunter": 1000, "snov": 1000}),
        (["hunter=500", " Snov = 100 "], {"hunter": 500, "snov": 100, "reacher": 0}),
        (["20", "hunter=500"], {"hunter": 500, "snov": 20}),
        (["0"], {"hunter": 0}),
        ([], {"hunter": 0}),
    ],
)
def test_a_budget_is_for_each_or_for_one(settings, entries: list[str], budgets: dict[str, int]) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = entries
    assert {name: provider_budget.limit(name) for name in budgets} == budgets


@pytest.mark.parametrize(
    "entry", ["much", "-1", "1.5", "", "hunter", "hunter=", "=5", "hunter=many", "apollo=5", "٣", "9" * 5_000]
)
def test_a_budget_that_cannot_be_read_is_refused_with_a_sentence(settings, entry: str) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = [entry]
    with pytest.raises(ImproperlyConfigured, match="ENRICHMENT_PROVIDER_BUDGET"):
        provider_budget.hold("hunter", "find")


@pytest.mark.parametrize("entries", [["1", "2"], ["hunter=1", "hunter=2"]])
def test_a_budget_that_is_set_twice_is_refused(settings, entries: list[str]) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = entries
    with pytest.raises(ImproperlyConfigured, match="twice"):
        provider_budget.limits()
