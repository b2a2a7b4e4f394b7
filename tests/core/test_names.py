"""The folded form of a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.names import name_key


@pytest.mark.parametrize(
    ("first", "last", "key"),
    [
        ("Zoë", "Müller", "zoe muller"),
        ("ZOË", "MÜLLER", "zoe muller"),
        ("Seán", "O’Neill", "sean oneill"),
        ("Seán", "O'Neill", "sean oneill"),
        ("Anna-Lena", "van der Berg", "anna lena van der berg"),
        ("Łukasz", "Żółć", "lukasz zolc"),
        ("Иван", "Петров", "ivan petrov"),
        ("  Ada ", "Example ", "ada example"),
        ("", "", ""),
    ],
)
def test_the_key_of_a_name_knows_no_case_accents_or_punctuation(first: str, last: str, key: str) -> None:
    assert name_key(first, last) == key


def test_the_key_fits_the_database_column() -> None:
    assert len(name_key("愛" * 200, "子" * 200)) <= 400


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_key_of_any_text_is_plain_ascii_and_its_own_key(first: str, last: str) -> None:
    key = name_key(first, last)
    assert key.isascii()
    assert name_key(key, "") == key
