"""Variables are replaced by values, and by nothing that a value might contain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach import rendering
from outreach.rendering import MissingVariable, Unrenderable, problems, render

ADA = {"first_name": "Ada", "last_name": "Example", "company": "Acme", "job_title": ""}

# Text in which braces, bars and names meet often.
tangled = st.lists(
    st.sampled_from(["{{", "}}", "{", "}", "|", " ", "first_name", "job_title", "nickname", "there", "\n", "é"])
    | st.text(max_size=3)
).map("".join)


def test_values_and_fallbacks_are_put_in() -> None:
    text = "Hello {{ first_name | there }}, as {{job_title|somebody}} at {{  company  }}{{ job_title | }}."
    assert render(text, ADA) == "Hello Ada, as somebody at Acme."


@pytest.mark.parametrize("empty", ["", "  ", "\n", None])
def test_an_empty_value_is_none(empty: str | None) -> None:
    assert render("{{ job_title | your role }}", {"job_title": empty}) == "your role"
    assert render("{{ job_title | your role }}", {}) == "your role"


def test_all_that_is_missing_is_named_in_order() -> None:
    with pytest.raises(MissingVariable) as caught:
        render("{{ sender_name }} {{ nickname | pal }} {{ job_title }} {{ sender_name }} {{ source | the web }}", ADA)
    assert caught.value.names == ["sender_name", "nickname", "job_title"]
    assert "There is no variable “nickname”" in str(caught.value)
    assert "There is no value for job_title: add it" in str(caught.value)


def test_a_value_is_text_and_never_expanded() -> None:
    hostile = ADA | {"first_name": "{{ last_name }}", "company": "}} {{ nickname"}
    assert render("{{ first_name }} at {{ company }}", hostile) == "{{ last_name }} at }} {{ nickname"


@pytest.mark.parametrize(
    "value",
    ["Ada\r\nBcc: eve@acme.example", "Ada\nBcc: eve@acme.example", "Ada\x00\x1b\x85\u2028 Bcc: eve@acme.example"],
)
def test_a_value_adds_no_line_to_a_subject(value: str) -> None:
    assert render("For {{ first_name }}", {"first_name": value}) == "For Ada Bcc: eve@acme.example"


def test_a_value_does_not_reverse_the_text_after_it() -> None:
    assert render("{{ first_name }}!", {"first_name": "Ada\u202e"}) == "Ada!"


def test_a_value_is_text_that_a_mail_can_carry() -> None:
    assert render("{{ first_name }} 🚀", {"first_name": "Ada \ud83d👩‍🚀"}) == "Ada 👩‍🚀 🚀"


@pytest.mark.parametrize("text", ["{{ first_name", "first_name }}", "{{ first_name }} {{", "{{ {{ first_name }} }}"])
def test_braces_without_a_counterpart_are_refused(text: str) -> None:
    assert problems(text) == [rendering.STRAY]
    with pytest.raises(Unrenderable, match="no counterpart"):
        render(text, ADA)


def test_attributes_calls_and_tags_are_no_variables() -> None:
    assert problems("{{ first_name.__class__ }} {{ company() }} {{ }} {% load x %} {single} {{{ company }}}") == [
        f"There is no variable “{name}”: use one of first_name, last_name, company, job_title, sender_name, source."
        for name in ("first_name.__class__", "company()", "")
    ]


@given(tangled, st.dictionaries(st.sampled_from(list(rendering.VARIABLES)), st.text() | st.none()))
def test_any_text_is_rendered_or_refused_with_a_sentence(text: str, values: dict[str, str | None]) -> None:
    try:
        render(text, values)
    except Unrenderable as error:
        assert str(error).endswith(".")  # noqa: PT017
        if not isinstance(error, MissingVariable):
            assert problems(text)
    else:
        assert problems(text) == []


@given(tangled, st.text())
def test_a_text_without_problems_renders_whatever_the_values(text: str, value: str) -> None:
    values = dict.fromkeys(rendering.VARIABLES, f"x{value}")
    if problems(text):
        with pytest.raises(Unrenderable):
            render(text, values)
    else:
        assert isinstance(render(text, values), str)


@given(st.text(), st.text())
def test_a_value_appears_on_one_line_whatever_it_is(before: str, value: str) -> None:
    before = before.replace("{{", "").replace("}}", "").rstrip("{")
    rendered = render(before + "{{ company | - }}", {"company": value})
    assert rendered.startswith(before)
    assert len(rendered[len(before) :].splitlines()) == 1


def test_a_long_hostile_text_is_no_burden() -> None:
    for text in ("{" * 1_000_000, "{{ " * 300_000, "{{ a" * 200_000 + "}}", "{{|" + "|" * 1_000_000):
        assert problems(text)
