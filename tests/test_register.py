"""The register of processing: what the configuration turns on is named, with where it sits, and nothing secret is."""

import json

import pytest

from core import whereabouts
from crm import lawful_basis
from crm.models import LawfulBasis
from enrichment import periods, recipients, register, register_text
from outreach.models import Mailbox

pytestmark = pytest.mark.django_db

SECRETS = ("KEY-OF", "sesame", "user-of-")


@pytest.fixture
def _everything_on(settings) -> None:
    on = {name: {} for name in settings.ENRICHMENT_SERVICES}
    on |= {
        "brave": {"api_key": "KEY-OF-BRAVE", "base_url": "https://user-of-it:sesame@proxy.internal/brave?key=KEY-OF"},
        "serpapi": {"api_key": "KEY-OF-SERPAPI"},
        "companies_house": {"api_key": "KEY-OF-HOUSE"},
    }
    settings.ENRICHMENT_SERVICES, settings.ENRICHMENT_SOURCES = on, []
    settings.ENRICHMENT_PROVIDERS = []
    settings.ENRICHMENT_PROVIDER_ACCESS = {
        "hunter": {"api_key": "KEY-OF-HUNTER", "base_url": ""},
        "reacher": {"api_key": "KEY-OF-REACHER", "base_url": "http://reacher.internal:8080"},
    }
    settings.ENRICHMENT_SMTP_PROBE = True
    settings.ENRICHMENT_DNS_SERVERS = ["192.0.2.53:5353", "nonsense"]
    settings.ANYMAIL_ESP, settings.EMAIL_URL = "", "smtp+tls://user-of-mail:sesame@mail.acme.example:587"
    settings.OUTREACH_IMAP_URL = "imaps://user-of-imap:sesame@imap.acme.example/INBOX"
    settings.REDIS_URL = "rediss://:sesame@redis.acme.example:6380/0"


@pytest.mark.usefixtures("_everything_on")
def test_each_service_that_is_on_is_named_with_its_host_and_country() -> None:
    found = {one.name: one for one in recipients.all_of_them()}
    known = {name: (one.host, one.seat.country) for name, one in found.items()}
    assert known["SerpApi"] == ("serpapi.com", "United States")
    assert known["The United Kingdom's register (Companies House)"][1] == "United Kingdom"
    assert known["Norway's register (Brønnøysund)"] == ("data.brreg.no", "Norway")
    assert known["Hunter"] == ("api.hunter.io", "United States")
    assert known["Mail server that sends"][0] == "mail.acme.example"
    assert known["Mailbox that is read"][0] == "imap.acme.example"
    assert known["Queue and cache (Redis or Valkey)"][0] == "redis.acme.example"
    assert known["DNS servers"][0] == "192.0.2.53"
    # At an address of one's own nothing is claimed of who sits there.
    assert known["Brave Search"] == ("proxy.internal", whereabouts.NOT_KNOWN)
    assert known["Reacher"] == ("reacher.internal", whereabouts.NOT_KNOWN)
    assert not {"Snov.io", "Clearbit", "SearXNG", "Google Programmable Search"} & set(found)


@pytest.mark.usefixtures("_everything_on")
def test_nothing_secret_is_in_it() -> None:
    generated = register.generate()
    for text in (register_text.as_markdown(generated), json.dumps(register_text.as_json(generated))):
        assert not [secret for secret in SECRETS if secret in text]


def test_a_mail_service_is_named_instead_of_a_server(settings) -> None:
    settings.ANYMAIL_ESP, settings.ANYMAIL = "brevo", {"BREVO_API_KEY": "KEY-OF-BREVO"}
    (one,) = [one for one in recipients.all_of_them() if one.for_ == recipients.OUTREACH]
    assert (one.name, one.seat.country, one.transfer) == ("Mail service brevo", "France", "No third country.")
    settings.ANYMAIL = {"BREVO_API_URL": "https://mock.acme.example/v3/"}
    (one,) = [one for one in recipients.all_of_them() if one.for_ == recipients.OUTREACH]
    assert (one.host, one.seat) == ("mock.acme.example", whereabouts.UNKNOWN)
    settings.ANYMAIL_ESP = "unheard_of"
    assert any(one.seat.country == whereabouts.TO_BE_CHECKED for one in recipients.all_of_them())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("FR", "No third country."),
        ("GB", "renewed"),
        ("US", "Data Privacy Framework"),
        ("IN", "article 46"),
        ("", "checked"),
    ],
)
def test_transfers_to_third_countries(code, words) -> None:
    assert words in whereabouts.transfer(whereabouts.Seat(code=code))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("mail.acme.example", "mail.acme.example"),
        ("https://[::1", ""),
        ("", ""),
        ("https://u:p@A.example:8/x?k=v", "a.example"),
    ],
)
def test_of_a_url_only_the_host_is_told(url, host) -> None:
    assert recipients.host_of(url) == host


def test_who_answers_is_set_or_the_first_sender(settings) -> None:
    assert "CONTROLLER_NAME" in register.controller().missing
    Mailbox.objects.create(address="grace@sender.example", company="Sender Ltd", postal_address="1 Sample Street")
    who = register.controller()
    assert (who.name, who.address, who.email) == ("Sender Ltd", "1 Sample Street", "grace@sender.example")
    assert who.missing == ("SUPERVISORY_AUTHORITY",)
    settings.CONTROLLER_NAME, settings.CONTROLLER_DPO = "Holding Ltd", "Ada Officer"
    assert (register.controller().name, register.controller().officer) == ("Holding Ltd", "Ada Officer")


def test_all_that_is_kept_stands_in_some_activity() -> None:
    activities = register.activities()
    assert {name for activity in activities for name in activity.kept} == set(periods.BY_NAME)
    told = {title for activity in activities for title in activity.kept_too}
    assert told == {one.title for one in periods.elsewhere()} - {"Assessments"}
    assert all(list(register.kept(activity)) for activity in activities)
    used = {one.for_ for one in recipients.all_of_them()}
    assert used <= {activity.name for activity in activities}


def test_each_lawful_basis_has_the_label_of_the_specification_and_a_text() -> None:
    assert set(lawful_basis.BASES) == set(LawfulBasis.values)
    assert lawful_basis.BASES["manual"].label == "Manually entered by admin"
    assert "article 6(1)(f)" in lawful_basis.text("b2b_legitimate_interest")
    assert "article 6(1)(b)" in lawful_basis.text("contact_request")
    assert "Artikel 6" in lawful_basis.text("manual", "de-AT")
    assert lawful_basis.text("manual", "sv") == lawful_basis.text("manual")
    assert lawful_basis.text(None) == lawful_basis.text("b2b_legitimate_interest")
    assert lawful_basis.of("nonsense") is None
