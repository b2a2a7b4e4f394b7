"""POST contacts/:id/verify."""

import pytest

from enrichment.models import ContactEmail, Usage
from tests.factories import ContactFactory, EmailFactory

ODD = ["00000000-0000-7000-8000-000000000000", "x", "%F0%9F%99%82"]


def path(contact) -> str:
    return f"/api/enrichment/contacts/{contact.pk}/verify"


@pytest.fixture
def contact():
    """Ada Example with two addresses, the wrong one in front."""
    contact = ContactFactory(last_name="Example")
    EmailFactory(enriched_contact=contact, email="ada.example@acme.example", probability=0.42)
    EmailFactory(enriched_contact=contact, email="aexample@acme.example", pattern="flast", probability=0.15)
    return contact


def test_what_the_mail_server_says_moves_the_addresses_and_is_shown(api, mail, contact) -> None:
    answer = api.post(path(contact), {"smtp": True}, format="json")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], set(body)) == (True, {"success", "contact", "message"})
    assert body["message"].endswith("addresses checked")
    best = body["contact"]["emails"][0]
    assert (best["email"], best["verificationMethod"], best["smtpCheckPassed"]) == (
        "aexample@acme.example", "smtp_ping", True,
    )  # fmt: skip
    assert body["contact"]["verifiedAt"] is not None
    assert body["contact"]["activity"], "somebody did something"
    assert body["contact"] == api.get(f"/api/enrichment/contacts/{contact.pk}").json()["contact"]


def test_each_address_counts(api, dns, contact) -> None:
    answer = api.post(path(contact))
    assert answer.status_code == 200
    assert list(Usage.objects.values_list("kind", "amount")) == [("addresses", 2)]
    assert '"addresses";r=498;' in answer["RateLimit"]


def test_beyond_the_limit_it_is_429_and_nothing_changes(api, dns, settings, contact) -> None:
    settings.ENRICHMENT_LIMIT_EMAILS = 1
    before = list(ContactEmail.objects.values_list("pk", "updated_at"))
    answer = api.post(path(contact))
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limit_exceeded")
    assert not Usage.objects.exists()
    assert list(ContactEmail.objects.values_list("pk", "updated_at")) == before


@pytest.mark.parametrize("key", ODD)
def test_an_unknown_contact_is_404_and_counts_nothing(api, key) -> None:
    answer = api.post(f"/api/enrichment/contacts/{key}/verify")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert not Usage.objects.exists()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"smtp": True}, "smtp_probe_off"),
        ({"providers": True}, "no_provider"),
        ({"smtp": "no"}, "invalid_input"),
        ([], "invalid_input"),
    ],
)
def test_means_that_are_not_to_be_had_are_400(api, dns, contact, body, error) -> None:
    answer = api.post(path(contact), body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not Usage.objects.exists()
