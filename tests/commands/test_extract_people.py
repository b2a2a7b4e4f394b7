import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

STORED = Path(__file__).parent.parent / "discovery" / "website" / "pages"
TEAM = str(STORED / "german_team.html")
NOBODY = str(STORED / "blog_post.html")


def run(*files: str, json_: bool = True, **options: str) -> list[str]:
    out = io.StringIO()
    call_command("extract_people", *files, stdout=out, json=json_, **options)
    return out.getvalue().splitlines()


def test_each_file_gives_one_json_line_with_the_documented_keys() -> None:
    lines = [json.loads(line) for line in run(TEAM, NOBODY)]
    assert [line["file"] for line in lines] == [TEAM, NOBODY]
    assert [len(line["people"]) for line in lines] == [4, 0]
    first = lines[0]["people"][0]
    assert {key: first[key] for key in first if key != "evidence"} == {
        "name": "Annegret Mühlbauer",
        "firstName": "Annegret",
        "lastName": "Mühlbauer",
        "jobTitle": "Geschäftsführende Gesellschafterin",
        "seniority": "partner",
        "department": "executive",
        "decisionMaker": True,
        "email": "a.muehlbauer@beispielwerk.example",
        "linkedInUrl": None,
        "confidenceScore": 77,
    }
    assert lines[0]["emails"] == ["karriere@beispielwerk.example", "info@beispielwerk.example"]


def test_the_evidence_names_the_address_given_or_else_the_file() -> None:
    (given,) = run(TEAM, url="https://www.example.com/team")
    (stored,) = run(TEAM)
    assert json.loads(given)["people"][0]["evidence"][0]["url"] == "https://www.example.com/team"
    assert json.loads(stored)["people"][0]["evidence"][0]["url"] == Path(TEAM).as_uri()


def test_names_in_east_asian_scripts_are_written_family_name_first() -> None:
    (line,) = run(str(STORED / "japanese_company.html"))
    assert [person["name"] for person in json.loads(line)["people"]] == ["山田太郎", "佐藤花子", "鈴木一郎"]


def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    out = io.StringIO()
    missing = str(tmp_path / "missing.html")
    with pytest.raises(CommandError) as failed:
        call_command("extract_people", missing, str(tmp_path), TEAM, json=True, stdout=out)
    assert failed.value.returncode == 1
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line.get("error") for line in lines] == ["unreadable", "unreadable", None]
    assert lines[0] == {
        "file": missing,
        "error": "unreadable",
        "message": f"{missing} could not be read: No such file or directory.",
    }
    assert len(lines[2]["people"]) == 4


def test_a_file_that_is_no_page_shows_nobody(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(b"%PDF-1.7\nJane Doe, CEO")
    assert json.loads(run(str(file))[0])["people"] == []


def test_an_address_that_is_none_of_the_web_is_bad_usage() -> None:
    with pytest.raises(CommandError) as refused:
        run(TEAM, url="ftp://example.com/")
    assert refused.value.returncode == 2


def test_a_person_reads_a_table() -> None:
    text = "\n".join(run(TEAM, json_=False))
    assert "Annegret Mühlbauer" in text
    assert "◐  77" in text
    assert "Other addresses: karriere@beispielwerk.example, info@beispielwerk.example" in text


def test_a_page_without_people_says_so() -> None:
    assert "This page shows nobody." in run(NOBODY, json_=False)
