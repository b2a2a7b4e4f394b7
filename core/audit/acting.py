"""Who is at work just now, by which way, and from where: what every entry of the audit trail begins with."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from .digests import client_address

PAGE, API, ADMIN, PUBLIC, WEBHOOK, COMMAND, WORKER = "page", "api", "admin", "public", "webhook", "command", "worker"


@dataclass(slots=True)
class Acting:
    """Who acts. `request` is asked for its user only when an entry is written, since the API authenticates late.

    `recorded` counts the entries that were written meanwhile, `acts` are their actions, each with type and id of what
    it was done to.
    """

    via: str = COMMAND
    user: AbstractBaseUser | None = None
    client: str | None = None
    request: HttpRequest | None = field(default=None, repr=False)
    recorded: int = 0
    acts: set[tuple[str, str, str]] = field(default_factory=set, repr=False)

    @property
    def actor(self) -> AbstractBaseUser | None:
        """Return who acts: the user given, else the one who is signed in with the request."""
        if self.user is not None:
            return self.user
        user: Any = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def is_reading(self) -> bool:
        """Whether somebody only looks at something: that such entries are sealed can wait for the schedule."""
        return self.request is not None and self.request.method in ("GET", "HEAD")

    @property
    def token_id(self) -> UUID | None:
        """Return the id of the personal API token with which the request came, if it did."""
        return getattr(self.request, "api_token_id", None)


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)
_default_via = COMMAND


def current() -> Acting:
    """Return who is at work; outside of requests and tasks a command is."""
    return _current.get() or Acting(_default_via)


def be_worker() -> None:
    """Say that this process carries out tasks: what is not said otherwise is done by a worker."""
    global _default_via  # noqa: PLW0603 - one process is one thing
    _default_via = WORKER


@contextmanager
def acting_as(
    via: str, user: AbstractBaseUser | None = None, client: str | None = None, request: HttpRequest | None = None
) -> Iterator[Acting]:
    """Have entries of the `with` block say that they were made this way."""
    acting = Acting(via, user, client_address(client), request)
    token = _current.set(acting)
    try:
        yield acting
    finally:
        _current.reset(token)
