"""Rules of countries that an admin changes, since they know better than regions.csv: checked, and told of for ever.

A change needs a reason. One that allows more than the file needs the law that says so, and where it was read. What is
known with low confidence, or was not checked, never means "allow".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import pycountry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from core import audit

from . import regions
from .models import RegionRule
from .regions import OTHERS, REGIONS, STRICTNESS, Action, Confidence, Evidence, GeneratedAddress, Policy, RegionPolicy

OLD = timedelta(days=365)  # after which a rule is to be looked at again

CHOICES: Mapping[str, type[StrEnum]] = {
    "policy": Policy,
    "default_action": Action,
    "generated_address": GeneratedAddress,
    "evidence": Evidence,
    "confidence": Confidence,
}
FLAGS = ("need_published_address", "need_role_relevance", "automated_send_ok", "direct_messages_too")
TEXTS = ("label_required", "registry_to_check", "conditions", "source_law", "source_url")
FIELDS = (*CHOICES, *FLAGS, *TEXTS, "optout_deadline_days", "checked_on")

# What a rule says, from what leaves most open to what leaves least.
_POLICIES = list(Policy)
_GENERATED = (GeneratedAddress.YES, GeneratedAddress.CAUTION, GeneratedAddress.UNKNOWN, GeneratedAddress.NO)
_SOURCE = "Give the law and the address where it was read: this allows more than the rule that came with the product."


class Invalid(ValueError):
    """A rule that cannot be; `errors` has a sentence for each field, "" for the rule as a whole."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Row:
    """A country as the table shows it: the rule that counts, the file's, who changed it; `old`: to be looked at.

    The rule is that for others where the country has none of its own.
    """

    code: str
    country: str
    rule: RegionPolicy
    of_file: RegionPolicy | None
    changed: RegionRule | None
    old: bool

    @property
    def differing(self) -> list[str]:
        """Return the fields in which the rule is not the file's."""
        if self.changed is None:
            return []
        file = self.of_file or REGIONS[OTHERS]
        return [name for name in FIELDS if getattr(self.rule, name) != getattr(file, name)]


def table(today: date | None = None) -> list[Row]:
    """Return every country that has a rule, by its name, those for all others last. One query."""
    changed = {row.code: row for row in RegionRule.objects.select_related("changed_by")}
    codes = {*REGIONS, *changed}
    rows = [_row(code, changed.get(code), today or timezone.localdate()) for code in codes]
    return sorted(rows, key=lambda row: (row.code == OTHERS, row.country))


def row_of(code: str) -> Row | None:
    """Return a country as the table shows it; one without a rule of its own has that for others. None: no country."""
    code = code.upper()
    if code != OTHERS and pycountry.countries.get(alpha_2=code) is None:
        return None
    changed = RegionRule.objects.select_related("changed_by").filter(pk=code).first()
    return _row(code, changed, timezone.localdate())


def save(code: str, changes: Mapping[str, Any], reason: str, user: User | None) -> RegionRule:
    """Change a country's rule: `changes` are FIELDS by name, the others stay as they are; return what is kept.

    `code` is ISO 3166-1 alpha-2, or ZZ for all others. Raises Invalid, and nothing is written. It counts here at once,
    in other processes within regions.AGE seconds; messages that wait are judged anew by the hour, and when they go.
    """
    code = _code(code)
    with transaction.atomic():
        row = RegionRule.objects.select_for_update(of=("self",)).filter(pk=code).first()
        file = REGIONS.get(code, REGIONS[OTHERS])
        before = _values(regions.of_row(row) if row else file)
        values = _clean({**before, **changes}, reason, file)
        row = row or RegionRule(code=code)
        for name, value in values.items():
            setattr(row, name, value)
        row.reason, row.changed_by = reason.strip(), user
        row.save()
        _record(code, before, values, row.reason, user)
    return row


def reset(code: str, user: User | None) -> bool:
    """Let the file's rule count again; False when it did."""
    code = _code(code)
    with transaction.atomic():
        row = RegionRule.objects.select_for_update(of=("self",)).filter(pk=code).first()
        if row is None:
            return False
        before = _values(regions.of_row(row))
        row.delete()
        _record(code, before, _values(REGIONS.get(code, REGIONS[OTHERS])), "reset", user)
    return True


def more_than(rule: Mapping[str, Any], file: RegionPolicy) -> list[str]:
    """Return the fields in which a rule leaves more open than the file's."""
    steps: dict[str, tuple[int, int]] = {
        "policy": (_POLICIES.index(rule["policy"]), _POLICIES.index(file.policy)),
        "default_action": (STRICTNESS.index(rule["default_action"]), STRICTNESS.index(file.default_action)),
        "generated_address": (_GENERATED.index(rule["generated_address"]), _GENERATED.index(file.generated_address)),
        "need_published_address": (rule["need_published_address"], file.need_published_address),
        "need_role_relevance": (rule["need_role_relevance"], file.need_role_relevance),
        "automated_send_ok": (not rule["automated_send_ok"], not file.automated_send_ok),
        "direct_messages_too": (rule["direct_messages_too"], file.direct_messages_too),
        "label_required": (bool(rule["label_required"]), bool(file.label_required)),
        "registry_to_check": (bool(rule["registry_to_check"]), bool(file.registry_to_check)),
        "optout_deadline_days": (_haste(rule["optout_deadline_days"]), _haste(file.optout_deadline_days)),
        "confidence": (_unsure(rule["confidence"]), _unsure(file.confidence)),
    }
    return [name for name, (ours, theirs) in steps.items() if ours < theirs]


def _haste(days: int | None) -> int:
    return -10_000 if days is None else -days


def _unsure(confidence: Confidence) -> bool:
    """A rule of low confidence holds every message."""
    return confidence == Confidence.LOW


def _row(code: str, changed: RegionRule | None, today: date) -> Row:
    file = REGIONS.get(code)
    rule = regions.of_row(changed) if changed else file or REGIONS[OTHERS]
    return Row(code, regions.country_name(code), rule, file, changed, rule.checked_on < today - OLD)


def _code(code: str) -> str:
    if code.strip().upper() == OTHERS:
        return OTHERS
    try:
        cleaned = regions.clean_code(code)
    except ValueError as error:
        raise Invalid({"": str(error)}) from error
    if cleaned is None:
        raise Invalid({"": "Which country is missing: give its two letters, or ZZ for all others."})
    return cleaned


def _values(rule: RegionPolicy) -> dict[str, Any]:
    return {name: value for name, value in asdict(rule).items() if name in FIELDS}


def _clean(values: Mapping[str, Any], reason: str, file: RegionPolicy) -> dict[str, Any]:
    """Return the values as the database takes them. Raises Invalid."""
    errors = {name: f"There is no {name}: choose another field." for name in values if name not in FIELDS}
    cleaned: dict[str, Any] = {}
    for name, kind in CHOICES.items():
        try:
            cleaned[name] = kind(values[name])
        except ValueError:
            errors[name] = f"This must be one of {', '.join(kind)}."
    for name in FLAGS:
        cleaned[name] = values[name]
        if not isinstance(values[name], bool):
            errors[name] = "This must be true or false."
    for name in TEXTS:
        cleaned[name], errors_of = _text(name, values[name])
        errors |= errors_of
    days = cleaned["optout_deadline_days"] = values["optout_deadline_days"]
    if days is not None and not (isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= 365):
        errors["optout_deadline_days"] = "This must be a number of days from 0 to 365, or empty."
    day = cleaned["checked_on"] = values["checked_on"]
    if not isinstance(day, date) or day > timezone.localdate():
        errors["checked_on"] = "Give the day on which you looked, not one to come."
    if not reason.strip() or len(reason.strip()) > _longest("reason"):
        errors["reason"] = "Say in a sentence or two why the rule is changed (at most 500 characters)."
    if not errors:
        errors = _together(cleaned, file)
    if errors:
        raise Invalid(errors)
    return cleaned


def _longest(name: str) -> int:
    return int(getattr(RegionRule._meta.get_field(name), "max_length", None) or 0)


def _text(name: str, value: Any) -> tuple[str, dict[str, str]]:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    longest = _longest(name)
    if not isinstance(value, str) or len(text) > longest:
        return "", {name: f"This must be a text of at most {longest} characters."}
    if name == "conditions" and not text:
        return "", {name: "Say under which conditions a first message may be sent."}
    if name == "source_url" and text:
        try:
            URLValidator(schemes=["http", "https"])(text)
        except ValidationError:
            return "", {name: "Give the whole address, such as https://www.example.com/law."}
    return text, {}


def _together(values: Mapping[str, Any], file: RegionPolicy) -> dict[str, str]:
    """Return what is wrong with a rule whose values are each as they may be."""
    errors = {}
    consent, blocked = values["policy"] == Policy.NEEDS_CONSENT, values["default_action"] == Action.BLOCK
    if consent and not blocked:
        errors["default_action"] = "Where consent is needed, a first message is blocked: choose block."
    if values["policy"] == Policy.RESTRICTED and values["default_action"] == Action.ALLOW:
        errors["default_action"] = "Where conditions apply, a person decides: choose hold, or another policy."
    if values["evidence"] == Evidence.UNCHECKED and values["confidence"] != Confidence.LOW:
        errors["confidence"] = "What was not checked against a source is known with low confidence only."
    if values["confidence"] == Confidence.LOW and values["default_action"] == Action.ALLOW:
        errors["confidence"] = "What is known with low confidence never means allow: choose hold, or look it up."
    if more_than(values, file):
        errors |= {name: _SOURCE for name in ("source_law", "source_url") if not values[name]}
    return errors


def _record(code: str, before: Mapping[str, Any], after: Mapping[str, Any], reason: str, user: User | None) -> None:
    """Write the change into the audit trail, in clear: nobody's data is in it. And have it read anew."""
    changed = [name for name in FIELDS if before[name] != after[name]]
    audit.record(
        "region_rule.changed",
        of=(RegionRule._meta.label_lower, code),
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        actor=user,
        region=code,
        reason=reason,
    )
    regions.forget_changed()
    transaction.on_commit(regions.forget_changed)  # somebody may have read the old one meanwhile
