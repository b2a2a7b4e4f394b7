"""Which providers of addresses there are, by the names that ENRICHMENT_PROVIDERS knows them under.

A new provider is a module and a line in `PROVIDERS`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from enrichment.emails.providers import hunter, snov
from enrichment.emails.providers.base import Provider
from enrichment.emails.providers.clearbit import Clearbit
from enrichment.emails.providers.hunter import Hunter
from enrichment.emails.providers.reacher import Reacher
from enrichment.emails.providers.snov import Snov


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a provider: "" for no key, and for the provider's own address."""

    api_key: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """How a provider is made; `needs`: the fields of its Access without which it cannot be asked.

    `named`: it is asked only when it is named.
    """

    make: Callable[[Access], Provider]
    needs: tuple[str, ...]
    named: bool = False

    def missing(self, name: str, access: Access) -> list[str]:
        """Return the environment variables that would have to be set."""
        return [f"{name}_{need}".upper() for need in self.needs if not getattr(access, need)]


PROVIDERS: dict[str, _Line] = {
    "hunter": _Line(
        lambda access: Hunter(api_key=access.api_key, base_url=access.base_url or hunter.BASE_URL), ("api_key",)
    ),
    "snov": _Line(
        lambda access: Snov(
            client_id=access.client_id,
            client_secret=access.client_secret,
            base_url=access.base_url or snov.BASE_URL,
        ),
        ("client_id", "client_secret"),
    ),
    "reacher": _Line(lambda access: Reacher(base_url=access.base_url, secret=access.api_key), ("base_url",)),
    "clearbit": _Line(
        lambda access: Clearbit(api_key=access.api_key, base_url=access.base_url), ("api_key",), named=True
    ),
}
NAMES = tuple(PROVIDERS)


def providers(names: Iterable[str], access: Mapping[str, Access]) -> list[Provider]:
    """Return the providers of these names, each once, in the order named; without names, all that are configured.

    Clearbit must be named. Raises ValueError with a sentence for a name that is not known, and for one whose key or
    address is not set.
    """
    wanted = list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    unknown = [name for name in wanted if name not in PROVIDERS]
    if unknown:
        raise ValueError(
            f"There is no provider {', '.join(unknown)}. Known are: {', '.join(NAMES)} (ENRICHMENT_PROVIDERS)."
        )
    given = {name: access.get(name, Access()) for name in PROVIDERS}
    missing = [variable for name in wanted for variable in PROVIDERS[name].missing(name, given[name])]
    if missing:
        raise ValueError(f"A provider that is named needs {' and '.join(missing)}: set it, or take the name out.")
    configured = [name for name, line in PROVIDERS.items() if not line.named and not line.missing(name, given[name])]
    return [PROVIDERS[name].make(given[name]) for name in wanted or configured]
