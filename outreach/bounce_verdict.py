"""What a refusal means, from what the other server said, the status code and the report's own words.

The words count before the codes: many servers write 5.1.1 or 5.0.0 over a block. Codes: RFC 5321 section 4.2,
RFC 3463, RFC 5248, RFC 7504, RFC 7505. What fails before the recipient was named says nothing of the recipient, and
a server that says "try later" (4yz) does not say that there is no such mailbox.
"""

import re
from dataclasses import dataclass

from outreach import bounce_kinds as kinds
from outreach import bounce_words
from outreach.bounce_kinds import Kind, Meaning

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
_REPLY_CODE = re.compile(r"(?:^|[\s:;'\"(#-])([45]\d\d)(?=[\s-]|$)")
_GENERIC = frozenset({(0, 0), (3, 0), (4, 0), (5, 0), (2, 0)})
_MAX_SAID = 2000  # characters worth reading of what a server said

# Exim, qmail and Sendmail tell how far the session had come.
_BEFORE_RECIPIENT = re.compile(
    r"after (?:MAIL FROM|HELO|EHLO|initial connection|STARTTLS)|>>> (?:MAIL From|HELO|EHLO)"
    r"|but (?:sender|my name|greeting) was rejected|in reply to (?:MAIL FROM|HELO|EHLO) command",
    re.IGNORECASE,
)
_AFTER_CONTENT = re.compile(r"(?:after|in reply to) end of data|failed after I sent the message", re.IGNORECASE)

_CODES = {
    (1, 0): kinds.NO_SUCH_USER,
    (1, 1): kinds.NO_SUCH_USER,
    (1, 2): kinds.NO_SUCH_DOMAIN,
    (1, 3): kinds.NO_SUCH_USER,
    (1, 6): kinds.NO_SUCH_USER,
    (1, 7): kinds.SENDER,
    (1, 8): kinds.SENDER,
    (1, 10): kinds.NO_SUCH_USER,
    (2, 1): kinds.DISABLED,
    (2, 2): kinds.FULL,
    (2, 3): kinds.TOO_LARGE,
    (3, 1): kinds.FULL,
    (3, 2): kinds.TEMPORARY,
    (3, 4): kinds.TOO_LARGE,
    (3, 5): kinds.SERVER_ERROR,
    (4, 1): kinds.NETWORK,
    (4, 2): kinds.NETWORK,
    (4, 3): kinds.NETWORK,
    (4, 4): kinds.NO_SUCH_DOMAIN,
    (4, 5): kinds.BUSY,
    (4, 6): kinds.NETWORK,
    (4, 7): kinds.EXPIRED,
    (4, 310): kinds.NO_SUCH_DOMAIN,
    (7, 3): kinds.POLICY,
    (7, 13): kinds.DISABLED,
    (7, 20): kinds.AUTHENTICATION,
    (7, 21): kinds.AUTHENTICATION,
    (7, 22): kinds.AUTHENTICATION,
    (7, 23): kinds.AUTHENTICATION,
    (7, 25): kinds.NO_REVERSE_NAME,
    (7, 26): kinds.AUTHENTICATION,
    (7, 27): kinds.SENDER,
}
_SUBJECTS = {3: kinds.SERVER_ERROR, 4: kinds.NETWORK, 6: kinds.CONTENT, 7: kinds.POLICY}
_BARE = {521: kinds.NO_SUCH_DOMAIN, 552: kinds.FULL, 556: kinds.NO_SUCH_DOMAIN}
_EARLY = kinds.SENDER


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a report tells of one recipient.

    `said`: what the other server said, or the program that gave up. `status`: the report's own code ("5.1.1" or "").
    `around`: the report's words about the recipient, in which `said` stands or not. `delayed`: it is still being tried.
    """

    said: str = ""
    status: str = ""
    around: str = ""
    delayed: bool = False


def judge(of: Evidence) -> tuple[Meaning, str]:
    """Return what a refusal means, and the enhanced status code ("" when there is none)."""
    said = of.said[:_MAX_SAID]
    detail = _detail(said) or _detail(of.status) or _detail(of.around)
    status = ".".join(map(str, detail)) if detail else ""
    found = _found(said, of, detail)
    if found.kind == Kind.HARD:
        if _BEFORE_RECIPIENT.search(f"{of.around}\n{said}"):
            return _EARLY, status
        if not (detail and detail[1:] in _CODES) and _AFTER_CONTENT.search(f"{of.around}\n{said}"):
            return kinds.CONTENT, status  # the recipient was accepted, and the message refused once it was seen
        if of.delayed or _later(said, detail):
            return kinds.TEMPORARY, status
    return found, status


def _found(said: str, of: Evidence, detail: tuple[int, int, int] | None) -> Meaning:
    worded = _worded(said)
    if worded and worded != kinds.REFUSED:
        return worded
    if detail and (coded := _CODES.get(detail[1:])):
        return _specific(coded, of)
    return worded or _worded(of.around) or _coded(said, of, detail)


def _coded(said: str, of: Evidence, detail: tuple[int, int, int] | None) -> Meaning:
    """Return what codes of little meaning say, and how far the session had come."""
    if detail and detail[1] in _SUBJECTS:
        return _SUBJECTS[detail[1]]
    code = _reply_code(said)
    if code in _BARE:
        return _BARE[code]
    if code >= 500 and _BEFORE_RECIPIENT.search(f"{of.around}\n{said}"):
        return _EARLY
    return kinds.TEMPORARY if of.delayed or _later(said, detail) else kinds.UNKNOWN


def _specific(coded: Meaning, of: Evidence) -> Meaning:
    """Return what a code means, unless the report's words tell that a hard one is about us."""
    if coded.kind != Kind.HARD:
        return coded
    worded = _worded(of.around)
    return worded if worded and worded.kind != Kind.HARD and worded != kinds.REFUSED else coded


def _worded(text: str) -> Meaning | None:
    return bounce_words.meaning(_BEFORE_RECIPIENT.sub(" ", _ENHANCED.sub(" ", text))) if text else None


def _detail(text: str) -> tuple[int, int, int] | None:
    """Return the most telling enhanced code: the first that is not generic, else the first."""
    found = [(int(match[1]), int(match[2]), int(match[3])) for match in _ENHANCED.finditer(text[:_MAX_SAID])]
    return next((code for code in found if code[1:] not in _GENERIC), found[0] if found else None)


def _later(said: str, detail: tuple[int, int, int] | None) -> bool:
    code = _reply_code(said)
    return code // 100 == 4 if code else bool(detail and detail[0] == 4)


def _reply_code(said: str) -> int:
    match = _REPLY_CODE.search(said)
    return int(match[1]) if match else 0
