"""Plays the cases of tests/kit/mail_cases.py: a DNS server, and a mail server for each, all on one port of loopback.

    with world() as played:
        played.port, played.dns.address, played.address(case), played.unlawful()

The mail servers are at addresses of NETWORK, which a verifier must be allowed to connect to; nothing else of this
machine may be.
"""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.kit.dns import Behaviour, DnsServer
from tests.kit.mail_cases import CASES, CATCH_ALL, FULL, NOT_ALLOWED, OK, UNDELIVERABLE, UNKNOWN, Case, Records, jane
from tests.kit.smtp_script import Say, Script, ScriptedSmtpServer
from tests.kit.tls import Authority

NETWORK = "127.1.0.0/16"
# For a verifier that connects to nobody, and judges by whether an address is public: AS112's (RFC 7534, RFC 7535).
PUBLIC = {"A": "192.31.196.1", "AAAA": "2620:4f:8000::1"}


@dataclass(frozen=True)
class World:
    """`dns` tells where the servers are, `public_dns` public addresses in their place."""

    port: int
    dns: DnsServer
    public_dns: DnsServer
    servers: Mapping[str, ScriptedSmtpServer]
    trap: ScriptedSmtpServer

    def address(self, case: Case) -> str:
        """Return the address that a case is about."""
        return f"{case.local}@{_domain(case)}"

    def unlawful(self) -> list[str]:
        """Return what should not have happened: whose server was connected to though it must not be, or sent to."""
        sent = [title for title, server in self.servers.items() if "DATA" in map(str.upper, server.verbs)]
        asked = [case.title for case in CASES if not case.asked and self.servers[case.title].sessions]
        return [*sent, *asked, *(["a private address"] if self.trap.sessions else [])]


@contextmanager
def world(*, slowness: float = 1.0) -> Iterator[World]:
    """Play the cases; the seconds that a server holds its reply are multiplied by `slowness`."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tls = Authority(directory).server_context("other.example")
        trap = stack.enter_context(ScriptedSmtpServer(jane(OK), NOT_ALLOWED))
        zone: dict[str, Records | Behaviour] = {}
        servers = {}
        for number, case in enumerate(CASES, start=1):
            ip = f"127.1.0.{number}"
            script = _secured(case.script, tls) if case.bad_tls else case.script
            if case.hold:
                script = _held(script, case.hold * slowness)
            servers[case.title] = stack.enter_context(ScriptedSmtpServer(script, ip, trap.port))
            zone |= _zone(case, ip)
        public = {name: _in_public(entry) for name, entry in zone.items()}
        dns, public_dns = stack.enter_context(DnsServer(zone)), stack.enter_context(DnsServer(public))
        yield World(trap.port, dns, public_dns, servers, trap)


def class_of(verdict: Mapping[str, Any]) -> str:
    """Return the class of a verdict of ours, as verdict_json.as_json gives it."""
    if not verdict["syntaxValid"] or verdict["mx"]["found"] is False:
        return UNDELIVERABLE
    if verdict["smtp"]["reason"] == "mailbox_full":
        return FULL
    return {None: UNKNOWN, "catch_all": CATCH_ALL}.get(verdict["smtp"]["result"], verdict["smtp"]["result"])


def _domain(case: Case) -> str:
    return case.domain or f"case{CASES.index(case) + 1}.example"


def _zone(case: Case, ip: str) -> dict[str, Records | Behaviour]:
    domain = _domain(case).encode("idna").decode()

    def filled(text: str) -> str:
        return text.replace("{domain}", domain).replace("{ip}", ip)

    return {filled(name): _mapped(entry, lambda _, text: filled(text)) for name, entry in case.dns.items()}


def _in_public(entry: Records | Behaviour) -> Records | Behaviour:
    return _mapped(entry, lambda rdtype, text: PUBLIC[rdtype] if text.startswith(("127.1.", "2001:db8:")) else text)


def _mapped(entry: Any, change: Any) -> Any:
    if isinstance(entry, Behaviour):
        return replace(entry, records=_mapped(entry.records, change))
    return {rdtype: [change(rdtype, text) for text in texts] for rdtype, texts in entry.items()}


def _held(script: Script, seconds: float) -> Script:
    reply = script["RCPT"]

    def hold(line: str) -> Any:
        threading.Event().wait(seconds)
        return reply(line)

    return {**script, "RCPT": hold}


def _secured(script: Script, tls: Any) -> Script:
    return {
        **script,
        "EHLO": b"250-mx.example.test\r\n250 STARTTLS\r\n",
        "STARTTLS": Say(b"220 2.0.0 Go ahead\r\n", tls=tls),
    }
