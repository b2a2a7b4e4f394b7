"""What mail servers and the DNS may say, and what the whole of our verifier makes of it."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command

from tests.kit.mail_cases import CASES, CATCH_ALL, DELIVERABLE, FULL, UNDELIVERABLE, UNKNOWN
from tests.kit.mail_world import NETWORK, World, class_of, world

PAGE = Path(configured.BASE_DIR) / "docs" / "verification.md"


@pytest.fixture
def played(settings: Any) -> Iterator[World]:
    with world(slowness=0.01) as running:
        settings.ENRICHMENT_DNS_SERVERS = [running.dns.address]
        settings.ENRICHMENT_SMTP_PORT = running.port
        settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = [NETWORK]
        settings.ENRICHMENT_SMTP_HELO = "probe.example"
        settings.ENRICHMENT_SMTP_RATE = 1000.0
        yield running


@pytest.mark.django_db
def test_every_case_gets_its_right_verdict(played: World) -> None:
    output = io.StringIO()
    call_command("verify_emails", *map(played.address, CASES), "--smtp", "--json", stdout=output)
    verdicts = [json.loads(line) for line in output.getvalue().splitlines()]
    told = {case.title: class_of(verdict) for case, verdict in zip(CASES, verdicts, strict=True)}
    assert told == {case.title: case.right[0] for case in CASES}
    assert played.unlawful() == []
    later = [case.title for case, verdict in zip(CASES, verdicts, strict=True) if verdict["retryAt"]]
    assert later == [case.title for case in CASES if case.later]
    for case, verdict in zip(CASES, verdicts, strict=True):
        assert _follows(verdict, told[case.title]), (case.title, verdict)


def _follows(verdict: dict[str, Any], told: str) -> bool:
    """Return whether score, status and chance say the same as the answer."""
    status, chance = verdict["verificationStatus"], verdict["probability"]
    return {
        DELIVERABLE: status == "verified" and chance > 0.9,
        UNDELIVERABLE: status == "risky" and verdict["verificationScore"] <= 10 and chance < 0.05,
        FULL: status == "risky" and 0.1 < chance <= 0.5,
        CATCH_ALL: status == "unknown" and 0.1 < chance <= 0.5,
        UNKNOWN: 0.1 < chance <= 0.5,
    }[told]


def test_the_page_has_every_case_with_what_is_right_and_what_we_say() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|", PAGE.read_text(), re.MULTILINE)
    titles = {case.title for case in CASES}
    assert [row for row in rows if row[0] in titles] == [
        (case.title, " or ".join(case.right), case.right[0]) for case in CASES
    ]
