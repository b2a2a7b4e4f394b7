import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.emails.name_forms import MAX_FORMS, ROMANISED, WEIGHTS, forms
from enrichment.emails.names import parse, split

fuzz = settings(derandomize=True, max_examples=200, deadline=None, database=None)


def written(name: str) -> list[tuple[str, str]]:
    return [(form.first, form.last) for form in forms(parse(*split(name)))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane Roe", ("jane", "roe")),
        ("ROE, JANE", ("jane", "roe")),
        ("Hans Müller", ("hans", "mueller")),
        ("Hans Mu\u0308ller", ("hans", "mueller")),  # decomposed
        ("Søren Ødegård", ("soeren", "oedegaard")),
        ("Łukasz Żółć", ("lukasz", "zolc")),
        ("René Strauß", ("rene", "strauss")),
        ("Sean O’Brien", ("sean", "obrien")),
        ("Ludwig van der Berg", ("ludwig", "vanderberg")),
        ("Inés de la Cruz", ("ines", "delacruz")),
        ("Anna-Lena Weiß-Groß", ("anna-lena", "weiss-gross")),
        ("Anna‑Lena Roe", ("anna-lena", "roe")),  # a non-breaking hyphen
        ("Сергей Иванов", ("sergey", "ivanov")),
        ("王小明", ("xiaoming", "wang")),
        ("Yo-Yo Ma", ("yo-yo", "ma")),
        ("J. Doe", ("j", "doe")),
        ("J.R. Doe", ("j", "doe")),
        ("NAGY János", ("janos", "nagy")),
        ("Tomás Ó Briain", ("tomas", "obriain")),
        ("Ian Mac Donald", ("ian", "macdonald")),
        ("김민준", ("minjun", "kim")),
        ("Γιώργος Παπαδόπουλος", ("giorgos", "papadopoulos")),
    ],
)
def test_the_usual_form_of_a_name_comes_first(name: str, expected: tuple[str, str]) -> None:
    assert written(name)[0] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hans Müller", ("hans", "muller")),
        ("Søren Ødegård", ("soren", "odegard")),
        ("Ludwig van der Berg", ("ludwig", "berg")),
        ("Anna-Lena Roe", ("annalena", "roe")),
        ("Anna-Lena Roe", ("anna", "roe")),
        ("Anna-Lena Roe", ("al", "roe")),
        ("Jane Weiß-Groß", ("jane", "weissgross")),
        ("Jane Weiß-Groß", ("jane", "weiss")),
        ("José García Márquez", ("jose", "garcia")),
        ("José García Márquez", ("jose", "garciamarquez")),
        ("Mary Ann Roe", ("maryann", "roe")),
        ("Michael Roe", ("mike", "roe")),
        ("Tom Roe", ("thomas", "roe")),
        ('Robert "Bo" Roe', ("bo", "roe")),
        ("Wang Xiaoming", ("xiaoming", "wang")),
        ("Nguyen Van An", ("an", "nguyen")),
        ("Lê Thị Mai", ("mai", "le")),
        ("Nagy János", ("janos", "nagy")),
        ("Abdul Al-Sayed", ("abdul", "sayed")),
    ],
)
def test_other_ways_to_write_a_name_are_offered_too(name: str, expected: tuple[str, str]) -> None:
    assert expected in written(name)[1:]


@pytest.mark.parametrize("name", ["", "   ", "😀 😀", "12345", "---", "'", "\ud800", "\x00"])
def test_a_name_without_letters_has_no_form(name: str) -> None:
    assert written(name) == []


def test_a_western_name_keeps_its_order() -> None:
    assert ("roe", "kim") not in written("Kim Roe")


def test_a_hungarian_name_in_western_order_keeps_it() -> None:
    assert written("Zsófia Nagy") == [("zsofia", "nagy")]


def test_an_article_alone_is_no_name() -> None:
    assert ("abdul", "al") not in written("Abdul Al-Sayed")


def test_a_middle_initial_is_kept_but_is_no_name() -> None:
    (form,) = forms(parse("Xenia F.", "Roe"))
    assert (form.first, form.middle, form.last) == ("xenia", "f", "roe")


def test_the_options_of_a_choice_share_all_of_it() -> None:
    assert {group: sum(options.values()) for group, options in WEIGHTS.items()} == pytest.approx(
        dict.fromkeys(WEIGHTS, 1.0), abs=0.001
    )


def test_the_shares_of_a_names_forms_are_the_measured_ones() -> None:
    shares = {form.last: form.weight for form in forms(parse("Hans", "Müller"))}
    assert shares == pytest.approx({"mueller": 0.7008, "muller": 0.2992})


def test_a_name_in_another_script_is_half_a_guess() -> None:
    assert sum(form.weight for form in forms(parse("Сергей", "Иванов"))) == pytest.approx(ROMANISED)


def test_a_companys_habit_outweighs_the_usual_spelling() -> None:
    best = forms(parse("Hans", "Müller"), {"umlaut": {"plain": 3}})[0]
    assert best.last == "muller"
    assert best.weight == pytest.approx((0.2992 + 3) / 4)


@given(st.text(max_size=80), st.text(max_size=80))
@fuzz
def test_any_text_gives_few_forms_of_plain_letters(first: str, last: str) -> None:
    found = forms(parse(first, last))
    assert len(found) <= MAX_FORMS
    weights = [form.weight for form in found]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) <= 1 + 1e-9
    spellings = [(form.first, form.middle, form.last) for form in found]
    assert len(set(spellings)) == len(spellings)
    for text in filter(None, (text for spelling in spellings for text in spelling)):
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyz-")
        assert text == text.strip("-")
