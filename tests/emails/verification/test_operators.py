import pytest

from enrichment.emails.verification.operators import hides_directory, operator_of


@pytest.mark.parametrize(
    ("host", "operator"),
    [
        ("aspmx.l.google.com", "google"),
        ("alt4.aspmx.l.google.com", "google"),
        ("aspmx3.googlemail.com", "google"),
        ("smtp.google.com", "google"),
        ("gmail-smtp-in.l.google.com", "google"),
        ("acme-example.mail.protection.outlook.com", "microsoft"),
        ("acme-example.q-v1.mx.microsoft", "microsoft"),
        ("ACME-EXAMPLE.MAIL.PROTECTION.OUTLOOK.COM.", "microsoft"),
        ("acme.mail.eo.outlook.com", "microsoft"),
        ("outlook-com.olc.protection.outlook.com", "outlook"),
        ("mta5.am0.yahoodns.net", "yahoo"),
        ("mx01.mail.icloud.com", "icloud"),
        ("mail.protonmail.ch", "proton"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mx2.zoho.eu", "zoho"),
        ("mx.yandex.net", "yandex"),
        ("emx.mail.ru", "mail.ru"),
        ("spool.mail.gandi.net", "gandi"),
        ("mx1.mail.ovh.net", "ovh"),
        ("mx00.ionos.de", "ionos"),
        ("mx01.kundenserver.de", "ionos"),
        ("smtpin.rzone.de", "strato"),
        ("www123.your-server.de", "hetzner"),
        ("mx1.emailsrvr.com", "rackspace"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "amazon"),
        ("mxa-00123456.gslb.pphosted.com", "proofpoint"),
        ("mx1-us1.ppe-hosted.com", "proofpoint"),
        ("eu-smtp-inbound-1.mimecast.com", "mimecast"),
        ("d12345a.ess.barracudanetworks.com", "barracuda"),
        ("mx1.hc123-45.eu.iphmx.com", "cisco"),
        ("acme.in.tmes.trendmicro.eu", "trendmicro"),
        ("cluster1.eu.messagelabs.com", "broadcom"),
        ("mx-01-eu-west-1.prod.hydra.sophos.com", "sophos"),
        ("mx01.hornetsecurity.com", "hornetsecurity"),
        ("mxa.retarus.com", "retarus"),
        ("mx.acme.example", "acme.example"),
        ("mail.shop.acme.co.uk", "acme.co.uk"),
        ("ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", "amazonaws.com"),
        ("notgoogle.com", "notgoogle.com"),
        ("aspmx.l.google.com.acme.example", "acme.example"),
        ("mailhost", "mailhost"),
        ("", ""),
    ],
)
def test_a_host_tells_its_operator(host: str, operator: str) -> None:
    assert operator_of([host]) == operator


def test_the_preferred_host_decides() -> None:
    assert operator_of(["mx.acme.example", "aspmx.l.google.com"]) == "acme.example"
    assert operator_of(("aspmx.l.google.com", "mx.acme.example")) == "google"


def test_nobody_operates_what_has_no_host() -> None:
    assert operator_of([]) == ""


@pytest.mark.parametrize("operator", ["microsoft", "yahoo", "proofpoint", "mimecast", "barracuda", "cisco", "amazon"])
def test_whose_yes_proves_nothing(operator: str) -> None:
    assert hides_directory(operator)


@pytest.mark.parametrize("operator", ["google", "outlook", "icloud", "fastmail", "zoho", "acme.example", ""])
def test_whose_yes_is_a_yes(operator: str) -> None:
    assert not hides_directory(operator)
