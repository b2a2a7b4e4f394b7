"""Which addresses may be connected to: the public internet, and what the operator listed.

Guards against server-side request forgery. Names are judged by the addresses they resolve to, at the
moment of connecting (core/http_connection.py); this module judges addresses.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from core.hosts import IPAddress, host_name

# IANA's special-purpose registries (RFC 6890 and what came after) beyond, or in place of, what
# ipaddress.is_global knows: on Python 3.11 it lets several of these through.
_RESERVED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network; "0.0.0.0" reaches loopback on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' shared space, RFC 6598
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments; Teredo, inside it, is unwrapped first
        "2001:db8::/32",
        "3fff::/20",  # documentation, RFC 9637
    )
)
# The rest of IPv6 is not routed: loopback, fc00::/7, fe80::/10, fec0::/10, ff00::/8, 64:ff9b:1::/48
# (translators inside a network, RFC 8215), 100::/64, 5f00::/16 …
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")


def is_public(ip: IPAddress) -> bool:
    """Return whether `ip` is an address of the public internet.

    An IPv6 address that carries IPv4 ones (mapped, NAT64, 6to4, Teredo, ::a.b.c.d) is what they are.
    """
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = _embedded(ip)
        if embedded:
            return all(is_public(address) for address in embedded)
        if ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not any(ip in network for network in _RESERVED)


def _embedded(ip: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    if ip.ipv4_mapped:
        return (ip.ipv4_mapped,)
    if ip.sixtofour:
        return (ip.sixtofour,)
    if ip.teredo:
        return ip.teredo
    if ip in _NAT64 or ip in _IPV4_COMPATIBLE:
        return (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF),)
    return ()


def literal_address(host: str) -> IPAddress | None:
    """Return the address that `host` writes out, in any notation that connecting code takes, or None for a name.

    IPv4 in one to four parts, each decimal, octal (0177) or hexadecimal (0x7f), with or without a last
    dot; IPv6 with or without brackets; a zone is dropped. `host` is ASCII. The rule is that of the URL standard
    (url.spec.whatwg.org, IPv4 parser): a host whose last label is a number is an address, or nothing.

    Raises ValueError when it can only be meant as an address and is none.
    """
    if ":" in host:
        return ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]").partition("%")[0])
    parts = host.lower().removesuffix(".").split(".")
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", parts[-1]):
        return None
    numbers = [_number(part) for part in parts]
    *leading, last = numbers
    if len(leading) > 3 or any(number > 255 for number in leading) or last >= 256 ** (4 - len(leading)):
        raise ValueError(f"{host} is not an address.")
    return ipaddress.IPv4Address(last + sum(number << (24 - 8 * place) for place, number in enumerate(leading)))


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text, 10)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator lets through although it is not public (ENRICHMENT_ALLOWED_PRIVATE_HOSTS).

    `hosts` are names as host_name() gives them: each matches itself alone, wherever it points.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Read names, addresses and networks. Raises ValueError with a sentence for an entry that is none of them."""
        hosts, networks = set(), []
        for entry in filter(None, map(str.strip, entries)):
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]")))
                continue
            except ValueError:
                pass
            try:
                if "/" in entry or literal_address(entry) is not None:
                    raise ValueError(entry)
                hosts.add(host_name(entry))
            except ValueError:
                raise ValueError(f"{entry!r} is not a host name, an address or a network.") from None
        return cls(frozenset(hosts), tuple(networks))

    def lists(self, host: str, ip: IPAddress | None = None) -> bool:
        """Return whether the operator listed this host name, or this address."""
        if host.lower().removesuffix(".") in self.hosts:
            return True
        if isinstance(ip, ipaddress.IPv6Address):
            ip = ip.ipv4_mapped or ip
        return ip is not None and any(ip in network for network in self.networks)

    def permits(self, host: str, ip: IPAddress) -> bool:
        """Return whether a connection to `ip`, found under the name `host`, may be made."""
        return is_public(ip) or self.lists(host, ip)
