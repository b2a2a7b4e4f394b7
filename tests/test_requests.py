"""A request is written down, proved by a link that opens once, done, and answered within a month."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from core.models import AuditEntry
from core.refusals import InputError
from crm import suppression
from crm.models import Contact, Suppression
from enrichment import request_links, requests, retention
from enrichment.models import RequestOrigin, SubjectRequest
from tests.factories import CrmAddressFactory

pytestmark = pytest.mark.django_db

ADDRESS = "ada@acme.example"


def ask(kind: str = "access", address: str = ADDRESS, text: str = "") -> SubjectRequest:
    request = requests.ask(kind, address, text, RequestOrigin.PAGE)
    assert request is not None
    return request


def link(mailoutbox, kind: str = "access", address: str = ADDRESS) -> str:
    """Return the token of the link that a new request is sent."""
    assert request_links.mail(ask(kind, address).pk, "https://people.example")
    return token_in(mailoutbox)


def token_in(mailoutbox) -> str:
    return re.search(r"https://people\.example/privacy/confirm/(\S+)", mailoutbox[-1].body)[1]


@pytest.mark.parametrize(
    ("received", "until"),
    [((2026, 1, 31), (2026, 2, 28)), ((2026, 12, 15), (2027, 1, 15)), ((2028, 1, 30), (2028, 2, 29))],
)
def test_an_answer_is_due_a_month_later(received, until) -> None:
    assert requests.due(datetime(*received, tzinfo=UTC)) == datetime(*until, tzinfo=UTC)


def test_a_link_opens_once_and_only_its_fingerprint_is_kept(mailoutbox) -> None:
    token = link(mailoutbox)
    assert token not in str(SubjectRequest.objects.values().get())
    assert request_links.opened(token).state == "unproved"  # looking changes nothing
    request, data, second = request_links.prove(token)
    assert (request.state, data["address"], request.proved_at is not None) == ("done", ADDRESS, True)
    for used in (request_links.opened, request_links.prove, request_links.take_copy):
        with pytest.raises(request_links.BadLink):
            used(token)
    with pytest.raises(request_links.BadLink):
        request_links.prove(second)
    assert request_links.take_copy(second)["address"] == ADDRESS
    with pytest.raises(request_links.BadLink):
        request_links.take_copy(second)
    made = AuditEntry.objects.filter(action__startswith="subject_request.").order_by("id")
    assert [entry.action.partition(".")[2] for entry in made] == ["made", "link_mailed", "proved", "done"]
    assert ADDRESS not in str(list(made.values()))


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\x00", "None"])
def test_guessing_opens_nothing(token) -> None:
    SubjectRequest.objects.filter(pk=ask().pk).update(state="open")  # without a token
    for use in (request_links.opened, request_links.prove, request_links.take_copy):
        with pytest.raises(request_links.BadLink):
            use(token)


def test_a_link_is_good_for_two_days_and_the_file_for_a_quarter_of_an_hour(mailoutbox) -> None:
    token = link(mailoutbox)
    _, _, second = request_links.prove(token)
    request = SubjectRequest.objects.get()
    request.proved_at = timezone.now() - timedelta(minutes=16)
    request.save()
    with pytest.raises(request_links.BadLink):
        request_links.take_copy(second)
    late = link(mailoutbox)
    request = SubjectRequest.objects.get(state="unproved")
    request.result = {"mailedAt": (timezone.now() - timedelta(hours=49)).isoformat()}
    request.save()
    with pytest.raises(request_links.BadLink):
        request_links.prove(late)


def test_what_was_never_opened_lapses_without_the_address() -> None:
    request = ask(text="I am Ada")
    SubjectRequest.objects.update(created_at=timezone.now() - timedelta(hours=49))
    retention.purge()
    request.refresh_from_db()
    assert (request.state, request.email, request.text) == ("lapsed", None, None)


def test_to_one_address_go_so_many_links_a_day_and_no_more() -> None:
    for _ in range(requests.MAILS_A_DAY):
        ask()
    assert requests.ask("access", ADDRESS.upper(), "", RequestOrigin.PAGE) is None
    assert ask(address="bo@acme.example")


@pytest.mark.parametrize(("kind", "text"), [("everything", ""), ("access", "x" * 5001)])
def test_what_cannot_be_asked_is_refused(kind, text) -> None:
    with pytest.raises(InputError):
        ask(kind, text=text)
    assert not SubjectRequest.objects.exists()


@pytest.mark.parametrize("kind", ["erasure", "restriction", "objection"])
def test_what_needs_nobody_is_done_at_once(mailoutbox, kind) -> None:
    CrmAddressFactory(email=ADDRESS, origin="published")
    request, _, second = request_links.prove(link(mailoutbox, kind))
    assert (request.state, second, request.email is None) == ("done", "", kind == "erasure")
    assert suppression.suppressed([ADDRESS])


@pytest.mark.parametrize("kind", ["access", "erasure", "restriction"])
def test_a_link_to_a_mailbox_that_several_may_read_proves_nobody(mailoutbox, kind) -> None:
    contact = CrmAddressFactory(email="info@acme.example", origin="published").contact
    request, came, second = request_links.prove(link(mailoutbox, kind, "info@acme.example"))
    assert (request.state, came, second, request.result["doubt"]) == ("open", {}, "", "role")
    assert Contact.objects.filter(pk=contact.pk).exists()
    assert bool(suppression.suppressed(["info@acme.example"])) == (kind != "access")
    assert not Suppression.objects.filter(reason="restriction").exists()
    request_links.mail(request.pk, "https://people.example")  # sent by an admin, who knows by now who asks
    request, came, _ = request_links.prove(token_in(mailoutbox))
    assert (request.state, bool(came)) == ("done", True)


def test_of_two_browsers_with_one_link_one_gets_the_data(mailoutbox) -> None:
    token = link(mailoutbox)
    request_links.opened(token)  # both have the page open
    request_links.prove(token)
    with pytest.raises(request_links.BadLink):
        request_links.prove(token)
    assert AuditEntry.objects.filter(action="subject.accessed").count() == 1


def test_a_correction_waits_for_an_admin(mailoutbox) -> None:
    request, came, _ = request_links.prove(link(mailoutbox, "correction"))
    assert (request.state, came, list(requests.waiting())) == ("open", {}, [request])


def test_the_mail_says_whether_anything_is_known_in_the_reader_s_language(mailoutbox) -> None:
    link(mailoutbox)
    assert "we hold nothing" in mailoutbox[0].body
    CrmAddressFactory(email=ADDRESS)
    request_links.mail(ask().pk, "https://people.example", "de")
    assert (mailoutbox[1].subject, mailoutbox[1].to) == ("Ihre Anfrage zu Ihren Daten", [ADDRESS])
    assert "nichts über diese Adresse" not in mailoutbox[1].body


def test_an_admin_says_how_they_know_who_asks_and_why_they_refuse() -> None:
    boss = User.objects.create_superuser("boss")
    with pytest.raises(InputError):
        requests.enter("access", ADDRESS, "", " ", boss)
    request = requests.enter("access", ADDRESS, "", "called back", boss)
    assert (request.state, request.result) == ("open", {"identified": "boss: called back"})
    with pytest.raises(InputError):
        requests.refuse(request, "", boss)
    requests.refuse(request, "Asked every week.", boss)
    assert (request.state, request.answer, request.handled_by) == ("refused", "Asked every week.", boss)
    assert not request_links.mail(request.pk, "https://people.example")
