"""The main job with a mail server to ask: what comes out is proven, and nobody got a message."""

from collections.abc import Iterator

import pytest

from enrichment.models import AddressCheck
from tests.flows.test_discovery import Call, call  # noqa: F401  # the fixture
from tests.kit.company import WEBSITE, Company, company
from tests.kit.processes import StartWorker
from tests.kit.smtp import SmtpServer

# Jonas has left, though the page still has him; Pavel's address follows another pattern than the others'.
MAILBOXES = ("marta.lindqvist", "zoe.brandt", "pnovak", "jokafor")


@pytest.fixture
def post() -> Iterator[SmtpServer]:
    """The company's mail server."""
    with SmtpServer({f"{name}@kestrel.example": "250 OK" for name in MAILBOXES}) as server:
        yield server


@pytest.fixture
def kestrel(post: SmtpServer) -> Iterator[Company]:
    with company(zone={"mx.kestrel.example": {"A": [post.host]}}) as running:
        running.settings |= {
            "ENRICHMENT_SMTP_PROBE": "true",
            "ENRICHMENT_SMTP_PORT": str(post.port),
            "ENRICHMENT_SMTP_HELO": "probe.example",
            "ENRICHMENT_SMTP_RATE": "0",
            "ENRICHMENT_ALLOWED_PRIVATE_HOSTS": f"{post.host}/32",
        }
        yield running


def test_what_discovery_finds_is_proven_by_the_companys_mail_server(
    call: Call,  # noqa: F811
    start_worker: StartWorker,
    kestrel: Company,
    post: SmtpServer,
) -> None:
    start_worker(**kestrel.settings)
    wanted = {"brandName": "Kestrel Kites", "website": WEBSITE, "region": "GB"}
    status, answer = call("POST", "enrichment/discover", wanted, Prefer="wait=30")
    assert status == 200
    job = answer["job"]
    assert (job["status"], job["contactsDiscovered"], job["contactsEnriched"]) == ("completed", 4, 4), job
    best = {person["firstName"]: person["emails"][0] for person in job["contacts"]}
    assert {name: email["email"].partition("@")[0] for name, email in best.items()} == {
        "Marta": "marta.lindqvist",
        "Jonas": "jokafor",
        "Zoë": "zoe.brandt",
        "Pavel": "pnovak",
    }
    for email in best.values():
        assert (email["verificationMethod"], email["smtpCheckPassed"]) == ("smtp_ping", True)
        assert email["verificationStatus"] == "verified"
        assert email["verificationScore"] == sum(row["points"] for row in email["scoreBreakdown"]) >= 90
        assert email["probability"] > 0.8
    assert all(person["verifiedAt"] for person in job["contacts"])

    jonas = next(person for person in job["contacts"] if person["firstName"] == "Jonas")
    gone = next(email for email in jonas["emails"] if email["email"] == "jonas.okafor@kestrel.example")
    assert (gone["smtpCheckPassed"], gone["verificationStatus"]) == (False, "risky")

    assert post.messages == []
    assert set(post.verbs) <= {"EHLO", "HELO", "MAIL", "RCPT", "RSET", "QUIT", "STARTTLS"}
    assert len(post.asked) == len(set(post.asked)) <= 4 * 4 + 1

    heard = len(post.commands)
    again = call("POST", "enrichment/discover", wanted, Prefer="wait=30")[1]["job"]
    assert [person["emails"][0]["email"] for person in again["contacts"]] == [
        person["emails"][0]["email"] for person in job["contacts"]
    ]
    assert len(post.commands) == heard, "the answers are kept"
    assert AddressCheck.objects.count() == len(post.asked) - 1, "of all but the made-up address"

    domain = call("GET", "enrichment/domains/kestrel.example")[1]["domain"]
    known = {entry["pattern"]: entry["known"] for entry in domain["patterns"]}
    assert (domain["catchAll"], domain["operator"]) == (False, "kestrel.example")
    assert known["first.last"] > 1
    assert known["flast"] > 1
    assert {(entry["source"], entry["right"]) for entry in domain["evidence"]} >= {("smtp", True), ("smtp", False)}
