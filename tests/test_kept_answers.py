"""Answers kept between the jobs of a brand."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from crm.models import Brand
from enrichment import kept_answers, store
from enrichment.discovery.answers import Answers, Kept
from enrichment.models import KeptAnswer
from enrichment.retention import purge
from tests.factories import ContactFactory
from tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Brand:
    return Brand.objects.create(name="Acme", domain="acme.example")


def kept(key: str = "website https://acme.example/team", age: timedelta = timedelta(0), **fields: object) -> Kept:
    values = {
        "content": b"<h1>Ada Example</h1>\xff",
        "url": "https://acme.example/team",
        "media_type": "text/html",
        "charset": "utf-8",
        "etag": '"1"',
        "max_age": 600,
        "last_modified": "Tue, 24 Nov 2026 10:00:00 GMT",
        **fields,
    }
    return Kept(key=key, fetched_at=timezone.now() - age, **values)


def keep(brand: Brand, *answers: Kept) -> None:
    added = Answers()
    for answer in answers:
        added.put(answer)
    kept_answers.save(brand.pk, added)


def test_what_one_job_keeps_the_next_one_of_the_brand_has(brand) -> None:
    first = kept()
    keep(brand, first)
    assert kept_answers.load(brand.pk).get(first.key) == first
    assert kept_answers.load(brand.pk).changed == (), "nothing to write down again"
    other = Brand.objects.create(name="Other", domain="other.example")
    assert kept_answers.load(other.pk).get(first.key) is None
    assert kept_answers.load(None).get(first.key) is None


def test_a_later_answer_to_the_same_question_takes_the_place_of_the_earlier(brand) -> None:
    keep(brand, kept(age=timedelta(hours=1)))
    later = kept(content=b"new", etag="")
    keep(brand, later)
    assert KeptAnswer.objects.count() == 1
    assert kept_answers.load(brand.pk).get(later.key) == later


def test_the_database_holds_nothing_of_it_in_clear(brand) -> None:
    keep(brand, kept())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM enrichment_kept_answer")
        row = str(cursor.fetchone())
    assert "acme.example" not in row
    assert "Ada" not in row


def test_what_is_too_large_or_too_old_is_not_kept(brand) -> None:
    keep(brand, kept(content=b"x" * (kept_answers.MAX_BYTES + 1)))
    assert not KeptAnswer.objects.exists()
    keep(brand, kept(age=kept_answers.KEPT + timedelta(minutes=1)))
    assert kept_answers.load(brand.pk).get(kept().key) is None
    assert purge(dry_run=True).answers == 1
    assert KeptAnswer.objects.exists()
    assert purge().answers == 1
    assert not KeptAnswer.objects.exists()


def test_a_row_that_cannot_be_read_is_as_good_as_none(brand) -> None:
    keep(brand, kept())
    row = KeptAnswer.objects.get()
    row.body = "bm90IHpsaWI="
    row.save()
    assert kept_answers.load(brand.pk).get(kept().key) is None


def test_with_a_person_the_pages_that_may_name_them_go(brand) -> None:
    other = Brand.objects.create(name="Other", domain="other.example")
    keep(brand, kept())
    keep(other, kept())
    assert store.delete(ContactFactory(linked_brand=brand).pk)
    assert KeptAnswer.objects.get().brand == other


@pytest.mark.django_db(transaction=True)
def test_jobs_that_keep_and_people_who_are_deleted_at_once_do_not_wait_for_each_other(brand) -> None:
    """Each takes the rows in one order, whatever the order in which they came."""
    keys = [f"website https://acme.example/{number}" for number in range(30)]

    def change(index: int) -> bool:
        with transaction.atomic():
            if index % 2:
                kept_answers.forget([brand.pk])
            else:
                keep(brand, *(kept(key) for key in (keys if index % 4 else reversed(keys))))
        return True

    assert race(16, change) == [True] * 16


def test_with_a_person_who_is_purged_too(brand) -> None:
    keep(brand, kept())
    ContactFactory(linked_brand=brand, discovered_at=timezone.now() - timedelta(days=40))
    purge()
    assert not KeptAnswer.objects.exists()
