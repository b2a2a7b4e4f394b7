"""The HTML alternative of an e-mail, made from its plain text: paragraphs, line breaks and links, nothing else.

No images, no styles, and links lead where they say, so that nothing in it could tell us that somebody reads it.
"""

import re
from html import escape

_URL = re.compile(r"https?://[^\s<>\"“”„«»]+", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
# What ends the sentence around a URL rather than the URL.
_AFTER = ".,;:!?)]}'’…"


def render(text: str, footer: str, language: str) -> str:
    """Return a whole document. `language` (ISO 639-1) is the footer's; which one the author wrote in is not known."""
    below = f'<hr>\n<div lang="{escape(language)}">\n{_paragraphs(footer)}\n</div>\n' if footer else ""
    return (
        '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n'
        f"{_paragraphs(text)}\n{below}</body>\n</html>\n"
    )


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{_lines(paragraph)}</p>" for paragraph in _PARAGRAPHS.split(text.strip()))


def _lines(paragraph: str) -> str:
    return "<br>\n".join(_linked(line) for line in paragraph.splitlines())


def _linked(line: str) -> str:
    """Return a line as HTML, with its http(s) URLs as links."""
    parts, end = [], 0
    for match in _URL.finditer(line):
        url = match[0].rstrip(_AFTER)
        parts += [escape(line[end : match.start()]), f'<a href="{escape(url)}">{escape(url)}</a>']
        end = match.start() + len(url)
    return "".join([*parts, escape(line[end:])])
