"""Reports that are written for people only: whom they name, and what they say of each.

The common mail systems put an address at the beginning of a line and the reason behind it, before a copy of the
message. That is read whatever the system.
"""

import re
from dataclasses import dataclass

from outreach.bounce_mime import Mail
from outreach.bounce_reports import ADDRESS, MAX_RECIPIENTS

# Where the copy of the message begins. Every alternative is bounded to its line.
_COPY = re.compile(
    r"""^[ >]{0,4}(?:
        [-=_*+ ]{0,60}\s?(?:
            this\ is\ a\ copy|below\ (?:this\ line|is)|(?:enclosed|included)\ is\ a\ copy
            |(?:a\ )?copy\ of\ (?:the|your)\ (?:original|message)|here\ is\ (?:a\ copy|your\ returned)
            |(?:the\ )?(?:header\ of\ the\ )?original\ message
                (?:\ (?:follows|headers?|details|text|attached|is))?\b(?!\ was)
            |(?:the\ )?(?:headers?|body)\ of\ (?:the|your)\ (?:original\ )?message|message\ headers?\b
            |returned\ (?:message|mail)\ follows|(?:start\ of\ )?returned\ message
            |(?:unsent|undelivered|forwarded)\ message|your\ (?:original\ )?message\ (?:reads|follows|headers?)
        )
        |(?:return-path|received|x-received|delivered-to|x-originating-ip|dkim-signature)\s?:
        |content-type:\s*(?:message/|text/rfc822)
        |ursprüngliche\ |en-têtes\ de\ message|intestazioni\ originali|encabezados\ del\ mensaje
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_AT = rf"(?P<address>{ADDRESS.pattern})"
_HEAD = re.compile(
    rf"^[ \t]{{0,12}}(?P<code>[45]\d\d )?(?:[-*>]{{1,3}}[ \t]?)?[\"'<\[]{{0,2}}(?:mailto:|smtp:)?{_AT}"
    r"[\"'>\]]{0,2}(?:<mailto:[^>]{0,300}>)?"
    r"(?:[ \t]*$|[ \t]*[:;,.]|[ \t]+(?:on|\(|<|-|\#|failed|\.\.\.)|[ \t]{2,}|\.\.\.)",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL = re.compile(
    r"(?:rcpt to|recipients?|addressed to|deliver(?:ed|able)?(?: \w+)? to|sent to|failed for|address(?:es)?"
    rf"|user(?:id)?|mailbox|account|for|to|attempts)[ \t]*[:=]?[ \t]*[\"'<\[]{{0,2}}(?:smtp:)?{_AT}",
    re.IGNORECASE,
)
_EXPANDED = re.compile(rf"(?:generated (?:from|by)|expanded from:?|forwarded (?:from|by)) <?{_AT}", re.IGNORECASE)
_QUOTED = re.compile(r"^(?:> ?){1,3}(?!>>)", re.MULTILINE)
_SYSTEM = re.compile(r"^(?:mailer-daemon|post.?master|mail.?daemon)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """An address that a report names, and what it says behind it."""

    address: str
    said: str


def before_copy(text: str) -> str:
    """Return a report without the copy of the message that follows it."""
    match = _COPY.search(text)
    head = text[: match.start()] if match else text
    return head if head.strip() else text


def unquoted(text: str) -> str:
    """Return a text without the marks of a quotation."""
    return _QUOTED.sub("", text)


def named(mail: Mail, text: str, copy: str) -> list[Named]:
    """Return the recipients of a report: `text` is what it says, `copy` the headers of the message, "" when missing."""
    known = [match[0] for match in ADDRESS.finditer(mail.header("x-failed-recipients"))]
    sections = _sections(text, _own(mail, copy) - {address.lower() for address in known})
    if known:
        return _of_known(list(dict.fromkeys(known)), sections, text)
    elsewhere = [] if sections else _elsewhere(mail, text, copy)
    if elsewhere:
        return [Named(address, text) for address in elsewhere][:MAX_RECIPIENTS]
    sections = sections or _sections(text, set())  # somebody wrote to himself
    return [Named(_expanded(address, said), said) for address, said in sections.items()][:MAX_RECIPIENTS] or [
        Named("", text)
    ]


def _of_known(known: list[str], sections: dict[str, str], text: str) -> list[Named]:
    by_lower = {address.lower(): said for address, said in sections.items()}
    if len(known) == 1:
        said = by_lower.get(known[0].lower()) or (" ".join(sections.values()) if len(sections) == 1 else text)
        return [Named(_expanded(known[0], said), said)]
    return [Named(address, by_lower.get(address.lower(), "")) for address in known][:MAX_RECIPIENTS]


def _sections(text: str, own: set[str]) -> dict[str, str]:
    """Return what stands behind each address that begins a line; in a transcript (a code comes first), before it."""
    heads = [match for match in _HEAD.finditer(text) if not _is_own(match["address"], own)]
    transcript = bool(heads) and all(head["code"] for head in heads)
    found: dict[str, str] = {}
    for number, head in enumerate(heads):
        if transcript:
            line_end = text.find("\n", head.end("address"))
            start = text.find("\n", heads[number - 1].end("address")) if number else 0
            said = text[start : line_end if line_end >= 0 else len(text)]
        else:
            end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
            said = text[head.end("address") : end].lstrip(">\"']:,. ")
        address = head["address"]
        found[address] = f"{found[address]}\n{said}" if address in found else said
    return found


def _elsewhere(mail: Mail, text: str, copy: str) -> list[str]:
    """Return the addresses within lines: those the message was for, those behind a label, or but the first of any."""
    own, lower = _own(mail, copy), text.lower()
    written_to = [match[0] for match in ADDRESS.finditer(header(copy, "to"))]
    for found in (
        [address for address in written_to if address.lower() in lower],
        [match["address"] for match in _LABEL.finditer(text)],
        [match[0] for match in ADDRESS.finditer(text) if not _is_own(match[0], own)][:1],
        written_to,
    ):
        strangers = dict.fromkeys(address for address in found if not _is_own(address, own))
        if strangers:
            return list(strangers)
    return []


def _own(mail: Mail, copy: str) -> set[str]:
    """Return the addresses that sent the message or the report, in lower case."""
    values = [mail.header("to"), mail.header("from"), mail.header("delivered-to")]
    values += [header(copy, name) for name in ("from", "return-path", "reply-to", "sender")]
    return {match[0].lower() for value in values for match in ADDRESS.finditer(value)}


def _is_own(address: str, own: set[str]) -> bool:
    return address.lower() in own or bool(_SYSTEM.match(address))


def header(copy: str, name: str) -> str:
    """Return a header of the message that a report returns, "" when it is missing."""
    match = re.search(rf"^[> ]{{0,4}}{name}\s?:(.*(?:\n[ \t].*){{0,20}})", copy, re.IGNORECASE | re.MULTILINE)
    return match[1] if match else ""


def _expanded(address: str, said: str) -> str:
    """Return the address that was written to, of which `address` is what an alias stands for."""
    match = _EXPANDED.search(said)
    return match["address"] if match else address
