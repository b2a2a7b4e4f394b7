"""`GET domains/:domain`: what is known of a mail domain, and how its addresses are formed. Nobody is named."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from core import dns, http
from core.domains import registrable_domain
from crm.models import Brand
from enrichment import domain_profiles, known_addresses
from enrichment.domain_profiles import Profile
from enrichment.emails import patterns
from enrichment.emails.domains import domain_of
from enrichment.emails.patterns import Known
from enrichment.emails.verification.lists import is_disposable, is_free
from enrichment.emails.verification.operators import operator_of
from enrichment.models import MailOperator

MAX_EVIDENCE = 50

Json = dict[str, Any]


def short(domain: str) -> Json:
    """Return what an answer about a person says of the domain (in A-labels); the DNS is asked for what is not kept."""
    return _short(_profile(domain))


def full(domain: str) -> Json:
    """Return all that is known of the domain (in A-labels)."""
    profile = _profile(domain)
    known = _known(profile)
    belief = patterns.learn(known, domain)
    told: list[Json] = [
        {"pattern": name, "probability": round(belief.of(name), 4), "known": round(belief.counts.get(name, 0), 2)}
        for name in belief.patterns
    ]
    return _short(profile) | {
        "catchAllCheckedAt": profile.catch_all_checked_at,
        "disposable": is_disposable(domain),
        "free": is_free(domain),
        "patterns": sorted(told, key=lambda entry: entry["probability"], reverse=True),
        "knownAddresses": len(known),
        "evidence": _evidence(known),
        "paused": _paused(operator_of(profile.mx.hosts)),
    }


def _profile(domain: str) -> Profile:
    return domain_profiles.load({domain}, dns.from_settings(), http.config_from_settings().allowed)[domain]


def _short(profile: Profile) -> Json:
    return {
        "domain": profile.domain,
        "mx": {
            "found": profile.mx.passed,
            "hosts": list(profile.mx.hosts),
            "null": None if profile.mx.passed is None else profile.mx.status == "null",
            "implicit": None if profile.mx.passed is None else profile.mx.status == "implicit",
            "checkedAt": profile.checked_at,
        },
        "operator": operator_of(profile.mx.hosts) or None,
        "catchAll": profile.catch_all,
    }


def _known(profile: Profile) -> list[Known]:
    """Return the pairs known at the domain: published, of contacts, and of its brands' CRM contacts."""
    brands = Brand.objects.filter(domain=registrable_domain(profile.domain)).values_list("pk", flat=True)
    pairs = {pair.email: pair for pair in [*profile.known, *known_addresses.at(profile.domain, brands)]}
    return [pair for pair in pairs.values() if domain_of(pair.email) == profile.domain]


def _evidence(known: Iterable[Known]) -> list[Json]:
    """Return the newest known addresses by their patterns alone: whose they are is nobody's business here."""
    newest = sorted(known, key=lambda pair: pair.at.timestamp() if pair.at else 0.0, reverse=True)
    entries = []
    for pair in newest[:MAX_EVIDENCE]:
        explained = patterns.explain(pair.name, pair.email.rpartition("@")[0])
        entries.append(
            {
                "pattern": explained.pattern if explained else None,
                "source": pair.source,
                "seenAt": pair.at,
                "right": pair.right,
            }
        )
    return entries


def _paused(operator: str) -> Json | None:
    """Return until when the operator of the mail servers is left alone, and why; None when it is not."""
    row = MailOperator.objects.filter(name=operator, paused_until__gt=timezone.now()).first()
    return {"until": row.paused_until, "reason": row.reason} if row else None
