"""Addresses that scripts and attributes put together, read without running anything."""

import pytest

from enrichment.discovery.website.scripted_addresses import MAX_SCRIPT, joined_strings
from tests.discovery.website.reading import read

ADDRESS = "jane.doe@example.com"


@pytest.mark.parametrize(
    "script",
    [
        '"jane.doe" + "@" + "example.com"',
        "document.write('<a href=\"mailto:' + 'jane.doe' + '@' + 'example.com' + '\">')",
        "var user = 'jane.doe'; var host = 'example.com'; document.write(user + '@' + host);",
        "var a = 'jane.doe&#64;'; a = a + 'example' + '.com';",
        "var a = 'jane.doe'; a += '@example.com';",
        "x = 'jane.doe\\x40example.com'",
        "x = 'jane.doe\\u0040example.com'",
        "document.write(unescape('jane.doe%40example.com'))",
        "['jane.doe', 'example.com'].join('@')",
        "String.fromCharCode(106,97,110,101) + '.doe@example.com'",
        "f(('jane.doe') + ('@') + ('example.com'))",
    ],
)
def test_a_script_that_joins_strings_gives_its_address(script: str) -> None:
    assert read(f"<p>Write<script>{script}</script></p>").emails == (ADDRESS,)


@pytest.mark.parametrize(
    "element",
    [
        '<span data-user="jane.doe" data-domain="example.com"></span>',
        '<span data-name="jane.doe" data-domain="example" data-tld="com"></span>',
        '<a href="#" data-email="jane.doe@example.com">Mail</a>',
        '<a href="#" data-email="amFuZS5kb2VAZXhhbXBsZS5jb20=">Mail</a>',
        "<a href=\"javascript:location='mailto:'+'jane.doe'+'@'+'example.com'\">Mail</a>",
        "<a href=\"#\" onclick=\"location.href='mai'+'lto:jane.doe@'+'example.com'\">Mail</a>",
        "<a href=\"javascript:linkTo_UnCryptMailto('nbjmup+kbof/epfAfybnqmf/dpn');\">Mail</a>",
        '<a href="#" data-mailto-token="ocknvq,lcpg0fqgBgzcorng0eqo">Mail</a>',
        '<p style="unicode-bidi:bidi-override; direction: rtl">moc.elpmaxe@eod.enaj</p>',
        '<p><bdo dir="rtl">moc.elpmaxe@eod.enaj</bdo></p>',
        '<style>.back{direction:rtl;unicode-bidi:bidi-override}</style><p class="back">moc.elpmaxe@eod.enaj</p>',
        '<p>jane.doe<img src="at.png" alt="@">example.com</p>',
        "<p>jane.doe_at_example.com</p>",
        "<p>jane.doe AT example.com</p>",
        "<p>jane.doe [arobase] example.com</p>",
        "<p>jane.doe @ example . com</p>",
        "<p>Jane Doe &lt;jane.doe@example.com&gt;</p>",
        '<a href="mailto:Jane Doe &lt;jane.doe@example.com&gt;">Mail</a>',
    ],
)
def test_an_address_in_attributes_or_turned_round_is_found(element: str) -> None:
    assert read(element).emails == (ADDRESS,)


@pytest.mark.parametrize(
    "script",
    [
        "a = b + '@' + c;",
        "'@' + 'media print'",
        "x='@",
        "a+=",
        "[",
        "['a','b'].join(",
        "+ + +",
        "String.fromCharCode(",
        "",
    ],
)
def test_a_script_without_an_address_gives_none(script: str) -> None:
    assert read(f"<p>Write<script>{script}</script></p>").emails == ()


def test_a_text_that_doubles_itself_stays_small() -> None:
    script = "a='@x';" + "a=a+a+a+a;" * 1_000
    assert max(map(len, joined_strings(script))) <= 2_000


def test_a_long_script_hides_no_address() -> None:
    script = "var x = 1;" * (MAX_SCRIPT // 10 + 1) + "'jane.doe' + '@' + 'example.com'"
    assert read(f"<p>Write<script>{script}</script></p>").emails == ()


def test_text_that_runs_from_right_to_left_without_override_is_not_turned() -> None:
    assert read('<p dir="rtl" style="direction: rtl">jane.doe@example.com</p>').emails == (ADDRESS,)
