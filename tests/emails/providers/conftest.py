"""A provider at a server of its own on loopback, in the shape that it documents."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from core.dns import Resolver
from core.http import Client, Config
from enrichment.discovery.base import Context, SourceError
from enrichment.emails.providers import registry
from enrichment.emails.providers.base import Provider
from tests.kit.providers import Providers, providers

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Asked:
    """A provider and its server. `naps`: the seconds that it was waited for; `now` may be set."""

    def __init__(self, name: str, running: Providers, client: Client) -> None:
        self.name, self.running = name, running
        self.naps: list[float] = []
        self.now = NOW
        self.context = Context(client, now=lambda: self.now, sleep=self.naps.append)
        self.provider = self.make()

    def make(self, **access: str) -> Provider:
        (provider,) = registry.providers(
            [self.name], {self.name: registry.Access(**{**self.running.access[self.name], **access})}
        )
        return provider

    def say(self, path: str, body: Any) -> None:
        """Let the provider answer with `body` at `path`, and as documented elsewhere."""
        self.running.say(self.name, {path: body})

    @property
    def paths(self) -> list[str]:
        return self.running.asked(self.name)

    def code(self, ask: Callable[[], object]) -> str:
        """Return the code of the error that `ask` ends with; no key is in it."""
        with pytest.raises(SourceError) as raised:
            ask()
        diagnostic = raised.value.diagnostic
        assert diagnostic.source == self.name
        assert diagnostic.sentence.startswith(self.provider.title)
        assert not any(secret in str(raised.value) for secret in self.secrets)
        assert not any(secret in path for secret in self.secrets for path in self.running.webs[self.name].paths)
        return diagnostic.code

    @property
    def secrets(self) -> list[str]:
        return [value for field, value in self.running.access[self.name].items() if field != "base_url"]


@pytest.fixture
def asking() -> Iterator[Callable[[str], Asked]]:
    """Start a provider's server and make what asks it."""
    with ExitStack() as stack:
        client = Client(Config("tests/1.0 (ops@example.com)", timeout=10.0), Resolver(["127.0.0.1:1"]))
        stack.callback(client.close)
        yield lambda name: Asked(name, stack.enter_context(providers(name)), client)
