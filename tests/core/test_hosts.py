"""core/hosts.py: names and endpoints in one normal form."""

import pytest

from core.hosts import host_name, is_localhost, parse_endpoint


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),  # IDNA 2008 keeps the ß, IDNA 2003 did not
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("１２７.０.０.１", "127.0.0.1"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("localhost", "localhost"),
    ],
)
def test_names_come_out_as_dns_knows_them(text: str, name: str) -> None:
    assert host_name(text) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", ".example.com", "a" * 64 + ".example", ".".join(["abc"] * 80), "a b.example", "a/b", "*.example"],
)
def test_names_that_dns_cannot_hold_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        host_name(text)


@pytest.mark.parametrize("text", ["i❤.example", "\ud800.example", "é" * 70 + ".example"])
def test_names_that_idna_cannot_encode_are_told_apart(text: str) -> None:
    with pytest.raises(UnicodeError):
        host_name(text)


def test_localhost_is_itself_and_every_name_below() -> None:
    assert is_localhost("localhost")
    assert is_localhost("a.b.localhost")
    assert not is_localhost("localhost.example.com")
    assert not is_localhost("notlocalhost")


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("[::1]:5353", ("::1", 5353)),
        ("[::1]", ("::1", 53)),
        ("::1", ("::1", 53)),
    ],
)
def test_endpoints_are_addresses_with_an_optional_port(text: str, endpoint: tuple[str, int]) -> None:
    ip, port = parse_endpoint(text)
    assert (str(ip), port) == endpoint


@pytest.mark.parametrize(
    "text", ["", "localhost", "dns.example:53", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "[::1"]
)
def test_other_endpoints_are_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|address"):
        parse_endpoint(text)
