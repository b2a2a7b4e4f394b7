"""What leads to a person's address: the company's pattern, its own pages, providers; each address once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from enrichment.emails.checks import Check
from enrichment.emails.name_forms import Form
from enrichment.emails.patterns import Belief
from enrichment.emails.permutations import permutations
from enrichment.emails.providers.base import Found
from enrichment.emails.verification import syntax
from enrichment.emails.verification.mx import Mx

# A spelling that is not the usual one is left out when this unlikely.
LEAST_CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Guess:
    """A local part: its likeliest pattern, its share there relative to the usual spelling, its chance in all."""

    local: str
    pattern: str
    share: float
    chance: float


@dataclass(slots=True)
class Lead:
    """An address and all that leads to it: the guess, the company's own page, providers."""

    address: syntax.Address
    mx: Mx | None
    guess: Guess | None = None
    published: bool = False
    found: list[Found] = field(default_factory=list)
    checks: tuple[Check, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.address.local}@{self.address.domain}"


def guesses(written: Sequence[Form], belief: Belief) -> Iterator[Guess]:
    """Yield each local part once, under the pattern that likeliest made it."""
    chances: dict[str, float] = {}
    best: dict[str, tuple[float, str, float]] = {}
    for pattern, shares in permutations(written, belief.patterns).items():
        usual = max(shares.values())
        believed = belief.of(pattern)
        for local, share in shares.items():
            chance = believed * share
            if share < usual and chance < LEAST_CHANCE:
                continue
            chances[local] = chances.get(local, 0.0) + chance
            if local not in best or chance > best[local][0]:
                best[local] = (chance, pattern, share / usual)
    for local, (_, pattern, share) in best.items():
        yield Guess(local, pattern, share, chances[local])


def gather(
    guesses: Iterable[Guess],
    domain: str,
    *,
    published: str | None,
    found: Iterable[Found],
    mx: Mx | None,
    looked_up: Mapping[str, Mx] | None,
) -> dict[str, Lead]:
    """Return the leads by address. `mx` is the look-up of the guesses' `domain`, `looked_up` are those by domain.

    What is published or found and is no address is left out.
    """
    leads: dict[str, Lead] = {}
    for guess in guesses:
        lead = Lead(syntax.Address(guess.local, domain), mx, guess)
        leads[lead.email] = lead

    def lead_to(text: str | None) -> Lead | None:
        if (address := _address(text)) is None:
            return None
        lead = Lead(address, answer(looked_up, address.domain, text))
        return leads.setdefault(lead.email, lead)

    if page := lead_to(published):
        page.published = True
    for item in found:
        if given := lead_to(item.email):
            given.found.append(item)
    return leads


def _address(text: str | None) -> syntax.Address | None:
    try:
        address = syntax.parse(text.strip()) if text else None
    except syntax.InvalidAddress:
        return None
    # RFC 5321 lets the case of a local part matter; no mail operator does.
    return replace(address, local=address.local.lower()) if address else None


def answer(mx: Mapping[str, Mx] | None, domain: str, as_given: str | None) -> Mx | None:
    """Return the look-up of `domain`, which may be filed under the name as it was given."""
    if mx is None:
        return None
    return mx.get(domain) or mx.get((as_given or "").rpartition("@")[2].strip().lower())


def file(checks: Iterable[Check], leads: Mapping[str, Lead]) -> None:
    """Give each lead the checks of its address, newest first."""
    by_email: dict[str, list[Check]] = {}
    for check in checks:
        by_email.setdefault(check.email, []).append(check)
    for email, lead in leads.items():
        own = [*by_email.get(email, ()), *(item.check for item in lead.found if item.check)]
        lead.checks = tuple(sorted(dict.fromkeys(own), key=lambda check: check.at, reverse=True))
