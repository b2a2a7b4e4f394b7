"""A process with other keys than the database was written with does not start, and says which key is wrong."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import register
from django.core.checks.registry import registry
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection

import manage
from core import key_check
from core.models import KeyCheck
from enrichment_project import checks, embedded, web
from enrichment_project.celery import check_keys
from tests.factories import EmailFactory

pytestmark = pytest.mark.django_db


def other() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture(params=["noted", "not noted yet"])
def data(request: pytest.FixtureRequest) -> None:
    """A database in use: with its keys noted, or of a version that did not note them."""
    EmailFactory()
    if request.param == "noted":
        key_check.require()


def test_the_first_start_notes_the_keys_and_later_ones_write_nothing() -> None:
    assert key_check.problem() is None
    key_check.require()
    row = KeyCheck.objects.get()
    key_check.require()
    assert KeyCheck.objects.get().word == row.word
    assert key_check.problem() is None


def test_another_encryption_key_is_refused_and_one_beside_the_old_is_not(data: None, settings: Any) -> None:
    old = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [other(), *old]
    key_check.require()
    settings.FIELD_ENCRYPTION_KEYS = [other()]
    with pytest.raises(key_check.WrongKeys, match="FIELD_ENCRYPTION_KEYS does not hold the key"):
        key_check.require()


def test_another_index_key_is_refused(data: None, settings: Any) -> None:
    settings.BLIND_INDEX_KEY = "another"
    with pytest.raises(key_check.WrongKeys, match="BLIND_INDEX_KEY is not the one"):
        key_check.require()


def test_web_worker_launcher_and_commands_refuse_to_start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)  # it would take the test's transaction along
    key_check.require()
    settings.FIELD_ENCRYPTION_KEYS = [other()]
    for start in (web._check_keys, check_keys):
        with pytest.raises(SystemExit, match="rotate_field_keys"):
            start()
    with pytest.raises(embedded.CannotStart, match="Put that key back"):
        embedded.prepare_database()
    monkeypatch.setattr(registry, "registered_checks", {*registry.registered_checks})
    register(manage.keys_fit, "keys")
    with pytest.raises(SystemCheckError, match=r"core\.E001"):
        call_command("purge_unverified", skip_checks=False)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ([], "one or more keys"),
        (["short"], "32 bytes"),
        (["YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="] * 2, "a key twice"),
    ],
)
def test_keys_that_are_none_are_refused_in_words(settings: Any, keys: list[str], sentence: str) -> None:
    settings.FIELD_ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match=sentence):
        key_check.require()
    assert "enrichment.E001" in {message.id for message in checks.configuration()}
    assert key_check.check() == [], "the other check says it"


def test_a_database_that_does_not_answer_says_nothing_of_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_arguments: object, **_options: object) -> None:
        raise OperationalError("no such table: core_key_check")

    monkeypatch.setattr(KeyCheck.objects, "values_list", gone)
    monkeypatch.setattr(KeyCheck.objects, "exists", gone)
    key_check.require()
    assert key_check.check() == []


def test_an_import_of_the_workers_app_asks_no_database() -> None:
    """Celery runs all checks there, in tests and tools that have none."""
    assert not {check.__module__ for check in registry.registered_checks} & {"core.key_check", "manage"}
