"""A/B tests: companies keep their arm, one test is made at the planned size, and guardrails hold."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from outreach import exact_test, experiments, sending
from outreach.experiments import WINDOW, Arm, NotPossible
from outreach.inbound_replies import OPT_OUT
from outreach.models import Enrolment, Event, Experiment, Message, Step, Template, Variant
from tests.kit.outbox import Outbox, switch_on
from tests.outreach import ready
from tests.outreach.factories import (
    AddressFactory,
    EnrolmentFactory,
    MessageFactory,
    ReachableFactory,
    StepFactory,
    TemplateFactory,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def template(db: None) -> Template:
    return TemplateFactory()


@pytest.fixture
def variant(template: Template) -> Variant:
    return Variant.objects.create(template=template, name="Shorter", subject="Hi", body="Shorter, {{ company }}.")


@pytest.fixture
def running(template: Template, variant: Variant) -> Experiment:
    experiment = experiments.create("Shorter?", template, variant, 10, None)
    experiments.start(experiment)
    return experiment


def send(experiment: Experiment, arm: str, at: datetime = LONG_AGO, enrolment: Enrolment | None = None) -> Message:
    return MessageFactory(
        enrolment=enrolment or EnrolmentFactory(),
        step__template=experiment.template,
        experiment=experiment,
        arm=arm,
        state="sent",
        sent_at=at,
    )


def answer(message: Message, after: timedelta = timedelta(days=2), **facts: Any) -> Event:
    assert message.sent_at is not None
    return Event.objects.create(
        **{"kind": "reply", "source": "mailbox", "sentiment": "positive"} | facts,
        key=str(new_id()),
        message=message,
        contact=message.enrolment.contact,
        happened_at=message.sent_at + after,
    )


# The exact test --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "p_value"),
    [
        ((3, 4, 1, 4), 0.4857142857),  # Fisher's lady tasting tea, two-sided
        ((8, 10, 1, 6), 0.0349650350),  # as R's fisher.test and scipy print it
        ((0, 20, 8, 20), 2 * 125_970 / 76_904_685),  # both extremes: 2 · C(20, 8) / C(40, 8)
        ((5, 10, 5, 10), 1.0),
        ((0, 0, 0, 0), 1.0),
    ],
)
def test_the_exact_test_gives_the_textbooks_figures(table: tuple[int, int, int, int], p_value: float) -> None:
    assert exact_test.two_sided(*table) == pytest.approx(p_value)


@given(st.integers(0, 60), st.integers(0, 60), st.data())
def test_the_exact_test_is_a_chance_and_knows_no_left_and_right(size_a: int, size_b: int, data: Any) -> None:
    a, b = data.draw(st.integers(0, size_a)), data.draw(st.integers(0, size_b))
    chance = exact_test.two_sided(a, size_a, b, size_b)
    assert 0 < chance <= 1
    assert chance == pytest.approx(exact_test.two_sided(b, size_b, a, size_a))
    assert exact_test.more_in_b(a, size_a, b, size_b) + exact_test.more_in_b(b, size_b, a, size_a) >= 1 - 1e-9


@pytest.mark.parametrize("table", [(-1, 4, 0, 4), (5, 4, 0, 4), (0, 4, 5, 4)])
def test_what_are_no_shares_is_refused(table: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="no shares"):
        exact_test.two_sided(*table)


# Who takes part --------------------------------------------------------------------------------


def test_a_company_has_one_arm_for_ever_and_half_of_them_have_each() -> None:
    experiment, brands = uuid4(), [uuid4() for _ in range(2000)]
    arms = [experiments.arm_of(experiment, brand) for brand in brands]
    assert arms == [experiments.arm_of(experiment, brand) for brand in brands]
    assert 900 < arms.count("A") < 1100


def test_another_experiment_shuffles_the_companies_anew() -> None:
    first, second = uuid4(), uuid4()
    brands = [uuid4() for _ in range(400)]
    same = sum(experiments.arm_of(first, brand) == experiments.arm_of(second, brand) for brand in brands)
    assert 140 < same < 260


def test_colleagues_have_the_same_arm_and_a_template_without_experiment_has_none(running: Experiment) -> None:
    step, other = StepFactory(template=running.template), StepFactory()
    contact = ReachableFactory()
    people = [contact, ReachableFactory(brand=contact.brand)]
    arms = set()
    for person in people:
        enrolment = EnrolmentFactory(address=AddressFactory(contact=person))
        message = MessageFactory.build(enrolment=enrolment, step=step)
        experiments.assign(message)
        assert message.experiment == running
        arms.add(message.arm)
    assert len(arms) == 1
    without = MessageFactory.build(enrolment=enrolment, step=other)
    experiments.assign(without)
    assert (without.experiment, without.arm) == (None, "")


def test_a_draft_and_an_ended_experiment_take_nobody(template: Template, variant: Variant) -> None:
    message = MessageFactory.build(enrolment=EnrolmentFactory(), step=StepFactory(template=template))
    experiment = experiments.create("Shorter?", template, variant, 10, None)
    experiments.assign(message)
    assert message.arm == ""
    experiments.start(experiment)
    experiments.end(experiment)
    experiments.assign(message)
    assert message.arm == ""


@pytest.mark.django_db
def test_a_message_that_goes_out_has_the_wording_of_its_companys_arm_and_remembers_it(settings: Any) -> None:
    with Outbox() as server, time_machine.travel(ready.NOW, tick=False):
        switch_on(settings, server)
        messages = [ready.message() for _ in range(12)]
        template = messages[0].step.template
        Step.objects.update(template=template)
        variant = Variant.objects.create(template=template, name="B", subject="Other subject", body="Other words.")
        experiment = experiments.create("Which?", template, variant, 10, None)
        experiments.start(experiment)
        assert sending.send_due().sent == 12
    sent = {str(one.message["Subject"]) for one in server.accepted}
    assert sent == {"Hello Ada", "Other subject"}, "twelve companies are in both arms"
    for message in Message.objects.select_related("enrolment__contact"):
        assert message.experiment_id == experiment.pk
        assert message.arm == experiments.arm_of(experiment.pk, message.enrolment.contact.brand_id)
        assert message.subject == ("Other subject" if message.arm == "B" else "Hello Ada")


# Making one ------------------------------------------------------------------------------------


def test_what_cannot_be_made_is_refused_with_a_sentence(template: Template, variant: Variant) -> None:
    for name, of, size, sentence in [
        ("x", TemplateFactory(), 10, "another template"),
        ("x", template, 9, "between 10 and 100,000"),
        (" ", template, 10, "has a name"),
        ("x" * 101, template, 10, "at most 100"),
    ]:
        with pytest.raises(NotPossible, match=sentence):
            experiments.create(name, of, variant, size, None)
    experiments.create("Taken", template, variant, 10, None)
    with pytest.raises(NotPossible, match="choose another name"):
        experiments.create("Taken", template, variant, 10, None)


def test_one_at_a_time_runs_on_a_template_and_none_starts_twice(
    running: Experiment, template: Template, variant: Variant
) -> None:
    second = experiments.create("Again", template, variant, 10, None)
    with pytest.raises(NotPossible, match="Another experiment is running"):
        experiments.start(second)
    with pytest.raises(NotPossible, match="started before"):
        experiments.start(running)
    experiments.end(running)
    with pytest.raises(NotPossible, match="not running"):
        experiments.end(running)
    experiments.start(second)
    assert second.state == "running"


def test_the_size_that_is_needed_grows_as_the_difference_shrinks() -> None:
    assert experiments.size_for(0.04, 0.10) == 316
    assert experiments.size_for(0.04, 0.06) > experiments.size_for(0.04, 0.08) > 316
    for pair in [(0.0, 0.1), (0.1, 0.1), (0.5, 1.0)]:
        with pytest.raises(ValueError, match="two different shares"):
            experiments.size_for(*pair)


def test_what_is_compared_stays_as_it_is_until_the_experiment_ends(
    running: Experiment, template: Template, variant: Variant
) -> None:
    assert experiments.is_frozen(template)
    assert experiments.is_frozen(variant)
    assert not experiments.is_frozen(Template(name="New"))
    assert not experiments.is_frozen(TemplateFactory())
    experiments.end(running)
    assert not experiments.is_frozen(template)


# The verdict -----------------------------------------------------------------------------------


def full(name: str, positive: int, **others: int) -> Arm:
    return Arm(name, size=50, positive=positive, **others)


def test_before_the_planned_size_it_says_how_many_are_missing() -> None:
    found = experiments.judge((Arm("A", size=50, positive=0), Arm("B", size=38, positive=30)), 50)
    assert (found.decided, found.winner, found.p_value) == (False, "", None)
    assert found.sentence == "Not enough data: 12 more per arm."


@pytest.mark.parametrize(("a", "b", "winner"), [(2, 12, "B"), (12, 2, "A"), (5, 8, ""), (0, 0, ""), (50, 50, "")])
def test_at_the_planned_size_one_exact_test_decides(a: int, b: int, winner: str) -> None:
    found = experiments.judge((full("A", a), full("B", b)), 50)
    assert (found.decided, found.winner) == (True, winner)
    assert found.p_value == pytest.approx(exact_test.two_sided(a, 50, b, 50))


def test_a_variant_that_drives_people_away_is_no_winner() -> None:
    found = experiments.judge((full("A", 2), full("B", 15, opted_out=9)), 50)
    assert (found.decided, found.winner) == (True, "")
    assert found.warnings == ("B has more opt-outs: 9 of 50 companies, A 0 of 50.",)
    assert "at a price" in found.sentence


def test_replies_that_nobody_has_judged_hold_the_verdict_up() -> None:
    found = experiments.judge((full("A", 2, unsaid=1), full("B", 15)), 50)
    assert (found.decided, found.sentence) == (False, "1 reply waits for somebody to say whether it is positive.")


def test_it_counts_companies_within_a_fortnight_of_their_first_message(running: Experiment) -> None:
    first = send(running, "A")
    colleague = EnrolmentFactory(address=AddressFactory(contact=ReachableFactory(brand=first.enrolment.contact.brand)))
    again = send(running, "A", LONG_AGO + timedelta(days=1), colleague)
    answer(first)
    answer(again)  # the same company, and counted once
    answer(send(running, "A"), WINDOW + timedelta(seconds=1))  # too late
    answer(send(running, "B"), WINDOW)
    answer(send(running, "B"), sentiment="negative")
    answer(send(running, "B"), kind="auto_reply", sentiment="")
    answer(send(running, "B"), kind="unsubscribed", sentiment="")
    answer(send(running, "B"), sentiment="negative", reason=OPT_OUT)
    answer(send(running, "B"), kind="hard", sentiment="")
    answer(send(running, "B"), sentiment="")
    send(running, "B", NOW - WINDOW + timedelta(seconds=1))
    a, b = experiments.verdict(running, NOW).arms
    assert a == Arm("A", size=2, positive=1)
    assert b == Arm("B", size=7, waiting=1, positive=1, opted_out=2, bounced=1, unsaid=1)
    assert experiments.totals([running]) == {running.pk: 10}


def test_what_comes_after_the_planned_size_changes_nothing(running: Experiment) -> None:
    for arm in ("A", "B"):
        for number in range(10):
            message = send(running, arm, LONG_AGO + timedelta(hours=number))
            if arm == "B":
                answer(message)
    decided = experiments.verdict(running, NOW)
    assert (decided.winner, decided.arms[0].size) == ("B", 10)
    for _ in range(8):
        answer(send(running, "A", LONG_AGO + timedelta(days=1)))
    assert experiments.verdict(running, NOW) == decided


def test_a_verdict_takes_a_few_queries(running: Experiment, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        answer(send(running, "A"))
    with django_assert_max_num_queries(2):
        experiments.verdict(running, NOW)
