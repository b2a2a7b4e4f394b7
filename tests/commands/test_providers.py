"""`manage.py providers`, with providers on loopback."""

import json
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from enrichment import provider_budget
from tests.kit import providers as kit
from tests.kit.providers import SECRETS, Providers, hunter_error

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(settings) -> Iterator[Providers]:
    with kit.providers() as running:
        settings.ENRICHMENT_PROVIDER_ACCESS = running.access
        settings.ENRICHMENT_PROVIDER_BUDGET = ["20", "hunter=500"]
        yield running


def lines(capsys) -> list[dict]:
    call_command("providers", json=True)
    out = capsys.readouterr().out
    assert not any(secret in out for given in SECRETS.values() for secret in given.values())
    return [json.loads(line) for line in out.splitlines() if line]


def test_what_was_used_and_what_is_left(running: Providers, capsys) -> None:
    provider_budget.hold("hunter", "find", 3)
    hunter, snov, reacher = lines(capsys)
    assert (hunter["provider"], hunter["usedThisMonth"], hunter["budget"]) == ("hunter", 3, 500)
    assert hunter["can"] == ["domain", "find", "verify"]
    assert hunter["plan"]["available"] > 0
    assert (snov["provider"], snov["budget"], snov["error"]) == ("snov", 20, None)
    assert (reacher["provider"], reacher["plan"]) == ("reacher", None)
    call_command("providers")
    assert "Hunter" in capsys.readouterr().out


def test_one_that_cannot_be_asked_says_why(running: Providers, capsys) -> None:
    running.say("hunter", {"/v2/account": hunter_error(401, "authentication_failed", "No user found")})
    hunter, snov, _ = lines(capsys)
    assert hunter["plan"] is None
    assert hunter["error"]["code"] == "bad_key"
    assert snov["error"] is None


def test_without_any_it_says_what_to_set(capsys) -> None:
    call_command("providers")
    assert "HUNTER_API_KEY" in capsys.readouterr().out
    assert lines(capsys) == []


def test_a_name_that_is_not_known_is_bad_usage(settings) -> None:
    settings.ENRICHMENT_PROVIDERS = ["apollo"]
    with pytest.raises(CommandError, match="no provider apollo") as refused:
        call_command("providers")
    assert refused.value.returncode == 2
