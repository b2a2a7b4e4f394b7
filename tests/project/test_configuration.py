"""Settings, .env.example and docs/configuration.md name the same variables; what is wrong is said in a sentence."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from enrichment_project import checks
from tests.environment import variables


def variables_of_settings() -> list[str]:
    """Return the name in each `env.xxx("NAME")` and `_secret("NAME")` of settings.py, in order."""
    tree = ast.parse((settings.BASE_DIR / "enrichment_project" / "settings.py").read_text())
    names = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        function = call.func
        reads = (
            isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "env"
        )
        if reads or (isinstance(function, ast.Name) and function.id == "_secret"):
            argument = call.args[0]
            if isinstance(argument, ast.Constant):
                names.append(str(argument.value))
            else:
                assert isinstance(argument, ast.Name), f"line {call.lineno}: name the variable as it is written"
                assert argument.id == "name"  # inside _secret itself
    return names


def test_the_example_names_exactly_the_variables_that_settings_read() -> None:
    example = variables(settings.BASE_DIR / ".env.example")
    assert sorted(example) == sorted(set(variables_of_settings()))
    assert len(example) == len(set(example))


def test_the_page_describes_exactly_these_variables() -> None:
    page = (settings.BASE_DIR / "docs" / "configuration.md").read_text()
    described = re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \|", page, re.MULTILINE)
    assert sorted(described) == sorted(variables(settings.BASE_DIR / ".env.example"))


def test_the_example_as_it_stands_changes_nothing() -> None:
    lines = (settings.BASE_DIR / ".env.example").read_text().splitlines()
    assert all(not line or line.startswith("#") for line in lines)


def test_the_defaults_in_the_example_are_those_of_settings(tmp_path: Path) -> None:
    """With every default of the example written out, the settings come out the same."""
    text = (settings.BASE_DIR / ".env.example").read_text()
    written = dict(re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.+)$", text, re.MULTILINE))
    for example in ("VAR_DIR", "DATABASE_URL", "REDIS_URL", "ENV_FILE"):
        del written[example]
    bare = {
        name: value for name, value in os.environ.items() if name not in variables(settings.BASE_DIR / ".env.example")
    }
    bare |= {"VAR_DIR": str(tmp_path), "ENV_FILE": ""}
    code = (
        "from enrichment_project import settings\n"
        "names = [name for name in dir(settings) if name.isupper()]\n"
        "print({name: getattr(settings, name) for name in names})"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=True
        ).stdout
        for env in (bare, bare | written)
    ]
    addresses = re.compile(r"0x[0-9a-f]+")
    assert addresses.sub("", outputs[0]) == addresses.sub("", outputs[1])


def test_the_commands_that_make_keys_make_valid_ones() -> None:
    page = (settings.BASE_DIR / "docs" / "configuration.md").read_text()
    commands = re.findall(r'^python3 -c "(.+?)"\s+# ([A-Z_]+)$', page, re.MULTILINE)
    made = {
        name: subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        for code, name in commands
    }
    assert set(made) == {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "BLIND_INDEX_KEY"}
    Fernet(made["FIELD_ENCRYPTION_KEYS"])
    assert len(made["SECRET_KEY"]) >= 50


def test_the_tests_settings_pass_the_checks() -> None:
    assert checks.configuration() == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("FIELD_ENCRYPTION_KEYS", ["too short"], "key 1 is not 32 bytes"),
        ("FIELD_ENCRYPTION_KEYS", [], "holds no key"),
        ("BLIND_INDEX_KEY", "tests-only-tests-only-tests-only-tests-only-tests-only", "repeats another key"),
        ("ENRICHMENT_SOURCES", ["website", "telepathy"], "telepathy"),
        ("ENRICHMENT_RESTRICTED_REGIONS", ["DE", "XX"], "XX"),
        ("ENRICHMENT_DNS_SERVERS", ["127.0.0.1:port"], "127.0.0.1:port"),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["example.com"], "example.com"),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["example.com=127.0.0.1:port"], "127.0.0.1:port"),
        ("ENRICHMENT_ALLOWED_PRIVATE_HOSTS", ["10.0.0.0/99"], "10.0.0.0/99"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT"),
        ("METRICS_ALLOWED_NETWORKS", ["inside"], "inside"),
        ("PORT", 70_000, "PORT is 70000"),
        ("PORT", 0, "PORT is 0"),
        ("WORKER_PROCESSES", 0, "WORKER_PROCESSES is 0"),
        ("ENRICHMENT_JOB_LEASE_SECONDS", 0, "ENRICHMENT_JOB_LEASE_SECONDS is 0"),
        ("ENRICHMENT_REVERIFY_DAYS", 0, "ENRICHMENT_REVERIFY_DAYS is 0"),
        ("ENRICHMENT_SMTP_HELO", "probe.example\r\nDATA", "ENRICHMENT_SMTP_HELO"),
        ("ENRICHMENT_SMTP_FROM", "<verify@acme.example>", "ENRICHMENT_SMTP_FROM"),
        ("OUTREACH_WINDOW", "17:00-09:00", "OUTREACH_WINDOW"),
        ("OUTREACH_DEFAULT_ZONE", "Mars/Olympus", "Mars/Olympus"),
        ("OUTREACH_SEND_ENABLED", True, "there is no way to send"),
        ("OUTREACH_MIN_PROBABILITY", 80.0, "OUTREACH_MIN_PROBABILITY is 80.0"),
        ("OUTREACH_MIN_PROBABILITY", -0.1, "OUTREACH_MIN_PROBABILITY is -0.1"),
        ("OUTREACH_MIN_PROBABILITY", float("nan"), "OUTREACH_MIN_PROBABILITY is nan"),
        ("OUTREACH_TASK_DAYS", 0, "OUTREACH_TASK_DAYS is 0"),
        ("OUTREACH_FROM", "Ada Sender", "OUTREACH_FROM is 'Ada Sender'"),
        ("OUTREACH_FROM", "Ada Sender <ada@>", "OUTREACH_FROM is 'Ada Sender <ada@>'"),
        ("OUTREACH_PUBLIC_URL", "outreach.acme.example", "no address of the web: 'outreach.acme.example'"),
        ("OUTREACH_PUBLIC_URL", "ftp://outreach.acme.example", "no address of the web"),
        ("OUTREACH_PUBLIC_URL", "https://", "no address of the web"),
        ("OUTREACH_PUBLIC_URL", "https://outreach.acme.example:port", "no address of the web"),
        ("OUTREACH_PUBLIC_URL", "https://[::1", "no address of the web"),
        ("OUTREACH_IMAP_URL", "pop3://ada:secret@mail.acme.example", "neither imaps:// nor imap://"),
        ("OUTREACH_IMAP_URL", "imaps://ada@mail.acme.example", "lacks a host, a user or a password"),
        ("OUTREACH_IMAP_URL", "imaps://ada:secret@[mail", "OUTREACH_IMAP_URL cannot be read"),
    ],
)
def test_a_setting_that_cannot_work_is_named_in_a_sentence(settings, name: str, value: object, sentence: str) -> None:
    setattr(settings, name, value)
    messages = checks.configuration()
    assert len(messages) == 1
    assert sentence in messages[0].msg
    assert messages[0].hint
    assert messages[0].is_serious()
    assert "secret" not in str(messages[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OUTREACH_FROM", "ada@acme.example"),
        ("OUTREACH_FROM", "Ada Sender <ada@acme.example>"),
        ("OUTREACH_MIN_PROBABILITY", 0.0),
        ("OUTREACH_MIN_PROBABILITY", 1.0),
        ("OUTREACH_PUBLIC_URL", "https://outreach.acme.example/crm"),
        ("OUTREACH_PUBLIC_URL", "http://127.0.0.1:8000"),
        ("OUTREACH_PUBLIC_URL", "http://[::1]:8000"),
        ("OUTREACH_PUBLIC_URL", "http://localhost:8000"),
        ("OUTREACH_IMAP_URL", "imaps://ada%40acme.example:secret@mail.acme.example/INBOX"),
    ],
)
def test_a_setting_that_works_is_not_complained_about(settings, name: str, value: object) -> None:
    setattr(settings, name, value)
    assert checks.configuration() == []


@pytest.mark.parametrize("way", [{"EMAIL_URL": "smtp://127.0.0.1"}, {"ANYMAIL_ESP": "postmark"}])
def test_sending_may_be_switched_on_where_there_is_a_way(settings, way: dict[str, str]) -> None:
    settings.OUTREACH_SEND_ENABLED = True
    for name, value in way.items():
        setattr(settings, name, value)
    assert checks.configuration() == []


def test_an_address_for_recipients_without_encryption_is_warned_of(settings) -> None:
    settings.OUTREACH_PUBLIC_URL = "http://outreach.acme.example"
    (message,) = checks.configuration()
    assert (message.id, message.is_serious()) == ("enrichment.W002", False)


def test_manage_py_check_says_it_and_fails() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "LOG_FORMAT": "xml", "ENRICHMENT_SOURCES": "telepathy"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "LOG_FORMAT is 'xml'." in done.stderr
    assert "telepathy" in done.stderr
    assert "Traceback" not in done.stderr
