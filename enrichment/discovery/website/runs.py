"""The pieces of a line: texts that stand in one inline element each."""

from dataclasses import dataclass

from lxml.html import HtmlElement


@dataclass(slots=True, eq=False)
class Run:
    """A piece of a line that stands in one inline element; `path` as in Line."""

    text: str
    element: HtmlElement
    path: int


def joined(pieces: list[Run]) -> tuple[Run, ...]:
    """Neighbouring pieces of one element as one run, blank ones left out.

    Site builders put name and title into neighbouring inline elements with no space between; a reader sees two words.
    """
    if len(pieces) == 1:
        return (pieces[0],)
    runs: list[tuple[list[str], HtmlElement, int]] = []
    for piece in pieces:
        texts, element, _path = runs[-1] if runs else ([], None, 0)
        if piece.element is element:
            texts.append(piece.text)
        elif piece.text.isspace():
            texts.append(" ")
        elif texts and _are_glued(texts[-1], element, piece):
            runs.append(([" ", piece.text], piece.element, piece.path))
        else:
            runs.append(([piece.text], piece.element, piece.path))
    return tuple(Run("".join(texts), element, path) for texts, element, path in runs)


def _are_glued(before: str, element: HtmlElement, piece: Run) -> bool:
    """Whether two pieces without a space between are two words: a new capital, or elements side by side."""
    if not before[-1:].isalnum() or not piece.text[:1].isalnum() or len(piece.text) <= 2:
        return False
    if before[-1].islower() and piece.text[0].isupper():
        return True
    return len(before) > 2 and element.getparent() is piece.element.getparent()
