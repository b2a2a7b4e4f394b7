"""What mail servers and the DNS may say of an address: how often the verdict is right, ours and that of two peers.

The cases of tests/kit/mail_cases.py are played on loopback; each verifier meets fresh servers, with a tenth of the
seconds: those that a server holds its reply, and the verifier's own time-outs. email-validator asks the DNS alone, so
that the mail servers' replies are not its business. An exception of py3-validate-email counts as what its documentation
says of it. Prints one line; with --table the Markdown of docs/verification.md instead.

py3-validate-email has had no release on PyPI since June 2024, and wants an older filelock than ours. So it is no
requirement: it is installed into a directory of its own without its dependencies, which we have.
"""

import importlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dns.resolver
import email_validator

from core.dns import Resolver
from core.guard import Allowed
from enrichment import verdict_json
from enrichment.emails.verification import mx, syntax, verdict
from enrichment.emails.verification.pacing import Pacing
from enrichment.emails.verification.smtp import ProbeConfig, probe
from tests.kit.dns import DnsServer
from tests.kit.mail_cases import CASES, DELIVERABLE, DNS, UNDELIVERABLE, UNKNOWN, Case
from tests.kit.mail_world import NETWORK, World, class_of, world

PEER = "py3-validate-email==1.0.5.post2"
DIRECTORY = Path(__file__).resolve().parent.parent / "var" / "bench"

PACE = 0.1
HELO, SENDER = "probe.example", "verify@probe.example"

RIGHT, OPEN, WRONG = "right", "left open", "wrong"

Told = Mapping[str, str]  # by the case's title; one that is not covered is missing


def ours(played: World) -> Told:
    """Look up, ask, judge: all cases side by side."""
    resolver = Resolver([played.dns.address], timeout=2.0 * PACE, lifetime=5.0 * PACE)
    allowed = Allowed.parse([NETWORK])
    addresses = [played.address(case) for case in CASES]
    domains = dict(filter(None, map(_parsed, addresses)))
    exchangers = mx.look_up(domains.values(), resolver, allowed)
    groups = [[email] for email, domain in domains.items() if exchangers[domain].passed is not False]
    config = ProbeConfig(HELO, SENDER, played.port, timeout=35.0 * PACE, allowed=allowed)
    checks = probe(groups, exchangers, resolver, config, Pacing(0)).checks
    verdicts = verdict.verify(
        addresses, resolver, allowed, mx=exchangers, checks={email: [check] for email, check in checks.items()}
    )
    now = datetime.now(UTC)
    return {case.title: class_of(verdict_json.as_json(one, now)) for case, one in zip(CASES, verdicts, strict=True)}


def _parsed(text: str) -> tuple[str, str] | None:
    try:
        address = syntax.parse(text)
    except syntax.InvalidAddress:
        return None
    return f"{address.local.lower()}@{address.domain}", address.domain


def by_email_validator(played: World) -> Told:
    """Ask email-validator, which looks at the domain alone: that it takes mail is all that it can say."""
    lifetime = 15.0 * PACE
    resolver = email_validator.caching_resolver(dns_resolver=_resolver(played.public_dns, lifetime), timeout=lifetime)
    return {case.title: _email_validator(played.address(case), resolver) for case in DNS}


def _email_validator(address: str, resolver: dns.resolver.Resolver) -> str:
    try:
        valid = email_validator.validate_email(address, dns_resolver=resolver)
    except email_validator.EmailNotValidError:
        return UNDELIVERABLE
    return DELIVERABLE if hasattr(valid, "mx") else UNKNOWN


def by_py3_validate_email(played: World) -> Told:
    """Ask py3-validate-email, one address after the other. Raises ImportError when it is not installed."""
    from validate_email import exceptions, validate_email_or_fail

    meanings: dict[type[Exception], str] = {
        exceptions.SMTPTemporaryError: UNKNOWN,
        exceptions.SMTPCommunicationError: UNKNOWN,
        exceptions.TLSNegotiationError: UNKNOWN,
        exceptions.NoNameserverError: UNKNOWN,
        exceptions.DNSTimeoutError: UNKNOWN,
        exceptions.EmailValidationError: UNDELIVERABLE,  # the others: the address or its domain is at fault
    }

    def ask(case: Case) -> str:
        try:
            answer = validate_email_or_fail(
                played.address(case),
                dns_timeout=10.0 * PACE,
                smtp_timeout=10.0 * PACE,
                smtp_helo_host=HELO,
                smtp_from_address=SENDER,
            )
        except exceptions.Error as error:
            return next(said for kind, said in meanings.items() if isinstance(error, kind))
        except Exception as error:  # noqa: BLE001  # what it does not foresee is an answer too
            return f"raises {type(error).__name__}"
        return {True: DELIVERABLE, False: UNDELIVERABLE, None: UNKNOWN}[answer]

    with _whole_process(played):
        return {case.title: ask(case) for case in CASES}


@contextmanager
def _whole_process(played: World) -> Iterator[None]:
    """Let everything in this process ask the cases' DNS and connect to their port: it takes neither as an argument."""
    from validate_email.smtp_check import _SMTPChecker

    resolver = _resolver(played.dns, 10.0 * PACE)
    dns.resolver.override_system_resolver(resolver)
    dns.resolver.default_resolver, before = resolver, dns.resolver.default_resolver
    _SMTPChecker.default_port, port = played.port, _SMTPChecker.default_port
    try:
        yield
    finally:
        _SMTPChecker.default_port, dns.resolver.default_resolver = port, before
        dns.resolver.restore_system_resolver()


def _resolver(server: DnsServer, lifetime: float) -> dns.resolver.Resolver:
    host, _, port = server.address.partition(":")
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = [host], int(port), lifetime
    return resolver


VERIFIERS: Mapping[str, Callable[[World], Told]] = {
    "ours": ours,
    "email-validator": by_email_validator,
    "py3-validate-email": by_py3_validate_email,
}


def main() -> None:
    """Print the line of figures, or the table."""
    _install()
    told: dict[str, Told] = {}
    figures = []
    for name, verify in VERIFIERS.items():
        try:
            with world(slowness=PACE) as played:
                began = time.perf_counter()
                told[name] = verify(played)
                took = time.perf_counter() - began
        except ImportError:
            figures.append(f"{name} is not installed")
            continue
        marks = Counter(_mark(case, told[name][case.title]) for case in CASES if case.title in told[name])
        counts = f"{marks[RIGHT]} right, {marks[OPEN]} left open, {marks[WRONG]} wrong"
        figures.append(f"{name} {counts} of {marks.total()} in {took:.1f} s")
    if "--table" in sys.argv[1:]:
        print("\n".join(_table(told)))
    else:
        print(f"verification, {len(CASES)} cases: {'; '.join(figures)}")


def _install() -> None:
    os.environ["PY3VE_IGNORE_UPDATER"] = "1"  # it would fetch a list of domains
    sys.path.append(str(DIRECTORY))
    if (DIRECTORY / "validate_email").exists():
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(
        [*command, "--only-binary=:all:", f"--target={DIRECTORY}", PEER], check=False, stderr=subprocess.DEVNULL
    )
    importlib.invalidate_caches()


def _mark(case: Case, answer: str) -> str:
    """Return how good an answer is; OPEN: it says that it does not know, where it could."""
    if answer in case.right:
        return RIGHT
    return OPEN if answer == UNKNOWN else WRONG


def _table(told: Mapping[str, Told]) -> Iterator[str]:
    yield f"| case | right | {' | '.join(told)} |"
    yield "|---" * (2 + len(told)) + "|"
    for case in CASES:
        cells = (_cell(case, answers.get(case.title)) for answers in told.values())
        yield f"| {case.title} | {' or '.join(case.right)} | {' | '.join(cells)} |"


def _cell(case: Case, answer: str | None) -> str:
    if answer is None:
        return ""
    return {RIGHT: answer, OPEN: f"*{answer}*", WRONG: f"**{answer}**"}[_mark(case, answer)]


if __name__ == "__main__":
    main()
