"""Enrolling plans each message once, by the rules of the region; stopping cancels it."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction

from crm import regions, suppression
from crm.models import Contact, HistoryEntry
from crm.regions import Action, Decision
from outreach import default_sequence, enrolments, judging, sequences
from outreach.models import Enrolment, Mailbox, Message, Sequence, Template
from tests.outreach.factories import (
    AddressFactory,
    MailboxFactory,
    ReachableFactory,
    SequenceFactory,
    StepFactory,
    TemplateFactory,
    VersionFactory,
)

pytestmark = pytest.mark.usefixtures("sender")


def enrol(contact: Contact, user: User, **options: Any) -> Enrolment:
    with transaction.atomic():
        return enrolments.enrol(contact, user=user, **options)


def states(enrolment: Enrolment) -> list[str]:
    return [message.state for message in enrolment.messages.order_by("step__position")]


def reasons(enrolment: Enrolment, position: int) -> list[str]:
    return enrolment.messages.get(step__position=position).reasons


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked of the regions' rules; they allow everything."""
    questions: list[dict[str, Any]] = []

    def decide(region: str | None, **question: Any) -> Decision:
        questions.append({"region": region, **question})
        return Decision(Action.ALLOW, ())

    monkeypatch.setattr(regions, "decide", decide)
    return questions


def rule(monkeypatch: pytest.MonkeyPatch, action: Action, *sentences: str) -> None:
    monkeypatch.setattr(regions, "decide", lambda *_, **__: Decision(action, sentences))


def test_a_contact_is_enrolled_in_the_oldest_active_sequence_at_its_primary_address(
    sequence: Sequence, user: User
) -> None:
    StepFactory()
    address = AddressFactory()
    AddressFactory(contact=address.contact, is_primary=False)
    enrolment = enrol(address.contact, user)
    assert (enrolment.sequence, enrolment.address, enrolment.enrolled_by) == (sequence, address, user)
    due = list(enrolment.messages.values_list("due_at", flat=True))
    assert len(set(due)) == 4
    assert all(moment > enrolment.created_at and moment.weekday() < 5 for moment in due)


def test_an_inactive_sequence_is_passed_over_and_without_an_active_one_nobody_is_enrolled(
    sequence: Sequence, user: User
) -> None:
    Sequence.objects.update(active=False)
    with pytest.raises(enrolments.NoSequence, match="switch one on"):
        enrol(ReachableFactory(), user)
    newer = SequenceFactory()
    assert enrol(ReachableFactory(), user).sequence == newer


def test_twice_is_once_even_after_a_stop(sequence: Sequence, user: User) -> None:
    contact = AddressFactory().contact
    first = enrol(contact, user)
    assert enrol(contact, user) == first
    enrolments.stop([contact.pk], "objected")
    again = enrol(contact, user)
    assert (again, again.state) == (first, "stopped")
    assert (Enrolment.objects.count(), Message.objects.count()) == (1, 4)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(monkeypatch: pytest.MonkeyPatch, user: User) -> None:
    default_sequence.create()
    contact, ready, failures = AddressFactory().contact, Barrier(2), []

    def work() -> None:
        try:
            ready.wait(10)
            enrol(contact, user)
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (Enrolment.objects.count(), Message.objects.count()) == (1, 4)


def test_an_enrolment_keeps_its_version_its_sender_and_its_clock(sequence: Sequence, user: User) -> None:
    chosen = MailboxFactory()
    sequences.set_mailbox(sequence, chosen)
    address = AddressFactory(contact__region_code="", contact__brand__region_code="DE")
    enrolment = enrol(address.contact, user)
    sequences.set_mailbox(sequence, None)
    steps = sequences.steps_of(sequences.current(sequence))
    sequences.save_steps(sequence, steps[:2], user)
    enrolment.refresh_from_db()
    assert (enrolment.version.number, enrolment.mailbox, enrolment.zone) == (1, chosen, "Europe/Berlin")
    assert enrol(AddressFactory().contact, user).version.number == 2
    assert [row.kind for row in HistoryEntry.objects.filter(contact=enrolment.contact)] == ["enrolled"]


def test_a_sequence_and_an_address_may_be_chosen(sequence: Sequence, user: User) -> None:
    other, address = StepFactory().version.sequence, AddressFactory()
    second = AddressFactory(contact=address.contact, is_primary=False)
    enrolment = enrol(address.contact, user, sequence=other, address=second)
    assert (enrolment.sequence, enrolment.address) == (other, second)
    with pytest.raises(ValueError, match="somebody else"):
        enrol(address.contact, user, address=AddressFactory())


def test_again_begins_anew_only_where_the_earlier_one_is_over(sequence: Sequence, user: User) -> None:
    contact = AddressFactory().contact
    first = enrol(contact, user)
    assert enrol(contact, user, again=True) == first
    enrolments.stop([contact.pk], "bounced")
    second = enrol(contact, user, again=True)
    assert (second != first, second.state) == (True, "active")
    assert enrol(contact, user, again=True) == second


def test_what_the_region_allows_is_planned_with_what_to_mind(
    sequence: Sequence, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch, Action.ALLOW, "Give your postal address.")
    enrolment = enrol(AddressFactory().contact, user)
    assert states(enrolment) == ["planned"] * 4
    assert reasons(enrolment, 1) == ["Give your postal address."]


@pytest.mark.parametrize("action", [Action.HOLD, Action.BLOCK])
@pytest.mark.parametrize("sentences", [["Consent is needed.", "The role is not known."]])
def test_what_the_region_does_not_allow_is_held_with_its_reasons(
    sequence: Sequence, user: User, monkeypatch: pytest.MonkeyPatch, action: Action, sentences: list[str]
) -> None:
    rule(monkeypatch, action, *sentences)
    enrolment = enrol(AddressFactory().contact, user)
    assert states(enrolment) == ["held"] * 4
    assert [reason for reason in sentences if reason not in reasons(enrolment, 1)] == []
    assert enrolment.messages.first().receipt["action"] == action


def test_only_emails_are_automated_and_a_profile_counts_as_published(
    sequence: Sequence, user: User, asked: list[dict[str, Any]]
) -> None:
    enrol(AddressFactory(origin="guessed", contact__region_code="DE").contact, user)
    assert [question["automated"] for question in asked] == [True, True, False, True]
    assert [question["origin"] for question in asked] == ["guessed", "guessed", "published", "guessed"]
    assert {question["region"] for question in asked} == {"DE"}


@pytest.mark.parametrize(
    ("seniority", "relevant"),
    [("founder", True), ("board", True), ("manager", True), ("senior", False), ("staff", False), ("unknown", None)],
)
def test_a_role_is_relevant_by_its_rank(
    sequence: Sequence, user: User, asked: list[dict[str, Any]], seniority: str, relevant: bool | None
) -> None:
    enrol(AddressFactory(contact__seniority=seniority).contact, user)
    assert {question["relevant"] for question in asked} == {relevant}


@pytest.mark.parametrize("listed", ["ada@acme.example", "acme.example"])
def test_nothing_is_planned_for_a_suppressed_address(sequence: Sequence, user: User, listed: str) -> None:
    suppression.add([listed], "objection")
    enrolment = enrol(AddressFactory(email="Ada@acme.example").contact, user)
    assert states(enrolment) == ["held"] * 4
    assert any("suppression list" in reason for reason in reasons(enrolment, 3))


def test_without_an_address_emails_are_held(sequence: Sequence, user: User, asked: list[dict[str, Any]]) -> None:
    enrolment = enrol(ReachableFactory(), user)
    assert states(enrolment) == ["held", "held", "planned", "held"]
    assert any("no address to write to" in reason for reason in reasons(enrolment, 1))


def test_without_a_profile_the_linkedin_message_says_that_somebody_has_to_search(
    sequence: Sequence, user: User, asked: list[dict[str, Any]]
) -> None:
    enrolment = enrol(AddressFactory(contact__linkedin_url=None).contact, user)
    assert states(enrolment) == ["planned"] * 4
    assert reasons(enrolment, 3)[-1] == judging.NO_PROFILE


def test_what_passes_by_itself_holds_nothing_that_is_planned(
    sequence: Sequence, user: User, sender: Mailbox, asked: list[dict[str, Any]]
) -> None:
    sender.paused_at, sender.daily_cap = sender.created_at, 0
    sender.preflight = {"spf": {"result": False, "sentence": "There is none."}}
    sender.save()
    assert states(enrol(AddressFactory().contact, user)) == ["planned"] * 4


def test_what_the_sender_lacks_holds_nothing_and_is_said_of_what_goes_by_mail(
    sequence: Sequence, user: User, sender: Mailbox, asked: list[dict[str, Any]]
) -> None:
    Mailbox.objects.update(postal_address="")
    enrolment = enrol(AddressFactory().contact, user)
    assert states(enrolment) == ["planned"] * 4
    assert ["postal address is missing" in " ".join(reasons(enrolment, number)) for number in (1, 2, 3, 4)] == [
        *(True, True, False, True)
    ]


def test_a_text_that_lacks_a_value_is_held_and_says_which(
    sequence: Sequence, user: User, asked: list[dict[str, Any]]
) -> None:
    Template.objects.filter(steps__position=2).update(body="As {{ job_title }}, {{ last_name }} …")
    enrolment = enrol(AddressFactory(contact__job_title="").contact, user)
    assert states(enrolment) == ["planned", "held", "planned", "planned"]
    assert reasons(enrolment, 2) == [
        "There is no value for job_title: add it, or write a fallback into the template, {{ job_title | … }}."
    ]


def test_the_regions_own_rules_decide(sequence: Sequence, user: User) -> None:
    """A published address of a head of department in the USA; a guessed one in an unknown role, who knows where."""
    surely = enrol(AddressFactory(contact__region_code="US").contact, user)
    hardly = enrol(
        AddressFactory(origin="guessed", contact__region_code="", contact__seniority="unknown").contact, user
    )
    assert states(surely)[0] == "planned"
    assert states(hardly)[0] == "held"
    assert all(reason.endswith(".") for reason in reasons(hardly, 1))
    assert reasons(hardly, 1)


def test_stopping_cancels_what_is_planned_or_held(sequence: Sequence, user: User, asked: list[dict[str, Any]]) -> None:
    stopped, other = (enrol(contact, user) for contact in (ReachableFactory(), AddressFactory().contact))
    assert enrolments.stop([stopped.contact_id], "replied") == 1
    assert enrolments.stop([stopped.contact_id], "again") == 0
    stopped.refresh_from_db()
    assert (stopped.state, stopped.stop_reason, states(stopped)) == ("stopped", "replied", ["cancelled"] * 4)
    assert states(other) == ["planned"] * 4


def test_suppression_stops_by_address_and_by_domain_and_nobody_else(sequence: Sequence, user: User) -> None:
    emails = ["ada@acme.example", "grace@mail.beta.example", "joan@gamma.example"]
    enrolled = [enrol(AddressFactory(email=email).contact, user) for email in emails]
    AddressFactory(contact=enrolled[2].contact, email="old@delta.example", is_primary=False)
    suppression.add(["ADA@acme.example", "beta.example", "delta.example"], "objection")
    assert enrolments.stop_suppressed() == 2
    assert [Enrolment.objects.get(pk=row.pk).state for row in enrolled] == ["stopped", "stopped", "active"]
    assert enrolments.stop_suppressed() == 0


def test_an_enrolment_stops_by_the_address_it_was_made_for_too(sequence: Sequence, user: User) -> None:
    enrolment = enrol(AddressFactory(email="old@acme.example").contact, user)
    enrolment.contact.addresses.update(is_primary=False)
    AddressFactory(contact=enrolment.contact, email="new@beta.example")
    suppression.add(["old@acme.example"], "bounced")
    assert enrolments.stop_suppressed() == 1


def test_stopping_takes_no_query_per_enrolment(
    sequence: Sequence, user: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        enrol(AddressFactory(email=f"ada{n}@acme.example").contact, user)
    suppression.add(["acme.example"], "objection")
    with django_assert_max_num_queries(12):
        assert enrolments.stop_suppressed() == 12


def test_the_plan_reads_as_it_would_be_sent(sequence: Sequence, user: User, asked: list[dict[str, Any]]) -> None:
    address = AddressFactory(email="ada@acme.example", contact__brand__name="Acme")
    enrolment = enrol(address.contact, user)
    plan = enrolments.plan([address.contact_id])[address.contact_id]
    assert [(item.step, item.channel, item.state, item.sequence) for item in plan] == [
        (1, "email", "planned", "Four weeks"),
        (2, "email", "planned", "Four weeks"),
        (3, "linkedin", "planned", "Four weeks"),
        (4, "email", "planned", "Four weeks"),
    ]
    first, _, by_hand, _ = plan
    assert (first.subject, first.address) == ("A question for Acme", "ada@acme.example")
    assert first.body.startswith("Hello Ada,\n")
    assert "As Head of Marketing, you" in first.body
    assert first.body.rstrip().endswith("Grace Sender")
    assert (by_hand.subject, by_hand.address) == ("", None)
    assert [item.due_at for item in plan] == sorted(enrolment.messages.values_list("due_at", flat=True))


def test_a_plan_survives_a_user_and_an_address_that_are_gone(
    sequence: Sequence, user: User, asked: list[dict[str, Any]]
) -> None:
    enrolment = enrol(AddressFactory().contact, user)
    enrolment.contact.addresses.all().delete()
    user.delete()
    Mailbox.objects.all().delete()
    first = enrolments.plan([enrolment.contact_id])[enrolment.contact_id][0]
    assert (first.subject, first.body, first.address) == ("", "", None)
    assert first.reasons == (
        "There is no value for sender_name: add it, or write a fallback into the template, {{ sender_name | … }}.",
    )


def test_a_user_without_a_name_signs_with_the_username(sequence: Sequence, asked: list[dict[str, Any]]) -> None:
    enrolment = enrol(AddressFactory().contact, User.objects.create_user("grace"))
    Mailbox.objects.all().delete()
    assert enrolments.plan([enrolment.contact_id])[enrolment.contact_id][0].body.rstrip().endswith("\ngrace")


def test_plans_are_read_in_few_queries_whatever_the_number(
    sequence: Sequence, user: User, django_assert_max_num_queries: Any
) -> None:
    enrolled = [enrol(AddressFactory().contact, user).contact_id for _ in range(12)]
    outsider = ReachableFactory().pk
    with django_assert_max_num_queries(3):
        plan = enrolments.plan([*enrolled, outsider])
    assert [len(plan[contact_id]) for contact_id in enrolled] == [4] * 12
    assert plan[outsider] == []


def test_enrolling_takes_the_same_queries_whatever_the_sequences_length(
    user: User, django_assert_max_num_queries: Any
) -> None:
    Sequence.objects.all().delete()
    long = VersionFactory()
    template = TemplateFactory()
    for _ in range(30):
        StepFactory(version=long, template=template)
    contact = AddressFactory().contact
    with transaction.atomic(), django_assert_max_num_queries(23):
        enrolments.enrol(contact, user=user)
    assert Message.objects.count() == 30
