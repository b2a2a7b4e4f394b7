"""core/guard.py: which addresses are public, and addresses in disguise."""

from ipaddress import ip_address

import pytest

from core.guard import Allowed, is_public, literal_address

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]
NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::127.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "2001:0:808:808:0:0:80ff:fffe",  # Teredo: a public server, the client 127.0.0.1
    "2001:0:7f00:1:0:0:f7f7:f7f7",  # Teredo: the server 127.0.0.1, a public client
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_every_other_address_is_not(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0x7f.0x0.0.01", "127.0.0.1"),
        ("10.65535", "10.0.255.255"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("[::1]", "::1"),
        ("::FFFF:127.0.0.1", "::ffff:127.0.0.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_are_recognised_in_every_notation(host: str, address: str) -> None:
    assert literal_address(host) == ip_address(address)


@pytest.mark.parametrize("host", ["example.com", "1.example", "0x7f.example", "localhost", "a1", "1e100.example", "-1"])
def test_names_are_not_taken_for_addresses(host: str) -> None:
    assert literal_address(host) is None


@pytest.mark.parametrize(
    "host", ["256.0.0.1", "1.2.3.4.5", "127.0.0.256", "4294967296", "1..2", "09.0.0.1", "a.1", "1:2"]
)
def test_what_can_only_be_meant_as_an_address_is_refused_when_it_is_none(host: str) -> None:
    with pytest.raises(ValueError):
        literal_address(host)


def test_listed_names_addresses_and_networks_are_let_through() -> None:
    allowed = Allowed.parse(["Searx.Internal", "10.1.2.3", "192.168.0.0/16", " fd00::/8 ", "[::1]", ""])
    assert allowed.permits("searx.internal", ip_address("127.0.0.1"))
    assert allowed.permits("searx.internal.", ip_address("127.0.0.1"))
    assert allowed.permits("any.example", ip_address("10.1.2.3"))
    assert allowed.permits("any.example", ip_address("::ffff:10.1.2.3"))
    assert allowed.permits("any.example", ip_address("192.168.77.1"))
    assert allowed.permits("any.example", ip_address("fd00::7"))
    assert allowed.permits("any.example", ip_address("::1"))
    assert allowed.permits("any.example", ip_address("8.8.8.8"))


def test_what_is_not_listed_stays_out() -> None:
    allowed = Allowed.parse(["searx.internal", "10.1.2.3"])
    assert not allowed.permits("a.searx.internal", ip_address("127.0.0.1"))
    assert not allowed.permits("any.example", ip_address("10.1.2.4"))
    assert not Allowed().permits("any.example", ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/33", "10.0.0.1/8", "http://a.example", "a b", "a.example:80", "*.example", "127.1"]
)
def test_entries_that_are_none_of_these_are_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is not a host name, an address or a network") as error:
        Allowed.parse(["fine.example", entry])
    assert repr(entry) in str(error.value)
