"""A register on loopback, and a brand looked up in it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.answers import Answers
from enrichment.discovery.base import Brand, Context, Findings
from enrichment.discovery.clues import Clue, Clues
from enrichment.discovery.public_index.registers.base import Register, RegisterSource
from tests.kit.dns import DnsServer
from tests.kit.web import Content, Page, WebServer

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
BRAND = Brand("Brightwater", "https://www.brightwater.example", "brightwater.example")
Make = Callable[..., Register]


def answer(value: Any, status: int = 200, **headers: str) -> Page:
    """Return a page of JSON."""
    return Page(json.dumps(value), status, headers, "application/json")


@dataclass
class Desk:
    """A web server in the place of a register. `answers` are kept from one look-up to the next; `slept`: the pauses."""

    server: WebServer
    client: Client
    answers: Answers = field(default_factory=Answers)
    slept: list[float] = field(default_factory=list)
    now: datetime = NOW

    @property
    def base_url(self) -> str:
        return f"http://{self.server.address}"

    @property
    def paths(self) -> list[str]:
        return self.server.paths

    def context(self, clues: Clues, stopped: Callable[[], bool] = lambda: False) -> Context:
        return Context(
            self.client,
            stopped=stopped,
            clues=clues,
            answers=self.answers,
            now=lambda: self.now,
            sleep=self.slept.append,
        )

    def look_up(
        self,
        register: Register,
        *numbers: str,
        brand: Brand = BRAND,
        snippet: str = "",
        url: str = "https://www.brightwater.example/legal",
        stopped: Callable[[], bool] = lambda: False,
    ) -> Findings:
        """Run the register's source with these numbers as clues."""
        clues = Clues()
        for number in numbers:
            clues.add(Clue(register.scheme, number, url, snippet))
        return RegisterSource(register).find(brand, self.context(clues, stopped))


@contextmanager
def open_desk(pages: Mapping[str, Content]) -> Iterator[Desk]:
    """Serve `pages`, by path with or without the query."""
    with ExitStack() as stack:
        server = stack.enter_context(WebServer({"*": dict(pages)}))
        names = stack.enter_context(DnsServer({}))
        client = Client(Config("TestAgent/1.0", timeout=5.0, host_delay=0.0), Resolver([names.address]))
        stack.callback(client.close)
        yield Desk(server, client)


def titles(findings: Findings) -> dict[str, str | None]:
    """Return the people found, with their titles."""
    return {person.name: person.title for person in findings.people}


def facts(findings: Findings) -> dict[str, str]:
    return {fact.field: fact.value for fact in findings.company}


def codes(findings: Findings) -> list[str]:
    return [diagnostic.code for diagnostic in findings.diagnostics]
