"""Stored contacts go in, and their addresses stand as mail servers and providers say now."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from crm import suppression
from enrichment import address_checks, approval, contact_checks, domain_profiles, outcomes, providers, store
from enrichment.discovery.breakers import Breakers
from enrichment.models import ContactEmail, DomainProfile, EnrichedContact
from enrichment.verifying import Means
from outreach import default_sequence
from tests.crm import at_once
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, CrmContactFactory, EmailFactory
from tests.kit import providers as kit
from tests.kit.mail import Mail, mail
from tests.kit.providers import DOMAIN, EMAIL, PAGE, Providers
from tests.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("best_addresses_noted")]

SERVERS = Means(smtp=True)
GREYLISTED = "450 4.2.0 Greylisted, please try again later"
REFUSED = "550 5.1.1 No such user"


@pytest.fixture
def running(settings) -> Iterator[Mail]:
    with mail(settings, {"amoss@acme.example": "250 OK"}) as running:
        yield running


@pytest.fixture
def ada() -> EnrichedContact:
    """Ada Moss, whose likeliest address is the wrong one."""
    contact = ContactFactory(first_name="Ada", last_name="Moss", linked_brand__domain="acme.example")
    EmailFactory(enriched_contact=contact, email="ada.moss@acme.example", probability=0.42)
    EmailFactory(enriched_contact=contact, email="amoss@acme.example", pattern="flast", probability=0.03)
    return contact


def verify(*contacts: EnrichedContact, means: Means = SERVERS, **options: Any) -> list[list[ContactEmail]]:
    written = contact_checks.verify([contact.pk for contact in contacts], means, **options)
    for contact in contacts:
        contact.refresh_from_db()
    return [written[contact.pk] for contact in contacts]


def locals_of(rows: Sequence[ContactEmail]) -> list[str]:
    return [row.email.partition("@")[0] for row in rows]


def by_hand(contact: EnrichedContact, address: str = "ada@home.example") -> ContactEmail:
    return EmailFactory(
        enriched_contact=contact,
        email=address,
        domain=address.partition("@")[2],
        pattern=None,
        verification_method="manual",
        generation_method=None,
        verification_score=100,
        probability=0.95,
    )


def test_answers_move_the_addresses_and_are_written_down(running: Mail, ada) -> None:
    user = User.objects.create_user("boss")
    (rows,) = verify(ada, user=user)
    assert rows == list(ada.emails.all())
    best = rows[0]
    assert (best.email, best.verification_method, best.smtp_check_passed) == ("amoss@acme.example", "smtp_ping", True)
    assert (best.verification_score >= 90, best.verification_status, best.probability > 0.9) == (True, "verified", True)
    assert sum(row["points"] for row in best.score_breakdown) == best.verification_score
    assert best.last_checked_at is not None
    assert "ada.moss" not in locals_of(rows) or rows[locals_of(rows).index("ada.moss")].verification_score <= 10
    assert ada.verified_at is not None
    labels = [entry["label"] for entry in ada.activity]
    assert labels[0] == "Verified: the mail server confirmed the address"
    assert labels[1].startswith("Addresses verified by boss: the best scores ")
    assert labels[1].endswith(", mail server: accepted")
    assert "@" not in "".join(labels)
    assert "DATA" not in running.server.verbs


def test_without_means_no_mail_server_is_asked(running: Mail, ada) -> None:
    (rows,) = verify(ada, means=Means())
    assert locals_of(rows)[0] == "ada.moss"
    assert (running.server.commands, ada.verified_at) == ([], None)


def test_a_contact_without_addresses_gets_some(running: Mail) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Moss", linked_brand__domain="acme.example")
    nobody = ContactFactory(first_name="Bo", last_name="Fern", linked_brand=None)
    found, none = verify(contact, nobody)
    assert found[0].email == "amoss@acme.example"
    assert none == []
    assert nobody.activity[-1]["label"].endswith("no address could be worked out")


def test_a_private_mailbox_is_no_clue_to_the_company(running: Mail) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Moss", linked_brand__domain="acme.example")
    EmailFactory(
        enriched_contact=contact, email="ada@gmail.com", domain="gmail.com", pattern=None, generation_method="published"
    )
    (rows,) = verify(contact)
    assert {row.domain for row in rows} == {"acme.example", "gmail.com"}
    assert [address for address in running.server.asked if address.endswith("gmail.com")] == ["ada@gmail.com"]


def test_a_server_that_asks_for_patience_is_asked_later(running: Mail, ada) -> None:
    running.replies |= {"ada.moss@acme.example": GREYLISTED, "amoss@acme.example": GREYLISTED}
    (rows,) = verify(ada)
    due = {row.email.partition("@")[0]: row.next_check_at for row in rows}
    assert due["ada.moss"] > timezone.now()
    assert ada.verified_at is None
    running.replies |= {"amoss@acme.example": "250 OK", "ada.moss@acme.example": REFUSED}
    with time_machine.travel(due["ada.moss"] + timedelta(seconds=1)):
        (rows,) = verify(ada)
    assert (rows[0].email, rows[0].next_check_at) == ("amoss@acme.example", None)


def test_a_mail_server_that_cannot_be_asked_undoes_nothing(running: Mail, settings, ada) -> None:
    verify(ada)
    settings.ENRICHMENT_SMTP_PORT = 1  # where nobody listens
    with time_machine.travel(timezone.now() + timedelta(days=100)):
        (rows,) = verify(ada)
    assert (rows[0].email, rows[0].verification_method) == ("amoss@acme.example", "smtp_ping")
    assert rows[0].verification_score >= 90


def test_an_address_that_is_gone_is_no_longer_in_front(running: Mail, ada) -> None:
    verify(ada)
    running.replies["amoss@acme.example"] = REFUSED
    (rows,) = verify(ada, means=Means(smtp=True, fresh=True))
    assert rows[0].email != "amoss@acme.example"
    assert [row.verification_score for row in rows if row.email == "amoss@acme.example"] in ([], [10])


def test_what_is_learnt_is_remembered_of_the_domain(running: Mail, ada) -> None:
    verify(ada)
    profile = DomainProfile.objects.get()
    assert (profile.mx_status, profile.catch_all) == ("found", False)
    known = {entry["email"]: (entry["name"], entry["right"]) for entry in profile.known_addresses}
    assert known["amoss@acme.example"] == ("Ada Moss", True)
    colleague = ContactFactory(first_name="Bo", last_name="Fern", linked_brand=ada.linked_brand)
    (rows,) = verify(colleague, means=Means())
    assert (locals_of(rows)[0], rows[0].verification_method) == ("bfern", "pattern")


def test_nobody_is_asked_about_who_is_on_the_suppression_list(running: Mail, ada) -> None:
    suppression.add(["ada.moss@acme.example"], "objection")
    (rows,) = verify(ada)
    assert running.server.commands == []
    assert locals_of(rows) == ["ada.moss", "amoss"]
    assert ada.activity[-1]["label"].endswith(contact_checks.SUPPRESSED)


# By hand ------------------------------------------------------------------------------------------


def test_an_address_entered_by_hand_keeps_its_origin_and_is_refused_all_the_same(running: Mail, ada) -> None:
    row = by_hand(ada)
    verify(ada)
    row.refresh_from_db()
    assert (row.verification_method, row.smtp_check_passed, row.mx_check_passed) == ("manual", False, True)
    assert (row.verification_score <= 10, row.verification_status, row.probability < 0.5) == (True, "risky", True)
    assert sum(points["points"] for points in row.score_breakdown) == row.verification_score
    running.replies["ada@home.example"] = "250 OK"
    verify(ada, means=Means(smtp=True, fresh=True))
    row.refresh_from_db()
    assert (row.verification_method, row.smtp_check_passed, row.verification_score) == ("manual", True, 100)


@pytest.mark.parametrize("fresh", [False, True])
def test_one_that_is_a_guess_as_well_stays_a_persons_and_is_asked_once(running: Mail, ada, fresh) -> None:
    running.replies["amoss@acme.example"] = REFUSED
    row = by_hand(ada, "ada@acme.example")
    if fresh:
        verify(ada)
        running.server.commands.clear()
    verify(ada, means=Means(smtp=True, fresh=fresh))
    row.refresh_from_db()
    assert (row.verification_method, row.smtp_check_passed, row.verification_score) == ("manual", False, 10)
    assert {"ada", "amoss"} <= set(running.names)
    assert len(running.names) == len(set(running.names))


def test_whether_a_domain_takes_every_address_is_asked_anew_once(running: Mail, ada) -> None:
    by_hand(ada, "a.moss@acme.example")
    running.replies["a.moss@acme.example"] = "250 OK"
    domain_profiles.save_catch_all({"acme.example": True})
    verify(ada, means=Means(smtp=True, fresh=True))
    assert DomainProfile.objects.get().catch_all is False
    assert len(set(running.names) - {"ada.moss", "amoss", "a.moss", "ada", "moss"}) == 1, "a made-up name"


def test_one_that_is_greylisted_is_asked_later(running: Mail, ada) -> None:
    row = by_hand(ada)
    running.replies["ada@home.example"] = GREYLISTED
    verify(ada)
    row.refresh_from_db()
    assert row.next_check_at > timezone.now()
    assert row.verification_score >= 90, "somebody vouches for it"


def test_one_that_is_no_address_costs_the_contact_nothing(running: Mail, ada) -> None:
    row = by_hand(ada, "ada@@home.example")
    (rows,) = verify(ada)
    assert "amoss" in locals_of(rows)
    row.refresh_from_db()
    assert row.verification_method == "manual"


def test_one_entered_meanwhile_is_left_as_it_is(running: Mail, ada, monkeypatch) -> None:
    late: list[ContactEmail] = []
    saves = store.save_contacts

    def save_contacts(contacts: Sequence[EnrichedContact]) -> None:
        late.append(by_hand(ada))
        saves(contacts)

    monkeypatch.setattr(store, "save_contacts", save_contacts)
    verify(ada)
    late[0].refresh_from_db()
    assert (late[0].last_checked_at, late[0].verification_score) == (None, 100)


# Providers ----------------------------------------------------------------------------------------


FINDER = "/v2/email-finder"
NOTHING = {"/v2/email-count": {"data": {"total": 0, "personal_emails": 0}}}


@pytest.fixture
def hunter(settings, running: Mail, monkeypatch) -> Iterator[Providers]:
    monkeypatch.setattr(providers, "BREAKERS", Breakers())
    with kit.providers("hunter") as hunter:
        settings.ENRICHMENT_PROVIDER_ACCESS = hunter.access
        settings.ENRICHMENT_PROVIDERS = ["hunter"]
        hunter.say("hunter", NOTHING)
        yield hunter


@pytest.fixture
def ines() -> EnrichedContact:
    return ContactFactory(first_name="Ines", last_name="Fontana", linked_brand__domain=DOMAIN)


def test_what_a_provider_finds_is_stored_with_its_evidence(hunter: Providers, ines) -> None:
    (rows,) = verify(ines, means=Means(providers=True))
    assert (rows[0].email, rows[0].verification_method, rows[0].api_source) == (EMAIL, "api", "hunter")
    seen = [entry for entry in ines.evidence if entry["field"] == "email"]
    assert [(entry["value"], entry["url"], entry["source"]) for entry in seen] == [(EMAIL, PAGE, "hunter")]
    assert ines.activity[0]["label"] == "Verified: a provider confirmed the address"


def test_what_a_provider_found_before_is_verified_too_and_not_paid_for_again(
    hunter: Providers, running: Mail, ines
) -> None:
    odd = {"first_name": "Ines", "last_name": "Fontana", "email": f"fi7@{DOMAIN}", "score": 90}
    page = {"uri": PAGE, "domain": "news.example", "extracted_on": "2024-10-19", "last_seen_on": "2026-05-18"}
    hunter.say("hunter", {FINDER: {"data": {**odd, "sources": [page]}}, **NOTHING})
    verify(ines, means=Means(providers=True))
    paid = len(hunter.asked("hunter"))
    running.replies[f"fi7@{DOMAIN}"] = "250 OK"
    (rows,) = verify(ines, means=Means(smtp=True, providers=True))
    assert (rows[0].email, rows[0].smtp_check_passed, rows[0].api_source) == (f"fi7@{DOMAIN}", True, "hunter")
    assert FINDER not in hunter.asked("hunter")[paid:]
    assert len([entry for entry in ines.evidence if entry["field"] == "email"]) == 1


# The CRM ------------------------------------------------------------------------------------------


def test_the_copies_in_the_crm_are_brought_up_to_date(running: Mail, ada) -> None:
    default_sequence.create()
    assert approval.approve([str(ada.pk)], user=None).approved
    ada.refresh_from_db()
    verify(ada)
    copies = {row.email: row for row in ada.linked_contact.addresses.all()}
    proven = copies["amoss@acme.example"]
    assert (proven.verification_status, proven.verification_score >= 90, proven.probability > 0.9) == (
        "verified", True, True,
    )  # fmt: skip
    assert (proven.origin, copies["ada.moss@acme.example"].is_primary) == ("guessed", True)


# Side by side ---------------------------------------------------------------------------------------


def test_a_contact_that_does_not_exist_is_left_out(running: Mail, ada) -> None:
    other = ContactFactory()
    other_id = other.pk
    other.delete()
    assert set(contact_checks.verify([ada.pk, other_id, ada.pk], Means())) == {ada.pk}
    assert contact_checks.verify([], SERVERS) == {}


def test_a_contact_deleted_meanwhile_is_left_out_and_not_remembered(running: Mail, ada) -> None:
    bo = ContactFactory(first_name="Bo", last_name="Fern", linked_brand=ada.linked_brand)
    running.replies["amoss@acme.example"] = lambda: _slowly(bo)
    written = contact_checks.verify([ada.pk, bo.pk], SERVERS, tick=lambda: _delete(bo))
    assert set(written) == {ada.pk}
    assert {entry["name"] for entry in DomainProfile.objects.get().known_addresses} == {"Ada Moss"}


_deleted: set[object] = set()


def _delete(contact: EnrichedContact) -> None:
    if store.delete(contact.pk):
        _deleted.add(contact.pk)


def _slowly(contact: EnrichedContact) -> str:
    for _ in range(2000):
        if contact.pk in _deleted:
            break
        time.sleep(0.01)
    return "250 OK"


def test_what_is_interrupted_writes_nothing_of_the_contacts(running: Mail, ada) -> None:
    class Interrupted(Exception):
        """What a lost lease raises."""

    def interrupt() -> None:
        _deleted.add(ada.pk)
        raise Interrupted

    before = list(ContactEmail.objects.values())
    running.replies["amoss@acme.example"] = lambda: _slowly(ada)
    with pytest.raises(Interrupted):
        contact_checks.verify([ada.pk], SERVERS, tick=interrupt)
    assert list(ContactEmail.objects.values()) == before
    assert not address_checks.load(["amoss@acme.example"])


@pytest.fixture
def staff(running: Mail) -> list[EnrichedContact]:
    """Four contacts, of whom the first and the last are one in the CRM, and so are the two others."""
    brand, copies = BrandFactory(domain="acme.example"), [CrmContactFactory() for _ in range(2)]
    staff = []
    for last, copy in zip(("Moss", "Fern", "Reed", "Hill"), (*copies, *reversed(copies)), strict=True):
        contact = ContactFactory(first_name="Ada", last_name=last, linked_brand=brand, linked_contact=copy)
        address = f"ada.{last}@acme.example".lower()
        EmailFactory(enriched_contact=contact, email=address)
        CrmAddressFactory(contact=copy, email=address, is_primary=False)
        staff.append(contact)
    return staff


@pytest.mark.django_db(transaction=True)
def test_runs_at_once_over_the_same_people_end_and_agree(staff) -> None:
    def run(index: int) -> int:
        part = [staff[:2], staff[2:], staff, staff[::-1]][index]
        return len(contact_checks.verify([contact.pk for contact in part], SERVERS))

    assert race(4, run) == [2, 2, 4, 4]
    assert EnrichedContact.objects.filter(emails__isnull=False).distinct().count() == 4
    assert staff[0].emails.first().smtp_check_passed is True


@pytest.mark.django_db(transaction=True)
def test_runs_over_different_people_who_are_the_same_in_the_crm_do_not_wait_for_each_other(staff, monkeypatch) -> None:
    monkeypatch.setattr(approval, "bring_up_to_date", at_once.meeting(approval.bring_up_to_date))
    parts = [[contact.pk for contact in part] for part in (staff[:2], staff[2:])]
    assert race(2, lambda index: len(contact_checks.verify(parts[index], SERVERS))) == [2, 2]


def test_a_hundred_contacts_at_a_hundred_domains_take_few_queries(running: Mail, django_assert_max_num_queries) -> None:
    contacts = []
    for number in range(100):
        contact = ContactFactory(first_name="Ada", last_name="Moss", linked_brand__domain=f"acme{number}.example")
        domain = f"acme{number}.example"
        EmailFactory(enriched_contact=contact, email=f"ada.moss@{domain}", domain=domain)
        by_hand(contact, f"ada@home{number}.example")
        running.replies[f"amoss@{domain}"] = "250 OK"
        contacts.append(contact.pk)
    outcomes.record("ada.moss@acme1.example", "bounced")
    with django_assert_max_num_queries(80):
        written = contact_checks.verify(contacts, SERVERS)
    assert {rows[0].email.partition("@")[0] for rows in written.values()} == {"amoss"}
