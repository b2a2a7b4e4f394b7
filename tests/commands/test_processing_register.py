import json

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_markdown(capsys, settings) -> None:
    settings.CONTROLLER_NAME, settings.ENRICHMENT_RETENTION_DAYS = "Sender | Ltd", 27
    call_command("processing_register")
    printed = capsys.readouterr().out
    assert printed.startswith("# Register of processing activities (GDPR, article 30)\n")
    assert "- Name: Sender | Ltd\n" in printed
    assert "| Found contacts without proof of an address | 27 days, then deleted |" in printed
    assert printed.count("\n## ") == 10  # the controller, eight activities, the measures


def test_json(capsys, settings) -> None:
    settings.ENRICHMENT_SOURCES = []
    call_command("processing_register", json=True)
    printed = json.loads(capsys.readouterr().out)
    names = [activity["name"] for activity in printed["activities"]]
    assert names == ["discovery", "verification", "crm", "outreach", "suppression", "rights", "accounts", "operation"]
    assert printed["controller"]["missing"][0] == "CONTROLLER_NAME"
    register = next(one for one in printed["activities"][0]["recipients"] if one["countryCode"] == "NO")
    assert (register["host"], register["transfer"]) == ("data.brreg.no", "No third country.")
