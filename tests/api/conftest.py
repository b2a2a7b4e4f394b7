from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from tests.kit.dns import DnsServer
from tests.kit.smtp import SmtpServer

ZONE = {
    "acme.example": {"MX": ["10 mx.acme.example"]},
    "mx.acme.example": {"A": ["127.0.0.1"]},
    "null.example": {"MX": ["0 ."]},
}


@pytest.fixture
def admin(db):
    return get_user_model().objects.create_user("boss", password="correct horse battery", is_staff=True)


@pytest.fixture
def visitor(db):
    return get_user_model().objects.create_user("visitor", password="correct horse battery")


@pytest.fixture
def api(admin) -> APIClient:
    """A client signed in as an admin by JWT, as scripts are."""
    client = APIClient()
    answer = client.post("/api/auth/token", {"username": "boss", "password": "correct horse battery"}, format="json")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client


@pytest.fixture
def dns(settings) -> Iterator[DnsServer]:
    """A DNS in which acme.example has mail, at a server on this machine, and null.example takes none."""
    with DnsServer(ZONE) as server:
        settings.ENRICHMENT_DNS_SERVERS = [server.address]
        settings.ENRICHMENT_ALLOWED_PRIVATE_HOSTS = ["127.0.0.0/8"]
        yield server


@pytest.fixture
def mail(dns, settings) -> Iterator[SmtpServer]:
    """The mail server of acme.example, which knows aexample@acme.example alone and is asked."""
    with SmtpServer({"aexample@acme.example": "250 OK"}) as server:
        settings.ENRICHMENT_SMTP_PORT = server.port
        settings.ENRICHMENT_SMTP_PROBE = True
        settings.ENRICHMENT_SMTP_RATE = 1000.0
        settings.ENRICHMENT_SMTP_HELO = "probe.example"
        yield server
