"""Invented search engines on loopback."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Context
from tests.kit.dns import DnsServer
from tests.kit.web import Content, Page, Request, WebServer

NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
Reply = Callable[[Request], Page]


def as_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Page:
    return Page(json.dumps(body), status=status, headers=headers or {}, media_type="application/json")


def in_turn(*pages: Page) -> Reply:
    """Answer with each page once, and with the last one from then on."""
    left = list(pages)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


@dataclass
class Web:
    """A service at `base_url`. `slept`: what the code under test wanted to wait, in seconds, without waiting."""

    server: WebServer
    client: Client
    slept: list[float] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"http://{self.server.address}"

    def context(
        self, *, answers: Answers | None = None, now: datetime = NOW, stopped: Callable[[], bool] = lambda: False
    ) -> Context:
        return Context(
            self.client, answers=answers or Answers(), now=lambda: now, sleep=self.slept.append, stopped=stopped
        )


Serve = Callable[[str, Content], Web]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that serves one path of a service until the test ends."""
    with ExitStack() as stack:

        def start(path: str, content: Content) -> Web:
            server = stack.enter_context(WebServer({"*": {path: content}}))
            names = stack.enter_context(DnsServer({}))
            client = Client(Config("ContactEnrichment/0.1 (test)", timeout=5.0), Resolver([names.address]))
            stack.callback(client.close)
            return Web(server, client)

        yield start
