"""A person's own words in an answer: without what is quoted, the lines that introduce it, and the signature."""

import re

_WROTE = r"(?:wrote|schrieb|écrit|escribió|ha scritto|schreef|escreveu|napisał(?:\(a\)|a)?|skrev)\b"
# "On Tuesday Ada wrote:", in nine languages; the line may be broken twice.
_INTRODUCTION = re.compile(
    r"^[ \t]*(?:On|Am|Le|El|Il|Op|Em|W dniu|Dnia|Den|Vid)\b[^\n]{3,300}(?:\n[^\n]{0,200}){0,2}?"
    rf"{_WROTE}[^\n]{{0,120}}:[ \t]*$"
    rf"|^[^\n]{{3,200}}{_WROTE}[^\n]{{0,60}}:[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
# Outlook's way: everything from here on is quoted.
_REST = re.compile(
    r"^[ \t]*(?:"
    r"[-_]{2,60}[ \t]*(?:original(?:e| message|nachricht)?|ursprüngliche nachricht|message d['’]origine"
    r"|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original"
    r"|(?:oryginalna )?wiadomość(?: oryginalna)?|ursprungligt meddelande|forwarded message)\b[^\n]{0,40}"
    r"|_{20,200}[ \t]*$"
    r"|\*?(?:from|von|de|da|van|od|från)[ ]?:[^\n]{1,300}\n(?:[^\n]{0,300}\n){0,2}?"
    r"\*?(?:sent|date|gesendet|datum|envoyé|enviado(?: el| em)?|fecha|inviato|data|verzonden|wysłano|skickat)[ ]?:"
    r")",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_DEVICE = re.compile(
    r"^(?:sent from|get outlook for|von meinem|gesendet (?:von|mit)|envoyé (?:de|depuis)|enviado (?:desde|do|a partir)"
    r"|inviato da|verstuurd vanaf|verzonden vanaf|wysłan[eo] z|skickat från)\b.{0,80}$",
    re.MULTILINE | re.IGNORECASE,
)


def own_words(text: str) -> str:
    """Return what the person wrote, also between and below quoted lines."""
    if rest := _REST.search(text):
        text = text[: rest.start()]
    quotes = is_quoting(text)
    text = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    text = _INTRODUCTION.sub("", text, count=3) if quotes else _INTRODUCTION.split(text, maxsplit=1)[0]
    if signature := _SIGNATURE.search(text):
        text = text[: signature.start()]
    return re.sub(r"\n{3,}", "\n\n", _DEVICE.sub("", text)).strip()


def is_quoting(text: str) -> bool:
    """Return whether a text quotes the message that it answers."""
    return bool(re.search(r"^[ \t]*>", text, re.MULTILINE) or _REST.search(text) or _INTRODUCTION.search(text))
