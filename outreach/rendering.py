"""Texts with variables: `{{ first_name | there }}`. No template engine: names and fallbacks, nothing else.

A value is inserted as text, never expanded again, and on one line, so that it cannot add headers to a subject.
Every function takes time linear in the text.
"""

import re
from collections.abc import Iterator, Mapping

# The variables there are, with what an author of templates is told about them.
VARIABLES = {
    "first_name": "the contact's first name",
    "last_name": "the contact's last name",
    "company": "the brand's name",
    "job_title": "the contact's job title",
    "sender_name": "the sender's name; without a sender, that of whoever enrolled the contact",
    "source": "the site on which the contact was found",
}

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_DOUBLE = re.compile(r"\{\{|\}\}")
# Control characters, the marks that reverse the direction of what follows, and halves of characters, which no mail can
# carry; split() knows every line separator.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

STRAY = "A “{{” or “}}” has no counterpart: variables are written {{ first_name | there }}."


class Unrenderable(ValueError):
    """A text cannot be rendered; the message says why, and what to do."""


class MissingVariable(Unrenderable):
    """Variables (`names`, in the text's order) are unknown, or have neither a value nor a fallback."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        sentences = [_unknown(name) for name in names if name not in VARIABLES]
        sentences += [
            f"There is no value for {name}: add it, or write a fallback into the template, {{{{ {name} | … }}}}."
            for name in names
            if name in VARIABLES
        ]
        super().__init__(" ".join(sentences))


def render(text: str, values: Mapping[str, str | None]) -> str:
    """Return `text` with its variables replaced. An empty value is none.

    Raises MissingVariable naming every variable that is unknown or has neither value nor fallback, Unrenderable
    for braces that do not match.
    """
    filled = {name: one_line(values.get(name) or "") for name in VARIABLES}
    missing = [
        name
        for name, fallback in _placeholders(text)
        if name not in VARIABLES or (fallback is None and not filled[name])
    ]
    if missing:
        raise MissingVariable(list(dict.fromkeys(missing)))
    if _stray(text):
        raise Unrenderable(STRAY)
    parts = _PLACEHOLDER.split(text)  # text, placeholder, text, placeholder, …, text
    for index in range(1, len(parts), 2):
        name, fallback = _placeholder(parts[index])
        parts[index] = filled[name] or fallback or ""
    return "".join(parts)


def problems(text: str) -> list[str]:
    """Return what is wrong with a template's text, a sentence each; empty when it can be rendered."""
    unknown = dict.fromkeys(name for name, _ in _placeholders(text) if name not in VARIABLES)
    found = [_unknown(name) for name in unknown]
    return [*found, STRAY] if _stray(text) else found


def _unknown(name: str) -> str:
    return f"There is no variable “{name}”: use one of {', '.join(VARIABLES)}."


def _placeholders(text: str) -> Iterator[tuple[str, str | None]]:
    return (_placeholder(match[1]) for match in _PLACEHOLDER.finditer(text))


def _placeholder(inner: str) -> tuple[str, str | None]:
    """Return the name and the fallback in what stands between the braces; no fallback is None."""
    name, bar, fallback = inner.partition("|")
    return name.strip(), fallback.strip() if bar else None


def _stray(text: str) -> bool:
    """Return whether double braces are left over beside the placeholders."""
    return any(_DOUBLE.search(part) for part in _PLACEHOLDER.split(text)[::2])


def one_line(value: str) -> str:
    """Return a value on one line, without control characters and with single spaces."""
    return " ".join(_CONTROL.sub(" ", value).split())
