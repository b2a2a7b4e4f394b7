"""E-mail addresses that a page hides from harvesters in scripts and attributes, put together without running anything.

Read are: strings joined by "+" or `.join`, with variables, escapes and character codes; TYPO3's shifted letters
(`linkTo_UnCryptMailto`, `data-mailto-token`); and `data-` attributes that hold an address or its parts.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from lxml.html import HtmlElement

MAX_SCRIPT = 20_000  # characters; what hides an address is short
MAX_TOKENS = 4_000
MAX_TEXT = 2_000  # characters of one joined string or one attribute
MAX_CODES = 200

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<name>[A-Za-z_$][\w$.]*)|(?P<number>\d+)"""
    r"""|(?P<sign>\+=|[^\s\w"'])"""
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SHIFTED = re.compile(r"UnCryptMailto\((?:'|%27)(.{7,300}?)(?:'|%27)")
_RANGES = ((0x2B, 0x3A), (0x40, 0x5A), (0x61, 0x7A))  # characters that TYPO3 shifts, each range in itself
_LOCAL, _DOMAIN = ("user", "name", "local", "mailbox", "account", "part1"), ("domain", "host", "server", "part2")
_ENDING = ("tld", "suffix", "part3")
_SIGNS = ("@", "mail", "Mail", "#64", "x40", "u0040", "%40")
_TELLING = tuple(f"-{name}" for name in _DOMAIN)
_PART = re.compile(r"[\w.+-]{1,64}")

_Token = tuple[str, str]  # kind, text


def may_hide(element: HtmlElement) -> bool:
    """Whether an element's attributes, or its text if it is a script, may hold an address."""
    if element.tag == "script":
        text = element.text or ""
        return len(text) <= MAX_SCRIPT and any(sign in text for sign in _SIGNS)
    return any(
        (name == "onclick" and "mai" in value)
        or (name.startswith("data-") and ("@" in value or "mail" in name or name.endswith(_TELLING)))
        for name, value in element.attrib.items()
    )


def hidden_in(element: HtmlElement) -> Iterator[str]:
    """The texts in which an address may stand plainly: from a script, `onclick`, `href="javascript:…"` and `data-`."""
    if element.tag == "script":
        yield from joined_strings(element.text or "")
        return
    for name in ("href", "onclick"):
        code = element.get(name) or ""
        if ("(" in code or "+" in code) and any(sign in code for sign in _SIGNS):
            yield from (_unshifted(match.group(1)) for match in _SHIFTED.finditer(code[:MAX_TEXT]))
            yield from joined_strings(unquote(code[:MAX_TEXT]))
    yield from _of_data({name[5:]: value for name, value in element.attrib.items() if name.startswith("data-")})


def joined_strings(script: str) -> list[str]:
    """The strings with an "@" that a script puts together, of literals and of variables that hold literals."""
    tokens = [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(script[:MAX_SCRIPT])][:MAX_TOKENS]
    known: dict[str, str] = {}
    found: list[str] = []
    at = 0
    while at < len(tokens):
        sign = tokens[at + 1][1] if tokens[at][0] == "name" and at + 1 < len(tokens) else ""
        target = tokens[at][1] if sign in {"=", "+="} else ""
        text, after = _expression(tokens, at + 2 if target else at, known)
        if target and text is not None:
            known[target] = ((known.get(target, "") if sign == "+=" else "") + text)[:MAX_TEXT]
        if text is not None and "@" in text:
            found.append(text)
        at = max(after, at + 1)
    return found + [text for text in known.values() if "@" in text and text not in found]


def _expression(tokens: list[_Token], at: int, known: dict[str, str]) -> tuple[str | None, int]:
    """The text of the terms joined by "+" from `at` on, None where no text is; and the place behind them."""
    pieces: list[str] = []
    while at < len(tokens):
        while at < len(tokens) and tokens[at][1] == "(":
            at += 1
        piece, after = _term(tokens, at, known)
        if piece is None and not pieces:
            return None, at
        pieces.append(piece or "")
        at = after
        while at < len(tokens) and tokens[at][1] == ")":
            at += 1
        if at >= len(tokens) or tokens[at][1] != "+":
            break
        at += 1
    return "".join(pieces)[:MAX_TEXT], at


def _term(tokens: list[_Token], at: int, known: dict[str, str]) -> tuple[str | None, int]:
    kind, text = tokens[at] if at < len(tokens) else ("", "")
    if kind == "string":
        return _unescaped(text), at + 1
    if text == "String.fromCharCode":
        codes = [int(part[1]) for part in tokens[at : at + MAX_CODES] if part[0] == "number" and len(part[1]) < 4]
        end = next((place for place in range(at, min(len(tokens), at + MAX_CODES)) if tokens[place][1] == ")"), at)
        count = sum(part[0] == "number" for part in tokens[at:end])
        return "".join(map(chr, codes[:count])), end + 1
    if text == "[":
        return _joined_list(tokens, at)
    return (known.get(text) if kind == "name" else None), at + 1


def _joined_list(tokens: list[_Token], at: int) -> tuple[str | None, int]:
    """`["jane", "example.com"].join("@")`."""
    parts: list[str] = []
    for place in range(at + 1, min(len(tokens), at + MAX_CODES)):
        kind, text = tokens[place]
        if kind == "string":
            parts.append(_unescaped(text))
        elif text == "]":
            call = tokens[place + 1 : place + 5]
            if [part[1] for part in call[:3]] == [".", "join", "("] and call[3:] and call[3][0] == "string":
                return _unescaped(call[3][1]).join(parts), place + 6
            break
        elif text != ",":
            break
    return None, at + 1


def _unescaped(literal: str) -> str:
    def decoded(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else match.group(3)

    text = unescape(_ESCAPE.sub(decoded, literal[1:-1][:MAX_TEXT]))
    return unquote(text) if "%40" in text else text


def _of_data(values: dict[str, str]) -> Iterator[str]:
    for key, value in values.items():
        text = value[:MAX_TEXT]
        if "@" in text:
            yield text
        elif key == "mailto-token":
            yield _unshifted(text)
        elif "mail" in key and len(text) % 4 == 0 and 12 <= len(text) <= MAX_CODES:
            yield _of_base64(text)
    local, domain = _part(values, _LOCAL), _part(values, _DOMAIN)
    if local and domain:
        ending = _part(values, _ENDING)
        yield f"{local}@{domain}" if domain.endswith(ending) else f"{local}@{domain}.{ending.lstrip('.')}"


def _part(values: dict[str, str], names: tuple[str, ...]) -> str:
    found = (value for key, value in values.items() if key.rsplit("-", 1)[-1] in names)
    return next((value for value in found if _PART.fullmatch(value)), "")


def _of_base64(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode("ascii")
    except ValueError:  # binascii.Error and UnicodeDecodeError are such
        return ""


def _unshifted(code: str) -> str:
    """TYPO3's mailto link, whatever the number of places by which its characters are shifted; "" for anything else."""
    code = unquote(code)[:MAX_CODES]
    for places in range(-25, 26):
        text = "".join(_shift(char, places) for char in code)
        if text.startswith("mailto:"):
            return text
    return ""


def _shift(char: str, places: int) -> str:
    for low, high in _RANGES:
        if low <= ord(char) <= high:
            return chr(low + (ord(char) - low + places) % (high - low + 1))
    return char
