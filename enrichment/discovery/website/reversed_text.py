"""Text that is written backwards and shown forwards, to hide an address from harvesters.

The CSS is `direction: rtl; unicode-bidi: bidi-override`, in a `style` attribute or for a class; the HTML, `<bdo>`.
"""

import re
from itertools import islice

from lxml.html import HtmlElement

MAX_RULES = 20
MAX_RULE = 2_000  # characters of a rule and its selector that are looked at
MAX_SHEETS = 50

_OVERRIDE = "bidi-override"
_RTL = re.compile(r"direction\s?:\s?rtl")
_CLASS = re.compile(r"\.([\w-]{1,60})")


def reversed_classes(root: HtmlElement) -> frozenset[str]:
    """The classes whose text the page's own style sheets turn round."""
    found: set[str] = set()
    for sheet in islice(root.iter("style"), MAX_SHEETS):
        text = sheet.text or ""
        for match in islice(re.finditer(_OVERRIDE, text), MAX_RULES):
            start = text.rfind("{", max(0, match.start() - MAX_RULE), match.start())
            end = text.find("}", match.end(), match.end() + MAX_RULE)
            if 0 <= start < end and _RTL.search(text[start:end]):
                before = text[max(0, start - MAX_RULE) : start]
                found.update(_CLASS.findall(before[before.rfind("}") + 1 :])[:MAX_RULES])
    return frozenset(found)


def is_reversed(element: HtmlElement, classes: frozenset[str]) -> bool:
    """Whether this element turns its text round. `classes` are those of `reversed_classes`."""
    if element.tag == "bdo":
        return (element.get("dir") or "").lower() == "rtl"
    style = element.get("style")
    if style and _OVERRIDE in style and _RTL.search(style):
        return True
    return bool(classes) and not classes.isdisjoint((element.get("class") or "").split())
