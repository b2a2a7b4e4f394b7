from datetime import date

import pytest

from outreach import replies

FRIDAY = "Fri, 20 Nov 2026 10:00:00 +0100"


def returns(text: str, written: str = FRIDAY, headers: str = "Auto-Submitted: auto-replied\n") -> date | None:
    head = f"From: Ada <ada@acme.example>\nSubject: Out of office\nDate: {written}\n{headers}"
    return replies.read(f"{head}\n{text}".encode()).returns


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am out of the office until November 24, 2026.", date(2026, 11, 24)),
        ("I'm away from 20 to 30 November and back on 1 December.", date(2026, 12, 1)),
        ("I return January 4th.", date(2027, 1, 4)),
        ("Away until 2026-12-24.", date(2026, 12, 24)),
        ("I will be back Monday.", date(2026, 11, 23)),
        ("I am back next Friday.", date(2026, 11, 27)),
        ("Ich bin bis einschließlich 27.11.2026 nicht im Büro.", date(2026, 11, 27)),
        ("Ich bin bis 27.11. weg und ab dem 30.11. wieder da.", date(2026, 11, 30)),
        ("Ich bin bis zum 7. Januar abwesend.", date(2027, 1, 7)),
        ("Ich bin ab Dienstag wieder erreichbar.", date(2026, 11, 24)),
        ("Je suis absente jusqu'au 2 décembre inclus.", date(2026, 12, 2)),
        ("Je serai de retour le 1er décembre.", date(2026, 12, 1)),
        ("Estoy fuera de la oficina hasta el 28 de noviembre de 2026.", date(2026, 11, 28)),
        ("Sono in ferie fino al 3 dicembre.", date(2026, 12, 3)),
        ("Ik ben afwezig tot en met 27 november.", date(2026, 11, 27)),
        ("Estou de férias até 30 de novembro.", date(2026, 11, 30)),
        ("Jestem na urlopie do 5 grudnia.", date(2026, 12, 5)),
        ("Nieobecny do 30.11.2026 r.", date(2026, 11, 30)),
        ("Jag är på semester till och med den 4 december och åter måndag 7 december.", date(2026, 12, 7)),
    ],
)
def test_the_day_of_return_is_read(text: str, day: date) -> None:
    assert returns(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "I am away.",
        "Call +1 555 12-13 now.",
        "I was away until 12 November 2025.",
        "I am away until 31 November 2026.",
        "I am away until 24 December 2031.",
        "Back at 10:30 today.",
        "Our offer of 27 November 2026 stands.",
    ],
)
def test_no_day_is_read_where_none_is_stated(text: str) -> None:
    assert returns(text) is None


def test_of_two_ways_to_read_a_date_the_later_plausible_one_counts() -> None:
    assert returns("Back on 12/01/2026.") == date(2026, 12, 1)
    assert returns("Back on 02/03/2027.") == date(2027, 3, 2)
    assert returns("Away until 24/11.") == date(2026, 11, 24)
    assert returns("Away until 11/24/2026.") == date(2026, 11, 24)


def test_without_a_date_of_its_own_a_note_needs_a_whole_date() -> None:
    assert returns("Away until Monday.", written="soon") is None
    assert returns("Away until 24 November.", written="soon") is None
    assert returns("Away until 24 November 2026.", written="soon") == date(2026, 11, 24)


def test_a_persons_answer_states_no_return() -> None:
    assert returns("Let us talk, I am back on Monday.\n\n> Hello", headers="X-Mailer: Mutt\n") is not None
    head = f"From: Ada <ada@acme.example>\nSubject: Re: Hi\nDate: {FRIDAY}\n"
    assert replies.read(f"{head}\nThe offer runs until Monday, right?".encode()).returns is None
