"""Each start writes into the audit trail which settings changed since the last, and no secret."""

import json
from typing import Any

import pytest

from core.models import AuditEntry
from enrichment_project import setting_trail

pytestmark = pytest.mark.django_db


def started(part: str = "up") -> list[dict[str, Any]]:
    setting_trail.note(part)
    return [entry.facts | {"action": entry.action} for entry in AuditEntry.objects.order_by("id")]


def test_a_change_is_written_once_with_before_and_after(settings) -> None:
    settings.ENRICHMENT_RESTRICTED_REGIONS = []
    assert [one["action"] for one in started()] == ["setting.started"]
    assert len(started("web")) == len(started("worker")) == 1
    settings.ENRICHMENT_RESTRICTED_REGIONS = ["DE"]
    settings.AUDIT_DAYS = 400
    one = started()[-1]
    assert one["action"] == "setting.changed"
    assert one["names"] == ["AUDIT_DAYS", "ENRICHMENT_RESTRICTED_REGIONS"]
    assert one["after"] == {"AUDIT_DAYS": 400, "ENRICHMENT_RESTRICTED_REGIONS": ["DE"]}
    assert len(started()) == len(started("web")) == 2


def test_parts_that_are_set_otherwise_do_not_take_turns(settings) -> None:
    started("web")
    settings.OUTREACH_TASK_DAYS = 9
    assert started("worker")[-1]["part"] == "worker"
    settings.OUTREACH_TASK_DAYS = 5
    assert len(started("web")) == 2
    settings.OUTREACH_TASK_DAYS = 9
    assert len(started("worker")) == 2


def test_of_secrets_and_people_it_is_known_that_they_changed_and_no_more(settings) -> None:
    started()
    secrets = {
        "SECRET_KEY": "a new secret",
        "OUTREACH_IMAP_URL": "imaps://ada:hidden@mail.example/INBOX",
        "EMAIL_URL": "smtp://ada:hidden@mail.example",
        "CONTROLLER_DPO": "Grace Officer",
        "OUTREACH_FROM": "Ada Sender <ada@acme.example>",
        "ENRICHMENT_USER_AGENT": "Ours (ada@acme.example)",
        "ENRICHMENT_SERVICES": {"brave": {"api_key": "hidden", "base_url": ""}},
        "METRICS_TOKEN": "hidden",
    }
    for name, value in secrets.items():
        setattr(settings, name, value)
    one = started()[-1]
    assert {"ENRICHMENT_SERVICES.brave.api_key", *secrets} - {"ENRICHMENT_SERVICES"} <= set(one["names"])
    text = json.dumps(one)
    assert not [word for word in ("a new secret", "hidden", "Grace", "ada@acme.example") if word in text]
