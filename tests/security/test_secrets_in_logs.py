"""Nothing that a line of the log, an error or a message to a worker holds opens a door or names a person."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import User
from django.test import Client

from core import api_tokens
from enrichment_project import redaction
from enrichment_project.log_config import logging_config
from outreach import notices, unsubscribing

TOKEN = "enr_" + "aB3" * 14
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
LINES = {
    f"Authorization: Bearer {TOKEN}": TOKEN,
    "Authorization: Basic dXNlcjpwYXNzd29yZA==": "dXNlcjpwYXNzd29yZA",
    "headers={'Authorization': 'Token s3cr3t-value'}": "s3cr3t-value",
    f"got Bearer {JWT} there": JWT,
    f"bearer {JWT}": JWT,
    f"the token is {TOKEN}.": TOKEN,
    f"{JWT} expired": JWT,
    "GET https://serpapi.com/search?q=acme&api_key=s3cr3tvalue&num=10": "s3cr3tvalue",
    "https://www.googleapis.com/customsearch/v1?key=AIzaS3cr3t&cx=0123456789": "AIzaS3cr3t",
    "/cb?code=s3cr3tcode&state=x": "s3cr3tcode",
    "apikey=s3cr3tvalue": "s3cr3tvalue",
    "API-Key: s3cr3tvalue": "s3cr3tvalue",
    "X-API-KEY: s3cr3tvalue": "s3cr3tvalue",
    "{'password': 's3cr3t', 'user': 'ada'}": "s3cr3t",
    '{"client_secret": "s3cr3t", "a": 1}': "s3cr3t",
    "refresh_token=s3cr3t&x=1": "s3cr3t",
    "smtp+tls://mailer:p4ssw0rd@mail.acme.example:587": "p4ssw0rd",
    "imaps://ada%40acme.example:p4ss%2Fword@imap.acme.example/INBOX": "p4ss%2Fword",
    "postgresql://enr:p4:ss@w0rd@db:5432/enr": "p4:ss",
    "redis://:p4ssw0rd@redis:6379/0 is gone": "p4ssw0rd",
    "Cookie: sessionid=abc123def; csrftoken=xyz": "abc123def",
    "Set-Cookie: sessionid=abc123def; Path=/": "abc123def",
    "Not Found: /unsubscribe/Abc-d_ef12345.0123456789abcdef": "Abc-d_ef12345",
    "Not Found: /privacy/Abc-d_ef12345.0123456789abcdef": "Abc-d_ef12345",
    "Not Found: /privacy/confirm/Abc-d_ef12345": "Abc-d_ef12345",
    "Not Found: /account/password/reset/MQ/cabc12-0123456789abcdef/": "cabc12-0123456789abcdef",
    "no such mailbox: ada.example+x@acme.example": "ada.example",
    "<Ada@Mail.ACME.example>": "Ada@",
    "to=ada%40acme.example": "ada%40",
    "Ünïcode.ada@acme.example said no": "ada@acme",
}
HARMLESS = [
    "Discovered 12 unique domains",
    "GET /contacts/?page=2&sort=-found",
    "the token has expired",
    "Key (name_key)=(acme) already exists.",
    "password is too short",
    "https://acme.example/team?a=1",
    "tokens: none",
    "12:30:45 job 01a21045-158b-7394-81fc-974e6eb99e0b",
    "@app.task is 5 @ 3",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_loses_what_opens_a_door_or_names_somebody(line: str) -> None:
    cleaned = redaction.text(line)
    assert LINES[line] not in cleaned
    assert redaction.HIDDEN in cleaned or redaction.ADDRESS in cleaned
    assert redaction.text(cleaned) == cleaned


@pytest.mark.parametrize("line", HARMLESS)
def test_a_line_keeps_the_rest(line: str) -> None:
    assert redaction.text(line).replace(redaction.HIDDEN, "none") == line


@pytest.mark.parametrize(
    ("name", "secret"),
    [("password", True), ("api_key", True), ("X-Subscription-Token", True),
     ("SECRET_KEY", True), ("client_secret", True),
     ("BLIND_INDEX_KEY", True), ("FIELD_ENCRYPTION_KEYS", True), ("MAILGUN_API_KEY", True), ("authorization", True),
     ("name_key", False), ("keys_read", False), ("author", False), ("object_id", False), ("monkey", False)],
)  # fmt: skip
def test_a_secret_is_known_by_its_name(name: str, secret: bool) -> None:
    assert redaction.is_secret_name(name) is secret


def test_the_settings_tell_which_values_are_secret() -> None:
    settings = {
        "SECRET_KEY": "a-long-secret-key",
        "FIELD_ENCRYPTION_KEYS": ["key-one-key-one", "key-two-key-two"],
        "DATABASE_URL": "postgresql://enr:p%40ssw0rd@db/enr",
        "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "0000-1111-2222", "WEBHOOK_SECRET": "user:hook-secret"},
        "SERVICES": {"brave": {"api_key": "brave-key-1", "base_url": "https://brave.example"}},
        "AUTH_PASSWORD_VALIDATORS": [{"NAME": "django.contrib.auth.password_validation.X"}],
        "METRICS_TOKEN": "short",
        "DEBUG": False,
        "lower_secret": "not-a-setting",
    }
    assert set(redaction.secrets_of(settings)) == {
        *("a-long-secret-key", "key-one-key-one", "key-two-key-two", "p%40ssw0rd", "p@ssw0rd", "0000-1111-2222"),
        *("user:hook-secret", "brave-key-1"),
    }


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What is written by the product's own way of logging, at DEBUG."""
    formatter = logging_config("DEBUG", request.param, ["known-to-the-letter"])["formatters"]["structured"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logger = logging.getLogger("security.test")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.handlers, logger.propagate = [], True


def test_our_own_lines_are_cleaned(log: io.StringIO) -> None:
    ours: Any = structlog.get_logger("security.test")
    ours.warning("asked ada@acme.example", api_key="s3cr3t", headers={"Authorization": f"Bearer {TOKEN}"}, number=5)
    ours.info("nested", rows=[{"password": "s3cr3t", "who": b"ada@acme.example"}], url="https://u:s3cr3t@h/?key=s3cr3t")
    written = log.getvalue()
    assert "s3cr3t" not in written
    assert "ada@" not in written
    assert TOKEN not in written
    assert "number" in written
    assert "5" in written


def test_the_lines_and_tracebacks_of_libraries_are_cleaned(log: io.StringIO) -> None:
    theirs = logging.getLogger("security.test")
    theirs.error("cannot reach %s for %s", "imaps://ada:s3cr3t@imap.acme.example", "ada@acme.example")
    try:
        raise ValueError("Key (email)=(ada@acme.example) known-to-the-letter ?api_key=s3cr3t")
    except ValueError:
        theirs.exception("failed", stack_info=True)
    written = log.getvalue()
    assert "Traceback" in written
    assert "ValueError" in written
    assert "s3cr3t" not in written
    assert "ada@" not in written
    assert "known-to-the-letter" not in written


def test_at_debug_addresses_are_shown_and_secrets_are_not(log: io.StringIO) -> None:
    logging.getLogger("security.test").debug("ada@acme.example has Bearer %s", TOKEN)
    assert "ada@acme.example" in log.getvalue()
    assert TOKEN not in log.getvalue()


def test_json_stays_json() -> None:
    formatter = logging_config("INFO", "json")["formatters"]["structured"]
    line = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
    ).format(logging.LogRecord("x", logging.ERROR, "f", 1, 'a "quoted" password="s3cr3t" \n', (), None))
    assert "s3cr3t" not in json.loads(line)["event"]


# What requests leave behind -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_request_leaves_a_secret_in_a_log_or_an_error(
    boss: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    token = api_tokens.create(boss, "x")[1]
    client = Client(raise_request_exception=False)
    bearer = {"Authorization": f"Bearer {token}"}
    link, privacy = unsubscribing.token("ada@acme.example"), notices.token("ada@acme.example")
    answers = [
        client.get("/api/enrichment/contacts?api_key=s3cr3t&limit=x", headers=bearer),
        client.get("/api/nothing?token=s3cr3t", headers=bearer),
        client.post("/api/auth/token", {"username": "boss", "password": "s3cr3t"}, content_type="application/json"),
        client.post("/account/sign-in/", {"username": "boss", "password": "s3cr3t"}),
        client.get(f"/unsubscribe/{link}x"),
        client.get(f"/privacy/{privacy}x"),
        client.get(f"/account/password/reset/MQ/{'s3cr3t' * 4}/"),
    ]

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"cannot connect to postgresql://enr:s3cr3t@db/enr for ada@acme.example with {token}")

    monkeypatch.setattr("rest_framework.views.APIView.initial", fail)
    answers.append(client.get("/api/enrichment/stats?api_key=s3cr3t", headers=bearer))
    assert answers[-1].status_code == 500
    for answer in answers:
        shown = answer.content.decode()
        assert "Traceback" not in shown
        assert token not in shown
        if answer.status_code >= 400 and answer.status_code != 429:
            assert "s3cr3t" not in shown, answer.request["PATH_INFO"]
    formatter = logging_config("INFO", "json")["formatters"]["structured"]
    written = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
    )
    lines = "\n".join(written.format(record) for record in caplog.records if not isinstance(record.msg, dict))
    for secret in ("s3cr3t", token, link, privacy, "ada@acme.example", "correct horse"):
        assert secret not in lines
    assert lines


@pytest.mark.django_db
def test_a_message_to_a_worker_holds_an_id_and_nothing_else(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async", lambda self, args=(), kwargs=None, **_: sent.append((args, kwargs))
    )
    User.objects.create_user("ada", "ada@acme.example", "x")
    client = Client()
    client.force_login(boss)
    client.post("/discover/", {"brand_name": "Acme", "website": "https://acme.example"})
    client.post("/account/password/reset/", {"email": "ada@acme.example"})
    client.post("/privacy/", {"address": "ada@acme.example", "kind": "access", "text": "Mine."})
    assert "ada@" not in repr(sent)
    assert "Mine." not in repr(sent)
