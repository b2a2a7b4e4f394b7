"""core/http.py against hostile URLs, names and servers: no connection inward, no exception but FetchError."""

import gzip
import random
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.http import Client, Config, FetchError, check_url
from tests.core.conftest import MakeClient, Serve
from tests.kit.dns import Behaviour
from tests.kit.tls import Authority
from tests.kit.web import Page, Raw, WebServer, redirect

# {} is the port of a server that listens on all of loopback.
LITERALS = [
    "http://127.0.0.1:{}/",
    "http://127.0.0.1.:{}/",
    "http://127.1:{}/",
    "http://127.0.1:{}/",
    "http://127.255.255.254:{}/",
    "http://2130706433:{}/",
    "http://0x7f000001:{}/",
    "http://0x7F.1:{}/",
    "http://0x7f.0x0.0x0.0x1:{}/",
    "http://0177.0.0.1:{}/",
    "http://017700000001:{}/",
    "http://00000177.1:{}/",
    "http://１２７.０.０.１:{}/",
    "http://127。0。0。1:{}/",
    "http://①②⑦.⓪.⓪.①:{}/",
    "http://127.0.0.\u00ad1:{}/",
    "http://%31%32%37.0.0.1:{}/",
    "http://127%2e0%2e0%2e1:{}/",
    "http://0:{}/",
    "http://0.0.0.0:{}/",
    "http://localhost:{}/",
    "http://LOCALHOST.:{}/",
    "http://ｌｏｃａｌｈｏｓｔ:{}/",
    "http://some.name.localhost:{}/",
    "http://[::1]:{}/",
    "http://[0:0:0:0:0:0:0:1]:{}/",
    "http://[::]:{}/",
    "http://[::ffff:127.0.0.1]:{}/",
    "http://[::FFFF:7f00:1]:{}/",
    "http://[::127.0.0.1]:{}/",
    "http://[::ffff:0:127.0.0.1]:{}/",
    "http://[64:ff9b::7f00:1]:{}/",
    "http://[64:ff9b:1::7f00:1]:{}/",
    "http://[2002:7f00:1::]:{}/",
    "http://[2001:0:808:808::80ff:fffe]:{}/",
    "http://[fe80::1]:{}/",
    "http://[fe80::1%25lo]:{}/",
    "http://[fec0::1]:{}/",
    "http://[fd00::1]:{}/",
    "http://[ff02::1]:{}/",
    "http://169.254.169.254:{}/latest/meta-data/",
    "http://[::ffff:a9fe:a9fe]:{}/",
    "http://10.0.0.1:{}/",
    "http://172.16.0.1:{}/",
    "http://192.168.1.1:{}/",
    "http://100.64.0.1:{}/",
    "http://198.18.0.1:{}/",
    "http://192.88.99.1:{}/",
    "http://224.0.0.1:{}/",
    "http://255.255.255.255:{}/",
    "https://127.0.0.1:{}/",
]
NAMES = {
    "loopback.example": {"A": ["127.0.0.1"]},
    "elsewhere-on-loopback.example": {"A": ["127.8.8.8"]},
    "zero.example": {"A": ["0.0.0.0"]},
    "private.example": {"A": ["10.0.0.1"]},
    "metadata.example": {"A": ["169.254.169.254"]},
    "loopback6.example": {"AAAA": ["::1"]},
    "mapped.example": {"AAAA": ["::ffff:127.0.0.1"]},
    "nat64.example": {"AAAA": ["64:ff9b::7f00:1"]},
    "sixtofour.example": {"AAAA": ["2002:7f00:1::"]},
    "unique-local.example": {"AAAA": ["fd00::1"]},
    "mixed.example": {"A": ["8.8.8.8", "127.0.0.1"]},
    "mixed6.example": {"A": ["8.8.8.8"], "AAAA": ["::1"]},
    "alias.example": {"CNAME": ["loopback.example"]},
    "to-localhost.example": {"CNAME": ["localhost.loopback.example"]},
    "localhost.loopback.example": {"A": ["127.0.0.1"]},
}
MALFORMED = [
    "",
    " ",
    "example.com",
    "//example.com/",
    "/team",
    "http:",
    "http://",
    "http:///team",
    "http:example.com",
    "http://?x",
    "http://:80/",
    "http://user@example.com/",
    "http://user:password@example.com/",
    "http://@example.com/",
    "http://example.com@127.0.0.1/",
    "http://127.0.0.1@example.com/",
    "http://example.com\\@127.0.0.1/",
    "http://example.com\t.evil.example/",
    "http://example.com/\r\nHost: evil.example",
    "http://exa mple.com/",
    "http://example.com:port/",
    "http://example.com:99999/",
    "http://example.com:-1/",
    "http://example.com:0/",
    "http://exa$mple.com/",
    "http://example..com/",
    "http://" + "a" * 64 + ".example/",
    "http://example.com/" + "a" * 9_000,
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    "http://0xffffffffff/",
    "http://[::1/",
    "http://[::g]/",
    "http://[127.0.0.1]/",
    "http://i❤.example/",
    "http://exa%ZZmple.com/",
    "http://example.com%00.evil.example/",
    "http://a℀b.example/",
    "file:///etc/passwd",
    "ftp://example.com/",
    "gopher://127.0.0.1:25/_QUIT",
    "javascript:alert(1)",
    "data:text/html,<p>x",
    "ws://example.com/",
    "view-source:http://example.com/",
]


@pytest.fixture
def trap() -> WebServer:
    """A server on loopback that nothing here may reach."""
    with WebServer({"*": {"/": "reached"}}) as server:
        yield server  # type: ignore[misc]


def reached(trap: WebServer) -> bool:
    """Return whether anybody connected to the trap so far."""
    with socket.create_connection(trap.endpoint) as sock:
        # Connections are accepted in order: once ours is answered, every earlier one has been counted.
        sock.sendall(b"GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n")
        sock.recv(1)
    return trap.connections > 1


def failure(client: Client, url: str, **options: object) -> FetchError:
    """Return the FetchError that getting `url` raises, after a look at what every one of them must have."""
    with pytest.raises(FetchError) as raised:
        client.get(url, **options)  # type: ignore[arg-type]
    error = raised.value
    assert str(error) == error.sentence
    assert error.sentence.endswith((".", ")"))
    assert "urllib3" not in error.sentence
    assert "Error" not in error.sentence
    assert "object at 0x" not in error.sentence
    return error


# Inward -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", LITERALS)
def test_no_literal_address_leads_inward(make_client: MakeClient, trap: WebServer, url: str) -> None:
    url = url.format(trap.port)
    with pytest.raises(FetchError) as error:
        check_url(url, Config("x"))
    assert error.value.code == "blocked_address"
    assert failure(make_client(), url).code == "blocked_address"
    assert not reached(trap)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_inward(make_client: MakeClient, trap: WebServer, name: str) -> None:
    client = make_client(NAMES)
    for scheme in ("http", "https"):
        error = failure(client, f"{scheme}://{name}:{trap.port}/")
        assert error.code == "blocked_address"
        assert name in error.sentence
    assert not reached(trap)


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:{}/",
        "http://0x7f.1:{}/",
        "//localhost:{}/",
        "http://[::ffff:127.0.0.1]:{}/",
        "http://loopback.example:{}/",
        "http://mixed.example:{}/",
        "https://loopback.example:{}/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_no_redirect_leads_inward(make_client: MakeClient, serve: Serve, trap: WebServer, to: str) -> None:
    server = serve({"public.example": {"/": redirect("/next"), "/next": redirect(to.format(trap.port))}})
    client = make_client(NAMES, overrides={"public.example": server.endpoint})
    error = failure(client, "http://public.example/")
    assert error.code == "blocked_address"
    assert "public.example" not in error.url
    assert error.sentence.startswith("public.example redirects to ")
    assert len(server.requests) == 2
    assert not reached(trap)


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://127.0.0.1:25/_",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:jane@example.com",
        "http://user:password@public.example/",
        "http://[",
        "http://exa mple.com/",
        "//256.0.0.1/",
    ],
)
def test_redirects_to_what_is_no_web_page_end_there(client_for: MakeClient, serve: Serve, to: str) -> None:
    server = serve({"public.example": {"/": redirect(to)}})
    error = failure(client_for(server), "http://public.example/")
    assert error.code == "bad_url"
    assert "public.example" in error.sentence
    assert "password" not in error.sentence.replace("a password", "")


def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_checked(
    make_client: MakeClient, trap: WebServer, outside_attempts: list[str]
) -> None:
    rebinding = Behaviour(rotation=[{"A": ["8.8.8.8"]}, {"A": ["127.0.0.1"]}])
    client = make_client({"rebinding.example": rebinding})
    url = f"http://rebinding.example:{trap.port}/"
    # The first answer is public: the connection goes there, without a second look-up (the tests' own guard stops it).
    assert failure(client, url).code == "unreachable"
    assert outside_attempts == [f"socket.connect to 8.8.8.8 port {trap.port}"]
    outside_attempts.clear()
    assert failure(client, url).code == "blocked_address"
    assert outside_attempts == []
    assert not reached(trap)


@pytest.mark.parametrize("url", MALFORMED)
def test_malformed_and_foreign_urls_are_refused_unsent(make_client: MakeClient, url: str) -> None:
    with pytest.raises(FetchError) as error:
        check_url(url, Config("x"))
    assert error.value.code == "bad_url"
    assert failure(make_client(), url).code == "bad_url"


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("htps:/@[]%.0x127#?\\ ", max_size=40).map("http://".__add__))
def test_any_text_is_a_url_or_a_bad_one(text: str) -> None:
    try:
        url = check_url(text, Config("x"))
    except FetchError:
        return
    assert url.startswith(("http://", "https://"))
    assert check_url(url, Config("x")) == url


# Names that do not resolve ----------------------------------------------------------------------------


def test_names_without_an_address_and_dns_that_fails_are_told_apart(make_client: MakeClient) -> None:
    client = make_client(
        {"mail-only.example": {"MX": ["10 mx.example"]}, "broken.example": Behaviour(rcode="SERVFAIL")}
    )
    assert failure(client, "http://nowhere.example/").code == "unresolvable"
    assert failure(client, "http://mail-only.example/").code == "unresolvable"
    error = failure(client, "http://broken.example/")
    assert (error.code, error.url) == ("dns_failed", "http://broken.example/")
    assert "broken.example" in error.sentence


def test_a_host_that_refuses_connections_is_unreachable(make_client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failure(
        make_client({"down.example": {"A": ["127.0.0.1"]}}, allow=["127.0.0.1"]), f"http://down.example:{port}/"
    )
    assert error.code == "unreachable"
    assert error.sentence == f"down.example refused the connection on port {port}."


# Slow -------------------------------------------------------------------------------------------------


def _drip(data: bytes) -> Callable[[socket.socket], None]:
    def talk(sock: socket.socket) -> None:
        for byte in data:
            sock.sendall(bytes([byte]))
            time.sleep(0.02)

    return talk


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
SLOW = {
    "silent": lambda sock: sock.recv(1),
    "status line": _drip(OK * 10),
    "headers": _drip(OK + b"X-Padding: 1\r\n" * 100),
    "body": _drip(OK + b"Content-Length: 10000\r\n\r\n" + b"x" * 10_000),
    "body without an end": _drip(OK + b"\r\n" + b"x" * 10_000),
    "chunks": _drip(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 5_000),
    "trailers": _drip(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 5_000),
    "interim answers": _drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
    "redirect body": _drip(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9_999),
}


@pytest.mark.parametrize("part", SLOW)
def test_a_dripping_server_meets_the_limit_of_the_whole_request(
    serve: Serve, client_for: MakeClient, part: str
) -> None:
    server = serve({"slow.example": {"/": Raw(SLOW[part]), "/next": Raw(SLOW["silent"])}})
    error = failure(client_for(server, timeout=0.25), "http://slow.example/")
    assert error.code == "timeout"
    assert "slow.example" in error.sentence


def test_redirects_do_not_renew_the_time(serve: Serve, client_for: MakeClient) -> None:
    def late(request: object) -> Page:
        time.sleep(0.1)
        return redirect(f"/{len(server.requests)}")

    server = serve({"slow.example": {f"/{number or ''}": late for number in range(20)}})
    error = failure(client_for(server, timeout=0.35, max_redirects=20), "http://slow.example/")
    assert error.code == "timeout"
    assert len(server.requests) < 6


def test_a_dripping_handshake_meets_it_too(make_client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = make_client({"slow.example": {"A": ["127.0.0.1"]}}, allow=["127.0.0.1"], timeout=0.25)
        assert failure(client, f"https://slow.example:{mute.getsockname()[1]}/").code == "timeout"


def test_slow_dns_counts_as_well(make_client: MakeClient) -> None:
    client = make_client({"slow.example": Behaviour(silent=True)}, timeout=0.1)
    assert failure(client, "http://slow.example/").code == "dns_failed"


def test_a_slow_page_within_the_limit_is_a_page(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"slow.example": {"/": Raw(_drip(b"HTTP/1.0 200 OK\r\n\r\nhello"))}})
    assert client_for(server, timeout=30).get("http://slow.example/").content == b"hello"


# Large ------------------------------------------------------------------------------------------------


def _flood(head: bytes, piece: bytes, sent: list[int]) -> Callable[[socket.socket], None]:
    def talk(sock: socket.socket) -> None:
        try:
            sock.sendall(head)
            for _ in range(50_000_000 // len(piece)):
                sock.sendall(piece)
                sent[0] += len(piece)
        except OSError:
            pass  # the client had enough

    return talk


FLOODS = {
    "announced": (OK + b"Content-Length: 50000000\r\n\r\n", b"x" * 65_536),
    "until close": (OK + b"\r\n", b"x" * 65_536),
    "chunked": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
    "tiny chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10_000),
    "chunk of length -1": (OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b"x" * 65_536),
    "endless chunk size": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65_536),
    "endless trailers": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 10_000),
    "endless headers": (OK, b"X-Header: y\r\n" * 1_000),
    "endless header line": (OK + b"X-Header: ", b"y" * 65_536),
    "endless status line": (b"HTTP/1.1 200 ", b"y" * 65_536),
    "endless interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
    "empty deflate blocks": (
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10],
        b"\0\0\0\xff\xff" * 10_000,
    ),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_is_left_early_and_never_held_in_memory(serve: Serve, client_for: MakeClient, kind: str) -> None:
    sent = [0]
    server = serve({"big.example": {"/": Raw(_flood(*FLOODS[kind], sent))}})
    client = client_for(server, max_bytes=1_000_000, timeout=60)
    tracemalloc.start()
    try:
        error = failure(client, "http://big.example/")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.code == "too_large"
    assert peak < 12_000_000
    assert sent[0] < 25_000_000


def _twice(data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data))


@pytest.mark.parametrize(
    ("encoding", "bomb", "code"),
    [
        ("gzip", gzip.compress(bytes(50_000_000)), "too_large"),
        ("deflate", zlib.compress(bytes(50_000_000)), "too_large"),
        ("gzip", gzip.compress(bytes(100)) * 20_000, "unreachable"),
        ("gzip, gzip", _twice(bytes(50_000_000)), "unreachable"),
        ("br", b"\x00" * 1_000, "unreachable"),
        ("zstd", b"\x00" * 1_000, "unreachable"),
        ("gzip", b"no gzip at all", "unreachable"),
        ("deflate", b"\xff\xff no deflate", "unreachable"),
        ("gzip", gzip.compress(random.Random(1).randbytes(9_000))[:5_000], "unreachable"),
    ],
)
def test_compression_bombs_and_broken_compression(
    serve: Serve, client_for: MakeClient, encoding: str, bomb: bytes, code: str
) -> None:
    server = serve({"bomb.example": {"/": Page(bomb, headers={"Content-Encoding": encoding})}})
    client = client_for(server, max_bytes=1_000_000)
    tracemalloc.start()
    try:
        error = failure(client, "http://bomb.example/")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.code == code
    assert peak < 12_000_000


# Redirects --------------------------------------------------------------------------------------------


def test_thirty_redirects_are_too_many(serve: Serve, client_for: MakeClient) -> None:
    pages = {f"/{number}": redirect(f"/{number + 1}") for number in range(30)} | {"/30": "arrived"}
    server = serve({"example.com": pages})
    error = failure(client_for(server), "http://example.com/0")
    assert error.code == "too_many_redirects"
    assert len(server.requests) == 11
    assert client_for(server, max_redirects=30).get("http://example.com/0").content == b"arrived"


@pytest.mark.parametrize("to", ["/", "/#again", "http://EXAMPLE.com:80", "/b"])
def test_a_ring_of_redirects_is_seen_at_once(serve: Serve, client_for: MakeClient, to: str) -> None:
    server = serve({"example.com": {"/": redirect(to), "/b": redirect("/")}})
    error = failure(client_for(server), "http://example.com/")
    assert error.code == "too_many_redirects"
    assert "circle" in error.sentence
    assert len(server.requests) <= 2


# Not HTTP ---------------------------------------------------------------------------------------------

BROKEN = {
    "nothing": b"",
    "HTTP/0.9": b"<h1>Hello</h1>",
    "binary": bytes(range(256)) * 10,
    "another protocol": b"220 mx.example ESMTP\r\n",
    "no status": b"HTTP/1.1\r\n\r\n",
    "status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "status out of range": b"HTTP/1.1 99999 OK\r\n\r\n",
    "negative status": b"HTTP/1.1 -200 OK\r\n\r\n",
    "HTTP/9": b"HTTP/9.9 200 OK\r\n\r\n",
    "cut headers": b"HTTP/1.1 200 OK\r\nContent-Len",
    "header without a colon": OK + b"this is no header\r\nContent-Length: 1\r\n\r\nx",
    "header bytes of control": OK + b"\x00\x01\x02\xff\r\nContent-Length: 1\r\n\r\nx",
    "length of letters": OK + b"Content-Length: many\r\n\r\nx",
    "length below zero": OK + b"Content-Length: -5\r\n\r\nx",
    "length with a sign": OK + b"Content-Length: +1\r\n\r\nx",
    "two lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    "length of many digits": OK + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\nx",
    "body cut short": OK + b"Content-Length: 100\r\n\r\nonly this",
    "chunk cut short": OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nonly this",
    "last chunk missing": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n",
    "chunk size of letters": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nWiki\r\n0\r\n\r\n",
    "chunk size below zero": OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nWiki\r\n0\r\n\r\n",
    "no chunks at all": OK + b"Transfer-Encoding: chunked\r\n\r\n<h1>Hello</h1>",
    "redirect to bytes": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://\xff\xfe\x00/\r\n\r\n",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_answers_end_as_an_error_with_a_sentence(serve: Serve, client_for: MakeClient, kind: str) -> None:
    server = serve({"broken.example": {"/": Raw(lambda sock: sock.sendall(BROKEN[kind]))}})
    error = failure(client_for(server), "http://broken.example/")
    assert error.code in ("unreachable", "bad_url", "too_large")
    assert "broken.example" in error.sentence


@pytest.mark.parametrize("seed", range(60))
def test_mangled_answers_are_a_page_or_an_error(serve: Serve, client_for: MakeClient, seed: int) -> None:
    chance = random.Random(seed)
    answer = bytearray(
        chance.choice(
            [
                OK + b"Content-Length: 20\r\n\r\n" + b"x" * 20,
                OK + b"Transfer-Encoding: chunked\r\n\r\n14\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n",
                OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 200),
                b"HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n",
            ]
        )
    )
    for _ in range(chance.randint(1, 6)):
        answer[chance.randrange(len(answer))] = chance.randrange(256)
    server = serve({"mangled.example": {"/": Raw(lambda sock: sock.sendall(answer))}})
    try:
        response = client_for(server, timeout=2).get("http://mangled.example/")
    except FetchError:
        return
    assert len(response.content) <= 1_000_000


def test_encryption_on_the_wrong_port_is_said_so(make_client: MakeClient, trap: WebServer, tmp_path: Path) -> None:
    client = make_client({"example.com": {"A": ["127.0.0.1"]}}, allow=["127.0.0.1"])
    assert failure(client, f"https://example.com:{trap.port}/").code == "tls"
    with WebServer({}, tls=Authority(tmp_path).server_context("example.com")) as secure:
        assert failure(client, f"http://example.com:{secure.port}/").code == "unreachable"
