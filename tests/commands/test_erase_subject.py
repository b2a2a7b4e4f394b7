import json

import pytest
from django.core.management import CommandError, call_command

from enrichment.models import EnrichedContact
from tests.factories import EmailFactory

pytestmark = pytest.mark.django_db

ADDRESS = "ada@acme.example"


@pytest.fixture(autouse=True)
def _contact() -> None:
    EmailFactory(email=ADDRESS)


def test_it_says_what_went(capsys) -> None:
    call_command("erase_subject", ADDRESS, yes=True)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Erased, and on the suppression list now:"
    assert ["enrichment.enrichedcontact", "1"] in [line.split() for line in printed]
    assert not EnrichedContact.objects.exists()
    call_command("erase_subject", ADDRESS, yes=True)
    assert capsys.readouterr().out.startswith("Nothing was known of this address.")


def test_json(capsys) -> None:
    call_command("erase_subject", ADDRESS, json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["known"], printed["erased"]["enrichment.contactemail"]) == (True, 1)


@pytest.mark.parametrize(("word", "left"), [("yes", 0), ("no", 1)])
def test_it_asks_first(monkeypatch, word, left) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: word)
    if left:
        with pytest.raises(CommandError) as error:
            call_command("erase_subject", ADDRESS)
        assert error.value.returncode == 1
    else:
        call_command("erase_subject", ADDRESS)
    assert EnrichedContact.objects.count() == left


def test_what_is_no_address_exits_with_2() -> None:
    with pytest.raises(CommandError) as error:
        call_command("erase_subject", "nobody", yes=True)
    assert error.value.returncode == 2
