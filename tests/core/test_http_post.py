"""POST through core/http.py: what is sent, that it is sent once, and that the guards of GET hold."""

import json
import math
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from core.http import FetchError
from tests.core.conftest import MakeClient, Serve
from tests.kit.tls import Authority
from tests.kit.web import Page, Raw, Request, WebServer, redirect

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def refusal(post: Callable[[], object]) -> FetchError:
    with pytest.raises(FetchError) as error:
        post()
    return error.value


def test_json_is_sent_with_its_type_and_length(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/v2": Page('{"ok": true}', 201, media_type="application/json")}})
    value = {"rows": [{"first_name": "Zoë"}], "dry": False}
    response = client_for(server).post("http://example.com/v2", json=value, headers={"X-Key": "k"})
    assert (response.status, response.media_type, response.content) == (201, "application/json", b'{"ok": true}')
    (request,) = server.requests
    assert (request.method, json.loads(request.body)) == ("POST", value)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == str(len(request.body))
    assert (request.headers["x-key"], request.headers["user-agent"]) == ("k", "TestAgent/1.0")


@pytest.mark.parametrize("value", [{}, [], 0, False, ""])
def test_empty_json_is_json_too(serve: Serve, client_for: MakeClient, value: object) -> None:
    server = serve({"example.com": {"/": "ok"}})
    client_for(server).post("http://example.com/", json=value)
    assert json.loads(server.requests[0].body) == value


@pytest.mark.parametrize("form", [{"a": "1 & 2", "b": "ö"}, [("e[]", "x@a.example"), ("e[]", "y+z@a.example")]])
def test_a_form_is_sent_as_browsers_send_it(serve: Serve, client_for: MakeClient, form: object) -> None:
    server = serve({"example.com": {"/": "ok"}})
    client_for(server).post("http://example.com/", form=form)
    (request,) = server.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(request.body.decode()) == [*(form.items() if isinstance(form, dict) else form)]  # type: ignore[misc]


def test_nothing_is_sent_as_a_body_of_no_length(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": "ok"}})
    assert client_for(server).post("http://example.com/").content == b"ok"
    (request,) = server.requests
    assert (request.method, request.headers["content-length"], request.body) == ("POST", "0", b"")


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_error_statuses_are_answers(serve: Serve, client_for: MakeClient, status: int) -> None:
    server = serve({"example.com": {"/": Page("sorry", status=status)}})
    response = client_for(server).post("http://example.com/", json={})
    assert (response.status, response.content) == (status, b"sorry")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["/other", "http://elsewhere.example/"])
def test_no_redirect_is_followed(serve: Serve, client_for: MakeClient, status: int, to: str) -> None:
    server = serve({"example.com": {"/": redirect(to, status)}, "elsewhere.example": {"/": "ok"}})
    error = refusal(lambda: client_for(server).post("http://example.com/", json={"password": "hush"}))
    assert error.code == "not_followed"
    assert "hush" not in repr(error)
    assert len(server.requests) == 1


def test_it_never_goes_over_a_connection_that_was_idle(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": "ok"}})
    client = client_for(server)
    client.get("http://example.com/")
    client.post("http://example.com/", json=1)
    client.post("http://example.com/", json=2)
    assert server.connections == 3
    client.get("http://example.com/")
    assert server.connections == 3  # whereas what it leaves behind serves again


def test_what_a_server_took_and_did_not_answer_is_not_sent_again(serve: Serve, client_for: MakeClient) -> None:
    taken: list[bytes] = []

    def answer_then_take_another(sock: socket.socket) -> None:
        sock.sendall(OK)
        taken.append(sock.recv(65_536))  # what comes over a kept connection is processed, and not answered

    site = {"/": Raw(answer_then_take_another), "/silent": Raw(lambda _sock: None)}
    server = serve({"example.com": site})
    client = client_for(server)
    client.get("http://example.com/")
    assert client.post("http://example.com/", json={"charge": 1}).content == b"ok"
    assert refusal(lambda: client.post("http://example.com/silent", json={"charge": 1})).code == "unreachable"
    client.close()
    assert [request.path for request in server.requests if request.method == "POST"] == ["/", "/silent"]
    assert not any(taken)


def test_it_has_one_deadline_and_one_limit_of_size(serve: Serve, client_for: MakeClient) -> None:
    def dumb(sock: socket.socket) -> None:
        sock.recv(1)

    server = serve({"example.com": {"/dumb": Raw(dumb), "/large": "x" * 1_001}})
    client = client_for(server)
    assert refusal(lambda: client.post("http://example.com/dumb", json={}, timeout=0.2)).code == "timeout"
    assert refusal(lambda: client.post("http://example.com/large", json={}, max_bytes=1_000)).code == "too_large"
    assert len(client.post("http://example.com/large", json={}, max_bytes=1_001).content) == 1_001
    assert len(server.requests) == 3


@pytest.mark.parametrize("host", ["127.0.0.1", "in.example"])
def test_nothing_is_posted_inward_unless_the_operator_trusts_it(
    serve: Serve, make_client: MakeClient, host: str
) -> None:
    server = serve({"*": {"/": "own"}})
    client = make_client({"in.example": {"A": ["127.0.0.1"]}})
    url = f"http://{host}:{server.port}/"
    assert client.post(url, json={}, trusted=True).content == b"own"
    assert refusal(lambda: client.post(url, json={})).code == "blocked_address"
    assert len(server.requests) == 1


def test_it_is_encrypted_for_the_right_name_only(make_client: MakeClient, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    zone = {name: {"A": ["127.0.0.1"]} for name in ("example.com", "other.example")}
    with WebServer({"*": {"/": "secure"}}, tls=authority.server_context("example.com")) as server:
        client = make_client(zone, allow=["127.0.0.0/8"], ca_file=str(authority.ca_file))
        for _ in range(2):
            assert client.post(f"https://example.com:{server.port}/", json={}).content == b"secure"
        assert refusal(lambda: client.post(f"https://other.example:{server.port}/", json={})).code == "tls"
        assert len(server.requests) == 2


def test_what_json_cannot_say_is_refused_unsent(serve: Serve, client_for: MakeClient) -> None:
    server = serve({"example.com": {"/": "ok"}})
    assert refusal(lambda: client_for(server).post("http://example.com/", json=math.nan)).code == "bad_url"
    assert server.connections == 0


def test_the_answer_comes_from_the_request_it_belongs_to(serve: Serve, client_for: MakeClient) -> None:
    def echo(request: Request) -> Page:
        return Page(request.body)

    client = client_for(serve({"example.com": {"/": echo}}))
    assert [client.post("http://example.com/", json=number).content for number in range(5)] == [
        b"0",
        b"1",
        b"2",
        b"3",
        b"4",
    ]
