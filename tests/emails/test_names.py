import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.emails.names import MAX_NAME, Name, letters, parse, split

fuzz = settings(derandomize=True, max_examples=200, deadline=None, database=None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane Roe", ("Jane", "Roe")),
        ("Roe, Jane", ("Jane", "Roe")),
        ("Prof. Dr. Jane Roe, MBA", ("Jane", "Roe")),
        ("José García Márquez", ("José García", "Márquez")),
        ("Ludwig van der Berg", ("Ludwig", "van der Berg")),
        ('Robert "Bo" Roe', ('Robert "Bo"', "Roe")),
        ("王小明", ("小明", "王")),
        ("山田 太郎", ("太郎", "山田")),
        ("Yo-Yo Ma", ("Yo-Yo", "Ma")),
        ("Roe, Jane, PhD", ("Jane", "Roe")),
        ("Roe Jr., John", ("John", "Roe")),
        ("John Roe, Jr.", ("John", "Roe")),
        ("Roe,Jane", ("Jane", "Roe")),
        ("van der Berg, Ludwig", ("Ludwig", "van der Berg")),
        ("Prof. Dr. Dr. h.c. Jane Roe", ("Jane", "Roe")),
        ("Jane Roe (she/her)", ("Jane", "Roe")),
        ("J.R. Roe", ("J. R.", "Roe")),
        ("ROE Jane", ("Jane", "ROE")),
        ("Dr. SZABÓ Gábor", ("Gábor", "SZABÓ")),
        ("DE LA CRUZ Inés", ("Inés", "DE LA CRUZ")),
        ("JANE ROE", ("JANE", "ROE")),
        ("Jane ROE", ("Jane", "ROE")),
        ("JRR Roe", ("JRR", "Roe")),  # initials, no surname
        ("Nguyen Van An", ("Nguyen Van", "An")),
        ("Nguyễn Văn An", ("Nguyễn Văn", "An")),
        ("Иванов Сергей Владимирович", ("Сергей Владимирович", "Иванов")),
        ("Сергей Владимирович Иванов", ("Сергей Владимирович", "Иванов")),
        (", Jane", ("Jane", "")),
        ("Cher", ("Cher", "")),
        ("Mr. Roe", ("", "Roe")),
        ("", ("", "")),
    ],
)
def test_a_full_name_is_split(name: str, expected: tuple[str, str]) -> None:
    assert split(name) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Jane", "Roe", Name(("Jane",), ("Roe",))),
        ("Hans Peter", "von der Heide, MBA", Name(("Hans", "Peter"), ("von der Heide",))),
        ("Inés", "de la Cruz Pérez", Name(("Inés",), ("de la Cruz", "Pérez"))),
        ("Ana", "Ortega y Gasset", Name(("Ana",), ("Ortega", "Gasset"))),
        ("Dr. Jane", "Roe Jr.", Name(("Jane",), ("Roe",))),
        ('Robert "Bo"', "Roe", Name(("Robert",), ("Roe",), "Bo")),
        ("Judge", "Roe", Name(("Judge",), ("Roe",))),  # a given name that reads as a title
        ("Anh", "Do", Name(("Anh",), ("Do",))),  # a surname that is also a particle
        ("Nguyen Van", "An", Name(("Nguyen", "Van"), ("An",))),  # a middle name that is a particle elsewhere
        ("Ben Robert", "Roe", Name(("Ben", "Robert"), ("Roe",))),  # a given name that is also a particle
        ("Jane", "", Name(("Jane",))),
        ("", "", Name()),
    ],
)
def test_first_and_last_name_are_taken_apart(first: str, last: str, expected: Name) -> None:
    assert parse(first, last) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Łukasz", "lukasz"),
        ("O’Brien", "obrien"),
        ("-Anna--Lena-", "anna-lena"),
        ("Сергей", "sergey"),
        ("7!", ""),
        ("Strauß", "strauss"),
        ("Sørensen", "sorensen"),
        ("Þóra", "thora"),
        ("Παπαδόπουλος", "papadopoulos"),
        ("김", "kim"),
        ("박", "park"),
    ],
)
def test_letters_are_romanised(text: str, expected: str) -> None:
    assert letters(text) == expected


def test_a_name_of_any_length_is_read_as_far_as_names_go() -> None:
    assert len(" ".join(split("Jane " * 100_000))) <= MAX_NAME


@given(st.text(max_size=300), st.text(max_size=300))
@fuzz
def test_any_text_can_be_read_as_a_name(first: str, last: str) -> None:
    parse(*split(first))
    name = parse(first, last)
    assert all(isinstance(word, str) for word in (*name.given, *name.family, name.nickname))
