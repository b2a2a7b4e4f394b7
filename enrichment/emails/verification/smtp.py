"""Do mailboxes exist? Their mail servers are asked by RCPT TO, as if a message were to come; none does: no DATA.

Where a server accepts an address, a made-up one at the same domain is asked about too: if that is accepted as well,
nothing is proved. Asking is off unless the operator switched it on; callers see to that.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.dns import Resolver
from enrichment.emails.checks import Check, Result
from enrichment.emails.verification import operators, smtp_answer, syntax
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.pacing import Pacing
from enrichment.emails.verification.smtp_answer import Answer
from enrichment.emails.verification.smtp_hosts import MAX_HOSTS, Network
from enrichment.emails.verification.smtp_route import Errand, Route, Run
from enrichment.emails.verification.smtp_session import ProbeConfig

__all__ = ["ProbeConfig", "Probed", "probe"]

DNS_THREADS = 32
TICK = 1.0  # seconds

_NO_ADDRESS = Answer(Result.UNKNOWN, "unsupported", "This is no address that a mail server can be asked about.")
_OUT_OF_TIME = Answer(Result.UNKNOWN, "out_of_time", "There was no time left to ask.")
_NO_SERVER = Answer(Result.UNKNOWN, "no_mail_server", "The domain has no mail server to ask.")
_UNKNOWN_SERVER = Answer(Result.UNKNOWN, "unknown", "The DNS did not say which mail server to ask.")


@dataclass(frozen=True, slots=True)
class Probed:
    """`checks` by address; those after the first deliverable one of a group have none.

    `catch_all`: what was found out, by domain: whether it accepts every address, whoever is behind its mail servers.
    """

    checks: dict[str, Check]
    catch_all: dict[str, bool]


def probe(
    groups: Sequence[Sequence[str]],
    mx: Mapping[str, Mx],
    resolver: Resolver,
    config: ProbeConfig,
    pacing: Pacing,
    *,
    catch_all: Mapping[str, bool] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    tick: Callable[[], None] = lambda: None,
) -> Probed:
    """Ask mail servers whether mailboxes exist. Never raises for what they, the DNS or the network do.

    A group holds the candidate addresses of one person at one domain, in the form of normalise_email, likeliest first;
    it ends with the first DELIVERABLE one. (One with several domains counts as a group for each.) `mx` and `catch_all`
    (what is known: such domains are not asked, or not about a made-up address) go by domain in lower-case A-labels; a
    domain that `mx` lacks is unknown. `tick` is called in the calling thread every second meanwhile. Returns after
    `config.lifetime` seconds at the latest, may be called from any thread or process, and stops when an exception
    reaches the calling thread, be it from `tick`.
    """
    checks: dict[str, Check] = {}
    known: dict[str, bool | None] = dict(catch_all or {})
    errands = _errands(groups, checks, now)
    routes: dict[tuple[str, ...], list[Errand]] = defaultdict(list)
    for errand in errands:
        found = mx.get(errand.domain, Mx("unknown"))
        if answer := _unasked(found, known.get(errand.domain)):
            _fill([errand], checks, answer, now)
        else:
            routes[found.hosts[:MAX_HOSTS]].append(errand)
    run = Run(Network(config, resolver), pacing, now, checks, dict(known))
    if routes:
        _in_own_loop(_walk([Route(run, hosts, served) for hosts, served in routes.items()], config), tick)
        _fill(errands, checks, _OUT_OF_TIME, now)
    found_out = {domain: value for domain, value in run.catch_all.items() if value is not None and domain not in known}
    return Probed(checks, found_out)


def _errands(groups: Iterable[Iterable[str]], checks: dict[str, Check], now: Callable[[], datetime]) -> list[Errand]:
    """Return what to ask of each domain; a text that is no address gets its check here."""
    errands: dict[str, Errand] = {}
    for group in groups:
        parts: dict[str, dict[str, syntax.Address]] = defaultdict(dict)
        for email in group:
            try:
                address = syntax.parse(email)
            except syntax.InvalidAddress:
                checks[email] = _NO_ADDRESS.check(email, now())
                continue
            parts[address.domain][email] = address
        for domain, addresses in parts.items():
            errands.setdefault(domain, Errand(domain)).groups.append(addresses)
    return list(errands.values())


def _unasked(mx: Mx, accepts_all: bool | None) -> Answer | None:
    """Return what can be said without asking anybody."""
    if not mx.hosts:
        return _UNKNOWN_SERVER if mx.status == "unknown" else _NO_SERVER
    if accepts_all:
        hides = operators.hides_directory(operators.operator_of(mx.hosts))
        return smtp_answer.accepts_all(mx.hosts[0], hides=hides)
    return None


def _fill(errands: Iterable[Errand], checks: dict[str, Check], answer: Answer, now: Callable[[], datetime]) -> None:
    for errand in errands:
        for group in errand.groups:
            smtp_answer.fill(checks, group, answer, now())


async def _walk(routes: Iterable[Route], config: ProbeConfig) -> None:
    """Walk the routes side by side, within the limits of politeness and of the run's lifetime."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(DNS_THREADS, "smtp-dns"))
    everywhere = asyncio.Semaphore(config.hosts_at_once)
    at_operator: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(config.connections_per_operator))

    async def walk(route: Route) -> None:
        async with at_operator[route.operator], everywhere:
            await route.walk()

    tasks = [asyncio.create_task(walk(route)) for route in routes]
    try:
        done, _ = await asyncio.wait(tasks, timeout=config.lifetime)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()
    await asyncio.gather(*tasks, return_exceptions=True)


def _in_own_loop(coroutine: Coroutine[Any, Any, None], tick: Callable[[], None]) -> None:
    """Run it in a loop and a thread of its own, as core/dns.py does, and cancel it when this thread is interrupted."""
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def main() -> None:
        task = asyncio.create_task(coroutine)
        running.append((asyncio.get_running_loop(), task))
        await task

    with ThreadPoolExecutor(1, "smtp") as pool:
        future = pool.submit(asyncio.run, main())
        try:
            while not wait([future], TICK).done:
                tick()
            future.result()
        except BaseException:
            for loop, task in running:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(task.cancel)
            raise
