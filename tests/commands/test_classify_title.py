import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command


def run(*titles: str, **options: bool) -> list[str]:
    out = io.StringIO()
    call_command("classify_title", *titles, stdout=out, **options)
    return out.getvalue().splitlines()


def type_in(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_each_title_gives_one_json_line_in_input_order() -> None:
    lines = [json.loads(line) for line in run("Head of Marketing", "Nurse", json=True)]
    assert lines == [
        {"title": "Head of Marketing", "seniority": "head", "department": "marketing", "decisionMaker": True},
        {"title": "Nurse", "seniority": "staff", "department": "medical", "decisionMaker": False},
    ]


def test_titles_come_from_stdin_one_a_line_empty_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "CEO\r\n\nLeiterin Einkauf\n\xff\n".encode("latin-1"))
    lines = [json.loads(line) for line in run(json=True)]
    assert [line["title"] for line in lines] == ["CEO", "", "Leiterin Einkauf", "\ufffd"]
    assert [line["seniority"] for line in lines] == ["c_level", "unknown", "head", "unknown"]


def test_a_person_reads_columns() -> None:
    assert run("Chief Executive Officer") == ["c_level    executive       decides  Chief Executive Officer"]


def test_a_line_break_in_a_title_makes_no_second_row() -> None:
    assert run("Chief\nExecutive\u2028Officer", "") == [
        "c_level    executive       decides  Chief Executive Officer",
        "unknown    other           -        ",
    ]


def test_an_argument_that_is_no_utf8_is_shown_with_a_replacement() -> None:
    assert json.loads(run("\udcff", json=True)[0])["title"] == "\ufffd"


def test_without_titles_on_a_terminal_it_is_bad_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    with pytest.raises(CommandError) as refused:
        run()
    assert refused.value.returncode == 2
