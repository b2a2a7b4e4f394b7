"""The register of processing activities as JSON and as Markdown."""

from collections.abc import Iterator, Sequence
from typing import Any

from core import whereabouts
from enrichment.recipients import Recipient
from enrichment.register import Activity, Register, kept

NOT_SET = "not set"


def as_json(register: Register) -> dict[str, Any]:
    """Return the register as JSON holds it."""
    who = register.controller
    return {
        "generatedAt": register.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "controller": {
            "name": who.name or None,
            "address": who.address or None,
            "email": who.email or None,
            "dataProtectionOfficer": who.officer or None,
            "representative": who.representative or None,
            "supervisoryAuthority": who.authority or None,
            "missing": list(who.missing),
        },
        "activities": [
            {
                "name": activity.name,
                "title": activity.title,
                "purposes": activity.purposes,
                "people": list(activity.people),
                "data": list(activity.data),
                "lawfulBasis": list(activity.basis),
                "recipients": [_recipient(one) for one in register.recipients_of(activity)],
                "retention": [{"what": what, "period": period} for what, period in kept(activity)],
            }
            for activity in register.activities
        ],
        "securityMeasures": register.measures,
        "whereaboutsAsOf": whereabouts.AS_OF.isoformat(),
    }


def _recipient(one: Recipient) -> dict[str, str | None]:
    return {
        "name": one.name,
        "company": one.seat.company or None,
        "host": one.host,
        "country": one.seat.country,
        "countryCode": one.seat.code or None,
        "given": one.given,
        "transfer": one.transfer,
        "note": one.seat.note or None,
    }


def as_markdown(register: Register) -> str:
    """Return the register for people, as Markdown."""
    who = register.controller
    lines = [
        "# Register of processing activities (GDPR, article 30)",
        f"Generated from the configuration on {register.at:%Y-%m-%d %H:%M} UTC.",
        "## Controller",
        _list(
            [
                f"Name: {_word(who.name)}",
                f"Address: {_word(who.address)}",
                f"Reached at: {_word(who.email)}",
                f"Data protection officer: {_word(who.officer)}",
                f"Representative in the EU: {_word(who.representative)}",
                f"Supervisory authority: {_word(who.authority)}",
            ]
        ),
    ]
    if who.missing:
        lines.append(f"To be set: {', '.join(who.missing)}.")
    for number, activity in enumerate(register.activities, 1):
        lines += [f"## {number}. {activity.title}", *_activity(register, activity)]
    lines += ["## Security measures (article 32)", _list(register.measures)]
    lines.append(
        f"Where services sit is as they say of themselves, as of {whereabouts.AS_OF:%Y-%m}; check it by your contracts."
    )
    return "\n\n".join(lines) + "\n"


def _activity(register: Register, activity: Activity) -> Iterator[str]:
    yield f"Purpose: {activity.purposes}"
    yield "People:\n\n" + _list(activity.people)
    yield "Data:\n\n" + _list(activity.data)
    yield "Lawful basis:\n\n" + _list(activity.basis)
    if of_it := register.recipients_of(activity):
        rows = [
            [
                one.name,
                one.seat.company,
                one.host,
                one.seat.country,
                one.given,
                f"{one.transfer} {one.seat.note}".strip(),
            ]
            for one in of_it
        ]
        yield _table(["Recipient", "Company", "Host", "Country", "What it gets", "Third country"], rows)
    else:
        yield "Recipients: none outside."
    yield _table(["Kept", "How long"], [list(one) for one in kept(activity)])


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_flat(line)}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_flat(cell).replace("|", "\\|") or "-" for cell in row) + " |" for row in lines)


def _word(text: str) -> str:
    return text or NOT_SET


def _flat(text: str) -> str:
    return " ".join(text.split())
