"""The page of the audit trail: who did what is found by what, who, when, on what, and about which person."""

import csv
import io
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import audit
from core.models import AuditEntry
from tests.factories import EmailFactory

pytestmark = pytest.mark.django_db
URL = "/compliance/audit/"
ADDRESS = "ada@acme.example"


def page(client: Client, url: str = URL, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def shown(client: Client, **query: str) -> list[str]:
    """Return the actions on the page, as they stand in its list."""
    return [line.entry.action for line in client.get(URL, query).context["lines"]]


def test_entries_are_found_by_what_who_way_day_and_thing(staff: Client, boss: User) -> None:
    with audit.acting_as("api", boss, "192.0.2.7"):
        audit.record("thing.made", of=("core.thing", "7"), size=3)
    with audit.acting_as("worker"):
        audit.record("thing.lost", of=("core.thing", "8"))
    text = page(staff)
    assert "192.0.2.7" in text
    assert "<dt>size</dt><dd>3</dd>" in text
    assert shown(staff) == ["thing.lost", "thing.made"]
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    for query, found in [
        ({"action": "thing.made"}, ["thing.made"]),
        ({"who": "boss"}, ["thing.made"]),
        ({"who": "bos"}, []),
        ({"via": "worker"}, ["thing.lost"]),
        ({"kind": "core.thing", "key": "8"}, ["thing.lost"]),
        ({"since": f"{today}"}, ["thing.lost", "thing.made"]),
        ({"until": f"{today}"}, ["thing.lost", "thing.made"]),
        ({"since": f"{tomorrow}"}, []),
        ({"until": "2020-01-01"}, []),
        ({"since": "soon"}, ["thing.lost", "thing.made"]),
        ({"before": "no id"}, ["thing.lost", "thing.made"]),
    ]:
        assert shown(staff, **query) == found, query
    assert "Enter a valid date" in page(staff, since="soon")


def test_what_is_known_of_a_person_is_found_by_an_address_and_the_search_is_in_the_trail(staff: Client) -> None:
    contact = EmailFactory(email=ADDRESS).enriched_contact
    audit.record("contact.changed", of=contact, subject=audit.person(contact), after={"job_title": "Head"})
    audit.record("message.sent", subject=audit.address(ADDRESS))
    audit.record("message.sent", subject=audit.address("grace@acme.example"))
    answer = staff.post(reverse("oversight:audit-person"), {"address": ADDRESS})
    assert ADDRESS not in answer["Location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}
    assert shown(staff, **query) == ["message.sent", "contact.changed"]
    assert shown(staff, **query)[0] == "audit.searched"
    assert ADDRESS in page(staff, **query)
    assert ADDRESS not in str(list(AuditEntry.objects.values()))
    assert staff.get(URL, {"person": "forged"}).status_code == 302
    wrong = staff.post(reverse("oversight:audit-person"), {"address": "nobody"}, follow=True)
    assert "e-mail address" in wrong.content.decode()


def test_what_changed_of_a_person_is_opened_one_by_one_and_gone_after_an_erasure(staff: Client) -> None:
    subject = audit.address(ADDRESS)
    entry = audit.record("contact.changed", subject=subject, before={"email": None}, after={"email": ADDRESS})
    assert ADDRESS not in page(staff)
    url = reverse("oversight:audit-entry", args=[entry.pk])
    assert f'<td data-label="After">{ADDRESS}</td>' in page(staff, url)
    part = staff.get(url, headers={"HX-Request": "true"}).content.decode()
    assert ADDRESS in part
    assert "<html" not in part
    assert AuditEntry.objects.filter(action="audit.opened", object_id=str(entry.pk)).count() == 2
    audit.forget([subject])
    assert "is erased" in page(staff, url)
    assert staff.get(reverse("oversight:audit-entry", args=["019a0000-0000-7000-8000-000000000000"])).status_code == 404


def test_pages_go_by_the_id_and_ask_the_same_however_many_there_are(
    staff: Client, django_assert_max_num_queries
) -> None:
    contact = EmailFactory().enriched_contact
    audit.record_many(audit.Act("thing.done", contact, details={"n": n}) for n in range(120))
    with django_assert_max_num_queries(12):
        first = staff.get(URL)
    seen = [line.entry.pk for line in first.context["lines"]]
    assert reverse("review:contact", args=[contact.pk]) in first.content.decode()
    while following := first.context["following"]:
        first = staff.get(URL, {"before": str(following)})
        seen += [line.entry.pk for line in first.context["lines"]]
    assert len(seen) == len(set(seen)) == 120


def test_the_file_has_the_filtered_entries_no_values_and_no_formulas(staff: Client) -> None:
    audit.record("thing.done", of=("core.thing", "=1+1"), subject=audit.address(ADDRESS), after={"email": ADDRESS})
    audit.record("thing.left")
    answer = staff.get(reverse("oversight:audit-csv"), {"action": "thing.done"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["action"], row["object_id"]) for row in rows] == [("thing.done", "'=1+1")]
    assert "values" not in rows[0]
    assert AuditEntry.objects.get(action="audit.exported").facts == {"filters": ["action"]}


def test_it_is_for_those_who_may_see_it(reviewer: Client) -> None:
    entry = audit.record("thing.done")
    for url in (URL, reverse("oversight:audit-csv"), reverse("oversight:audit-entry", args=[entry.pk])):
        assert reviewer.get(url).status_code == 403
    assert reviewer.post(reverse("oversight:audit-person"), {"address": ADDRESS}).status_code == 403
