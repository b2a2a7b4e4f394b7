"""May this message go to this person from this mailbox, now? Every rule that stands in its way says so in a sentence.

`judge` is pure: facts in, decision out. The facts come from gate_facts.py, the law from crm/regions.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm import region_inference, regions
from crm.models import ContactAddress, LawfulBasis
from crm.regions import STRICTNESS, Action

from .gate_facts import Facts, Sender, facts_for, facts_for_many
from .models import Channel

__all__ = ["Action", "Decision", "Facts", "Sender", "facts_for", "facts_for_many", "judge", "receipt"]

HOPELESS = 0.1  # below this chance that the mailbox exists nobody can release a message
STOPPED, WARNED = "stopped", "warned"
Origin = ContactAddress.Origin

Finding = tuple[Action, str]
Rule = Callable[[Facts], Finding | None]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer; `reasons` are sentences, the strictest first, for `allow` what to mind.

    `temporary`: the message is held, and by nothing but the sender's state, which somebody sets right or which passes:
    it waits for that and needs no decision of its own. `region`: what the rules of the recipient's country did: STOPPED
    it, WARNED only since an admin wanted it so, or "".
    """

    action: Action
    reasons: tuple[str, ...]
    temporary: bool = False
    region: str = ""


def judge(facts: Facts) -> Decision:
    """Return the strictest of what all rules say.

    A message that a person released is not held for what a person may decide; it is still held while it has no
    sender or the sender may not send, and a block stays a block.
    """
    of_region = _region(facts)
    met = any(action != Action.ALLOW for action, _ in of_region)
    if not facts.region_rules_apply:
        of_region = [_as_warning(finding) for finding in of_region]
    findings = [*_found(DO_NOT, facts), *of_region, *_found(DECIDABLE, facts)]
    if facts.released_at is not None:
        lifted = [(Action.ALLOW if action == Action.HOLD else action, sentence) for action, sentence in findings]
        findings = [(Action.ALLOW, f"Released by a person on {facts.released_at:%Y-%m-%d}."), *lifted]
    lasting = [*findings, *_found(LACKING, facts)]
    passing = _found(PASSING, facts)
    findings = sorted([*lasting, *passing], key=lambda finding: STRICTNESS.index(finding[0]), reverse=True)
    action = findings[0][0] if findings else Action.ALLOW
    temporary = action == Action.HOLD and all(lasted == Action.ALLOW for lasted, _ in lasting)
    region = "" if not met else STOPPED if facts.region_rules_apply else WARNED
    if region == STOPPED and facts.released_at is not None and action == Action.ALLOW:
        region = ""  # a person decided
    return Decision(action, tuple(dict.fromkeys(sentence for _, sentence in findings)), temporary, region)


def receipt(facts: Facts, decision: Decision, now: datetime) -> dict[str, Any]:
    """Return what was looked at and answered, as JSON holds it, without a name or an address."""
    sender = facts.sender
    return {
        "action": decision.action.value,
        "reasons": list(decision.reasons),
        "judgedAt": now.isoformat(),
        "channel": facts.channel,
        "region": facts.region,
        "policy": regions.policy(facts.region).policy.value,
        "origin": facts.origin,
        "probability": facts.probability,
        "lawfulBasis": facts.lawful_basis,
        "consent": facts.consent,
        "suppressed": facts.suppressed or facts.refused,
        "released": facts.released_at is not None,
        "mailbox": str(sender.id) if sender else None,
        "cap": {"used": sender.used, "of": sender.cap} if sender else None,
    }


def _found(rules: Iterable[Rule], facts: Facts) -> list[Finding]:
    return [finding for rule in rules if (finding := rule(facts))]


# What nobody may release ------------------------------------------------------------------------


def _suppressed(facts: Facts) -> Finding | None:
    if facts.suppressed:
        return Action.BLOCK, "The contact's address or its company's domain is on the suppression list: do not write."
    return None


def _refused(facts: Facts) -> Finding | None:
    if facts.refused and not facts.suppressed:
        return Action.BLOCK, "The person asked at another address not to be written to: do not write."
    return None


def _withdrawn(facts: Facts) -> Finding | None:
    if facts.consent_withdrawn:
        return Action.BLOCK, "The person withdrew their consent: do not write."
    return None


def _had_sequence(facts: Facts) -> Finding | None:
    if facts.had_sequence:
        return Action.BLOCK, "This address was written to in this sequence before: choose another sequence."
    return None


def _hopeless(facts: Facts) -> Finding | None:
    if facts.by_mail and facts.probability is not None and facts.probability < HOPELESS:
        return Action.BLOCK, f"The address hardly exists ({_chance(facts.probability)}): find another one."
    return None


# The law ----------------------------------------------------------------------------------------


def _region(facts: Facts) -> list[Finding]:
    """Return what the law of the recipient's country says, the strictest first."""
    country = regions.policy(facts.region).country
    if facts.consent:
        return [(Action.ALLOW, f"{country}: the person's consent is recorded, which a message may rest on.")]
    if facts.lawful_basis == LawfulBasis.CONTACT_REQUEST:
        return [(Action.ALLOW, f"{country}: the person asked to be contacted, which a message may rest on.")]
    decision = _of_country(facts.region, facts)
    # A country's sentences stay together, also those that say only what to mind.
    said = [(decision.action, sentence) for sentence in decision.reasons]
    return [*said, *_doubtful(facts, decision.action)]


def _of_country(region: str, facts: Facts) -> regions.Decision:
    return regions.decide(
        region,
        # A message on LinkedIn goes to a profile that the person published, whatever we know of an address.
        origin=facts.origin if facts.by_mail else Origin.PUBLISHED,
        relevant=facts.relevant,
        automated=facts.channel == Channel.EMAIL and facts.released_at is None,
        direct=not facts.by_mail,
    )


def _doubtful(facts: Facts, action: Action) -> list[Finding]:
    """Hold what may be for a stricter country: signs of where a company sits conflict, and the strongest may err."""
    return [
        (
            Action.HOLD,
            f"{regions.policy(facts.region).country}: another sign ({region_inference.SIGNS.get(how, how)}) says "
            f"{regions.country_name(other)}, whose rules are stricter: correct the country, or release the message.",
        )
        for other, how in facts.doubts
        if STRICTNESS.index(_of_country(other, facts).action) > STRICTNESS.index(action)
    ]


def _as_warning(finding: Finding) -> Finding:
    """Let a rule of a country only warn: an admin started the discovery so (`complianceMode`), and answers for it."""
    action, sentence = finding
    return Action.ALLOW, sentence if action == Action.ALLOW else f"Warning only, as an admin decided. {sentence}"


# What a person may decide -----------------------------------------------------------------------


def _lawful_basis(facts: Facts) -> Finding | None:
    if facts.lawful_basis or facts.consent:
        return None
    return Action.HOLD, "The contact has no lawful basis: enter why we may use their data, or release the message."


def _probability(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.probability is None or not HOPELESS <= facts.probability < facts.min_probability:
        return None
    chance, least = _chance(facts.probability), _chance(facts.min_probability)
    return Action.HOLD, (
        f"The address exists with a chance of {chance}, and {least} is the least: verify it, choose another one, or "
        "release the message."
    )


def _unverified(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.probability is not None or facts.origin not in (Origin.GUESSED, Origin.PROVIDER):
        return None
    return Action.HOLD, "Nobody knows whether the address exists: verify it, or release the message."


# What the contact lacks -------------------------------------------------------------------------


def _address(facts: Facts) -> Finding | None:
    if facts.by_mail and not facts.origin:
        return Action.HOLD, "The contact has no address to write to: add one, and enrol the contact again."
    return None


# What is in the sender's way --------------------------------------------------------------------


def _sender(facts: Facts) -> Finding | None:
    if not facts.by_mail or (facts.sender and facts.sender.active):
        return None
    if facts.sender:
        return Action.HOLD, "The sender is switched off: switch it on, or choose another one for the sequence."
    return Action.HOLD, "There is no sender: set OUTREACH_FROM, or add one under Outreach, Senders."


def _company(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.sender is None or facts.sender.company:
        return None
    return Action.HOLD, "The sender's company is missing, and a message must say who writes: enter it with the mailbox."


def _postal_address(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.sender is None or facts.sender.postal_address:
        return None
    return Action.HOLD, "The sender's postal address is missing, and laws ask for it: enter it with the mailbox."


def _public_url(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.has_public_url:
        return None
    return Action.HOLD, "Recipients could not unsubscribe: set OUTREACH_PUBLIC_URL to where they reach this server."


def _paused(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.sender is None or not facts.sender.paused:
        return None
    why = f" {facts.sender.pause_reason}" if facts.sender.pause_reason else ""
    return Action.HOLD, f"The sender is paused until a person resumes it.{why}"


def _preflight(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.sender is None or not facts.sender.problems:
        return None
    return Action.HOLD, f"The sender's domain is not in order. {' '.join(facts.sender.problems)}"


def _cap(facts: Facts) -> Finding | None:
    if not facts.by_mail or facts.sender is None or facts.sender.used < facts.sender.cap:
        return None
    sender = facts.sender
    return Action.HOLD, f"The sender's daily cap is reached ({sender.used} of {sender.cap}): it goes on another day."


def _chance(probability: float) -> str:
    return f"{probability * 100:.4g}%"


DO_NOT: tuple[Rule, ...] = (_suppressed, _refused, _withdrawn, _had_sequence, _hopeless)
DECIDABLE: tuple[Rule, ...] = (_lawful_basis, _probability, _unverified)
LACKING: tuple[Rule, ...] = (_address,)
PASSING: tuple[Rule, ...] = (_sender, _company, _postal_address, _public_url, _paused, _preflight, _cap)
