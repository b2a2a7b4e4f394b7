"""The home page: what needs somebody, the figures, what was found lately; to each what they may see."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrichment import statistics
from enrichment.models import JobStatus
from enrichment.review import home
from enrichment.review.charts import Column, chart, short
from tests.factories import ContactFactory, EmailFactory, JobFactory

from .conftest import World

pytestmark = pytest.mark.django_db


def tiles(client: Client) -> dict[str, tuple[int, str]]:
    """Return what needs somebody: number and link by the words."""
    text = client.get("/").content.decode()
    found = re.findall(r'<a class="tile[^"]*" href="([^"]+)"><b>([\d,]+)</b> ([^<]+)<', text)
    return {words: (int(number.replace(",", "")), url.replace("&amp;", "&")) for url, number, words in found}


def test_a_fresh_installation_is_shown_its_first_three_steps(staff: Client, reviewer: Client) -> None:
    text = staff.get("/").content.decode()
    assert text.count("<li><b>") == 3
    assert '<a class="button" href="/discover/">Discover a brand</a>' in text
    assert '<svg class="chart' not in text
    text = reviewer.get("/").content.decode()
    assert "An administrator starts this." in text
    assert "/discover/" not in text


def test_whatever_needs_somebody_is_counted_and_leads_to_where_it_is_dealt_with(staff: Client, world: World) -> None:
    now = timezone.now()
    ContactFactory.create_batch(2)
    ContactFactory(review_status="rejected", discovered_at=now - timedelta(days=29))
    ContactFactory(discovered_at=now - timedelta(days=28))
    ContactFactory(review_status="approved", discovered_at=now - timedelta(days=29))
    JobFactory(status=JobStatus.RETRYING)
    JobFactory(status=JobStatus.FAILED)
    JobFactory(status=JobStatus.FAILED, created_at=now - timedelta(days=8))
    assert tiles(staff) == {
        "contacts to review": (3, "/contacts/?reviewed=new"),
        "answer to look at": (1, "/outreach/events/?open=1"),
        "task due": (1, "/outreach/tasks/"),
        "message held": (1, "/outreach/outbox/?state=held"),
        "contact will be deleted": (1, "/contacts/?reviewed=new&sort=purge"),
        "job failed": (1, "/jobs/?status=failed"),
        "job under way": (1, "/jobs/?status=running"),
    }
    for _, url in tiles(staff).values():
        assert staff.get(url).status_code == 200


def test_a_reviewer_sees_nothing_of_outreach(reviewer: Client, world: World) -> None:
    ContactFactory()
    JobFactory(status=JobStatus.FAILED)
    assert set(tiles(reviewer)) == {"contact to review", "job failed"}
    assert "Discover a brand" not in reviewer.get("/").content.decode()


def test_when_nothing_waits_the_page_says_so(staff: Client) -> None:
    ContactFactory(review_status="approved")
    assert tiles(staff) == {}
    assert "Nothing waits for you" in staff.get("/").content.decode()


def test_figures_are_those_of_the_api_and_charts_have_a_table_beside_them(staff: Client) -> None:
    for score in (0, 49, 50, 79, 80, 100):
        ContactFactory(confidence_score=score)
    EmailFactory(enriched_contact=ContactFactory(confidence_score=100, verified_at=timezone.now()))
    JobFactory(status=JobStatus.COMPLETED)
    answer = staff.get("/")
    text = answer.content.decode()
    assert [(band["word"], band["number"]) for band in answer.context["bands"]] == [
        ("High", 3),
        ("Medium", 2),
        ("Low", 2),
    ]
    assert [number for _, number in answer.context["tens"]] == [1, 0, 0, 0, 1, 1, 0, 1, 1, 2]
    assert "14% have an address with proof (1 of 7). Of 1 addresses 100% are verified (1)." in text
    assert text.count('<svg class="chart" role="img" aria-labelledby=') == 2
    assert '<th scope="row">90–100</th><td class="number">2</td>' in text
    assert "style=" not in text
    assert "1 job in 14 days" in text


def test_days_are_those_of_the_viewer() -> None:
    now = timezone.now()
    with timezone.override("Pacific/Auckland"):
        today = timezone.localdate()
        JobFactory(status=JobStatus.COMPLETED, created_at=now)
        JobFactory(status=JobStatus.CANCELLED, created_at=now - timedelta(days=1))
        JobFactory(status=JobStatus.FAILED, created_at=now - timedelta(days=14))
        days = statistics.jobs_per_day()
    assert len(days) == 14
    assert [(day.date, day.completed, day.failed, day.other) for day in days[-2:]] == [
        (today - timedelta(days=1), 0, 0, 1),
        (today, 1, 0, 0),
    ]
    assert sum(day.total for day in days) == 2


def test_hostile_names_are_text(staff: Client) -> None:
    ContactFactory(first_name="<img src=x>", last_name="", job_title=None, company=None)
    JobFactory(brand_name="<script>alert(1)</script>")
    text = staff.get("/").content.decode()
    assert "<img src=x>" not in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_the_page_takes_as_many_queries_for_many_rows_as_for_few(staff: Client, reviewer: Client, world: World) -> None:
    JobFactory()
    ContactFactory()
    numbers = []
    for client in (staff, reviewer):
        client.get("/")  # the session is prolonged now and then
    for _ in range(2):
        for client in (staff, reviewer):
            with CaptureQueriesContext(connection) as queries:
                client.get("/")
            numbers.append(len(queries))
        JobFactory.create_batch(5)
        ContactFactory.create_batch(5)
    assert numbers[:2] == numbers[2:]
    assert max(numbers) <= 16


@pytest.mark.parametrize(("hour", "part"), [(4, "evening"), (5, "morning"), (12, "afternoon"), (18, "evening")])
def test_the_greeting_goes_by_the_viewers_clock(
    monkeypatch: pytest.MonkeyPatch, boss: Any, hour: int, part: str
) -> None:
    moment = timezone.localtime().replace(hour=hour)
    monkeypatch.setattr(home.timezone, "localtime", lambda: moment)
    assert home.greeting(boss) == f"Good {part}, boss"


def test_a_chart_is_as_high_as_its_highest_column_and_shows_what_is_little() -> None:
    drawn = chart(
        [Column("1", ((10_000, "good"), (0, "bad")), "many"), Column("2", ((1, "bad"),), "one"), Column("3", (), "")]
    )
    assert [(bar.tone, bar.words) for bar in drawn.bars] == [("good", "many"), ("bad", "one")]
    assert all(bar.y + bar.height == pytest.approx(drawn.base) for bar in drawn.bars)
    assert drawn.bars[0].y == 16
    assert drawn.bars[1].height == 2
    assert [text.text for text in drawn.labels] == ["1", "2", "3"]
    assert chart([]).bars == []


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1_000, "1k"), (1_234, "1.2k"), (34_567, "34k"), (2_000_000, "2M")]
)
def test_numbers_above_bars_are_short(number: int, text: str) -> None:
    assert short(number) == text


def test_without_the_permission_there_is_no_page(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("nobody"))
    assert client.get("/").status_code == 403
