"""The machine-readable parts of reports: delivery status (RFC 3464) and feedback (RFC 5965), broken ones too."""

import re
from collections.abc import Iterator

Fields = dict[str, str]

MAX_RECIPIENTS = 100
_FIELD = re.compile(r"^[> ]{0,8}([A-Za-z][A-Za-z0-9-]{1,40})\s?:[ \t]*(.*)$")
_PER_RECIPIENT = frozenset(
    {"final-recipient", "original-recipient", "x-actual-recipient", "action", "status", "diagnostic-code"}
)
_NAMES_RECIPIENT = ("original-recipient", "final-recipient", "x-actual-recipient")
_INLINE = re.compile(r"^[> ]{0,8}(?:Final|Original)-Recipient\s?:", re.IGNORECASE | re.MULTILINE)
_AFTER = re.compile(
    r"^[> ]{0,8}(?:Return-Path|Received|Content-Type|Subject|From|To)\s?:", re.IGNORECASE | re.MULTILINE
)

# An address, found in a text: what stands before the @ may not be endless, or the search would be quadratic.
ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>\"'(),:;@\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]|\.(?=[A-Za-z0-9])){0,252}+")


def holds_status(text: str) -> bool:
    """Return whether a text holds the fields of a delivery report, whatever it was declared to be."""
    return bool(_INLINE.search(text))


def inline_status(text: str) -> str:
    """Return the fields of a delivery report that stands among other text."""
    start = _INLINE.search(text)
    if not start:
        return ""
    before = text.rfind("\n\n", 0, start.start())
    text = text[before + 1 :] if before >= 0 else text
    end = _AFTER.search(text, pos=_INLINE.search(text).end())  # type: ignore[union-attr]
    return text[: end.start()] if end else text


def recipients(text: str) -> list[Fields]:
    """Return the fields of each recipient, by their names in lower case. The fields of the message are left out."""
    groups: list[Fields] = []
    current: Fields = {}
    for name, value in _fields(text):
        if not name:
            closed = "status" in current or "diagnostic-code" in current
            if closed and any(key in current for key in _NAMES_RECIPIENT):
                groups.append(current)
                current = {}
        elif name in current and name in _PER_RECIPIENT:
            groups.append(current)
            current = {name: value}
        else:
            current.setdefault(name, value)
    groups.append(current)
    return [group for group in groups if _PER_RECIPIENT & group.keys() - {"diagnostic-code"}][:MAX_RECIPIENTS]


def fields(text: str) -> Fields:
    """Return the fields of a report that has one block, or whose blocks are of no matter: the first of each name."""
    found: Fields = {}
    for name, value in _fields(text):
        found.setdefault(name, value)
    return found


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield names and unfolded values; two empty ones for a blank line."""
    name, value = "", ""
    for line in text.split("\n"):
        match = _FIELD.match(line)
        if match and (match[1].lower() != "smtp"):
            if name:
                yield name, value
            name, value = match[1].lower(), match[2].strip()
        elif not line.strip("> \t"):
            if name:
                yield name, value
            yield "", ""
            name = ""
        elif name and len(value) < 4000:  # also a continuation that was not indented
            value = f"{value} {line.strip()}"
    if name:
        yield name, value


def address(group: Fields) -> str:
    """Return the address that the message was sent to, "" when none is named."""
    for name in _NAMES_RECIPIENT:
        value = group.get(name, "")
        _, typed, rest = value.partition(";")
        match = ADDRESS.search(rest if typed else value)
        if match and not (rest or value).strip().startswith(("|", "/")):
            return match[0]
    return ""


def said(group: Fields) -> str:
    """Return what the other server said, without the type of the diagnostic code."""
    kind, typed, rest = group.get("diagnostic-code", "").partition(";")
    return rest.strip() if typed and " " not in kind.strip() else group.get("diagnostic-code", "")


def failed(group: Fields) -> bool:
    """Return whether a recipient did not get the message, or not yet. RFC 3464 section 2.3.3."""
    action = group.get("action", "").lower()
    return not action.startswith(("deliver", "relay", "expand"))


def delayed(group: Fields) -> bool:
    """Return whether delivery is still being tried."""
    return group.get("action", "").lower().startswith("delay")
