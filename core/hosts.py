"""Host names and endpoints as text: one normal form, for comparing, for DNS and for connecting."""

import ipaddress
import re

import idna

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOPBACK: tuple[IPAddress, ...] = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))

_LABEL = re.compile(r"[a-z0-9_-]{1,63}")


def host_name(text: str) -> str:
    """Return a host name as DNS knows it: A-labels (IDNA 2008 after the mapping of UTS 46), lower case, no last dot.

    Raises UnicodeError when IDNA cannot encode it, any other ValueError when DNS cannot hold such a name.
    """
    name = text.lower()
    if not name.isascii():
        if len(name) > 253:
            raise ValueError("A host name has at most 253 characters.")
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        labels = mapped.split(".")
        name = ".".join(label if label.isascii() else idna.alabel(label).decode() for label in labels)
    name = name.removesuffix(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError("This is not a host name.")
    return name


def is_localhost(name: str) -> bool:
    """Return whether a name, as host_name() gives it, means this machine by definition (RFC 6761, 6.3)."""
    return name == "localhost" or name.endswith(".localhost")


def parse_endpoint(text: str, default_port: int = 53) -> tuple[IPAddress, int]:
    """Return address and port of "ip", "ip:port", "[v6]:port" or a bare IPv6 address. Raises ValueError."""
    match = re.fullmatch(r"\[(?P<v6>[^\]]+)\](?::(?P<port6>\d{1,5}))?|(?P<v4>[^:]+):(?P<port4>\d{1,5})", text)
    host, port = text, default_port
    if match:
        host = match["v6"] or match["v4"]
        port = int(match["port6"] or match["port4"] or default_port)
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"{text!r} is not an IP address with an optional port.") from None
    if not 0 < port < 65536:
        raise ValueError(f"{text!r} has a port outside 1-65535.")
    return ip, port
