"""E-mail addresses that a page publishes, plain or disguised, each with its place on the page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from enrichment.discovery.website import scripted_addresses
from enrichment.discovery.website.lines import Anchor, Outline
from enrichment.discovery.website.vocabulary import fold, words
from enrichment.discovery.website.work import ANCHOR, AT, DISGUISE, SCRIPT, Work

MAX_ADDRESSES = 1_000

_AT_WORDS = (
    r"at|ät|arroba|arobase|snabel-a|alfakrøll|miukumauku|zavináč|zavinac|chiocciola|apenstaartje|malpa|małpa|kukac"
    r"|собака|кльомба|маймунка"
)
_DOT_WORDS = r"dot|punkt|point|punto|ponto|punt|kropka|tecka|точка"
_AT_SIGNS = ("[", "(", "{", "<", "_at_", "_ät_", *(f" {word} " for word in _AT_WORDS.split("|")))
_NO_PLACE = frozenset({"the", "a", "an", "this", "that", "our", "your", "his", "her", "its", "us", "all", "any", "one"})
# RFC 5321 allows more in a local part; this is what organisations really give out.
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+'&-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24}")
_WHOLE = re.compile(rf"(?:{_ADDRESS.pattern})\Z")
_AROUND_AT = 120
_FILE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".js", ".css", ".html", ".php")
_EXAMPLES = frozenset(
    {"email@address.com", "name@domain.com", "you@company.com", "user@domain.com", "your@email.com", "name@email.com"}
)

_NO_BRACKET = r"[^\[\](){}<>@]"
_AT = re.compile(
    # The look-ahead says at once that no bracket closes; without it, a text of open brackets takes long.
    rf"\s?(?:[\[({{<](?={_NO_BRACKET}{{0,45}}(?:@{_NO_BRACKET}{{0,20}})?[\])}}>])\s?(?:@\s?|(?:{_NO_BRACKET}{{0,20}}\b)?"
    rf"(?:{_AT_WORDS})\b{_NO_BRACKET}{{0,20}})[\])}}>]|＠)\s?|(?<=\w)_(?:at|ät)_(?=\w)",
    re.IGNORECASE,
)
_LOUD_AT = re.compile(r"(?<=[\w-])\sAT\s(?=[\w-]{1,60}(?:\.|\s(?:DOT|PUNKT|POINT)\s)[a-z]{2})")
_WIDE = re.compile(r"(?<=[\w-])\s@\s([\w-]{1,60})\s\.\s([a-z]{2,10})\b", re.IGNORECASE)
_DOT = re.compile(rf"\s?[\[({{<]\s?(?:{_DOT_WORDS}|\.)\s?[\])}}>]\s?", re.IGNORECASE)
_SPELT_AT = re.compile(rf"\s(?:{_AT_WORDS})\s", re.IGNORECASE)
_SPELT_DOT = re.compile(rf"\s(?:{_DOT_WORDS})\s", re.IGNORECASE)
_SPELT = re.compile(
    rf"[\w-]{{1,40}}(?:\s(?:{_DOT_WORDS})\s[\w-]{{1,40}}){{0,3}}\s(?:{_AT_WORDS})\s[\w-]{{1,40}}(?:\s(?:{_DOT_WORDS})\s[a-z0-9-]{{2,40}}){{1,3}}",
    re.IGNORECASE,
)
_SPACED = re.compile(r"(?<=[\w.-])\s?@\s?(?=[\w-]+(?:\.[\w-]+)+)")
_CLOUDFLARE = "/cdn-cgi/l/email-protection"
_MAILTO = re.compile(r"^\s*(?:mailto|mail|email|e-mail):/{0,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Published:
    """An address (lower case) as printed or linked on line `line`. `copied`: only as the cc or bcc of a link."""

    address: str
    line: int
    copied: bool = False


def find(outline: Outline) -> list[Published]:
    """Every published address in reading order, once for each line it stands on."""
    found: dict[tuple[str, int], Published] = {}
    keep = outline.work.left // 2  # for what looks for people
    for published in (*_linked(outline, keep), *_printed(outline, keep)):
        key = (published.address, published.line)
        if key not in found or found[key].copied:
            found[key] = published
        if len(found) >= MAX_ADDRESSES:
            break
    return sorted(found.values(), key=lambda published: published.line)


def is_role(address: str) -> bool:
    """Whether an address belongs to a function (info@, sales.eu@) and to nobody in person."""
    return _is_role_local(address.partition("@")[0])


@lru_cache(maxsize=4096)
def _is_role_local(local: str) -> bool:
    known = words("role_accounts")
    parts = re.split(r"[._+-]", fold(local))
    return fold(local) in known or "".join(parts) in known or parts[0].rstrip("0123456789") in known


def clean(text: str) -> str | None:
    """`text` as an address in lower case, None when it is none."""
    address = text.strip().strip("<>.,;:()[]\"'").lower()
    if len(address) > 254 or not _WHOLE.fullmatch(address) or address.endswith(_FILE_ENDINGS) or address in _EXAMPLES:
        return None
    return None if ".." in address else address


def in_text(text: str) -> list[str]:
    """The addresses in a visible text, disguises such as "jane [at] example [dot] com" undone."""
    return plain_in(_undisguised(text))


def plain_in(plain: str) -> list[str]:
    """The addresses in a text that hides none."""
    found: list[str] = []
    at = plain.find("@")
    while at >= 0:
        window = plain[max(0, at - 64) : at + _AROUND_AT].lower()
        for match in _ADDRESS.finditer(window):
            address = clean(match.group())
            if address and address not in found:
                found.append(address)
        at = plain.find("@", at + 1)
    return found


def _undisguised(text: str) -> str:
    if not _may_hide(text):
        return ""
    plain = _DOT.sub(".", _AT.sub("@", _LOUD_AT.sub("@", text)))
    if "@" not in plain:
        plain = _SPELT.sub(_joined_up, plain)
    elif _SPELT_DOT.search(plain, plain.find("@")):
        plain = _SPELT_DOT.sub(".", plain)
    return _SPACED.sub("@", _WIDE.sub(r"@\1.\2", plain))


def _joined_up(match: re.Match[str]) -> str:
    """An address in words, unless the words are ordinary ones: "meet us at the dot com fair" is none."""
    address = _SPELT_DOT.sub(".", _SPELT_AT.sub("@", match.group()))
    local, _, domain = address.lower().partition("@")
    is_ordinary = local in words("page_words") and local not in words("role_accounts")
    return match.group() if is_ordinary or domain.partition(".")[0] in _NO_PLACE else address


def _may_hide(text: str) -> bool:
    if "@" in text or "＠" in text:
        return True
    lowered = text.lower()
    return any(sign in lowered for sign in _AT_SIGNS)


def _printed(outline: Outline, keep: int) -> Iterator[Published]:
    for line in outline.lines:
        if line.text and not line.image:
            cost = DISGUISE * len(line.text) + AT * line.text.count("@") if _may_hide(line.text) else 1
            if not outline.work.spend(cost, keep):
                return
            for address in in_text(line.text):
                yield Published(address, line.index)


def _linked(outline: Outline, keep: int) -> Iterator[Published]:
    for anchor in outline.anchors:
        if not outline.work.spend(ANCHOR, keep):
            return
        for address, copied in _of_anchor(anchor, outline.work, keep):
            yield Published(address, anchor.line, copied)


def _of_anchor(anchor: Anchor, work: Work, keep: int) -> Iterator[tuple[str, bool]]:
    hidden = anchor.element.get("data-cfemail") or (anchor.href.partition("#")[2] if _CLOUDFLARE in anchor.href else "")
    if hidden:
        address = clean(_of_cloudflare(hidden))
        if address:
            yield address, False
    if scripted_addresses.may_hide(anchor.element) or anchor.href.startswith("javascript:"):
        size = min(len(anchor.element.text or anchor.href), scripted_addresses.MAX_SCRIPT)
        if not work.spend(SCRIPT + size, keep):
            return
        for text in scripted_addresses.hidden_in(anchor.element):
            yield from ((address, False) for address in plain_in(text))
    if not _MAILTO.match(anchor.href):
        return
    target, _, query = _MAILTO.sub("", anchor.href).partition("?")
    for part in re.split(r"[,;]", unquote(target)):
        address = clean(part) or next(iter(in_text(part.lower())), None)
        if address:
            yield address, False
    for field in query.split("&"):
        name, _, value = field.partition("=")
        if name.lower() in {"cc", "bcc", "to"}:
            for part in re.split(r"[,;]", unquote(value)):
                if address := clean(part):
                    yield address, name.lower() != "to"


def _of_cloudflare(code: str) -> str:
    """Undo Cloudflare's address obfuscation: hexadecimal bytes, all but the first XORed with the first."""
    try:
        data = bytes.fromhex(code)
    except ValueError:
        return ""
    return bytes(byte ^ data[0] for byte in data[1:]).decode("utf-8", "replace") if data else ""
