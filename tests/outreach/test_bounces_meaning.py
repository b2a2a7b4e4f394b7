import pytest

from outreach.bounce_verdict import Evidence, judge

NO_SUCH_MAILBOX = """
    550 #5.1.0 Address rejected.
    550 5.1.1 <x@y.example>: Recipient address rejected: User unknown in local recipient table
    550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
    550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).
    550-5.1.1 The email account that you tried to reach does not exist.
    550 5.2.1 The email account that you tried to reach is disabled. See https://support.google.com/mail/?p=DisabledUser
    550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
    554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [-9]
    554 30 Sorry, your message to x@y.example cannot be delivered. This mailbox is disabled (554.30).
    552 1 Requested mail action aborted, mailbox not found
    550 No Such User Here
    550 Requested action not taken: mailbox unavailable
    550 sorry, no mailbox here by that name. (#5.7.17)
    511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
    550 5.1.1 unknown or illegal alias: x@example.com
    550 Invalid recipient x@y.example (#5.1.1)
    554 5.7.1 The email address you entered couldn't be found.
    550 5.1.1 Mailbox does not exist
    550 RCPT TO:<x@y.example> User unknown
    550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728
    550 Host or domain name not found. Name service error for name=nxdomain.example type=AAAA: Host not found
    Host or domain name not found. Name service error for name=gone.example type=A: Host not found
    556 5.1.10 Recipient address has a null MX
    550 5.1.1 User email address is marked as invalid
    550 Unknown address error 550-'5.1.1 <x@y.example>... User unknown'
    User x (x@example.com) not listed in Domino Directory
    550 Empfaenger unbekannt
    550 5.1.1 Benutzer existiert nicht
    unknown user: "x@y.example"
    550 unrouteable address
    550 5.1.1 Account not available
    550 5.1.0 Address rejected x@y.example
    550 5.1.1 RCP-P2 http://postmaster.facebook.com/response_codes?ip=192.0.2.1#rcp Refused due to recipient preferences
"""
FOR_NOW = """
    452 4.2.2 The email account that you tried to reach is over quota.
    552 5.2.2 The recipient's inbox is out of storage space
    554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded
    552 Requested mail action aborted: exceeded storage allocation
    452 Requested action not taken: insufficient system storage
    550 User over quota
    450 4.2.2 User's mailbox is over size limit
    552 5.3.4 Message size exceeds fixed limit
    connect to mx.example.com[192.0.2.1]:25: Connection timed out
    connect to mx.example.com[192.0.2.1]:25: Connection refused
    lost connection with mx.example.com[192.0.2.1] while receiving the initial server greeting
    conversation with mx.example.com[192.0.2.1] timed out while receiving the initial server greeting
    mail for example.com loops back to myself
    554 5.4.0 Error: too many hops
    4.4.7 Message expired
    550 4.4.7 QUEUE.Expired; message expired
    450 4.1.1 <x@y.example>: Recipient address rejected: unverified address
    451 4.7.1 Greylisting in action, please come back later
    451 Temporary local problem - please try later
    432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded
    4.3.2 STOREDRV.Storage; mailbox server is offline
    421 4.3.2 System not accepting network messages
    delivery temporarily suspended: host mx.example.com refused to talk to me: 421 too many connections
"""
ABOUT_US = """
    554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org
    550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3150).
    550 5.7.1 Message rejected as spam by Content Filtering.
    550 5.7.1 Our system has detected that this message is likely unsolicited mail.
    421-4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address.
    550-5.7.26 This mail has been blocked because the sender is unauthenticated.
    550 5.7.1 SPF check failed
    550 5.7.515 Access denied, sending domain example.com doesn't meet the required authentication level.
    550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.
    550 5.7.511 Access denied, banned sender[192.0.2.1]
    550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required
    550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy
    553 5.7.1 <x@y.example>: Sender address rejected: not owned by user
    554 5.7.1 <x@y.example>: Relay access denied
    550 5.7.64 TenantAttribution; Relay Access Denied
    554 Message not allowed - [PH01] Email not accepted for policy reasons.
    553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list
    421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred
    554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137
    550 5.7.1 Your email was rejected because it contains a virus
    550 Administrative prohibition
    550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550
    554 Email rejected due to security policies - https://community.mimecast.com
    550 Rejected by header based Anti-Spoofing policy: x@y.example
    550 5.1.8 Access denied, bad outbound sender AS(42004)
    554 IMTA12.westchester.pa.mail.comcast.net comcast 192.0.2.1 found on one or more DNSBLs
    450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]
    554 5.7.1 You are not allowed to connect.
    550 Mail content denied. http://service.mail.qq.com
    550 Ip frequency limited. http://service.mail.qq.com
    550 5.7.1 message contains a URL that is on a blocklist
    554 rejected due to virus
    550 High probability of spam
    501 5.5.4 Invalid domain name
    550 5.7.1 <x@y.example>... Access denied
"""


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.strip().splitlines()]


def kind(said: str, status: str = "", around: str = "", delayed: bool = False) -> str:
    return judge(Evidence(said, status, around, delayed))[0].kind


@pytest.mark.parametrize("said", lines(NO_SUCH_MAILBOX))
def test_no_such_mailbox_or_domain(said: str) -> None:
    assert kind(said) == "hard"


@pytest.mark.parametrize("said", lines(FOR_NOW))
def test_not_now(said: str) -> None:
    assert kind(said) == "soft"


@pytest.mark.parametrize("said", lines(ABOUT_US))
def test_about_us_whatever_the_code(said: str) -> None:
    assert kind(said) == "blocked"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("5.1.1", "hard"),
        ("5.1.10", "hard"),
        ("5.2.1", "hard"),
        ("4.2.1", "soft"),
        ("5.2.2", "soft"),
        ("5.3.4", "soft"),
        ("4.4.7", "soft"),
        ("5.4.6", "soft"),
        ("5.1.8", "blocked"),
        ("5.6.0", "blocked"),
        ("5.7.1", "blocked"),
        ("5.7.26", "blocked"),
        ("5.0.0", "unknown"),
        ("5.5.0", "unknown"),
        ("", "unknown"),
        ("nonsense", "unknown"),
        ("9.9.9", "unknown"),
    ],
)
def test_without_words_the_code_counts(status: str, expected: str) -> None:
    assert kind("", status) == expected


def test_what_the_other_server_said_counts_before_the_reports_own_code() -> None:
    assert judge(Evidence("550 5.7.1 IP address blacklisted", "5.1.1"))[1] == "5.7.1"
    assert kind("550 5.7.1 IP address blacklisted", "5.1.1") == "blocked"
    assert kind("550 5.2.2 Mailbox full", "5.1.1") == "soft"


def test_the_reports_words_count_when_the_code_is_generic() -> None:
    assert kind("", "5.0.0", "The address couldn't be found.") == "hard"
    assert kind("550 Rejected", "5.0.0", "The recipient's mailbox is full.") == "blocked"


def test_the_reports_words_about_us_win_over_a_hard_code() -> None:
    assert kind("", "5.1.1", "Your message was identified as spam.") == "blocked"


def test_a_server_that_says_later_never_says_that_there_is_no_mailbox() -> None:
    assert kind("450 4.1.1 User unknown") == "soft"
    assert kind("User unknown", "4.1.1") == "soft"
    assert kind("550 5.1.1 User unknown", delayed=True) == "soft"


@pytest.mark.parametrize(
    "stage",
    [
        "SMTP error from remote mail server after MAIL FROM:<us@us.example>:",
        "SMTP error from remote mail server after initial connection:",
        "Connected to 192.0.2.1 but sender was rejected.",
        "(in reply to MAIL FROM command)",
        ">>> MAIL From:<us@us.example>",
    ],
)
def test_what_fails_before_the_recipient_is_named_is_about_us(stage: str) -> None:
    assert kind(f"{stage} 550 5.1.1 does not exist", "5.1.1") == "blocked"
    assert kind(f"{stage} 452 4.3.1 Insufficient system storage") == "soft"


def test_what_is_refused_after_its_content_was_seen_needs_a_code_to_be_no_mailbox() -> None:
    assert (
        kind("550 Unknown user ada@acme.example", "5.0.0", "said: 550 (in reply to end of DATA command)") == "blocked"
    )
    assert kind("550 5.1.1 Unknown user", "5.1.1", "said: 550 (in reply to end of DATA command)") == "hard"


def test_words_within_addresses_hosts_and_links_do_not_count() -> None:
    assert kind("550 5.1.1 <spam@acme.example> User unknown") == "hard"
    assert (
        kind("host spam.filter.acme.example said: 550 5.1.1 User unknown, see https://acme.example/blacklist") == "hard"
    )


def test_the_host_of_a_block_list_counts() -> None:
    assert kind("550 5.1.1 see https://check.spamhaus.org/query/192.0.2.1") == "blocked"
