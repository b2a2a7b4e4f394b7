"""The public pages about people's data: nobody learns whom we know, and only who has the address gets the data."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry
from crm import suppression
from crm.models import Contact as CrmContact
from enrichment import requests, tasks
from enrichment.models import SubjectRequest
from outreach import notices, unsubscribing
from tests.factories import CrmAddressFactory, CrmContactFactory
from tests.outreach.factories import EnrolmentFactory

pytestmark = pytest.mark.django_db

ADDRESS = "ada@acme.example"
ASK = "/privacy/"


@pytest.fixture
def visitor() -> Client:
    """Somebody without cookies; forms must work without a token of theirs."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def _mailing(settings, monkeypatch) -> None:
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL = "smtp://127.0.0.1", "accounts@acme.example"
    monkeypatch.setattr(tasks.mail_privacy_link, "delay", tasks.mail_privacy_link)


def ask(visitor: Client, address: str = ADDRESS, kind: str = "access", **headers: str):
    return visitor.post(ASK, {"address": address, "kind": kind, "text": ""}, headers=headers)


def mailed(mailoutbox) -> str:
    return re.search(r"http://testserver(/privacy/confirm/\S+)", mailoutbox[-1].body)[1]


def test_from_asking_to_the_data_and_the_file(visitor, mailoutbox) -> None:
    hostile = "<script>alert(1)</script>"
    contact = CrmContactFactory(last_name=hostile, evidence=[{"field": "name", "url": "https://acme.example/team"}])
    CrmAddressFactory(email=ADDRESS, contact=contact, origin="published")
    assert "Look into your mailbox" in ask(visitor).text
    page = visitor.get(mailed(mailoutbox))
    assert "See what you hold about me" in page.text
    assert SubjectRequest.objects.get().state == "unproved"
    shown = visitor.post(mailed(mailoutbox))
    assert "https://acme.example/team" in shown.text
    assert hostile not in shown.text
    second = re.search(r'action="(/privacy/confirm/\S+)"', shown.text)[1]
    file = visitor.post(second, {"file": "1"})
    assert file.json()["crm"]["contacts"][0]["lastName"] == hostile
    assert file["Content-Disposition"].startswith("attachment")
    assert visitor.post(second, {"file": "1"}).status_code == visitor.post(mailed(mailoutbox)).status_code == 404
    for answer in (page, shown, file):
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert not answer.cookies


def test_the_answer_is_the_same_whoever_is_asked_about(visitor, mailoutbox) -> None:
    CrmAddressFactory(email=ADDRESS)
    answers = [ask(visitor, address) for address in (ADDRESS, "nobody@acme.example", *[ADDRESS] * requests.MAILS_A_DAY)]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert [mail.to[0] for mail in mailoutbox] == [ADDRESS, "nobody@acme.example", ADDRESS, ADDRESS]


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "ada@acme.example\r\nBcc: eve@evil.example", "ada@acme.example, eve@evil.example", "a@[::1]"],
)
def test_what_is_no_one_address_is_refused(visitor, mailoutbox, address) -> None:
    answer = ask(visitor, address)
    assert (answer.status_code, mailoutbox) == (400, [])
    assert "This is not an e-mail address" in answer.text


def test_a_wish_that_does_not_exist_is_refused_beside_the_field(visitor) -> None:
    answer = ask(visitor, kind="everything")
    assert answer.status_code == 400
    assert 'aria-describedby="kind-error"' in answer.text


def test_the_link_leads_to_this_server_whatever_host_a_client_names(visitor, mailoutbox, settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    assert visitor.post(ASK, {"address": ADDRESS, "kind": "access"}, HTTP_HOST="evil.example").status_code == 400
    ask(visitor, **{"X-Forwarded-Host": "evil.example"})
    settings.OUTREACH_PUBLIC_URL = "https://people.example"
    ask(visitor)
    assert [re.search(r"(\S+)/privacy/confirm/", mail.body)[1] for mail in mailoutbox] == [
        "http://testserver",
        "https://people.example",
    ]


def test_who_asks_without_end_is_slowed_down(visitor, monkeypatch) -> None:
    monkeypatch.setattr("enrichment.privacy.pages.RATE", "1/h")
    assert [ask(visitor, f"a{n}@acme.example").status_code for n in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("kind", "said"), [("erasure", "gelöscht"), ("correction", "berichtigt"), ("objection", "Widerspruch")]
)
def test_the_pages_speak_german_to_those_who_ask_for_it(visitor, mailoutbox, kind, said) -> None:
    german = {"Accept-Language": "de-AT,en;q=0.5"}
    ask(visitor, kind=kind, **german)
    assert "Guten Tag" in mailoutbox[0].body
    done = visitor.post(mailed(mailoutbox), headers=german)
    assert 'lang="de"' in done.text
    assert said in done.text


def test_where_no_mail_can_be_sent_the_page_says_whom_to_write_to(visitor, settings) -> None:
    settings.EMAIL_URL, settings.CONTROLLER_EMAIL = "", "privacy@acme.example"
    for answer in (visitor.get(ASK), ask(visitor)):
        assert "privacy@acme.example" in answer.text
        assert "<form" not in answer.text
    assert not SubjectRequest.objects.exists()


def test_looking_at_the_confirmation_as_mail_filters_do_changes_nothing(visitor, mailoutbox) -> None:
    CrmAddressFactory(email=ADDRESS, origin="published")
    ask(visitor, kind="erasure")
    for look in (visitor.get, visitor.head, visitor.options):
        look(mailed(mailoutbox))
    assert CrmContact.objects.exists()
    assert SubjectRequest.objects.get().state == "unproved"
    assert "is erased" in visitor.post(mailed(mailoutbox)).text
    assert not CrmContact.objects.exists()


def test_who_reads_a_shared_mailbox_is_told_that_somebody_looks_at_it(visitor, mailoutbox) -> None:
    for number in range(2):
        CrmAddressFactory(email=ADDRESS, origin="published", contact__last_name=f"Known{number}")
    ask(visitor)
    shown = visitor.post(mailed(mailoutbox))
    assert "does not tell us for certain" in shown.text
    assert "Known" not in shown.text
    assert SubjectRequest.objects.get().state == "open"


# The link in our mails ------------------------------------------------------------------------------


@pytest.fixture
def from_mail(settings) -> Callable[[], str]:
    settings.OUTREACH_PUBLIC_URL = "http://testserver"
    return lambda: notices.privacy_url(ADDRESS).removeprefix("http://testserver")


def test_a_forwarded_link_shows_no_data_and_opening_it_changes_nothing(visitor, from_mail) -> None:
    enrolment = EnrolmentFactory(
        address=CrmAddressFactory(email=ADDRESS, contact=CrmContactFactory(last_name="Hidden"))
    )
    page = visitor.get(from_mail())
    assert page.status_code == 200
    assert "Hidden" not in page.text
    assert ADDRESS not in page.text
    enrolment.refresh_from_db()
    assert (enrolment.state, suppression.suppressed([ADDRESS])) == ("active", set())


def test_objecting_by_the_link_is_done_at_once_and_again_without_harm(visitor, from_mail) -> None:
    enrolment = EnrolmentFactory(address=CrmAddressFactory(email=ADDRESS))
    for _ in range(2):
        assert "We will not write to you again" in visitor.post(from_mail(), {"kind": "objection"}).text
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.stop_reason) == ("stopped", "objection")
    assert suppression.suppressed([ADDRESS])
    assert SubjectRequest.objects.get().state == "done"
    assert AuditEntry.objects.filter(action="subject_request.made", via="public").count() == 1


def test_objecting_works_after_an_erasure_too(visitor, from_mail) -> None:
    assert visitor.post(from_mail(), {"kind": "objection"}).status_code == 200
    assert suppression.suppressed([ADDRESS])


def test_all_else_goes_by_a_link_to_the_address_that_we_hold(visitor, from_mail, mailoutbox) -> None:
    assert visitor.post(from_mail(), {"kind": "access"}).status_code == 200
    assert mailoutbox == []  # nobody is known
    CrmAddressFactory(email=ADDRESS)
    visitor.post(from_mail(), {"kind": "erasure"})
    assert (mailoutbox[0].to, SubjectRequest.objects.get().origin) == ([ADDRESS], "link")
    assert suppression.suppressed([ADDRESS]) == set()
    assert visitor.post(from_mail(), {"kind": "everything"}).status_code == 400


def test_by_the_link_too_nothing_is_promised_where_no_mail_can_be_sent(visitor, from_mail, settings) -> None:
    settings.EMAIL_URL, settings.CONTROLLER_EMAIL = "", "privacy@acme.example"
    CrmAddressFactory(email=ADDRESS)
    answer = visitor.post(from_mail(), {"kind": "access"})
    assert "privacy@acme.example" in answer.text
    assert "on its way" not in answer.text


def test_a_token_of_another_kind_or_made_up_opens_nothing(visitor) -> None:
    for token in (unsubscribing.token(ADDRESS), "a.b", "." * 300, unsubscribing.token(ADDRESS)[:-1]):
        for page in (reverse("privacy:link", args=[token]), reverse("privacy:confirm", args=[token])):
            assert visitor.get(page).status_code == visitor.post(page, {"kind": "objection"}).status_code == 404
    assert suppression.suppressed([ADDRESS]) == set()
