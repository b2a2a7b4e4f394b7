"""Addresses go in as they come, verdicts come out, and nobody is asked twice for the same."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from crm import suppression
from enrichment import address_checks, domain_profiles, outcomes, providers, verifying
from enrichment.discovery.breakers import Breakers
from enrichment.emails.checks import SMTP, Check, Result
from enrichment.emails.verification.verdict import Verdict
from enrichment.models import AddressCheck, DomainProfile, ProviderUsage
from enrichment.verifying import Means
from tests.kit import providers as kit
from tests.kit.mail import Mail, mail
from tests.kit.providers import DOMAIN, EMAIL, Providers, hunter_error

pytestmark = pytest.mark.django_db

ADA, BO = "ada@acme.example", "bo@acme.example"
SERVERS = Means(smtp=True)
GREYLISTED = "450 4.2.0 Greylisted, please try again later"


@pytest.fixture
def running(settings) -> Iterator[Mail]:
    with mail(settings, {ADA: "250 OK"}) as running:
        yield running


def verify(*texts: str, means: Means = SERVERS, **options) -> list[Verdict]:
    return verifying.verify(texts, means, **options)


def reasons(verdicts: list[Verdict]) -> list[str | None]:
    return [verdict.smtp.reason if verdict.smtp else None for verdict in verdicts]


def test_verdicts_come_in_order_and_what_is_given_twice_is_asked_once(running: Mail) -> None:
    texts = [BO, "no address", " ADA@acme.example", "", ADA, "ada@ACME.example."]
    verdicts = verify(*texts)
    assert [verdict.email for verdict in verdicts] == [text.strip() for text in texts]
    assert reasons(verdicts) == ["no_such_user", None, "accepted", None, "accepted", None]
    assert [verdict.score for verdict in verdicts][1:4:2] == [0, 0]
    assert verdicts[2].score == verdicts[4].score >= 90
    assert running.names.count("ada") == running.names.count("bo") == 1


def test_without_means_no_mail_server_is_asked(running: Mail) -> None:
    (verdict,) = verify(ADA, means=Means())
    assert (verdict.method, verdict.smtp_passed) == ("mx_check", None)
    assert running.server.commands == []
    assert DomainProfile.objects.get().mx_status == "found"


def test_a_kept_answer_is_used_and_the_server_left_in_peace(running: Mail) -> None:
    first = verify(ADA, BO)
    heard = len(running.server.commands)
    again = verify(ADA, BO)
    assert [verdict.smtp for verdict in again] == [verdict.smtp for verdict in first]
    assert [verdict.smtp for verdict in verify(ADA, BO, means=Means())] == [verdict.smtp for verdict in first]
    assert len(running.server.commands) == heard


@pytest.mark.parametrize(("days", "means"), [(0, Means(smtp=True, fresh=True)), (8, SERVERS)])
def test_one_that_is_not_wanted_or_too_old_is_asked_for_again(running: Mail, days, means) -> None:
    verify(ADA)
    running.replies[ADA] = "550 5.1.1 No such user"
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        (verdict,) = verify(ADA, means=means)
    assert (verdict.smtp_passed, running.names.count("ada")) == (False, 2)


def test_a_server_that_cannot_be_asked_today_undoes_nothing(running: Mail, settings) -> None:
    verify(BO)
    settings.ENRICHMENT_SMTP_PORT = 1  # where nobody listens
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        (verdict,) = verify(BO)
    assert (verdict.smtp_passed, verdict.score <= 10) == (False, True)
    assert [check.reason for check in address_checks.load([BO])[BO]] == ["no_such_user", "unreachable"]


def test_greylisting_gets_its_patience(running: Mail) -> None:
    running.replies[ADA] = GREYLISTED
    (verdict,) = verify(ADA)
    assert verdict.smtp.retry_at > timezone.now()
    running.replies[ADA] = "250 OK"
    assert reasons(verify(ADA)) == ["greylisted"]
    assert running.names == ["ada"]
    with time_machine.travel(verdict.smtp.retry_at + timedelta(seconds=1)):
        assert reasons(verify(ADA)) == ["accepted"]
    assert running.names[:2] == ["ada", "ada"]


def test_what_is_found_out_of_a_domain_is_remembered(running: Mail) -> None:
    running.replies[BO] = "250 OK"
    assert reasons(verify(ADA)) == ["accepted"]
    profile = DomainProfile.objects.get()
    assert (profile.domain, profile.mx_status, profile.mx_hosts) == ("acme.example", "found", ["mx.acme.example"])
    assert (profile.catch_all, len(running.names)) == (False, 2)
    questions = len(running.dns.questions)
    assert reasons(verify(BO)) == ["accepted"]
    assert running.names[2:] == ["bo"], "no made-up name is asked about again"
    assert [name for name, rdtype in running.dns.questions[questions:] if rdtype == "MX"] == []


def test_a_domain_that_takes_every_address_is_asked_once_a_week(settings) -> None:
    with mail(settings, otherwise="250 OK") as running:
        assert reasons(verify(ADA, BO)) == ["catch_all", "catch_all"]
        assert running.names[0] == "ada"
        assert len(running.names) == 2, "one of the two, and a made-up one"
        assert DomainProfile.objects.get().catch_all is True
        assert reasons(verify("cy@acme.example")) == ["catch_all"]
        assert len(running.names) == 2
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            assert reasons(verify("cy@acme.example")) == ["catch_all"]
        assert len(running.names) == 4


def test_where_all_is_to_be_asked_anew_so_is_that(running: Mail) -> None:
    running.replies[BO] = "250 OK"
    domain_profiles.save_catch_all({"acme.example": True})
    assert reasons(verify(ADA, BO)) == ["catch_all", "catch_all"]
    assert reasons(verify(ADA, BO, means=Means(smtp=True, fresh=True))) == ["accepted", "accepted"]
    assert len(running.names) == 2 + 1, "and one made-up name"
    assert DomainProfile.objects.get().catch_all is False


@pytest.mark.parametrize("value", [ADA, "acme.example"])
def test_nobody_is_asked_about_somebody_on_the_suppression_list(running: Mail, value) -> None:
    suppression.add([value], "objection")
    assert reasons(verify(ADA, "joe@other.example")) == [None, "no_such_user"]
    assert running.names == ["joe"]


def test_a_domain_without_mail_is_not_asked(settings) -> None:
    with mail(settings, domains=["acme.example"]) as running:
        (verdict,) = verify("ada@nowhere.example")
    assert (verdict.mx.status, verdict.smtp, running.server.commands) == ("none", None, [])


def test_what_became_of_messages_counts_even_where_all_is_to_be_asked_anew(running: Mail) -> None:
    outcomes.record(ADA, "bounced")
    (verdict,) = verify(ADA, means=Means(fresh=True))
    assert (verdict.smtp_passed, verdict.score <= 10) == (False, True)


class Interrupted(Exception):
    """What a lost lease raises."""


def test_who_is_told_meanwhile_may_stop_it_and_nothing_is_written(running: Mail) -> None:
    def interrupt() -> None:
        released.append(True)
        raise Interrupted

    released: list[bool] = []
    running.replies[ADA] = lambda: _when(released)
    with pytest.raises(Interrupted):
        verify(ADA, tick=interrupt)
    assert not AddressCheck.objects.exists()
    assert not DomainProfile.objects.exists()


def _when(released: list[bool]) -> str:
    for _ in range(2000):
        if released:
            break
        time.sleep(0.01)
    return "250 OK"


# Providers ---------------------------------------------------------------------------------------

VERIFIER = "/v2/email-verifier"
ASKED = Means(providers=True)


@pytest.fixture
def hunter(settings, running: Mail, monkeypatch) -> Iterator[Providers]:
    monkeypatch.setattr(providers, "BREAKERS", Breakers())
    with kit.providers("hunter") as hunter:
        settings.ENRICHMENT_PROVIDER_ACCESS = hunter.access
        settings.ENRICHMENT_PROVIDERS = ["hunter"]
        yield hunter


def test_a_providers_answer_is_kept_and_paid_for_once(hunter: Providers) -> None:
    (verdict,) = verify(EMAIL, means=ASKED)
    assert (verdict.method, verdict.api.by, verdict.api.result) == ("api", "hunter", Result.DELIVERABLE)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        (again,) = verify(EMAIL, means=ASKED)
    assert again.api == verdict.api
    assert hunter.asked("hunter") == [VERIFIER]
    assert sum(ProviderUsage.objects.values_list("calls", flat=True)) == 1
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        verify(EMAIL, means=ASKED)
    assert hunter.asked("hunter") == [VERIFIER] * 2


def test_what_a_provider_could_not_tell_is_paid_for_once_a_day(hunter: Providers) -> None:
    hunter.say("hunter", {VERIFIER: {"data": {"status": "unknown", "score": 30}}})
    for _ in range(2):
        assert verify(EMAIL, means=ASKED)[0].api.result is Result.UNKNOWN
    assert [(check.by, check.result) for check in address_checks.load([EMAIL])[EMAIL]] == [("hunter", Result.UNKNOWN)]
    assert hunter.asked("hunter") == [VERIFIER]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        verify(EMAIL, means=ASKED)
    assert hunter.asked("hunter") == [VERIFIER] * 2


def test_providers_are_asked_only_where_the_mail_server_left_it_open(hunter: Providers, running: Mail) -> None:
    running.replies[EMAIL] = GREYLISTED
    verdicts = verify(ADA, BO, EMAIL, means=Means(smtp=True, providers=True))
    assert [verdict.method for verdict in verdicts] == ["smtp_ping", "smtp_ping", "api"]
    assert hunter.asked("hunter") == [VERIFIER]


def test_no_provider_is_asked_about_dead_domains_or_people_who_objected(hunter: Providers) -> None:
    suppression.add([EMAIL], "objection")
    verify(EMAIL, means=ASKED)
    assert hunter.asked("hunter") == []


def test_who_objected_with_a_provider_is_on_the_suppression_list_then(hunter: Providers) -> None:
    hunter.say("hunter", {VERIFIER: hunter_error(451)})
    verify(EMAIL, means=ASKED)
    assert suppression.suppressed([EMAIL]) == {EMAIL}
    assert not AddressCheck.objects.exists()


def test_somebody_is_told_before_each_request(hunter: Providers) -> None:
    told: list[int] = []
    verify(EMAIL, f"bo@{DOMAIN}", means=ASKED, tick=lambda: told.append(len(hunter.asked("hunter"))))
    assert told == [0, 1]


@pytest.mark.parametrize(
    ("result", "days", "settled"),
    [
        (Result.DELIVERABLE, 0, True),
        (Result.UNDELIVERABLE, 6, True),
        (Result.DELIVERABLE, 8, False),
        (Result.CATCH_ALL, 0, False),
        (Result.UNKNOWN, 0, False),
    ],
)
def test_an_address_is_settled_by_a_clear_answer_of_late(result, days, settled) -> None:
    check = Check(ADA, SMTP, result, "x", "It was so.", timezone.now() - timedelta(days=days))
    assert verifying.is_settled([check]) is settled


def test_many_addresses_at_many_domains_take_few_queries(running: Mail, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(25):
        verdicts = verify(*(f"ada@acme{n}.example" for n in range(100)))
    assert reasons(verdicts) == ["no_such_user"] * 100
