"""Does a domain take mail? Its mail exchangers by RFC 5321 section 5.1 and RFC 7505 (null MX), many domains at once."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from core.dns import Answer, Resolver, Status
from core.guard import Allowed

MAX_HOSTS = 5  # of a domain, most preferred first

# Set aside to stand for public hosts (RFC 5737, RFC 3849). They lead nowhere, so there is nothing to guard.
_DOCUMENTATION = tuple(
    ipaddress.ip_network(network) for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


@dataclass(frozen=True, slots=True)
class Mx:
    """What the DNS says of a domain's mail. `hosts` are lower-case names, most preferred first.

    `status` is `found`; `implicit`: no MX record, but an address, which then counts as one; `null`: the domain
    declares that it takes no mail; `none`: no such domain, or no exchanger that could be connected to;
    `unknown`: could not tell (SERVFAIL, REFUSED, time-out).

    An SPF record `v=spf1 -all` beside a missing MX record counts for nothing: it says which hosts send for the
    domain (RFC 7208 section 1), and a domain that takes no mail has the null MX to say so.
    """

    status: str
    hosts: tuple[str, ...] = ()

    @property
    def passed(self) -> bool | None:
        """Whether the domain takes mail; None when nobody could tell."""
        return None if self.status == "unknown" else self.status in {"found", "implicit"}


def look_up(domains: Iterable[str], resolver: Resolver, allowed: Allowed) -> dict[str, Mx]:
    """Return what the DNS says of each domain, by the domain as given. Never raises for what the DNS does.

    Hosts without an address, or with private ones alone that `allowed` does not list, are left out.
    """
    domains = set(domains)
    answers = {name: answer for (name, _), answer in resolver.lookup_many((name, "MX") for name in domains).items()}
    exchangers = {name: _exchangers(answer) for name, answer in answers.items()}
    reachable = _reachable({host for hosts in exchangers.values() for host in hosts}, resolver, allowed)
    return {name: _judge(answers[name], exchangers[name], reachable) for name in domains}


def _exchangers(answer: Answer) -> tuple[str, ...]:
    if answer.status is Status.NODATA:
        return (answer.name,)
    # A null MX beside a real one is a mistake (RFC 7505 section 3); the real one counts.
    hosts = dict.fromkeys(record.host for record in answer.mx if record.host)
    return tuple(hosts)[:MAX_HOSTS]


def _reachable(hosts: Iterable[str], resolver: Resolver, allowed: Allowed) -> dict[str, bool | None]:
    """Return for each host whether one of its addresses may be connected to; None when nobody could tell."""
    result: dict[str, bool | None] = dict.fromkeys(hosts, False)
    for rdtype in ("A", "AAAA"):
        open_hosts = [host for host, reachable in result.items() if not reachable]
        for (host, _), answer in resolver.lookup_many((host, rdtype) for host in open_hosts).items():
            if any(_permitted(host, record, allowed) for record in answer.records):
                result[host] = True
            elif answer.status is Status.FAILED:
                result[host] = None
    return result


def _permitted(host: str, record: str, allowed: Allowed) -> bool:
    ip = ipaddress.ip_address(record)
    return allowed.permits(host, ip) or any(ip in network for network in _DOCUMENTATION)


def _judge(answer: Answer, exchangers: tuple[str, ...], reachable: dict[str, bool | None]) -> Mx:
    if answer.status is Status.FAILED:
        return Mx("unknown")
    if answer.status is Status.OK and not exchangers:
        return Mx("null")
    if hosts := tuple(host for host in exchangers if reachable[host]):
        return Mx("implicit" if answer.status is Status.NODATA else "found", hosts)
    return Mx("unknown" if any(reachable[host] is None for host in exchangers) else "none")
