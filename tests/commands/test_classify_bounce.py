import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

MESSAGES = Path(__file__).parent.parent / "outreach" / "messages"
BOUNCE, TWO, COMPLAINT = (
    str(MESSAGES / f"{name}.eml") for name in ("report-no-such-user", "text-two-recipients", "complaint")
)


def run(*files: str, **options: bool) -> tuple[list[str], int]:
    out, code = io.StringIO(), 0
    try:
        call_command("classify_bounce", *files, stdout=out, **options)
    except CommandError as error:
        code = error.returncode
    return out.getvalue().splitlines(), code


def run_json(*files: str) -> tuple[list[dict[str, Any]], int]:
    lines, code = run(*files, json=True)
    return [json.loads(line) for line in lines], code


def test_each_message_gives_one_json_line_in_the_order_given() -> None:
    lines, code = run_json(TWO, COMPLAINT)
    assert code == 0
    assert lines == [
        {
            "file": TWO,
            "recipients": [
                {"address": "ada@acme.example", "kind": "hard", "status": "5.1.1", "reason": "no_such_user"},
                {"address": "joan@acme.example", "kind": "soft", "status": "4.2.2", "reason": "mailbox_full"},
            ],
        },
        {
            "file": COMPLAINT,
            "recipients": [{"address": "ada@acme.example", "kind": "complaint", "status": "", "reason": "abuse"}],
        },
    ]


def test_a_file_that_cannot_be_read_has_its_line_and_the_others_theirs() -> None:
    lines, code = run_json("missing.eml", BOUNCE, str(MESSAGES))
    assert code == 1
    assert [line.get("error") for line in lines] == ["unreadable", None, "unreadable"]
    assert lines[0] == {
        "file": "missing.eml",
        "error": "unreadable",
        "message": "missing.eml could not be read: No such file or directory.",
    }
    assert run("missing.eml", "a\0b")[0] == [
        "missing.eml could not be read: No such file or directory.",
        "a\0b could not be read: embedded null byte.",
    ]


def test_a_person_reads_a_table() -> None:
    lines, code = run(BOUNCE, TWO)
    assert code == 0
    assert lines[0].split() == ["File", "Address", "Kind", "Status", "Reason"]
    cells = [line.split() for line in lines[1:]]
    assert ["ada@acme.example", "hard", "5.1.1", "no_such_user"] in [row[-4:] for row in cells]
    assert ["joan@acme.example", "soft", "4.2.2", "mailbox_full"] in cells


def test_what_is_no_message_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "noise.eml").write_bytes(b"\xff\xfe\0" * 1000)
    lines, code = run_json(str(tmp_path / "empty.eml"), str(tmp_path / "noise.eml"))
    assert code == 0
    assert [line["recipients"] for line in lines] == [
        [{"address": "", "kind": "unknown", "status": "", "reason": "unknown"}]
    ] * 2


def test_a_name_that_is_no_utf8_is_shown_with_a_replacement() -> None:
    assert run_json("\udcff.eml")[0][0]["file"] == "\ufffd.eml"


def test_without_files_it_is_bad_usage() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("classify_bounce")
    assert refused.value.returncode in {1, 2}
