"""The providers of this installation, asked in order, under a budget and with breakers, at servers on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm import suppression
from crm.models import Suppression
from enrichment import provider_budget, providers
from enrichment.discovery.base import Diagnostic
from enrichment.discovery.breakers import FAILURES, Breakers
from enrichment.emails.checks import Result
from enrichment.emails.providers import snov
from enrichment_project import checks
from tests.kit import providers as kit
from tests.kit.providers import BODIES, DOMAIN, EMAIL, SECRETS, Providers, answer, hunter_error
from tests.kit.web import Page

pytestmark = pytest.mark.django_db

FINDER, VERIFIER, SEARCH = "/v2/email-finder", "/v2/email-verifier", "/v2/domain-search"
SNOV_CHECKED, SNOV_FOUND = "/v2/email-verification/result", "/v2/emails-by-domain-by-name/result"
UNKNOWN: dict[str, Any] = {"data": {"status": "unknown", "score": 30}}


@pytest.fixture(autouse=True)
def _new_breakers(monkeypatch) -> None:
    monkeypatch.setattr(providers, "BREAKERS", Breakers())


@pytest.fixture
def running(settings, monkeypatch) -> Iterator[Providers]:
    monkeypatch.setattr(snov, "PAUSES", (0.0, 0.0))
    with kit.providers() as running:
        settings.ENRICHMENT_PROVIDER_ACCESS = running.access
        settings.ENRICHMENT_PROVIDERS = ["hunter", "snov"]
        yield running


def codes(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
    assert not any(
        word in diagnostic.sentence
        for diagnostic in diagnostics
        for word in (EMAIL, *(secret for given in SECRETS.values() for secret in given.values()))
    )
    return [(diagnostic.source, diagnostic.code) for diagnostic in diagnostics]


def test_the_first_that_can_tell_is_the_last_that_is_asked(running: Providers) -> None:
    answered = providers.verify(EMAIL)
    assert (answered.check.by, answered.check.result) == ("hunter", Result.DELIVERABLE)
    assert answered.diagnostics == ()
    assert running.asked("snov") == []
    found = providers.find("Ines", "Fontana", DOMAIN)
    assert (found.found.by, found.found.email, found.diagnostics) == ("hunter", EMAIL, ())
    known = providers.domain(DOMAIN)
    assert [pair.name for pair in known.findings.known] == ["Marta Lindqvist", "Jonas Okafor"]
    assert running.asked("snov") == []


def test_the_order_is_that_of_the_setting(running: Providers, settings) -> None:
    settings.ENRICHMENT_PROVIDERS = ["reacher", "hunter"]
    assert providers.verify(EMAIL).check.by == "reacher"
    assert providers.find("Ines", "Fontana", DOMAIN).found.by == "hunter"  # the other finds nobody
    assert running.asked("reacher") == ["/v0/check_email"]


def test_without_a_setting_all_but_clearbit_are_asked(running: Providers, settings) -> None:
    settings.ENRICHMENT_PROVIDERS = []
    assert [provider.name for provider in providers.from_settings()] == ["hunter", "snov", "reacher"]


def test_one_that_cannot_tell_leaves_it_to_the_next(running: Providers) -> None:
    running.say("hunter", {VERIFIER: UNKNOWN})
    answered = providers.verify(EMAIL)
    assert [(check.by, check.result) for check in answered.checks] == [
        ("hunter", Result.UNKNOWN), ("snov", Result.DELIVERABLE),
    ]  # fmt: skip
    assert answered.check.by == "snov"


def test_that_a_domain_takes_everything_says_more_than_nothing(running: Providers) -> None:
    running.say("hunter", {VERIFIER: {"data": {"status": "accept_all"}}})
    running.say("snov", {SNOV_CHECKED: {"status": "completed", "data": []}})
    answered = providers.verify(EMAIL)
    assert (answered.check.by, answered.check.result, len(answered.checks)) == ("hunter", Result.CATCH_ALL, 2)


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        ({"score": 49, "verification": None}, "snov"),
        ({"score": 50, "verification": None}, "hunter"),
        ({"score": 20, "verification": {"status": "valid"}}, "hunter"),
        ({"score": 97, "verification": {"status": "invalid"}}, "snov"),
        ({"email": None}, "snov"),
    ],
)
def test_an_address_that_its_provider_is_not_sure_of_is_compared(running: Providers, fields: Any, by: str) -> None:
    body = BODIES["hunter"][FINDER]
    running.say("hunter", {FINDER: {"data": {**body["data"], **fields}}})
    assert providers.find("Ines", "Fontana", DOMAIN).found.by == by


def test_an_unsure_address_is_better_than_none(running: Providers) -> None:
    body = BODIES["hunter"][FINDER]
    running.say("hunter", {FINDER: {"data": {**body["data"], "score": 30, "verification": None}}})
    running.say("snov", {SNOV_FOUND: {"status": "completed", "data": []}})
    answered = providers.find("Ines", "Fontana", DOMAIN)
    assert (answered.found.by, answered.found.confidence) == ("hunter", 0.3)


def test_a_failure_is_said_and_given_back(running: Providers) -> None:
    running.say("hunter", {VERIFIER: Page("<h1>Sorry</h1>", 500)})
    answered = providers.verify(EMAIL)
    assert answered.check.by == "snov"
    assert codes(answered.diagnostics) == [("hunter", "unavailable")]
    assert (provider_budget.used("hunter"), provider_budget.used("snov")) == (0, 1)


def test_one_that_fails_again_and_again_is_left_alone(running: Providers, settings) -> None:
    settings.ENRICHMENT_PROVIDERS = ["hunter"]
    running.say("hunter", {VERIFIER: Page("", 503)})
    for _ in range(FAILURES):
        assert codes(providers.verify(EMAIL).diagnostics) == [("hunter", "unavailable")]
    assert codes(providers.find("Ines", "Fontana", DOMAIN).diagnostics) == [("hunter", "left_alone")]
    assert len(running.asked("hunter")) == FAILURES


def test_failures_that_an_answer_parts_are_not_in_a_row(running: Providers, settings) -> None:
    settings.ENRICHMENT_PROVIDERS = ["hunter"]
    for _ in range(FAILURES):
        running.say("hunter", {VERIFIER: Page("", 503)})
        assert codes(providers.verify(EMAIL).diagnostics) == [("hunter", "unavailable")]
        running.say("hunter", {})
        assert providers.verify(EMAIL).check is not None


@pytest.mark.parametrize(("status", "code"), [(401, "bad_key"), (403, "rate_limited"), (429, "quota")])
def test_one_that_turns_us_away_is_left_alone_at_once(running: Providers, status: int, code: str) -> None:
    running.say("hunter", {VERIFIER: hunter_error(status)})
    assert codes(providers.verify(EMAIL).diagnostics) == [("hunter", code)]
    assert codes(providers.verify(EMAIL).diagnostics) == [("hunter", "left_alone")]
    assert running.asked("hunter") == [VERIFIER]


def test_a_budget_that_is_used_up_is_said(running: Providers, settings) -> None:
    settings.ENRICHMENT_PROVIDER_BUDGET = ["hunter=1", "snov=0"]
    assert providers.verify(EMAIL).check is not None
    answered = providers.verify(EMAIL)
    assert answered.check is None
    assert codes(answered.diagnostics) == [("hunter", "budget"), ("snov", "budget")]
    assert running.asked("hunter") == [VERIFIER]


def test_a_domain_costs_what_it_took(running: Providers) -> None:
    providers.domain(DOMAIN)
    assert provider_budget.used("hunter") == 1
    running.say("hunter", {"/v2/email-count": {"data": {"total": 0, "personal_emails": 0}}})
    assert providers.domain(DOMAIN).findings.known[0].name == "Marta Lindqvist"  # by the other
    assert (provider_budget.used("hunter"), provider_budget.used("snov")) == (1, 2)


def test_whoever_objected_is_never_asked_about_again(running: Providers) -> None:
    running.say("hunter", {VERIFIER: hunter_error(451, "claimed_email")})
    answered = providers.verify(EMAIL)
    assert (answered.check, answered.checks, answered.objected) == (None, (), True)
    assert codes(answered.diagnostics) == [("hunter", "objected")]
    assert running.asked("snov") == []
    assert suppression.suppressed([EMAIL]) == {EMAIL}
    assert Suppression.objects.get().reason == Suppression.Reason.OBJECTION
    again = providers.verify(EMAIL)
    assert (again.check, codes(again.diagnostics)) == (None, [("providers", "suppressed")])
    assert running.asked("hunter") == [VERIFIER]


def test_an_objection_of_somebody_sought_by_name_ends_the_search(running: Providers) -> None:
    running.say("hunter", {FINDER: hunter_error(451, "claimed_email")})
    answered = providers.find("Ines", "Fontana", DOMAIN)
    assert (answered.found, answered.objected, codes(answered.diagnostics)) == (None, True, [("hunter", "objected")])
    assert running.asked("snov") == []
    assert not Suppression.objects.exists()  # nobody knows the address


def test_nobody_on_the_suppression_list_comes_out(running: Providers) -> None:
    suppression.add([EMAIL, f"marta.lindqvist@{DOMAIN}"], "manual")
    answered = providers.find("Ines", "Fontana", DOMAIN)
    assert (answered.found, codes(answered.diagnostics)) == (None, [("providers", "suppressed")])
    assert [pair.name for pair in providers.domain(DOMAIN).findings.known] == ["Jonas Okafor"]


def test_a_domain_on_the_suppression_list_is_not_asked_about(running: Providers) -> None:
    suppression.add([DOMAIN], "manual")
    assert codes(providers.find("Ines", "Fontana", DOMAIN).diagnostics) == [("providers", "suppressed")]
    assert codes(providers.domain(DOMAIN).diagnostics) == [("providers", "suppressed")]
    assert codes(providers.verify(EMAIL).diagnostics) == [("providers", "suppressed")]
    assert running.asked("hunter") == running.asked("snov") == []


def test_a_token_outlasts_a_question(running: Providers, settings) -> None:
    settings.ENRICHMENT_PROVIDERS = ["snov"]
    for _ in range(2):
        assert providers.verify(EMAIL).check.result is Result.DELIVERABLE
    assert running.asked("snov").count("/v1/oauth/access_token") == 1


def test_without_providers_nobody_is_asked(settings) -> None:
    settings.ENRICHMENT_PROVIDERS = []
    assert providers.verify(EMAIL).check is None
    assert providers.find("Ines", "Fontana", DOMAIN).found is None
    assert providers.domain(DOMAIN).findings is None


def test_nothing_secret_or_personal_is_logged_above_debug(running: Providers, caplog) -> None:
    caplog.set_level("INFO")
    running.say("hunter", {VERIFIER: Page("", 500), FINDER: answer([])})
    providers.verify(EMAIL)
    providers.find("Ines", "Fontana", DOMAIN)
    said = caplog.text
    assert not any(secret in said for given in SECRETS.values() for secret in given.values())
    assert "fontana" not in said.lower()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ENRICHMENT_PROVIDERS", ["hunter", "apollo"], "ENRICHMENT_PROVIDERS: There is no provider apollo"),
        ("ENRICHMENT_PROVIDERS", ["hunter"], "HUNTER_API_KEY"),
        ("ENRICHMENT_PROVIDER_BUDGET", ["much"], "ENRICHMENT_PROVIDER_BUDGET"),
    ],
)
def test_a_start_says_what_is_wrong_with_the_configuration(settings, name: str, value: list[str], words: str) -> None:
    settings.ENRICHMENT_PROVIDER_ACCESS = {}
    setattr(settings, name, value)
    (message,) = checks.configuration()
    assert words in str(message.msg)
