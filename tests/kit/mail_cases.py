"""What mail servers and the DNS may say of an address, and what is right to make of it: one case, one domain.

Facts are gathered from the parsers, tests and issue threads of other verifiers, and from the RFCs that a case names.
tests/kit/mail_world.py plays them; tests and a benchmark ask the same ones.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.kit.dns import Behaviour
from tests.kit.smtp_script import Say, Script, Step

DELIVERABLE, UNDELIVERABLE, CATCH_ALL, FULL, UNKNOWN = "deliverable", "undeliverable", "catch-all", "full", "unknown"

Records = dict[str, list[str]]

OK = b"250 2.1.5 OK\r\n"
NO = b"550 5.1.1 No such user here\r\n"
ORDINARY_DNS: Mapping[str, Records | Behaviour] = {
    "{domain}": {"MX": ["10 mx.{domain}"]},
    "mx.{domain}": {"A": ["{ip}"]},
}
UNUSED = "127.1.255.1"  # nobody listens there
NOT_ALLOWED = "127.0.0.1"  # a server listens there that must not be asked


def jane(reply: Step, others: Step = NO) -> Script:
    """Return the script of a server that says `reply` of jane.doe, `others` of everybody else."""
    return {"RCPT": lambda line: reply if "jane.doe@" in line else others}


def everybody(*replies: Step) -> Script:
    """Return the script of a server that says one after the other, whoever is asked about."""
    return {"RCPT": list(replies)}


@dataclass(frozen=True)
class Case:
    """`right` are the classes that are right to say of `local` at the case's domain, the best one first.

    `dns` and `script` are what is said; `{domain}` and `{ip}` stand for the case's own. `hold`: seconds before the
    reply to a recipient. `bad_tls`: STARTTLS with a certificate that nobody vouches for. `later`: worth asking again
    after some minutes. `asked`: whether the mail server may be connected to.
    """

    title: str
    right: tuple[str, ...]
    script: Script = field(default_factory=lambda: jane(OK))
    dns: Mapping[str, Records | Behaviour] = field(default_factory=lambda: ORDINARY_DNS)
    local: str = "jane.doe"
    domain: str = ""
    hold: float = 0.0
    bad_tls: bool = False
    later: bool = False
    asked: bool = True


def said(title: str, right: str, reply: str, *, later: bool = False) -> Case:
    """Return the case of one reply about jane.doe, where everybody else is refused."""
    lines = "".join(f"{line}\r\n" for line in reply.split("\n"))
    return Case(title, (right,), jane(lines.encode()), later=later)


REPLIES = (
    Case("accepted; a made-up name refused", (DELIVERABLE,)),
    Case("accepted; a made-up name too", (CATCH_ALL,), everybody(OK)),
    Case(
        "accepted by Microsoft 365; a made-up name too",
        (UNKNOWN,),
        everybody(OK),
        {
            "{domain}": {"MX": ["0 hidden-example.mail.protection.outlook.com"]},
            "hidden-example.mail.protection.outlook.com": {"A": ["{ip}"]},
        },
    ),
    said("550 5.1.1 user unknown", UNDELIVERABLE, "550 5.1.1 <jane.doe>: Recipient address rejected: User unknown"),
    said("550 does not exist", UNDELIVERABLE, "550 The email account that you tried to reach does not exist"),
    said("550 mailbox not found", UNDELIVERABLE, "550 Requested action not taken: mailbox not found"),
    said("550 Unrouteable address", UNDELIVERABLE, "550 Unrouteable address"),
    said("550 in French", UNDELIVERABLE, "550 Utilisateur inconnu"),
    said("550 5.2.1 inactive", UNDELIVERABLE, "550 5.2.1 The email account that you tried to reach is inactive."),
    said("550 5.7.1 our address is on a block list", UNKNOWN, "550 5.7.1 Service unavailable, blocked using Spamhaus"),
    said("554 5.7.1 our host is rejected", UNKNOWN, "554 5.7.1 <probe.example>: Client host rejected: Access denied"),
    said("550 5.7.606 our address is banned", UNKNOWN, "550 5.7.606 Access denied, banned sending IP [192.0.2.7]."),
    said("550 5.7.511 our address is banned", UNKNOWN, "550 5.7.511 Access denied, banned sender[192.0.2.7]."),
    said("450 4.7.1 greylisted", UNKNOWN, "450 4.7.1 Greylisted, see http://postgrey.example/help", later=True),
    said("451 4.3.0 try again", UNKNOWN, "451 4.3.0 Temporary lookup failure", later=True),
    Case(
        "421 while asked",
        (UNKNOWN,),
        everybody(Say(b"421 4.3.2 Service shutting down\r\n", close=True)),
        later=True,
    ),
    said("452 4.2.2 over quota", FULL, "452 4.2.2 The email account that you tried to reach is over quota."),
    said("552 5.2.2 mailbox full", FULL, "552 5.2.2 Mailbox full"),
    Case(
        "452 4.5.3 too many recipients at the second one",
        (DELIVERABLE,),
        everybody(OK, b"452 4.5.3 Too many recipients\r\n", NO),
    ),
    said(
        "450 4.2.1 receives too much at present",
        DELIVERABLE,
        "450-4.2.1 The user you are trying to contact is receiving mail at a rate that\n"
        "450 4.2.1 prevents additional messages from being delivered. Please resend later.",
    ),
    said("550 5.7.1 relaying denied", UNKNOWN, "550 5.7.1 Relaying denied"),
    said("553 no relay", UNKNOWN, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    Case("554 instead of a banner", (UNKNOWN,), {"connect": b"554 5.3.2 No SMTP service here\r\n"}),
    Case("550 to EHLO and HELO", (UNKNOWN,), dict.fromkeys(["EHLO", "HELO"], b"550 5.7.1 Go away\r\n")),
    Case("550 to the sender", (UNKNOWN,), {"MAIL": b"550 5.1.8 Sender domain does not exist\r\n"}),
    Case("hangs up after EHLO", (UNKNOWN,), {"EHLO": Say(close=True)}),
    Case("hangs up when asked", (UNKNOWN,), everybody(Say(close=True))),
    Case("hangs up when asked, the first time", (UNDELIVERABLE,), everybody(Say(close=True), NO)),
    said("a reply of several lines", UNDELIVERABLE, "550-5.1.1 This mailbox\n550-5.1.1 does not\n550 5.1.1 exist"),
    Case("a reply byte by byte", (UNDELIVERABLE,), jane(Say(b"550-5.1.1 No such user\r\n550 here\r\n", 1, 0.001))),
    Case("lines that end in LF alone", (UNDELIVERABLE,), jane(b"550-5.1.1 No such user\n550 5.1.1 here\n")),
    Case("a reply in Latin-1", (UNDELIVERABLE,), jane(b"550 5.1.1 Bo\xeete aux lettres inconnue\r\n")),
    Case("a banner in Latin-1", (DELIVERABLE,), {**jane(OK), "connect": b"220 mx.example \xe0 votre service\r\n"}),
    Case("30 seconds before the reply", (UNDELIVERABLE,), jane(NO), hold=30.0),
    Case("STARTTLS with a bad certificate", (DELIVERABLE,), bad_tls=True),
    Case(
        "STARTTLS that fails",
        (DELIVERABLE,),
        {
            **jane(OK),
            "EHLO": b"250-mx.example.test\r\n250 STARTTLS\r\n",
            "STARTTLS": Say(b"220 2.0.0 Go ahead\r\n", tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),  # no certificate
        },
    ),
    Case("no SMTPUTF8, and a name beyond ASCII", (UNKNOWN,), local="jörg.doe"),
)

DNS = (
    Case(
        "the preferred server is down",
        (DELIVERABLE,),
        dns={
            "{domain}": {"MX": ["20 mx2.{domain}", "10 mx1.{domain}"]},
            "mx1.{domain}": {"A": [UNUSED]},
            "mx2.{domain}": {"A": ["{ip}"]},
        },
    ),
    Case(
        "two servers of one preference",
        (DELIVERABLE,),
        dns={
            "{domain}": {"MX": ["10 mx1.{domain}", "10 mx2.{domain}"]},
            "mx1.{domain}": {"A": ["{ip}"]},
            "mx2.{domain}": {"A": ["{ip}"]},
        },
    ),
    Case(
        "null MX (RFC 7505), and an A record",
        (UNDELIVERABLE,),
        dns={"{domain}": {"MX": ["0 ."], "A": ["{ip}"]}},
        asked=False,
    ),
    Case(
        "null MX beside a real one",
        (DELIVERABLE,),
        dns={"{domain}": {"MX": ["0 .", "10 mx.{domain}"]}, "mx.{domain}": {"A": ["{ip}"]}},
    ),
    Case("no MX, but an A record (RFC 5321 5.1)", (DELIVERABLE,), dns={"{domain}": {"A": ["{ip}"]}}),
    # What must not be said is that it takes no mail; at this address nobody can be asked.
    Case("no MX, but an AAAA record", (UNKNOWN, DELIVERABLE), dns={"{domain}": {"AAAA": ["2001:db8::1"]}}, asked=False),
    Case(
        "no MX, and a private A record",
        (UNDELIVERABLE, UNKNOWN),
        dns={"{domain}": {"A": [NOT_ALLOWED]}},
        asked=False,
    ),
    Case(
        "no MX, an A record, and SPF -all",
        (DELIVERABLE,),
        dns={"{domain}": {"A": ["{ip}"], "TXT": ["v=spf1 -all"]}},
    ),
    Case(
        "the MX is an alias",
        (DELIVERABLE,),
        dns={
            "{domain}": {"MX": ["10 mx.{domain}"]},
            "mx.{domain}": {"CNAME": ["real.{domain}"]},
            "real.{domain}": {"A": ["{ip}"]},
        },
    ),
    Case("the MX has no address", (UNDELIVERABLE,), dns={"{domain}": {"MX": ["10 mx.{domain}"]}}, asked=False),
    Case(
        "the MX has a private address",
        (UNDELIVERABLE, UNKNOWN),
        dns={"{domain}": {"MX": ["10 mx.{domain}"]}, "mx.{domain}": {"A": [NOT_ALLOWED]}},
        asked=False,
    ),
    Case("no such domain (NXDOMAIN)", (UNDELIVERABLE,), dns={}, asked=False),
    Case("a domain without such records (NODATA)", (UNDELIVERABLE,), dns={"{domain}": {}}, asked=False),
    Case("SERVFAIL", (UNKNOWN,), dns={"{domain}": Behaviour(rcode="SERVFAIL")}, asked=False),
    Case("REFUSED", (UNKNOWN,), dns={"{domain}": Behaviour(rcode="REFUSED")}, asked=False),
    Case("the DNS does not answer", (UNKNOWN,), dns={"{domain}": Behaviour(silent=True)}, asked=False),
    Case(
        "the MX record comes over TCP alone",
        (DELIVERABLE,),
        dns={
            "{domain}": Behaviour({"MX": ["10 mx.{domain}"]}, truncated=True),
            "mx.{domain}": {"A": ["{ip}"]},
        },
    ),
    Case("a domain beyond ASCII", (DELIVERABLE,), domain="bücher.example"),
    Case("an IP address for a domain", (UNDELIVERABLE, UNKNOWN), dns={}, domain=f"[{NOT_ALLOWED}]", asked=False),
)

CASES = (*REPLIES, *DNS)
