"""The text in a page's bytes.

Encodings follow the HTML standard's order (byte order mark, HTTP header, `<meta>`), except that bytes which
are valid UTF-8 are read as UTF-8 whatever the page declares: declarations are wrong more often than that test.
https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding
"""

import codecs
import re

from bs4.dammit import EncodingDetector

GUESS_BYTES = 20_000  # charset-normalizer's time grows with its input; a few kilobytes decide as well
MAX_CONTROLS = 16  # control characters in a short text that do not yet make it binary

_BINARY_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x7fELF",
    b"Rar!",
    b"RIFF",
)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Labels under which pages really send a superset (WHATWG Encoding Standard).
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_SEVEN_BIT = ("iso2022_jp", "hz")
_NO_PAGE_IS_IN = re.compile(r"escape|idna|punycode|utf-7")  # Python codecs that browsers do not have, for good reason


def decode(content: bytes, charset: str | None) -> str:
    """The text of a page. `charset` is the HTTP header's, if any. "" for what is no text. Raises nothing."""
    if content.startswith(_BINARY_MAGIC):
        return ""
    for bom, codec in _BYTE_ORDER_MARKS:
        if content.startswith(bom):
            return _clean(content[len(bom) :].decode(codec, "replace"))
    return _clean(_decode_without_mark(content, charset))


def _decode_without_mark(content: bytes, charset: str | None) -> str:
    declared = [codec for codec in (_codec(charset), _codec(_declared_in_markup(content))) if codec]
    if len(content) > 1 and content[:400].count(0) * 3 > len(content[:400]):
        declared.insert(0, "utf-16-be" if content[0] == 0 else "utf-16-le")
    elif not any(codec in _SEVEN_BIT for codec in declared):
        declared.insert(0, "utf-8")
    for codec in declared:
        try:
            return content.decode(codec)
        except UnicodeError:
            continue
    as_utf8 = content.decode("utf-8", "replace")
    if as_utf8.count("\ufffd") * 20 < sum(byte > 127 for byte in content):
        return as_utf8  # a few broken bytes in a UTF-8 page
    return content.decode(_guess(content) or (declared[-1] if declared else "cp1252"), "replace")


def _codec(label: str | None) -> str | None:
    """The Python codec for an encoding label of the web, None when there is none for text."""
    name = (label or "").strip().strip("\"'")
    try:
        b"\0\0\0\0".decode(name)  # unlike codecs.lookup, refuses codecs that yield no text (base64, zip …)
        name = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if _NO_PAGE_IS_IN.search(name) else _SUPERSETS.get(name, name)


def _declared_in_markup(content: bytes) -> str | None:
    return EncodingDetector.find_declared_encoding(content[:4096], is_html=True, search_entire_document=True)


def _guess(content: bytes) -> str | None:
    """The likeliest encoding by charset-normalizer (through Beautiful Soup), looking where the non-ASCII bytes are."""
    first = next((index for index, byte in enumerate(content) if byte > 127), 0)
    sample = content[max(0, first - 200) :][:GUESS_BYTES]
    codecs_in_order = (_codec(label) for label in EncodingDetector(sample).encodings)
    return next((codec for codec in codecs_in_order if codec not in (None, "utf-8")), None)


def _clean(text: str) -> str:
    """Without NUL and other control characters; "" when there are so many that this is no text."""
    clean, found = _CONTROL.subn("", text)
    return "" if found > MAX_CONTROLS and found * 20 > len(text) else clean
