"""May a first e-mail go, unasked, to a person's work address? What the law of their country says, as far as we know.

regions.csv has a row for each country, with its source and how sure we are; ZZ stands for every other country. An
admin may know better: a RegionRule goes before the file's row (region_rules.py). Whoever shows a rule says that it is
not legal advice.
"""

import csv
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import pycountry

from .models import ContactAddress, RegionRule

TABLE = Path(__file__).with_name("regions.csv")
OTHERS = "ZZ"

Origin = ContactAddress.Origin


class Policy(StrEnum):
    ALLOWED_OPT_OUT = "allowed_opt_out"
    RESTRICTED = "restricted"  # only under the row's conditions
    NEEDS_CONSENT = "needs_consent"


class Action(StrEnum):
    """What becomes of a message, from the mildest to the strictest. Held: until a person has decided."""

    ALLOW = "allow"
    HOLD = "hold"
    BLOCK = "block"


class GeneratedAddress(StrEnum):
    """May an address that was formed from the name be written to?"""

    YES = "yes"
    CAUTION = "caution"
    NO = "no"
    UNKNOWN = "unknown"


class Evidence(StrEnum):
    REGULATOR_OR_STATUTE = "regulator_or_statute"
    SECONDARY = "secondary"
    DATED_SECONDARY = "dated_secondary"
    UNCHECKED = "unchecked"


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class RegionPolicy:
    """A country's row. `optout_deadline_days`: how soon an opt-out must be honoured, where the law says so."""

    code: str
    country: str
    policy: Policy
    default_action: Action
    need_published_address: bool
    need_role_relevance: bool
    automated_send_ok: bool
    generated_address: GeneratedAddress
    direct_messages_too: bool  # the same rule holds for direct messages, such as LinkedIn's; False: not known
    optout_deadline_days: int | None
    label_required: str
    registry_to_check: str
    conditions: str
    source_law: str
    source_url: str
    evidence: Evidence
    confidence: Confidence
    checked_on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """What the law's answer means for one message; `reasons` are sentences, for `allow` what to mind."""

    action: Action
    reasons: tuple[str, ...]


_FLAGS = {"0": False, "1": True}
_SURELY = {"yes": True, "no": False, "unknown": False}


def _policy(row: Mapping[str, str]) -> RegionPolicy:
    return RegionPolicy(
        code=row["country_code"],
        country=row["country"],
        policy=Policy(row["policy"]),
        default_action=Action(row["default_action"]),
        need_published_address=_FLAGS[row["need_published_address"]],
        need_role_relevance=_FLAGS[row["need_role_relevance"]],
        automated_send_ok=_FLAGS[row["automated_send_ok"]],
        generated_address=GeneratedAddress(row["generated_address"]),
        direct_messages_too=_SURELY[row["dm_same_rule"]],
        optout_deadline_days=int(row["optout_deadline_days"]) if row["optout_deadline_days"] else None,
        label_required=row["label_required"],
        registry_to_check=row["registry_to_check"],
        conditions=row["conditions"],
        source_law=row["source_law"],
        source_url=row["source_url"],
        evidence=Evidence(row["evidence"]),
        confidence=Confidence(row["confidence"]),
        checked_on=date.fromisoformat(row["checked_on"]),
    )


def _read(path: Path) -> Mapping[str, RegionPolicy]:
    with path.open(encoding="utf-8", newline="") as table:
        return MappingProxyType({row["country_code"]: _policy(row) for row in csv.DictReader(table)})


REGIONS = _read(TABLE)


def clean_code(text: str | None) -> str | None:
    """Return an ISO 3166-1 alpha-2 code in capitals; `UK` is read as GB, an empty text is None. Raises ValueError."""
    code = (text or "").strip().upper()
    if not code:
        return None
    code = "GB" if code == "UK" else code
    if len(code) != 2 or pycountry.countries.get(alpha_2=code) is None:
        raise ValueError("region must be a country's two-letter code (ISO 3166-1 alpha-2), such as US or DE.")
    return code


AGE = 5.0  # seconds for which a process goes by the rules that it has read


@dataclass(slots=True)
class _Changed:
    """The rules that admins have changed, as this process read them last. `until`: by time.monotonic."""

    rules: Mapping[str, RegionPolicy] = field(default_factory=dict)
    until: float = 0.0


_changed = _Changed()


def policy(code: str | None) -> RegionPolicy:
    """Return the rule of an ISO 3166-1 alpha-2 code: an admin's, else the file's, else that for other countries."""
    wanted, rules = (code or "").strip().upper(), changed()
    return rules.get(wanted) or REGIONS.get(wanted) or rules.get(OTHERS) or REGIONS[OTHERS]


def known() -> Mapping[str, RegionPolicy]:
    """Return every rule that there is by its code, in the order of the codes."""
    both = {**REGIONS, **changed()}
    return {code: both[code] for code in sorted(both)}


def changed() -> Mapping[str, RegionPolicy]:
    """Return the rules that admins have changed, by code; read at most AGE seconds ago. One query, or none."""
    if time.monotonic() >= _changed.until:
        _changed.rules = {row.code: of_row(row) for row in RegionRule.objects.all()}
        _changed.until = time.monotonic() + AGE
    return _changed.rules


def forget_changed() -> None:
    """Have the rules read anew when they are needed next: one was changed."""
    _changed.until = 0.0


def of_row(row: RegionRule) -> RegionPolicy:
    """Return an admin's rule as what looks at rules takes it."""
    country = REGIONS.get(row.code)
    return RegionPolicy(
        code=row.code,
        country=country.country if country else country_name(row.code),
        policy=Policy(row.policy),
        default_action=Action(row.default_action),
        need_published_address=row.need_published_address,
        need_role_relevance=row.need_role_relevance,
        automated_send_ok=row.automated_send_ok,
        generated_address=GeneratedAddress(row.generated_address),
        direct_messages_too=row.direct_messages_too,
        optout_deadline_days=row.optout_deadline_days,
        label_required=row.label_required,
        registry_to_check=row.registry_to_check,
        conditions=row.conditions,
        source_law=row.source_law,
        source_url=row.source_url,
        evidence=Evidence(row.evidence),
        confidence=Confidence(row.confidence),
        checked_on=row.checked_on,
    )


def country_name(code: str) -> str:
    """Return the name by which people know a country; the code itself where there is no such country."""
    if code in REGIONS:
        return REGIONS[code].country
    country = pycountry.countries.get(alpha_2=code)
    return str(getattr(country, "common_name", country.name)) if country else code


# Whoever has one of these ranks decides something: a message about work concerns their role.
DECIDING = frozenset({"founder", "c_level", "board", "partner", "vp", "director", "head", "manager"})


def concerns_role(seniority: str) -> bool | None:
    """Return whether a message about work surely concerns the role of somebody of this rank; None: not known."""
    if seniority in DECIDING:
        return True
    return None if seniority == "unknown" else False


@dataclass(frozen=True, slots=True)
class _Message:
    """What the rules look at. `region` is the row of the recipient's country."""

    region: RegionPolicy
    origin: str
    relevant: bool | None
    automated: bool


Finding = tuple[Action, str]


def _first_message(message: _Message) -> Finding:
    region = message.region
    if region.policy == Policy.NEEDS_CONSENT:
        return Action.BLOCK, "prior consent is needed before a first message may be sent."
    if region.default_action == Action.ALLOW:
        return Action.ALLOW, f"a first message may be sent with a way to opt out. The rule: {region.conditions}"
    sentence = f"a person has to decide whether a first message may be sent. The rule: {region.conditions}"
    return region.default_action, sentence


def _confidence(message: _Message) -> Finding | None:
    if message.region.confidence != Confidence.LOW:
        return None
    return Action.HOLD, "the rule is known with low confidence only, so a person has to decide."


def _published(message: _Message) -> Finding | None:
    if not message.region.need_published_address or message.origin == Origin.PUBLISHED:
        return None
    return Action.HOLD, "the address must be one that the company publishes, and this one is not."


def _generated(message: _Message) -> Finding | None:
    if message.origin != Origin.GUESSED:
        return None
    return {
        GeneratedAddress.YES: None,
        GeneratedAddress.CAUTION: (Action.ALLOW, "the address was formed from the name, which calls for caution."),
        GeneratedAddress.NO: (Action.BLOCK, "an address that was formed from the name must not be written to."),
        GeneratedAddress.UNKNOWN: (
            Action.HOLD,
            "the address was formed from the name, and whether that is allowed is not known.",
        ),
    }[message.region.generated_address]


def _relevance(message: _Message) -> Finding | None:
    if not message.region.need_role_relevance or message.relevant is True:
        return None
    return Action.HOLD, "the message must concern the person's role, and that is not certain."


def _by_hand(message: _Message) -> Finding | None:
    if message.region.automated_send_ok or not message.automated:
        return None
    return Action.HOLD, "a message must be sent by hand, not automatically."


def _registry(message: _Message) -> Finding | None:
    """A register that nobody looked into holds the message, unless the law allows a first one without it."""
    if not message.region.registry_to_check:
        return None
    action = Action.ALLOW if message.region.default_action == Action.ALLOW else Action.HOLD
    return action, f"look into the register first ({message.region.registry_to_check})."


def _label(message: _Message) -> Finding | None:
    if not message.region.label_required:
        return None
    return Action.ALLOW, f"the message must be labelled as the law asks ({message.region.label_required})."


def _deadline(message: _Message) -> Finding | None:
    days = message.region.optout_deadline_days
    if days is None:
        return None
    return Action.ALLOW, f"an opt-out must be honoured {f'within {days} days' if days else 'at once'}."


RULES: tuple[Callable[[_Message], Finding | None], ...] = (
    _first_message,
    _confidence,
    _published,
    _generated,
    _relevance,
    _by_hand,
    _registry,
    _label,
    _deadline,
)
STRICTNESS = list(Action)


def decide(
    region: str | None, *, origin: str, relevant: bool | None, automated: bool = True, direct: bool = False
) -> Decision:
    """Return what the law of `region` (ISO 3166-1 alpha-2) says to a first message there: the strictest of all rules.

    `origin` is the address's, a ContactAddress.Origin; `relevant` whether the message surely concerns the person's
    role (None: not known); `automated` whether a program would send it; `direct` whether it is a direct message, as
    on LinkedIn, and no e-mail. The reasons stand the strictest first. A row of low confidence never means allow.
    """
    message = _Message(policy(region), origin, relevant, automated)
    findings = [finding for rule in RULES if (finding := rule(message))]
    findings.sort(key=lambda finding: STRICTNESS.index(finding[0]), reverse=True)
    if direct and findings[0][0] == Action.BLOCK and not message.region.direct_messages_too:
        unsure = "whether this rule holds for direct messages is not known, so a person has to decide."
        findings.insert(0, (Action.HOLD, unsure))
    return Decision(findings[0][0], tuple(f"{message.region.country}: {sentence}" for _, sentence in findings))


_POLICIES = {
    Policy.ALLOWED_OPT_OUT: "a first business e-mail needs no prior consent, but a way to opt out",
    Policy.RESTRICTED: "a first business e-mail may be sent only under conditions",
    Policy.NEEDS_CONSENT: "a first business e-mail needs prior consent",
}
_EVIDENCE = {
    Evidence.REGULATOR_OR_STATUTE: "read in the law itself or at its regulator",
    Evidence.SECONDARY: "read in a secondary source",
    Evidence.DATED_SECONDARY: "read in an older secondary source",
    Evidence.UNCHECKED: "not checked against a source",
}


def explanation(code: str | None) -> str:
    """Return a country's rule for people: policy, conditions, source, how sure we are and since when."""
    row = policy(code)
    held = "; it is held until a person has decided" if row.default_action == Action.HOLD else ""
    messages = "Direct messages fall under the same rule. " if row.direct_messages_too else ""
    source = ", ".join(filter(None, [row.source_law, row.source_url])) or "none"
    return (
        f"{row.country}: {_POLICIES[row.policy]}{held}. {row.conditions} {messages}"
        f"Source: {source} ({_EVIDENCE[row.evidence]}; {row.confidence} confidence; as of {row.checked_on}). "
        "This is not legal advice."
    )
