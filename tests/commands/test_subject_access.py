import json

import pytest
from django.core.management import CommandError, call_command

from tests.factories import ContactFactory, EmailFactory

pytestmark = pytest.mark.django_db

ADDRESS = "ada@acme.example"


@pytest.fixture(autouse=True)
def _contact() -> None:
    EmailFactory(email=ADDRESS, enriched_contact=ContactFactory(last_name="<i>Wished</i>"))


def test_json_is_printed(capsys) -> None:
    call_command("subject_access", ADDRESS)
    data = json.loads(capsys.readouterr().out)
    assert data["enrichment"]["contacts"][0]["evidence"][0]["url"] == "https://acme.example/team"


def test_a_page_to_read_is_written_that_needs_nothing_else(capsys, tmp_path) -> None:
    file = tmp_path / "data.html"
    call_command("subject_access", ADDRESS, html=str(file))
    page = file.read_text()
    assert capsys.readouterr().out == ""
    assert "https://acme.example/team" in page
    assert "<i>Wished" not in page
    assert "<link" not in page
    call_command("subject_access", ADDRESS, html=str(file), json=True)
    assert json.loads(capsys.readouterr().out)["known"]


def test_nobody_known_is_no_error(capsys) -> None:
    call_command("subject_access", "nobody@acme.example")
    assert json.loads(capsys.readouterr().out)["known"] is False


def test_what_is_no_address_exits_with_2_and_a_file_that_cannot_be_written_with_1(tmp_path) -> None:
    with pytest.raises(CommandError, match="not an e-mail address") as error:
        call_command("subject_access", "nobody")
    assert error.value.returncode == 2
    with pytest.raises(CommandError) as error:
        call_command("subject_access", ADDRESS, html=str(tmp_path / "none" / "data.html"))
    assert error.value.returncode == 1
