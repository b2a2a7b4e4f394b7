"""What a country's law says to first messages, laid out for somebody who is about to look for people there."""

from dataclasses import dataclass

from crm import regions
from crm.regions import Action, Origin, RegionPolicy
from enrichment import intake
from enrichment.review.discover_forms import country_name


@dataclass(frozen=True, slots=True)
class Rule:
    """The answer to a first e-mail to an address that is published, or was formed from the name (`guessed`).

    `reasons` are sentences, the strictest first; `of_guessed` come on top for an address that was formed.
    """

    country: str
    policy: RegionPolicy
    published: Action
    guessed: Action
    reasons: list[str]
    of_guessed: list[str]
    restricted: bool

    @property
    def is_known(self) -> bool:
        return self.policy.code != regions.OTHERS


def rule(code: str | None) -> Rule | None:
    """Return the rule of an ISO 3166-1 alpha-2 code that is a country's; None without one."""
    if not code:
        return None
    policy = regions.policy(code)
    published = regions.decide(code, origin=Origin.PUBLISHED, relevant=True)
    guessed = regions.decide(code, origin=Origin.GUESSED, relevant=True)
    return Rule(
        country_name(code),
        policy,
        published.action,
        guessed.action,
        [_without(policy.country, reason) for reason in published.reasons],
        [_without(policy.country, reason) for reason in guessed.reasons if reason not in published.reasons],
        intake.is_restricted(code),
    )


def _without(country: str, sentence: str) -> str:
    text = sentence.removeprefix(f"{country}: ")
    return text[:1].upper() + text[1:]
