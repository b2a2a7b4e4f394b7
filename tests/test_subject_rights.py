"""What a person may ask of us: everything is told, everything goes, nothing more is sent, and only of that person."""

import json

import pytest
from django.utils import timezone

from core import audit
from core.fields import blind_index
from core.models import AuditEntry
from crm import exports, suppression
from crm import subject as people
from crm.models import Contact, ContactAddress, Suppression
from enrichment import subject, subject_rights
from enrichment.models import ContactEmail, EnrichedContact, SubjectRequest
from tests.factories import BrandFactory, ContactFactory, CrmAddressFactory, CrmContactFactory, EmailFactory
from tests.kit.person import ADDRESS, FORMER, OTHER, SNIPPET, make_person
from tests.outreach.factories import EnrolmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_person()


def test_access_tells_all_with_its_sources(person) -> None:
    data = subject_rights.access(f" {ADDRESS.upper()} ")
    told = json.dumps(data)
    assert (data["known"], data["address"]) == (True, ADDRESS)
    for text in (
        ADDRESS,
        OTHER,
        FORMER,
        SNIPPET,
        "https://acme.example/team",
        "called.",
        "fair.",
        "telephone",
        "Gladly",
    ):
        assert text in told
    found, crm, outreach = data["enrichment"], data["crm"], data["outreach"]
    assert [len(found[name]) for name in ("contacts", "knownAddresses", "addressChecks", "keptPages")] == [1, 1, 1, 1]
    assert [len(found[name]) for name in ("jobItems", "savedViews", "underWay", "companyFacts", "requests")] == [
        2,
        1,
        1,
        1,
        1,
    ]
    assert found["contacts"][0]["evidence"][0]["seenAt"]
    assert [len(found["contacts"][0][name]) for name in ("addresses", "notes", "merges", "decisions", "jobs")] == [
        2,
        1,
        1,
        1,
        1,
    ]
    assert [len(crm[name]) for name in ("contacts", "outcomes")] == [1, 1]
    assert [len(outreach[name]) for name in ("enrolments", "messages", "events", "notices")] == [1, 2, 2, 1]
    assert [entry["after"] for entry in data["core"]["auditTrail"] if entry["action"] == "contact.changed"] == [
        {"last_name": "Zoe Quist"}
    ]
    assert "bo.other" not in json.dumps([found["contacts"], crm["contacts"], outreach]).replace(
        "bo.other recommends", ""
    )


def test_that_somebody_looked_is_in_the_audit_trail(person) -> None:
    subject_rights.access(ADDRESS, person.user)
    entry = AuditEntry.objects.get(action="subject.accessed")
    assert (entry.subject, entry.actor) == (blind_index(ADDRESS), "worker")


@pytest.mark.parametrize("text", ["", "nobody", "a@b", "ada@acme.example\nBcc: eve@evil.example", "a b@acme.example"])
def test_what_is_no_address_is_refused_and_changes_nothing(text) -> None:
    for act in (subject_rights.access, subject_rights.erase, subject_rights.object_, subject_rights.restrict):
        with pytest.raises(ValueError, match="address"):
            act(text)
    assert not Suppression.objects.exists()


def test_nobody_known_is_an_empty_answer_and_stays_unknown() -> None:
    assert not subject_rights.access("nobody@acme.example")["known"]
    subject_rights.erase("nobody@acme.example")
    assert suppression.suppressed(["nobody@acme.example"])


def test_an_address_formed_from_two_names_is_the_person_s_for_whom_it_is_proved() -> None:
    brand = BrandFactory(domain="acme.example")
    john, jane = (ContactFactory(first_name=name, last_name="Smith", linked_brand=brand) for name in ("John", "Jane"))
    EmailFactory(enriched_contact=john, email="j.smith@acme.example", probability=0.9)
    EmailFactory(enriched_contact=jane, email="j.smith@acme.example", verification_method="smtp_ping", probability=0.5)
    EmailFactory(enriched_contact=john, email="john.smith@acme.example", probability=0.2)
    data = subject_rights.access("j.smith@acme.example")
    assert [contact["firstName"] for contact in data["enrichment"]["contacts"]] == ["Jane"]
    subject_rights.erase("j.smith@acme.example")
    assert [contact.first_name for contact in EnrichedContact.objects.all()] == ["John"]
    assert [email.email for email in ContactEmail.objects.all()] == ["john.smith@acme.example"]
    john.refresh_from_db()
    assert john.best_probability == 0.2
    assert not suppression.suppressed(["john.smith@acme.example"])


@pytest.mark.parametrize(
    ("john", "jane"),
    [
        ({"origin": "published"}, {"origin": "published"}),  # each has it on a page of their own
        ({"probability": 0.4}, {"probability": 0.4}),  # as likely the one's as the other's
    ],
)
def test_a_shared_address_is_nobody_s_and_only_not_written_to_any_more(john, jane) -> None:
    rows = [
        CrmAddressFactory(contact__first_name=name, email="sales.team@acme.example", **how)
        for name, how in (("John", john), ("Jane", jane))
    ]
    own = CrmAddressFactory(contact=rows[1].contact, email="jane@acme.example", origin="manual", is_primary=False)
    enrolments = [EnrolmentFactory(contact=row.contact, address=row) for row in rows]
    assert not subject_rights.access(rows[0].email)["known"]
    assert subject_rights.doubt(rows[0].email) == "shared"
    subject_rights.erase(rows[0].email)
    assert ContactAddress.objects.count() == 3
    assert suppression.suppressed([row.email for row in (*rows, own)]) == {rows[0].email}
    for enrolment in enrolments:
        enrolment.refresh_from_db()
        assert enrolment.state == "stopped"
    subject_rights.erase(own.email)  # Jane by an address of her own: the shared one stays John's
    assert [row.contact.first_name for row in ContactAddress.objects.all()] == ["John"]


def test_discovery_and_the_crm_decide_together_whose_an_address_is() -> None:
    found = EmailFactory(
        enriched_contact__first_name="John", email="js@acme.example", verification_method="smtp_ping"
    ).enriched_contact
    known = CrmAddressFactory(contact__first_name="Jane", email="js@acme.example", origin="manual").contact
    who = subject.find("js@acme.example")
    assert (who.found, who.crm.contacts, subject_rights.doubt("js@acme.example")) == (set(), set(), "shared")
    EnrichedContact.objects.filter(pk=found.pk).update(linked_contact=known)  # one person, who has another name now
    who = subject.find("js@acme.example")
    assert (who.found, who.crm.contacts, subject_rights.doubt("js@acme.example")) == ({found.pk}, {known.pk}, "")


def test_a_colleague_s_wrong_guess_does_not_take_an_address_from_whose_it_is() -> None:
    ada = CrmAddressFactory(contact__first_name="Ada", email="ada@acme.example", origin="manual").contact
    CrmAddressFactory(contact=ada, email="a.example@acme.example", origin="published", is_primary=False)
    CrmAddressFactory(contact=ada, email="info@acme.example", origin="published", is_primary=False)
    EmailFactory(enriched_contact__first_name="Amy", email="a.example@acme.example", probability=0.1)
    subject_rights.erase("ada@acme.example")
    assert not ContactEmail.objects.exists()
    everybody = ["a.example@acme.example", "info@acme.example"]
    assert suppression.suppressed(everybody) == {everybody[0]}  # info@ is the company's


@pytest.mark.parametrize(
    ("email", "how", "why"),
    [
        ("info@acme.example", {"origin": "manual"}, "role"),
        ("ada@acme.example", {"probability": 0.3}, "guessed"),
        ("ada@acme.example", {"probability": 0.8}, ""),
        ("ada@acme.example", {"origin": "published"}, ""),
    ],
)
def test_when_a_link_does_not_prove_who_asks(email, how, why) -> None:
    assert subject_rights.doubt(email) == ""
    CrmAddressFactory(email=email, **how)
    assert subject_rights.doubt(email) == why


def test_of_a_merge_that_was_undone_the_other_person_is_not_told_or_erased(person) -> None:
    merge = person.crm.merges.get()
    snapshot = {"gone": {**merge.snapshot["gone"], "first_name": "Xaver", "last_name": "Yonder"}}
    for row in (merge, person.found.merges.get()):
        row.snapshot, row.undone_at = {**row.snapshot, **snapshot}, timezone.now()
        row.save()
    assert "Yonder" not in json.dumps(subject_rights.access(ADDRESS))
    assert "Xaver Yonder" not in subject.find(ADDRESS).crm.names


def test_access_tells_what_the_law_asks_for_beside_the_data(settings) -> None:
    settings.CONTROLLER_NAME, settings.SUPERVISORY_AUTHORITY = "Sender Ltd", "Authority of X"
    told = subject_rights.information()
    assert (told["controller"], told["complaint"]) == ("Sender Ltd", "Authority of X")
    assert all(one["why"] and one["lawfulBasis"] and one["kept"] for one in told["purposes"])
    assert {"sources", "rights", "automatedDecisions", "categories"} <= set(told)
    assert any(one["who"].startswith("Database") for one in told["recipients"])


def test_whose_data_is_left_alone_is_in_no_export(person) -> None:
    def exported() -> str:
        return "".join(exports.contacts(Contact.objects.all()))

    assert ADDRESS in exported()
    subject_rights.restrict(ADDRESS)
    assert ADDRESS not in exported()
    assert "bo.other@acme.example" in exported()


def test_how_an_admin_made_sure_who_asks_names_nobody_after_an_erasure(person) -> None:
    row = SubjectRequest.objects.get()
    row.result = {"identified": f"boss: called {ADDRESS}"}
    row.save()
    subject_rights.erase(ADDRESS)
    (request,) = SubjectRequest.objects.all()
    assert (request.result, request.handled_at is not None) == ({"identified": "boss: called [erased]"}, True)


def test_in_the_crm_too_and_the_other_contact_gets_another_primary_address() -> None:
    john, jane = CrmContactFactory(first_name="John"), CrmContactFactory(first_name="Jane")
    CrmAddressFactory(contact=john, email="j@acme.example", probability=0.2)
    CrmAddressFactory(contact=john, email="john@acme.example", is_primary=False)
    CrmAddressFactory(contact=jane, email="j@acme.example", origin="published")
    assert people.find("j@acme.example").contacts == {jane.pk}
    subject_rights.erase("j@acme.example")
    assert [(row.email, row.is_primary) for row in ContactAddress.objects.all()] == [("john@acme.example", True)]


def test_objecting_stops_everything_at_once_and_keeps_the_rest(person) -> None:
    assert subject_rights.object_(ADDRESS) == {"addresses": 2, "enrolments": 1}
    person.waiting.refresh_from_db()
    assert person.waiting.state == "cancelled"
    assert suppression.refused([ADDRESS, OTHER]) == {ADDRESS, OTHER}
    assert Contact.objects.filter(pk=person.crm.pk).exists()
    assert AuditEntry.objects.filter(action="subject.objected", subject=audit.address(ADDRESS)).exists()


def test_a_restriction_ends_and_what_held_before_holds_again(person) -> None:
    suppression.add([ADDRESS], "unsubscribed")
    subject_rights.restrict(ADDRESS, person.user)
    reasons = dict(Suppression.objects.values_list("value_index", "reason"))
    assert reasons == {blind_index(ADDRESS): "restriction", blind_index(OTHER): "restriction"}
    person.enrolment.refresh_from_db()
    assert (person.enrolment.state, subject_rights.restricted(ADDRESS)) == ("stopped", True)
    subject_rights.restrict(ADDRESS, person.user)  # once more: no harm
    assert subject_rights.lift_restriction(ADDRESS, person.user) == 2
    assert list(Suppression.objects.values_list("value_index", "reason")) == [(blind_index(ADDRESS), "unsubscribed")]
    assert subject_rights.lift_restriction(ADDRESS, person.user) == 0


@pytest.mark.parametrize("act", [subject_rights.object_, subject_rights.erase])
def test_lifting_a_restriction_takes_back_no_objection_or_erasure(person, act) -> None:
    subject_rights.restrict(ADDRESS, person.user)
    act(ADDRESS)
    subject_rights.lift_restriction(ADDRESS, person.user)
    assert suppression.suppressed([ADDRESS]) == {ADDRESS}


def test_erasing_by_an_address_of_which_only_the_crm_knows(person) -> None:
    CrmAddressFactory(contact=person.crm, email="zoe@home.example", is_primary=False)
    assert person.found.pk in subject.find("zoe@home.example").found
    subject_rights.erase("zoe@home.example")
    assert not EnrichedContact.objects.filter(pk=person.found.pk).exists()


def test_a_failure_half_way_leaves_all_but_nothing_is_sent(person, monkeypatch) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(people, "erase", fail)
    with pytest.raises(RuntimeError):
        subject_rights.erase(ADDRESS)
    assert EnrichedContact.objects.filter(pk=person.found.pk).exists()
    assert suppression.suppressed([ADDRESS, OTHER]) == {ADDRESS, OTHER}
    monkeypatch.undo()
    assert subject_rights.erase(ADDRESS)["crm.contact"] == 1
    assert subject_rights.erase(ADDRESS).get("crm.contact") is None


def test_requests_stay_as_the_proof_without_what_was_said(person) -> None:
    subject_rights.erase(ADDRESS)
    (request,) = SubjectRequest.objects.all()
    assert (request.email, request.text, request.state) == (None, None, "done")
    assert request.email_index == blind_index(ADDRESS)
