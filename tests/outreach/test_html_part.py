"""The HTML part says what the text says, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from outreach import html_part
from tests.kit.received import Reader


@given(st.text())
def test_html_says_what_the_text_says_and_links_only_to_web_addresses(text: str) -> None:
    read = Reader(html_part.render(text, "", "en"))
    assert read.text.split() == text.split()
    assert all(link.startswith(("http://", "https://")) for link in read.links)


def test_links_end_where_the_address_ends() -> None:
    text = 'See https://acme.example/a?b=1&c=2. (http://acme.example) javascript:alert(1) "https://acme.example/"x'
    assert Reader(html_part.render(text, "", "en")).links == [
        "https://acme.example/a?b=1&c=2",
        "http://acme.example",
        "https://acme.example/",
    ]
    assert html_part.render("One.\nTwo.\n\n\nThree.", "", "en").count("<p>") == 2
