"""The providers of addresses of this installation, asked one after the other until one can tell.

Each request is taken from the month's budget first (provider_budget.py) and given back when it fails; one that fails
again and again is left alone for a while. Nobody on the suppression list is asked about, and whoever has objected
with a provider gets on it. Do not call this within a transaction: it asks servers outside.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Generic, TypeVar

from django.conf import settings

from core import http
from crm import suppression
from crm.models import Suppression
from enrichment import provider_budget
from enrichment.discovery.base import Context, Diagnostic, SourceError
from enrichment.discovery.breakers import Breakers
from enrichment.emails.checks import Check, Result
from enrichment.emails.providers import registry
from enrichment.emails.providers.base import DOMAIN, FIND, VERIFY, DomainFindings, Found, Objected, Provider, Quota

BREAKERS = Breakers()  # this process'
SURE = 0.5  # a provider's own confidence in an address from which on no other one is asked

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """The likeliest address that a provider gave, if any. `objected`: the person wants nothing to be processed."""

    found: Found | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    objected: bool = False


@dataclass(frozen=True, slots=True)
class VerifyAnswer:
    """What was said of a mailbox: `check` is the most telling of the `checks`, which are in the order of the asking.

    `objected`: the person wants nothing to be processed, and is on the suppression list now.
    """

    check: Check | None = None
    checks: tuple[Check, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    objected: bool = False


@dataclass(frozen=True, slots=True)
class DomainAnswer:
    """What the first provider who knows people at a domain knows of it."""

    findings: DomainFindings | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def from_settings() -> Sequence[Provider]:
    """Return the providers that are asked, in order. Raises ValueError for a name that is not known or lacks its key.

    A process keeps them, with what they remember: the token of a session, the turn of a thread.
    """
    access = ((name, registry.Access(**given)) for name, given in settings.ENRICHMENT_PROVIDER_ACCESS.items())
    return _made(tuple(settings.ENRICHMENT_PROVIDERS), tuple(access))


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a provider: requests `used` of this month's `budget`, and what its plan says (`quota`).

    `quota` is None for a provider that does not say; `trouble` is why it could not be asked.
    """

    name: str
    title: str
    can: frozenset[str]
    used: int
    budget: int
    quota: Quota | None = None
    trouble: Diagnostic | None = None


def standings(context: Context | None = None) -> list[Standing]:
    """Return how it stands with each provider, in the order in which they are asked; it costs none of the budget."""
    with nullcontext(context) if context else _own_context() as given:
        return [_standing(provider, given) for provider in from_settings()]


def _standing(provider: Provider, context: Context) -> Standing:
    used, budget = provider_budget.used(provider.name), provider_budget.limit(provider.name)
    standing = Standing(provider.name, provider.title, provider.can, used, budget)
    try:
        return replace(standing, quota=provider.quota(context))
    except SourceError as error:
        return replace(standing, trouble=error.diagnostic)


def find(first: str, last: str, domain: str, context: Context | None = None) -> FindAnswer:
    """Ask for a person's address at `domain` (in A-labels), until one is deliverable or its provider is sure of it."""
    if suppression.domain_suppressed(domain):
        return FindAnswer(diagnostics=(_suppressed(),))
    asked = _ask(FIND, lambda provider, context: provider.find(context, first, last, domain), _is_found, context)
    found = max(asked.answers, key=_worth, default=None)
    if found is not None and suppression.suppressed([found.email]):
        return FindAnswer(None, (*asked.diagnostics, _suppressed()), asked.objected)
    return FindAnswer(None if asked.objected else found, tuple(asked.diagnostics), asked.objected)


def verify(email: str, context: Context | None = None) -> VerifyAnswer:
    """Ask about a mailbox (`email` in the form of normalise_email) until one knows whether it takes mail."""
    if suppression.suppressed([email]):
        return VerifyAnswer(diagnostics=(_suppressed(),))
    asked = _ask(VERIFY, lambda provider, context: provider.verify(context, email), _is_clear, context)
    if asked.objected:
        suppression.add([email], Suppression.Reason.OBJECTION)
        return VerifyAnswer(diagnostics=tuple(asked.diagnostics), objected=True)
    check = max(asked.answers, key=_telling, default=None)
    return VerifyAnswer(check, tuple(asked.answers), tuple(asked.diagnostics))


def domain(name: str, context: Context | None = None) -> DomainAnswer:
    """Ask for people with their addresses at the domain `name` (in A-labels) until one knows some."""
    if suppression.domain_suppressed(name):
        return DomainAnswer(diagnostics=(_suppressed(),))
    asked = _ask(
        DOMAIN,
        lambda provider, context: provider.domain(context, name),
        lambda findings: bool(findings.known),
        context,
        requests=lambda findings: findings.requests,
    )
    findings = max(asked.answers, key=lambda findings: len(findings.known), default=None)
    if findings is not None:
        hits = suppression.suppressed(pair.email for pair in findings.known)
        findings = replace(findings, known=tuple(pair for pair in findings.known if pair.email not in hits))
    return DomainAnswer(findings, tuple(asked.diagnostics))


@dataclass(slots=True)
class _Asked(Generic[_T]):
    answers: list[_T] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    objected: bool = False


def _ask(
    operation: str,
    question: Callable[[Provider, Context], _T | None],
    is_enough: Callable[[_T], bool],
    context: Context | None,
    requests: Callable[[_T], int] | None = None,
) -> _Asked[_T]:
    """Put a question to the providers in order until an answer is enough. `requests`: how many an answer took."""
    asked: _Asked[_T] = _Asked()
    with nullcontext(context) if context else _own_context() as given:
        for provider in from_settings():
            cost = provider.costs.get(operation, 1)
            if operation not in provider.can or not _may_be_asked(provider, operation, cost, asked.diagnostics):
                continue
            try:
                answer = question(provider, given)
            except SourceError as error:
                provider_budget.release(provider.name, operation, cost)
                BREAKERS.failed(provider.name, error.diagnostic)
                asked.diagnostics.append(error.diagnostic)
                continue
            except Objected as objection:
                asked.objected = True
                asked.diagnostics.append(Diagnostic("objected", str(objection), provider.name))
                break
            BREAKERS.succeeded(provider.name)
            if answer is None:
                continue
            if requests and requests(answer) < cost:
                provider_budget.release(provider.name, operation, cost - requests(answer))
            asked.answers.append(answer)
            if is_enough(answer):
                break
    return asked


def _may_be_asked(provider: Provider, operation: str, cost: int, diagnostics: list[Diagnostic]) -> bool:
    """Take what the question costs, or say why the provider cannot be asked."""
    left_alone = BREAKERS.closed_for(provider.name)
    if left_alone:
        diagnostics.append(left_alone)
        return False
    if not provider_budget.hold(provider.name, operation, cost):
        budget = provider_budget.limit(provider.name)
        sentence = (
            f"{provider.title} is not asked: what is left of this month's {budget:,} requests is not enough. "
            "ENRICHMENT_PROVIDER_BUDGET sets their number."
        )
        diagnostics.append(Diagnostic("budget", sentence, provider.name))
        return False
    return True


@lru_cache(maxsize=2)
def _made(names: tuple[str, ...], access: tuple[tuple[str, registry.Access], ...]) -> Sequence[Provider]:
    return tuple(registry.providers(names, dict(access)))


@contextmanager
def _own_context() -> Iterator[Context]:
    with closing(http.from_settings()) as client:
        yield Context(client)


def _suppressed() -> Diagnostic:
    return Diagnostic("suppressed", "No provider is asked about somebody on the suppression list.", "providers")


def _is_clear(check: Check) -> bool:
    return check.result in (Result.DELIVERABLE, Result.UNDELIVERABLE)


def _is_found(found: Found) -> bool:
    if found.check is not None and _is_clear(found.check):
        return found.check.result is Result.DELIVERABLE
    return (found.confidence or 0.0) >= SURE


def _worth(found: Found) -> tuple[int, float]:
    result = found.check.result if found.check else Result.UNKNOWN
    rank = {Result.DELIVERABLE: 1, Result.UNDELIVERABLE: -1}.get(result, 0)
    return rank, found.confidence or 0.0


def _telling(check: Check) -> int:
    return 2 if _is_clear(check) else int(check.result is Result.CATCH_ALL)
