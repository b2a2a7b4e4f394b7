from pathlib import Path

import pytest

from outreach import bounces
from outreach.bounces import Report, Returned

MESSAGES = Path(__file__).parent / "messages"
OURS = ("<1@us.example>",)

ADA, JOAN, GRACE = "ada@acme.example", "joan@acme.example", "grace@beta.example"

# What each stored message says: (address, kind, status, reason) of each recipient.
EXPECTED = {
    "report-no-such-user": [(ADA, "hard", "5.1.1", "no_such_user")],
    "report-three-recipients": [
        (ADA, "hard", "5.1.1", "no_such_user"),
        (JOAN, "soft", "5.2.2", "mailbox_full"),
    ],
    "report-blocked-as-unknown-user": [(ADA, "blocked", "5.7.1", "reputation")],
    "report-reply-of-several-lines": [(ADA, "blocked", "5.0.0", "authentication")],
    "report-delayed": [(ADA, "soft", "4.4.1", "network")],
    "report-delivered": [(ADA, "unknown", "", "delivered")],
    "report-base64": [(ADA, "hard", "5.1.1", "no_such_user")],
    "report-without-mime": [(ADA, "hard", "5.1.1", "no_such_user")],
    "report-blank-lines-and-no-indent": [(ADA, "soft", "5.2.2", "mailbox_full")],
    "report-forwarded": [(ADA, "hard", "5.1.1", "no_such_user")],
    "report-quoted": [(ADA, "hard", "5.1.1", "no_such_user")],
    "report-alias": [(ADA, "hard", "5.1.1", "no_such_user")],
    "report-page-only": [(ADA, "hard", "5.0.0", "no_such_user")],
    "complaint": [(ADA, "complaint", "", "abuse")],
    "complaint-without-recipient": [(ADA, "complaint", "", "abuse")],
    "complaint-authentication": [(ADA, "blocked", "", "auth_failure")],
    "complaint-microsoft": [(ADA, "complaint", "", "abuse")],
    "text-because": [(ADA, "hard", "", "no_such_user")],
    "text-block-list": [(ADA, "blocked", "5.7.1", "reputation")],
    "text-brackets": [(ADA, "soft", "", "mailbox_full")],
    "text-bulleted": [(ADA, "hard", "5.3.0", "no_such_user")],
    "text-dialogue": [(ADA, "hard", "", "no_such_user")],
    "text-exim": [(ADA, "hard", "5.1.1", "no_such_user"), (JOAN, "blocked", "", "sender_refused")],
    "text-full": [(ADA, "soft", "5.2.2", "mailbox_full")],
    "text-german": [(ADA, "hard", "", "no_such_user")],
    "text-in-a-sentence": [(ADA, "hard", "5.1.1", "no_such_user")],
    "text-labelled": [(ADA, "hard", "5.1.1", "no_such_user")],
    "text-no-connection": [(ADA, "soft", "", "network")],
    "text-old-transcript": [(ADA, "blocked", "", "relay_denied"), (GRACE, "hard", "", "no_such_domain")],
    "text-other-server-returned": [(ADA, "hard", "5.1.1", "no_such_user")],
    "text-qmail": [(ADA, "hard", "5.1.1", "no_such_user"), (JOAN, "blocked", "5.1.1", "sender_refused")],
    "text-reason-above": [(ADA, "soft", "", "mailbox_full")],
    "text-reason-first": [(ADA, "hard", "", "no_such_user")],
    "text-recipients-affected": [(ADA, "hard", "5.1.1", "no_such_user")],
    "text-transcript-below": [(ADA, "hard", "5.1.1", "no_such_user")],
    "text-two-recipients": [(ADA, "hard", "5.1.1", "no_such_user"), (JOAN, "soft", "4.2.2", "mailbox_full")],
}


def stored(name: str) -> Report:
    return bounces.read((MESSAGES / f"{name}.eml").read_bytes())


def letter(subject: str, body: str, sender: str = "Ada <ada@acme.example>", headers: str = "") -> Report:
    head = f"From: {sender}\nTo: sender@us.example\nSubject: {subject}\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
    return bounces.read(f"{head}{headers}\n{body}".encode())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_stored_message_says_of_each_recipient(name: str) -> None:
    found = [(one.address, one.kind, one.status, one.reason) for one in stored(name).recipients]
    assert found == EXPECTED[name]


def test_every_stored_message_is_expected_to_say_something() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in MESSAGES.glob("*.eml"))


@pytest.mark.parametrize("name", ["report-no-such-user", "report-without-mime", "report-forwarded", "complaint"])
def test_a_report_names_the_message_it_is_about(name: str) -> None:
    assert stored(name).about == OURS


def test_a_text_names_the_message_whose_copy_follows() -> None:
    assert stored("text-exim").about == OURS
    assert stored("text-german").about == ()


def test_a_carriage_return_at_each_line_end_changes_nothing() -> None:
    for name in EXPECTED:
        raw = (MESSAGES / f"{name}.eml").read_bytes()
        assert bounces.read(raw.replace(b"\n", b"\r\n")).recipients == bounces.read(raw).recipients, name


def test_a_persons_answer_is_a_reply_even_when_it_quotes_a_bounce() -> None:
    quoted = "Odd, try again.\n\n> 550 5.1.1 user unknown\n> Your message could not be delivered"
    for subject in ("Re: Hi", "Re: Undeliverable: Hi", "AW: Mail delivery failed"):
        assert letter(subject, quoted).recipients == (Returned("ada@acme.example", "reply", "", "person"),)


def test_a_person_who_writes_about_a_delivery_is_no_mail_system() -> None:
    found = letter("Delivery failed yesterday", "The parcel never came. Call me.")
    assert [one.kind for one in found.recipients] == ["reply"]


def test_a_bounce_that_a_person_attaches_to_an_answer_says_nothing_of_its_recipient() -> None:
    raw = (MESSAGES / "report-forwarded.eml").read_bytes()
    answer = raw.replace(b"From: Postmaster <it@us.example>", b"From: Joan <joan@beta.example>")
    answer = answer.replace(b"Subject: FW: Undelivered Mail", b"Subject: Re: Hi\nIn-Reply-To: <1@us.example>")
    assert bounces.read(answer).recipients == (Returned("joan@beta.example", "reply", "", "person"),)


def test_an_absence_note_is_an_automatic_reply_also_from_a_mail_system() -> None:
    found = letter(
        "Automatic reply: Hi", "I am out of the office.", "postmaster@acme.example", "Auto-Submitted: auto-replied\n"
    )
    assert [(one.kind, one.reason) for one in found.recipients] == [("auto_reply", "out_of_office")]


def test_what_a_mail_system_says_and_nobody_understands_is_no_reply() -> None:
    for sender in ("MAILER-DAEMON@mx.example.com", "no-reply@acme.example", "nobody"):
        assert letter("Hello", "Greetings.", sender).recipients == (Returned("", "unknown"),)


def test_a_report_that_names_nobody_takes_the_recipient_from_the_copy() -> None:
    found = letter(
        "Undeliverable",
        "Your message was not delivered: mailbox full.\n\n--- Original message ---\n\nTo: ada@acme.example\n",
        "MAILER-DAEMON@mx.example.com",
    )
    assert found.recipients == (Returned("ada@acme.example", "soft", "", "mailbox_full"),)


def test_the_sender_of_the_message_is_none_of_those_who_did_not_get_it() -> None:
    found = letter(
        "Mail delivery failed",
        "A message that you sent as\n\n  sender@us.example\n\nfailed:\n\n  ada@acme.example\n    550 user unknown\n",
        "MAILER-DAEMON@mx.example.com",
    )
    assert [one.address for one in found.recipients] == ["ada@acme.example"]


def test_somebody_who_wrote_to_himself_is_named() -> None:
    found = letter(
        "failure notice", "Sorry:\n\n<sender@us.example>:\n552 disk quota exceeded\n", "MAILER-DAEMON@us.example"
    )
    assert found.recipients == (Returned("sender@us.example", "soft", "", "mailbox_full"),)


def test_a_group_that_may_not_exist_or_not_want_us_is_never_suppressed() -> None:
    found = letter(
        "Delivery Status Notification (Failure)",
        "Le groupe (x) n'existe peut-être pas.\n\nhttps://groups.google.com/support/\n\n----- Original message -----\n",
        "Mail Delivery Subsystem <mailer-daemon@example.com>",
        "X-Failed-Recipients: group@groups.example\n",
    )
    assert found.recipients == (Returned("group@groups.example", "blocked", "", "sender_refused"),)


def test_a_report_of_many_recipients_is_cut() -> None:
    block = "Final-Recipient: rfc822; a{}@acme.example\nAction: failed\nStatus: 5.1.1\n\n"
    blocks = "".join(block.format(number) for number in range(300))
    found = letter("Undelivered", blocks, "MAILER-DAEMON@mx.example.com", "Content-Type: message/delivery-status\n")
    assert len(found.recipients) == 100
