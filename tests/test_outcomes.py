"""Outcomes from elsewhere: beside what was predicted, as evidence, and as lessons."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.models import AddressOutcome
from crm.outcomes import Outcome, Recorded
from enrichment import outcomes
from enrichment.emails.checks import OUTCOME, Check, Result
from enrichment.models import ContactEmail, DomainProfile
from tests.factories import CrmAddressFactory, EmailFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOURS = timedelta(hours=1)


def predicted() -> tuple[float | None, str, str]:
    row = AddressOutcome.objects.latest("created_at")
    return row.probability, row.method, row.mail_operator


def test_what_discovery_predicted_is_written_beside_the_outcome() -> None:
    EmailFactory(email="ada@müller.example", domain="xn--mller-kva.example", probability=0.42)
    EmailFactory(email="ada@müller.example", domain="xn--mller-kva.example", probability=0.3)
    DomainProfile.objects.create(domain="xn--mller-kva.example", mx_hosts=["aspmx.l.google.com", "mx.other.example"])
    assert outcomes.record(" ADA@MÜLLER.example", "delivered", NOON)
    assert predicted() == (0.42, "mx_check", "google")


def test_the_crms_prediction_outlives_the_discovery() -> None:
    CrmAddressFactory(email="ada@acme.example", probability=0.6, verification_method="smtp_ping")
    outcomes.record("ada@acme.example", "delivered", NOON)
    assert predicted() == (0.6, "smtp_ping", "")


def test_of_an_address_nobody_predicted_anything_of_only_the_outcome_is_written() -> None:
    EmailFactory(email="ada@acme.example", probability=None)
    DomainProfile.objects.create(domain="acme.example")
    assert outcomes.record("ada@acme.example", "bounced")
    assert not outcomes.record("ada@acme.example", "bounced")
    assert predicted() == (None, "", "")


def test_a_prediction_made_in_the_light_of_an_outcome_is_not_taken_for_one() -> None:
    email = EmailFactory(email="ada@acme.example", probability=0.42, verification_method="pattern")
    outcomes.record("ada@acme.example", "delivered", NOON)
    ContactEmail.objects.filter(pk=email.pk).update(probability=0.99, verification_method="api")
    outcomes.record("ada@acme.example", "replied", NOON + HOURS)
    assert predicted() == (0.42, "pattern", "")


def test_many_take_no_query_each(django_assert_max_num_queries) -> None:
    EmailFactory(email="ada7@acme.example", probability=0.42)
    given = [Outcome(f"ada{n}@acme{n}.example", "delivered", NOON) for n in range(300)]
    with django_assert_max_num_queries(20):
        assert outcomes.record_many([*given, Outcome("ada7@acme.example", "replied", NOON)]) == Recorded(301, 0, 0)
    assert predicted()[0] == 0.42


@pytest.mark.parametrize(
    ("kind", "result", "sentence"),
    [
        ("delivered", Result.DELIVERABLE, "A message was delivered (2026-11-20)."),
        ("replied", Result.DELIVERABLE, "A message was answered (2026-11-20)."),
        ("bounced", Result.UNDELIVERABLE, "A message bounced: the mailbox does not exist (2026-11-20)."),
    ],
)
def test_an_outcome_is_evidence_of_the_address(kind: str, result: Result, sentence: str) -> None:
    outcomes.record("Ada@acme.example", kind, NOON)
    outcomes.record("joan@acme.example", "complained", NOON)
    asked = ["ADA@acme.example", "joan@acme.example", "grace@acme.example"]
    assert outcomes.checks_for(asked) == {
        "ada@acme.example": [Check("ada@acme.example", OUTCOME, result, kind, sentence, NOON)]
    }


def test_the_decisive_outcome_is_the_evidence() -> None:
    for kind, hours in [("delivered", 0), ("bounced", 1), ("replied", 2), ("delivered", 90)]:
        outcomes.record("ada@acme.example", kind, NOON + hours * HOURS)
    ((check,),) = outcomes.checks_for(["ada@acme.example"]).values()
    assert (check.reason, check.at) == ("replied", NOON + 2 * HOURS)


def test_a_delivery_proves_nothing_where_every_address_is_taken() -> None:
    DomainProfile.objects.create(domain="acme.example", catch_all=True)
    DomainProfile.objects.create(domain="beta.example", catch_all=False)
    for email, kind in [
        ("ada@acme.example", "delivered"),
        ("joan@acme.example", "replied"),
        ("bo@beta.example", "delivered"),
    ]:
        outcomes.record(email, kind, NOON)
    found = outcomes.checks_for(["ada@acme.example", "joan@acme.example", "bo@beta.example"])
    assert set(found) == {"joan@acme.example", "bo@beta.example"}


def test_evidence_of_many_addresses_takes_two_queries(django_assert_num_queries) -> None:
    outcomes.record_many([Outcome(f"ada{n}@acme{n}.example", "delivered", NOON) for n in range(50)])
    with django_assert_num_queries(2):
        assert len(outcomes.checks_for(f"ada{n}@acme{n}.example" for n in range(60))) == 50


def lessons() -> set[tuple[float, bool, str]]:
    return {(lesson.told, lesson.right, lesson.operator) for lesson in outcomes.teachers()}


def test_each_address_with_a_prediction_and_a_decisive_outcome_teaches_once() -> None:
    DomainProfile.objects.create(domain="acme.example", mx_hosts=["aspmx.l.google.com"])
    for number, (email, *kinds) in enumerate(
        [
            ("right@acme.example", "delivered", "replied"),
            ("wrong@acme.example", "delivered", "bounced"),
            ("elsewhere@beta.example", "delivered"),
            ("angry@acme.example", "complained"),
        ],
        start=1,
    ):
        EmailFactory(email=email, probability=number / 10)
        for hours, kind in enumerate(kinds):
            outcomes.record(email, kind, NOON + hours * HOURS)
    outcomes.record("unpredicted@acme.example", "bounced", NOON)
    assert lessons() == {(0.1, True, "google"), (0.2, False, "google"), (0.3, True, "")}
    assert len(list(outcomes.teachers())) == 3


def test_the_first_prediction_is_what_the_outcome_is_held_against() -> None:
    for hours, (kind, probability) in enumerate([("delivered", None), ("delivered", 0.4), ("replied", 0.99)]):
        AddressOutcome.objects.create(
            email_index="1", domain="acme.example", kind=kind, probability=probability, happened_at=NOON + hours * HOURS
        )
    assert lessons() == {(0.4, True, "")}


def test_the_models_own_chance_is_remembered_beside_the_one_that_was_told() -> None:
    EmailFactory(email="ada@acme.example", probability=0.6, model_probability=0.9)
    outcomes.record("ada@acme.example", "bounced", NOON)
    (lesson,) = outcomes.teachers()
    assert (lesson.told, lesson.model) == (0.6, 0.9)


def test_an_outcome_has_the_contacts_address_judged_anew() -> None:
    email = EmailFactory(email="ada@acme.example")
    outcomes.record("Ada@acme.example", "bounced", NOON)
    email.refresh_from_db()
    assert email.next_check_at is not None
    assert email.next_check_at <= timezone.now()


def test_of_many_outcomes_the_newest_teach(monkeypatch) -> None:
    monkeypatch.setattr(outcomes, "MOST", 2)
    for number in (3, 1, 2):
        EmailFactory(email=f"ada{number}@acme.example", probability=number / 10)
        outcomes.record(f"ada{number}@acme.example", "delivered", NOON + number * HOURS)
    assert lessons() == {(0.3, True, ""), (0.2, True, "")}


def test_domains_that_take_every_address_teach_nothing() -> None:
    DomainProfile.objects.create(domain="acme.example", catch_all=True)
    for email, kind in [("ada@acme.example", "delivered"), ("joan@acme.example", "bounced")]:
        EmailFactory(email=email)
        outcomes.record(email, kind, NOON)
    assert lessons() == set()
