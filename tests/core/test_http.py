"""core/http.py with servers that mean well: what comes back, what is sent, how redirects and limits work."""

import gzip
import socket
import sys
import threading
import zlib
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from core import http
from core.guard import Allowed
from core.http import Config, FetchError, check_url
from tests.core.conftest import MakeClient, Serve
from tests.kit.tls import Authority
from tests.kit.web import Page, Raw, Request, WebServer, redirect

LOOPBACK = ["127.0.0.0/8", "::1"]


def test_a_page_comes_with_its_type_charset_and_final_url(serve: Serve, client_for: MakeClient) -> None:
    page = Page("<p>Zoë</p>".encode("latin-1"), media_type="Text/HTML; Charset=ISO-8859-1")
    server = serve({"example.com": {"/": redirect("/team#board"), "/team": page}})
    response = client_for(server).get("HTTP://Example.COM#top")
    assert response.url == "http://example.com/team"
    assert (response.status, response.media_type, response.charset) == (200, "text/html", "ISO-8859-1")
    assert response.content.decode(response.charset or "") == "<p>Zoë</p>"
    assert response.headers["content-TYPE"] == "Text/HTML; Charset=ISO-8859-1"


@pytest.mark.parametrize(
    ("header", "media_type", "charset"),
    [
        (None, "", None),
        ("", "", None),
        ("text/html", "text/html", None),
        ('text/html; charset="utf-8"', "text/html", "utf-8"),
        ("application/ld+json;charset=utf-8;x=y", "application/ld+json", "utf-8"),
        ("text/html; boundary=x; charset='windows-1252'", "text/html", "windows-1252"),
        ("garbage", "", None),
        ("text/html; charset=../../etc", "text/html", ".."),
        ("text/html; charset=", "text/html", None),
    ],
)
def test_content_types_are_read_with_care(
    serve: Serve, client_for: MakeClient, header: str | None, media_type: str, charset: str | None
) -> None:
    server = serve({"example.com": {"/": Page("x", media_type=header)}})
    response = client_for(server).get("http://example.com/")
    assert (response.media_type, response.charset) == (media_type, charset)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503])
def test_error_statuses_are_answers(serve: Serve, client_for: MakeClient, status: int) -> None:
    server = serve({"example.com": {"/": Page("sorry", status=status)}})
    response = client_for(server).get("http://example.com/")
    assert (response.status, response.content) == (status, b"sorry")


def test_every_request_names_us_and_asks_for_what_we_can_read(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": redirect("/b"), "/b": "b"}})
    client_for(server).get("http://example.com/", accept=("text/html",), headers={"X-Key": "k", "user-agent": "other"})
    for request in server.requests:
        assert request.headers["user-agent"] == "TestAgent/1.0"
        assert request.headers["accept-encoding"] == "gzip, deflate"
        assert request.headers["accept"] == "text/html, */*;q=0.1"
        assert request.headers["x-key"] == "k"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.com/", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("https://example.com/", "example.com"),
        ("https://example.com:443/", "example.com"),
        ("http://example.com:8080/", "example.com:8080"),
        ("https://example.com:8443/", "example.com:8443"),
        ("https://example.com:80/", "example.com:80"),
        ("http://example.com./", "example.com"),
    ],
)
def test_an_overridden_host_is_asked_in_clear_under_its_own_name(
    serve: Serve, client_for: MakeClient, url: str, host: str
) -> None:
    server = serve({"example.com": {"/": "here"}})
    assert client_for(server).get(url).content == b"here"
    assert server.requests[0].headers["host"] == host


def test_only_exactly_that_host_is_overridden(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"example.com": {"/": "here"}})
    client = make_client(overrides={"example.com": server.endpoint})
    with pytest.raises(FetchError) as error:
        client.get("http://www.example.com/")
    assert error.value.code == "unresolvable"
    assert server.connections == 0


def test_names_are_looked_up_in_our_dns_and_the_host_header_keeps_them(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"bücher.example": {}, "xn--bcher-kva.example": {"/": "books"}})
    client = make_client({"xn--bcher-kva.example": {"A": ["127.0.0.1"]}}, allow=LOOPBACK)
    assert client.get(f"http://Bücher.example:{server.port}/").content == b"books"
    assert server.requests[0].headers["host"] == f"xn--bcher-kva.example:{server.port}"


@pytest.mark.parametrize("allow", [["127.0.0.1"], ["127.0.0.0/8"], ["intranet.example"]])
def test_what_the_operator_listed_is_fetched(serve: Serve, make_client: MakeClient, allow: list[str]) -> None:
    server = serve({"*": {"/": "inside"}})
    client = make_client({"intranet.example": {"A": ["127.0.0.1"]}}, allow=allow)
    assert client.get(f"http://intranet.example:{server.port}/").content == b"inside"


def test_a_literal_address_that_was_listed_is_fetched_in_any_notation(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"*": {"/": "inside"}})
    client = make_client(allow=["127.0.0.1"])
    assert client.get(f"http://0x7f.1:{server.port}/").url == f"http://127.0.0.1:{server.port}/"
    assert client.get(f"http://localhost:{server.port}/").content == b"inside"


def test_the_next_address_is_tried_when_one_refuses(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"*": {"/": "second"}})
    client = make_client({"two.example": {"A": ["127.0.0.2", "127.0.0.1"]}}, allow=LOOPBACK)
    assert client.get(f"http://two.example:{server.port}/").content == b"second"


@pytest.mark.skipif(sys.platform != "linux", reason="a full backlog swallows packets on Linux")
def test_an_address_that_swallows_packets_leaves_time_for_the_next(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"*": {"/": "second"}})
    with ExitStack() as stack:
        stack.enter_context(socket.create_server(("127.0.0.2", server.port), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.2", server.port))
        client = make_client({"two.example": {"A": ["127.0.0.2", "127.0.0.1"]}}, allow=LOOPBACK, timeout=2)
        assert client.get(f"http://two.example:{server.port}/").content == b"second"


def test_connections_are_kept_alive_and_reused(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": "a", "/b": redirect("/"), "/gone": Page("no", status=404)}})
    client = client_for(server)
    for path in ("/", "/b", "/gone", "/"):
        client.get(f"http://example.com{path}")
    assert (len(server.requests), server.connections) == (5, 1)


def test_a_kept_connection_that_the_server_closed_is_replaced(serve: Serve, client_for: MakeClient) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def answer_once_then_hang_up(sock: socket.socket) -> None:
        sock.sendall(answer)
        sock.recv(65_536)  # the second request on this connection is read and never answered

    server = serve({"example.com": {"/": Raw(answer_once_then_hang_up)}})
    client = client_for(server)
    assert [client.get("http://example.com/").content for _ in range(3)] == [b"ok"] * 3
    assert server.connections == 3


def test_a_server_that_never_answers_is_not_asked_twice(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": Raw(lambda sock: None)}})
    with pytest.raises(FetchError) as error:
        client_for(server).get("http://example.com/")
    assert (error.value.code, len(server.requests)) == ("unreachable", 1)


def test_cookies_are_not_kept(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": Page("x", headers={"Set-Cookie": "id=1"}), "/r": redirect("/")}})
    client = client_for(server)
    for path in ("/", "/r", "/"):
        client.get(f"http://example.com{path}")
    assert all("cookie" not in request.headers for request in server.requests)


def test_proxies_and_passwords_of_the_environment_are_ignored(
    serve: Serve, client_for: MakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = serve({"*": {"/": "from the proxy"}})
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{proxy.address}")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").write_text("machine example.com login jane password secret\n")
    server = serve({"example.com": {"/": "direct"}})
    assert client_for(server).get("http://example.com/").content == b"direct"
    assert client_for(server).get("https://example.com/").content == b"direct"
    assert proxy.connections == 0
    assert "authorization" not in server.requests[0].headers


def test_threads_share_a_client_and_two_at_most_are_at_one_host(serve: Serve, client_for: MakeClient) -> None:
    lock, inside, most, two = threading.Lock(), 0, 0, threading.Event()

    def busy(request: Request) -> Page:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            if inside == 2:
                two.set()
        two.wait(10)
        with lock:
            inside -= 1
        return Page(request.path)

    server = serve({"example.com": {f"/{number}": busy for number in range(40)}})
    client = client_for(server)
    bodies: list[bytes] = []

    def fetch(start: int) -> None:
        bodies.extend(client.get(f"http://example.com/{number}").content for number in range(start, 40, 8))

    threads = [threading.Thread(target=fetch, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(bodies) == sorted(f"/{number}".encode() for number in range(40))
    assert most == 2
    assert server.connections == 2


def _bare_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("x-gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
        ("gzip", lambda data: gzip.compress(data) + b"\0\0\0"),
        ("deflate", zlib.compress),
        ("deflate", _bare_deflate),
        ("identity", lambda data: data),
    ],
)
def test_compressed_pages_are_unpacked(serve: Serve, client_for: MakeClient, encoding: str, encode: object) -> None:
    text = b"<p>some text</p>" * 5_000
    server = serve({"example.com": {"/": Page(encode(text), headers={"Content-Encoding": encoding})}})  # type: ignore[operator]
    assert client_for(server).get("http://example.com/").content == text


def test_an_empty_page_may_claim_to_be_compressed(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": Page(b"", headers={"Content-Encoding": "gzip"})}})
    assert client_for(server).get("http://example.com/").content == b""


def test_chunked_pages_are_put_together(serve: Serve, client_for: MakeClient) -> None:
    body = b"4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\nTrailer: x\r\n\r\n"
    server = serve({"example.com": {"/": Page(body, headers={"Transfer-Encoding": "chunked"})}})
    client = client_for(server)
    assert [client.get("http://example.com/").content for _ in range(2)] == [b"Wikipedia"] * 2
    assert server.connections == 1


def test_a_body_of_exactly_the_limit_passes(serve: Serve, client_for: MakeClient) -> None:
    packed = Page(gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"})
    server = serve({"example.com": {"/": b"x" * 1000, "/gz": packed}})
    client = client_for(server, max_bytes=1000)
    assert len(client.get("http://example.com/").content) == 1000
    assert len(client.get("http://example.com/gz").content) == 1000
    for path in ("/", "/gz"):
        with pytest.raises(FetchError) as error:
            client.get(f"http://example.com{path}", max_bytes=999)
        assert error.value.code == "too_large"
        assert "999 bytes" in error.value.sentence


@pytest.mark.parametrize("header", ["text/html", "TEXT/HTML;charset=utf-8", "application/xhtml+xml ; q", None])
def test_wanted_media_types_pass_whatever_their_case_and_parameters(
    serve: Serve, client_for: MakeClient, header: str | None
) -> None:
    server = serve({"example.com": {"/": Page("x", media_type=header)}})
    response = client_for(server).get("http://example.com/", accept=("text/html", "Application/XHTML+xml"))
    assert response.content == b"x"


def test_an_unwanted_media_type_is_refused_before_its_body_is_read(serve: Serve, client_for: MakeClient) -> None:
    client_left = threading.Event()

    def promise_a_pdf(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: Application/PDF\r\nContent-Length: 1000\r\n\r\n")
        if sock.recv(1) == b"":  # no body is sent: a client that waits for it runs into its time-out instead
            client_left.set()

    server = serve({"example.com": {"/": Raw(promise_a_pdf)}})
    with pytest.raises(FetchError) as error:
        client_for(server).get("http://example.com/", accept=("text/html",))
    assert error.value.code == "content_type"
    assert error.value.sentence == "example.com sent application/pdf where text/html was expected."
    assert client_left.wait(10)


def test_an_error_page_of_another_type_is_an_answer_without_content(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/robots.txt": Page("<h1>Not found</h1>", status=404)}})
    response = client_for(server).get("http://example.com/robots.txt", accept=("text/plain",))
    assert (response.status, response.content) == (404, b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_across_hosts_schemes_and_forms(
    serve: Serve, client_for: MakeClient, status: int
) -> None:
    server = serve(
        {
            "a.example": {"/": redirect("x/../b?q=1", status), "/b": redirect("//b.example/c", status)},
            "b.example": {
                "/c": redirect("https://a.example/d e", status),
            },
        }
    )
    server.sites["a.example"] |= {"/d%20e": redirect("/Zoë".encode().decode("latin-1"), status), "/Zo%C3%AB": "there"}  # type: ignore[operator]
    response = client_for(server).get("http://a.example/")
    assert (response.url, response.content) == ("https://a.example/Zo%C3%AB", b"there")
    assert server.paths == ["/", "/b?q=1", "/c", "/d%20e", "/Zo%C3%AB"]


def test_a_redirect_status_without_a_location_is_an_answer(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": Page("choose", status=300), "/b": Page("where?", status=302)}})
    client = client_for(server)
    assert client.get("http://example.com/").status == 300
    assert client.get("http://example.com/b").content == b"where?"


def test_keys_stay_with_the_origin_they_were_given_for(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"a.example": {"/": redirect("/b"), "/b": redirect("http://b.example/")}, "b.example": {"/": "x"}})
    client_for(server).get("http://a.example/", headers={"Authorization": "Bearer secret"})
    assert [request.headers.get("authorization") for request in server.requests] == [
        "Bearer secret",
        "Bearer secret",
        None,
    ]


def test_a_key_that_no_header_can_hold_is_an_error_of_ours(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": "x"}})
    with pytest.raises(FetchError) as error:
        client_for(server).get("http://example.com/", headers={"X-Key": "a\r\nHost: evil.example"})
    assert (error.value.code, server.connections) == ("bad_url", 0)
    assert "evil" not in error.value.sentence


def test_a_trusted_origin_is_not_checked_but_where_it_redirects_to_is(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"*": {"/": redirect("/same"), "/same": "own", "/away": redirect("http://b.example/")}})
    client = make_client({"a.example": {"A": ["127.0.0.1"]}, "b.example": {"A": ["127.0.0.1"]}})
    assert client.get(f"http://a.example:{server.port}/", trusted=True).content == b"own"
    assert client.get(f"http://127.0.0.1:{server.port}/same", trusted=True).content == b"own"
    with pytest.raises(FetchError) as error:
        client.get(f"http://a.example:{server.port}/away", trusted=True)
    assert error.value.code == "blocked_address"
    assert error.value.url == "http://b.example/"


def test_trust_and_keys_do_not_come_back_from_a_detour(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"*": {"/": redirect("http://b.example/"), "/any": "secret"}})
    home = f"http://a.example:{server.port}"
    away = serve({"b.example": {"/": redirect(f"{home}/any")}})
    zone = {"a.example": {"A": ["127.0.0.1"]}}
    client = make_client(zone, overrides={"b.example": away.endpoint})
    with pytest.raises(FetchError) as error:
        client.get(f"{home}/", trusted=True)
    assert error.value.code == "blocked_address"
    listed = make_client(zone, overrides={"b.example": away.endpoint}, allow=LOOPBACK)
    assert listed.get(f"{home}/", headers={"X-Key": "k"}, trusted=True).content == b"secret"
    assert [(request.path, request.headers.get("x-key")) for request in server.requests] == [
        ("/", None),
        ("/", "k"),
        ("/any", None),
    ]


def test_trust_does_not_outlast_the_request(serve: Serve, make_client: MakeClient) -> None:
    server = serve({"*": {"/": "own"}})
    client = make_client({"a.example": {"A": ["127.0.0.1"]}})
    url = f"http://a.example:{server.port}/"
    client.get(url, trusted=True)
    with pytest.raises(FetchError) as error:  # though a connection to it is kept alive
        client.get(url)
    assert error.value.code == "blocked_address"
    assert len(server.requests) == 1


def test_certificates_are_checked_against_the_name(make_client: MakeClient, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    zone = {name: {"A": ["127.0.0.1"]} for name in ("example.com", "other.example")}
    with WebServer({"*": {"/": "secure"}}, tls=authority.server_context("example.com")) as server:
        client = make_client(zone, allow=LOOPBACK, ca_file=str(authority.ca_file))
        assert client.get(f"https://example.com:{server.port}/").content == b"secure"
        assert client.get(f"https://example.com.:{server.port}/").content == b"secure"
        assert server.connections == 1
        with pytest.raises(FetchError) as error:
            client.get(f"https://other.example:{server.port}/")
        assert error.value.code == "tls"
        assert "other.example" in error.value.sentence
        with pytest.raises(FetchError) as error:
            make_client(zone, allow=LOOPBACK).get(f"https://example.com:{server.port}/")
        assert error.value.code == "tls"
        assert len(server.requests) == 2


def test_the_server_name_is_sent_in_the_handshake(make_client: MakeClient, tmp_path: Path) -> None:
    names: list[str | None] = []
    authority = Authority(tmp_path)
    context = authority.server_context("example.com")
    context.sni_callback = lambda sock, name, ctx: names.append(name)
    with WebServer({"*": {"/": "secure"}}, tls=context) as server:
        client = make_client({"example.com": {"A": ["127.0.0.1"]}}, allow=LOOPBACK, ca_file=str(authority.ca_file))
        client.get(f"https://example.com:{server.port}/")
    assert names == ["example.com"]


# check_url ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://example.com", "http://example.com/"),
        (" HTTPS://EXAMPLE.com:443/A?b#c ", "https://example.com/A?b"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("http://bücher.example/straße?q=ü", "http://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%BC"),
        ("http://example.com./a b", "http://example.com/a%20b"),
        ("http://example.com/%7Ejane/%2F?x=%20", "http://example.com/~jane/%2F?x=%20"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://0x08080808/", "http://8.8.8.8/"),
        ("http://[2606:4700:4700:0:0:0:0:1111]/", "http://[2606:4700:4700::1111]/"),
        ("http://exa%6Dple.com/", "http://example.com/"),
    ],
)
def test_urls_are_brought_to_one_form(url: str, normal: str) -> None:
    assert check_url(url, Config("x")) == normal
    assert check_url(normal, Config("x")) == normal


def test_check_url_knows_what_is_allowed_and_overridden(settings: Settings) -> None:
    config = Config(
        "x", allowed=Allowed.parse(["10.0.0.0/8", "localhost"]), overrides={"app.localhost": ("127.0.0.1", 1)}
    )
    for url in ("http://10.1.2.3/", "http://localhost/", "http://app.localhost/"):
        assert check_url(url, config) == url
    settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = ["192.168.1.1"]
    assert check_url("http://192.168.1.1/") == "http://192.168.1.1/"
    with pytest.raises(FetchError):
        check_url("http://192.168.1.2/")


# settings -------------------------------------------------------------------------------------------


def test_the_configuration_comes_from_the_settings(serve: Serve, settings: Settings) -> None:
    server = serve({"example.com": {"/": "configured"}})
    settings.ENRICHMENT_USER_AGENT = "Ours/2.0"
    settings.ENRICHMENT_HTTP_HOSTS_OVERRIDE = [f" Example.com = {server.address} ", "b.example=[::1]:9"]
    settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = ["10.0.0.0/8"]
    settings.ENRICHMENT_HTTP_TIMEOUT_SECONDS = 3.5
    settings.ENRICHMENT_HTTP_MAX_BYTES = 1234
    settings.ENRICHMENT_HTTP_HOST_DELAY_SECONDS = 0.75
    assert http.config_from_settings() == Config(
        user_agent="Ours/2.0",
        timeout=3.5,
        max_bytes=1234,
        host_delay=0.75,
        overrides={"example.com": server.endpoint, "b.example": ("::1", 9)},
        allowed=Allowed.parse(["10.0.0.0/8"]),
    )
    client = http.from_settings()
    assert client.get("https://example.com/").content == b"configured"
    client.close()
    assert server.requests[0].headers["user-agent"] == "Ours/2.0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENRICHMENT_ALLOWED_PRIVATE_HOSTS", ["10.0.0.0/99"]),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["example.com"]),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["example.com=127.0.0.1"]),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["example.com=localhost:80"]),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["example.com=127.0.0.1:0"]),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["a b=127.0.0.1:80"]),
        ("ENRICHMENT_HTTP_HOSTS_OVERRIDE", ["=127.0.0.1:80"]),
        ("ENRICHMENT_HTTP_TIMEOUT_SECONDS", 0.0),
        ("ENRICHMENT_HTTP_MAX_BYTES", -1),
        ("ENRICHMENT_HTTP_HOST_DELAY_SECONDS", -0.1),
        ("ENRICHMENT_USER_AGENT", " "),
        ("ENRICHMENT_USER_AGENT", "a\r\nb"),
    ],
)
def test_a_malformed_setting_is_named(settings: Settings, name: str, value: object) -> None:
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        http.config_from_settings()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"Content-Length": "9000000"},
        {"Content-Encoding": "br"},
        {"Content-Encoding": "gzip", "Content-Type": "text/html"},
    ],
)
def test_a_page_that_has_not_changed_is_an_answer_without_content(
    serve: Serve, client_for: MakeClient, headers: dict[str, str]
) -> None:
    def answer(request: Request) -> Page:
        if request.headers.get("if-none-match") == '"v1"':
            return Page(status=304, headers={"Etag": '"v1"', "Content-Length": "0", **headers}, media_type=None)
        return Page("changed")

    server = serve({"example.com": {"/": answer, "/next": "next"}})
    client = client_for(server)
    response = client.get("http://example.com/", accept=("text/html",), headers={"If-None-Match": '"v1"'})
    assert (response.status, response.content, response.headers["etag"]) == (304, b"", '"v1"')
    assert client.get("http://example.com/next").content == b"next", "the connection is still good"


def test_validators_go_along_with_a_redirect_within_the_origin_and_no_further(
    serve: Serve, client_for: MakeClient
) -> None:
    sites = {
        "example.com": {"/": redirect("/team"), "/team": redirect("http://example.net/team")},
        "example.net": {"/team": "people"},
    }
    server = serve(sites)
    client_for(server).get("http://example.com/", headers={"If-None-Match": '"v1"'})
    assert [request.headers.get("if-none-match") for request in server.requests] == ['"v1"', '"v1"', None]
