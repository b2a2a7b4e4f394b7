import json
from pathlib import Path

import pytest

from enrichment.emails.checks import Result
from enrichment.emails.verification.replies import Action, Meaning, classify, enhanced

REPLIES = json.loads(Path(__file__).with_name("replies.json").read_text(encoding="utf-8"))
MEANINGS = {
    "accepted": Meaning(Result.DELIVERABLE, "accepted", Action.NONE),
    "receiving_too_fast": Meaning(Result.DELIVERABLE, "receiving_too_fast", Action.NONE),
    "no_such_user": Meaning(Result.UNDELIVERABLE, "no_such_user", Action.NONE),
    "disabled": Meaning(Result.UNDELIVERABLE, "disabled", Action.NONE),
    "mailbox_full": Meaning(Result.UNKNOWN, "mailbox_full", Action.NONE),
    "greylisted": Meaning(Result.UNKNOWN, "greylisted", Action.RETRY_LATER),
    "temporary": Meaning(Result.UNKNOWN, "temporary", Action.RETRY_LATER),
    "blocked": Meaning(Result.UNKNOWN, "blocked", Action.PAUSE),
    "too_many_recipients": Meaning(Result.UNKNOWN, "too_many_recipients", Action.NEW_SESSION),
    "relay_denied": Meaning(Result.UNKNOWN, "relay_denied", Action.NONE),
    "early_refusal": Meaning(Result.UNKNOWN, "early_refusal", Action.NONE),
    "unsupported": Meaning(Result.UNKNOWN, "unsupported", Action.NONE),
    "unclear": Meaning(Result.UNKNOWN, "unclear", Action.NONE),
    "proceed": Meaning(Result.UNKNOWN, "accepted", Action.NONE),
    "session lost": Meaning(Result.UNKNOWN, "temporary", Action.RECONNECT),
    "no reply": Meaning(Result.UNKNOWN, "unclear", Action.RECONNECT),
}


@pytest.mark.parametrize(
    ("stage", "code", "text", "meaning"),
    [pytest.param(*reply, id=f"{who}: {reply[1]} {reply[2][:40]!a}") for who, *reply in REPLIES],
)
def test_what_a_reply_says_of_the_mailbox(stage: str, code: int, text: str, meaning: str) -> None:
    assert classify(stage, code, text) == MEANINGS[meaning]


def test_every_kind_of_meaning_is_tried() -> None:
    assert {meaning for *_, meaning in REPLIES} == set(MEANINGS)


@pytest.mark.parametrize("stage", ["connect", "ehlo", "starttls", "mail"])
def test_a_reply_before_rcpt_says_nothing_of_a_mailbox(stage: str) -> None:
    assert {classify(stage, code, text).result for _, _, code, text, _ in REPLIES} == {Result.UNKNOWN}


def test_a_temporary_code_never_condemns_a_mailbox() -> None:
    assert [text for _, _, _, text, _ in REPLIES if classify("rcpt", 450, text).result is Result.UNDELIVERABLE] == []


def test_a_block_list_beside_an_unknown_user_wins() -> None:
    for _, _, code, text, meaning in REPLIES:
        if meaning == "no_such_user":
            listed = f"{text} (192.0.2.7 is listed at zen.spamhaus.org)"
            assert classify("rcpt", code, listed) == MEANINGS["blocked"], text


@pytest.mark.parametrize(
    "text",
    [
        "", "\x00\x01\x02", "\ud800", "\ufffd" * 500, "5.1", "5.1.", "5.1.1.1.1", "5.999.9999", "\r\n\r\n", "@", "://",
        "user " * 100_000, "a." * 50_000, "@" * 50_000, "5.1.1" * 50_000, "\u0301" * 50_000, "b" * 1_000_000,
    ],
)  # fmt: skip
def test_nothing_that_a_server_writes_raises(text: str) -> None:
    for stage in ("connect", "ehlo", "starttls", "mail", "rcpt", "other"):
        for code in (-1, 0, 199, 250, 354, 421, 450, 550, 599, 600, 10**9):
            assert classify(stage, code, text).reason


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 No such user", "5.1.1"),
        ("#5.1.0 Address rejected.", "5.1.0"),
        ("No such user (5.1.10)", "5.1.10"),
        ("<jane.roe@acme.example>: 4.7.650 later", "4.7.650"),
        ("No such user", ""),
        ("192.0.2.7 rejected by 10.5.1.1", ""),
        ("version 6.1.1", ""),
    ],
)
def test_the_enhanced_code_is_read(text: str, code: str) -> None:
    assert enhanced(text) == code
