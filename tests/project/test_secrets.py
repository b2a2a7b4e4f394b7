"""Secrets that are made once and read by all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from enrichment_project import secrets

NAMES = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "BLIND_INDEX_KEY")
PRINT_SECRETS = (
    "import time\n"
    "from pathlib import Path\n"
    "while not Path('{go}').exists(): time.sleep(0.001)\n"
    "from enrichment_project import settings\n"
    "print(settings.SECRET_KEY, settings.FIELD_ENCRYPTION_KEYS, settings.BLIND_INDEX_KEY)"
)


def environment(var_dir: Path, **changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {*NAMES, "DATABASE_URL"}}
    return {**kept, "VAR_DIR": str(var_dir), **changes}


def start(code: str, env: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    var_dir, go = tmp_path / "var", tmp_path / "go"
    processes = [start(PRINT_SECRETS.format(go=go), environment(var_dir)) for _ in range(6)]
    go.touch()
    answers = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, answers
    assert len({out for out, _ in answers}) == 1
    assert len(answers[0][0].split()) == 3


def test_the_files_are_their_owners_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "made" / "secret-key"
    value = secrets.read_or_create(path, secrets.random_token)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret-key"]
    assert secrets.read_or_create(path, secrets.random_token) == value


def test_two_secrets_differ() -> None:
    assert secrets.random_token() != secrets.random_token()
    assert len(secrets.random_token()) >= 50


@pytest.mark.parametrize("missing", NAMES)
def test_with_a_database_of_ones_own_a_missing_secret_is_a_refusal(missing: str, tmp_path: Path) -> None:
    given = dict(zip(NAMES, ("s" * 50, settings.FIELD_ENCRYPTION_KEYS[0], "b"), strict=True))
    del given[missing]
    url = f"sqlite:///{tmp_path / 'own.sqlite3'}"
    process = start("import enrichment_project.settings", environment(tmp_path, DATABASE_URL=url, **given))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"ImproperlyConfigured: {missing} is not set." in errors
    assert not (tmp_path / "secrets" / missing.lower().replace("_", "-")).exists()


def test_with_a_database_of_ones_own_given_secrets_are_used_and_none_is_written(tmp_path: Path) -> None:
    given = dict(zip(NAMES, ("s" * 50, settings.FIELD_ENCRYPTION_KEYS[0], "b"), strict=True))
    env = environment(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'own.sqlite3'}", **given)
    process = start("from enrichment_project import settings; print(settings.BLIND_INDEX_KEY)", env)
    out, errors = process.communicate(timeout=60)
    assert (out.strip(), process.returncode) == ("b", 0), errors
    assert not (tmp_path / "secrets").exists()
