import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.discovery.website.pages import MAX_BYTES, parse, visible_text

URL = "https://www.example.com/a/b"
TEXT = "Grüße aus Łódź, Ελλάδα"


def text_of(content: bytes, charset: str | None = None) -> str:
    return visible_text(parse(content, charset, URL).root)


def html(text: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("codec", "charset", "head", "text"),
    [
        ("utf-8", "utf-8", "", TEXT),
        ("utf-8", None, "", TEXT),
        ("utf-8", "iso-8859-1", "", TEXT),  # the header is wrong
        ("utf-8-sig", "iso-8859-1", "", TEXT),
        ("utf-16", None, "", TEXT),
        ("utf-16-le", None, "", TEXT),
        ("utf-16-be", None, "", TEXT),
        ("windows-1252", None, '<meta charset="iso-8859-1">', "Café „Größe“ – 5 €"),
        ("windows-1251", "windows-1251", "", "Генеральный директор"),
        (
            "windows-1251",
            None,
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
            "Управител",
        ),
        ("iso-8859-2", "iso-8859-2", "", "Łukasz Żak"),
        ("shift_jis", "Shift_JIS", "", "代表取締役 山田太郎"),
        ("iso-2022-jp", "iso-2022-jp", "", "代表取締役 山田太郎"),
        ("gb18030", "gb2312", "", "董事长王小明"),
        ("euc_kr", "euc-kr", "", "대표이사 김민준"),
        ("windows-1252", "no-such-encoding", "", "Müller"),
        ("windows-1252", "base64", "", "Müller"),
    ],
)
def test_text_is_read_in_its_encoding(codec: str, charset: str | None, head: str, text: str) -> None:
    assert text_of(html(text, head).encode(codec), charset) == text


def test_an_undeclared_encoding_is_guessed() -> None:
    russian = "Генеральный директор компании рассказал о планах на будущий год и поблагодарил сотрудников. " * 5
    assert "Генеральный директор компании" in text_of(html(russian).encode("windows-1251"))


def test_a_few_broken_bytes_do_not_spoil_a_utf8_page() -> None:
    content = html("Größe " * 50).encode() + b"\xff"
    assert "Größe Größe" in text_of(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"<!-- -->",
        b"%PDF-1.7 Jane Doe, CEO",
        b"\x89PNG\r\n\x1a\nJane Doe",
        b"PK\x03\x04Jane",
        bytes(range(32)) * 40,
    ],
)
def test_what_is_no_page_is_an_empty_one(content: bytes) -> None:
    page = parse(content, None, URL)
    assert (visible_text(page.root), page.title, page.links) == ("", "", ())


def test_nul_bytes_are_left_out() -> None:
    assert text_of(b"<p>Ja\x00ne Doe</p>") == "Jane Doe"


def test_scripts_styles_and_hidden_parts_are_not_visible() -> None:
    page = b"""<style>p{}</style><script>var a</script><noscript>n</noscript><template>t</template><p>seen</p>
    <p hidden>h</p><p style="color:red; DISPLAY : none">d</p><p style="visibility:hidden">v</p>
    <select><option>o</select>"""
    assert text_of(page) == "seen"


def test_very_deep_nesting_is_cut_off() -> None:
    content = b"<p>first</p>" + b"<div>" * 100_000 + b"deep"
    assert text_of(content).startswith("first")


def test_a_tag_with_very_many_attributes_costs_nothing() -> None:
    attributes = " ".join(f"a{number}=1" for number in range(100_000))
    assert text_of(f"<p {attributes}>seen</p>".encode()) == "seen"


def test_what_exceeds_the_limit_is_not_read() -> None:
    content = b"<p>first</p>" + b" " * MAX_BYTES + b"<p>last</p>"
    assert text_of(content) == "first"


def test_language_title_and_links() -> None:
    page = parse(
        b"""<html lang="de-AT"><title> Unser
        Team </title><body><a href="/team#top">Das <b>Team</b></a><a href="mailto:a@example.com">x</a><a href="#x">x</a>
        <a href="//example.org/x"><img alt="Partner"></a><a href="javascript:x()">x</a><a href="http://[">x</a>""",
        None,
        URL,
    )
    assert (page.language, page.title) == ("de", "Unser Team")
    assert [(link.url, link.text) for link in page.links] == [
        ("https://www.example.com/team", "Das Team"),
        ("https://example.org/x", "Partner"),
    ]


def test_links_are_relative_to_the_base_that_the_page_declares() -> None:
    page = parse(b'<base href="https://example.org/x/"><a href="y">y</a>', None, URL)
    assert page.base_url == "https://example.org/x/"
    assert page.links[0].url == "https://example.org/x/y"


def test_a_base_that_is_no_web_address_is_ignored() -> None:
    for base in ("javascript:x", "http://[", "file:///etc/"):
        assert parse(f'<base href="{base}"><a href="y">y</a>'.encode(), None, URL).base_url == URL


def test_the_language_may_be_declared_in_a_header_element() -> None:
    assert parse(b'<meta http-equiv="Content-Language" content="fr-CA">', None, URL).language == "fr"
    assert parse(b"<p>x", None, URL).language == ""


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([None, "utf-8", "utf-16", "utf-7", "idna", "unicode_escape", "x\x00y", "rot13"]),
)
def test_no_bytes_make_parsing_raise(content: bytes, charset: str | None) -> None:
    page = parse(content, charset, "http://[")
    visible_text(page.root)
