"""What the outreach endpoints take and answer, for validation and for the OpenAPI document."""

from datetime import date
from typing import Any

from rest_framework import serializers

from core.api.answers import answer, listed
from core.api.bodies import Flag, Text
from core.api.queries import PageQuery, one_of
from outreach import experiments
from outreach.models import Channel, Enrolment, Event, Experiment, Message, Task

S = serializers.Serializer[Any]
LONGEST = 20_000
# The OpenAPI document's enumerations are named after these (SPECTACULAR_SETTINGS).
ENROLMENT_STATES = Enrolment.State.values
MESSAGE_STATES = Message.State.values
TASK_STATES = Task.State.values
EXPERIMENT_STATES = Experiment.State.values
EVENT_SOURCES = Event.Source.values
EARLIEST, LATEST = 2000, 2199  # years of the calendar


def _weekday() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=6)


def _text(longest: int, *, required: bool = False, blank: bool = True, **options: Any) -> Text:
    return Text(max_length=longest, required=required, allow_blank=blank, **options)


# What rows look like ----------------------------------------------------------------------------


class Check(S):
    check = serializers.CharField(help_text="spf, dkim, dmarc or mx.")
    result = serializers.BooleanField(allow_null=True, help_text="null: could not be told.")
    sentence = serializers.CharField()


class Mailbox(S):
    id = serializers.UUIDField()
    address = serializers.CharField()
    senderName = serializers.CharField()
    company = serializers.CharField()
    postalAddress = serializers.CharField()
    privacyUrl = serializers.CharField()
    signature = serializers.CharField()
    dailyCap = serializers.IntegerField()
    dkimSelector = serializers.CharField()
    active = serializers.BooleanField()
    pausedAt = serializers.DateTimeField(allow_null=True)
    pauseReason = serializers.CharField()
    checks = Check(many=True)
    checkedAt = serializers.DateTimeField(allow_null=True)


class Health(S):
    sent = serializers.IntegerField(help_text="In seven days, or since the mailbox was resumed.")
    bounced = serializers.IntegerField()
    complained = serializers.IntegerField()
    bounceRate = serializers.FloatField(help_text="0-1")
    complaintRate = serializers.FloatField(help_text="0-1")
    problems = serializers.ListField(child=serializers.CharField())


class MailboxWithHealth(Mailbox):
    health = Health()


class Variant(S):
    id = serializers.UUIDField()
    name = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField()


class Template(S):
    id = serializers.UUIDField()
    name = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField()
    variants = Variant(many=True)
    updatedAt = serializers.DateTimeField(allow_null=True)


class Step(S):
    position = serializers.IntegerField()
    channel = serializers.ChoiceField(Channel.values)
    delayDays = serializers.IntegerField(help_text="Business days after the step before.")
    templateId = serializers.UUIDField()


class Sequence(S):
    id = serializers.UUIDField()
    name = serializers.CharField()
    active = serializers.BooleanField(help_text="Approval may enrol in it.")
    paused = serializers.BooleanField(help_text="Nothing of it is sent.")
    mailboxId = serializers.UUIDField(allow_null=True)
    weekdays = serializers.ListField(child=_weekday(), help_text="Monday is 0; empty: all.")
    version = serializers.IntegerField(help_text="Of the steps; who was enrolled before keeps the earlier one.")
    steps = Step(many=True)
    createdAt = serializers.DateTimeField()


class Enrolled(S):
    id = serializers.UUIDField()
    contactId = serializers.UUIDField()
    sequenceId = serializers.UUIDField()
    version = serializers.IntegerField()
    mailboxId = serializers.UUIDField(allow_null=True)
    address = serializers.CharField(allow_null=True)
    zone = serializers.CharField()
    state = serializers.ChoiceField(ENROLMENT_STATES)
    pauseReason = serializers.CharField()
    stopReason = serializers.CharField()
    createdAt = serializers.DateTimeField()


class OutreachMessage(S):
    id = serializers.UUIDField()
    enrolmentId = serializers.UUIDField()
    contactId = serializers.UUIDField()
    step = serializers.IntegerField()
    channel = serializers.ChoiceField(Channel.values)
    state = serializers.ChoiceField(MESSAGE_STATES)
    dueAt = serializers.DateTimeField()
    sentAt = serializers.DateTimeField(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    receipt = serializers.DictField(help_text="What the gate looked at and answered.")
    releasedAt = serializers.DateTimeField(allow_null=True)
    arm = serializers.CharField(help_text="Of an experiment: A, B or empty.")
    messageId = serializers.CharField(allow_null=True)
    attempts = serializers.IntegerField()
    error = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    subject = serializers.CharField(allow_null=True)
    body = serializers.CharField(allow_null=True, help_text="As it went out; null before.")


class EnrolledWithMessages(Enrolled):
    messages = OutreachMessage(many=True)


class TaskShown(S):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(TASK_STATES)
    messageId = serializers.UUIDField()
    contactId = serializers.UUIDField()
    contactName = serializers.CharField()
    channel = serializers.ChoiceField(Channel.values)
    linkedInUrl = serializers.CharField(help_text="The profile; without one a search for it.")
    subject = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True, help_text="Ready to be copied.")
    createdAt = serializers.DateTimeField()
    expiresAt = serializers.DateTimeField()
    closedAt = serializers.DateTimeField(allow_null=True)


class EventShown(S):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Event.Kind.values)
    source = serializers.ChoiceField(EVENT_SOURCES)  # type: ignore[assignment]
    messageId = serializers.UUIDField(allow_null=True)
    contactId = serializers.UUIDField(allow_null=True)
    brandId = serializers.UUIDField(allow_null=True)
    matched = serializers.CharField(help_text="headers, address, domain, or empty: not at all.")
    happenedAt = serializers.DateTimeField()
    reason = serializers.CharField()
    status = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    subject = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True)
    sentiment = serializers.CharField(help_text="positive, neutral, negative, or empty: nobody has said.")
    needsHuman = serializers.BooleanField()
    advice = serializers.CharField()
    handledAt = serializers.DateTimeField(allow_null=True)


class ExperimentShown(S):
    id = serializers.UUIDField()
    name = serializers.CharField()
    templateId = serializers.UUIDField()
    variantId = serializers.UUIDField()
    plannedPerArm = serializers.IntegerField(help_text="Companies.")
    state = serializers.ChoiceField(EXPERIMENT_STATES)
    startedAt = serializers.DateTimeField(allow_null=True)
    endedAt = serializers.DateTimeField(allow_null=True)


class ArmShown(S):
    name = serializers.CharField()
    companies = serializers.IntegerField(help_text="Written to 14 days ago or longer.")
    waiting = serializers.IntegerField(help_text="Written to later.")
    positive = serializers.IntegerField()
    optedOut = serializers.IntegerField()
    bounced = serializers.IntegerField()
    unsaid = serializers.IntegerField(help_text="Replies that nobody has judged.")


class VerdictShown(S):
    decided = serializers.BooleanField()
    winner = serializers.CharField(help_text="A, B or empty.")
    pValue = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())
    arms = ArmShown(many=True)


class ExperimentWithVerdict(ExperimentShown):
    verdict = VerdictShown()


class CalendarEntry(S):
    messageId = serializers.UUIDField()
    enrolmentId = serializers.UUIDField()
    contactId = serializers.UUIDField()
    contactName = serializers.CharField()
    brandId = serializers.UUIDField()
    company = serializers.CharField()
    sequence = serializers.CharField()
    step = serializers.IntegerField()
    channel = serializers.ChoiceField(Channel.values)
    state = serializers.ChoiceField(MESSAGE_STATES)
    at = serializers.DateTimeField()
    localTime = serializers.DateTimeField(help_text="The same moment by the recipient's clock.")
    blocks = serializers.ListField(child=serializers.CharField(), help_text="What stands in its way.")
    overdue = serializers.BooleanField()


class CalendarDay(S):
    date = serializers.DateField()
    messages = CalendarEntry(many=True)
    more = serializers.IntegerField(help_text="How many more there are on this day.")


# Answers ----------------------------------------------------------------------------------------


MailboxAnswer = answer("MailboxAnswer", "mailbox", MailboxWithHealth)
MailboxesAnswer = answer("MailboxesAnswer", "mailboxes", Mailbox, many=True)
TemplateAnswer = answer("TemplateAnswer", "template", Template)
TemplatesAnswer = listed("TemplatesAnswer", "templates", Template)
SequenceAnswer = answer("SequenceAnswer", "sequence", Sequence)
SequencesAnswer = answer("SequencesAnswer", "sequences", Sequence, many=True)
EnrolmentAnswer = answer("EnrolmentAnswer", "enrolment", EnrolledWithMessages)
EnrolmentsAnswer = listed("EnrolmentsAnswer", "enrolments", Enrolled)
MessageAnswer = answer("MessageAnswer", "message", OutreachMessage)
MessagesAnswer = listed("OutreachMessagesAnswer", "messages", OutreachMessage)
TaskAnswer = answer("TaskAnswer", "task", TaskShown)
TasksAnswer = listed("TasksAnswer", "tasks", TaskShown)
EventAnswer = answer("EventAnswer", "event", EventShown)
EventsAnswer = listed("EventsAnswer", "events", EventShown)
ExperimentAnswer = answer("ExperimentAnswer", "experiment", ExperimentWithVerdict)
ExperimentsAnswer = answer("ExperimentsAnswer", "experiments", ExperimentShown, many=True)


CalendarAnswer = answer("CalendarAnswer", "days", CalendarDay, many=True)


class StatusAnswer(S):
    success = serializers.BooleanField()
    sendEnabled = serializers.BooleanField(help_text="Messages go out; else they stay in the outbox.")
    problems = serializers.ListField(child=serializers.CharField())


class SuppressedAnswer(S):
    success = serializers.BooleanField()
    added = serializers.IntegerField()
    known = serializers.IntegerField(help_text="On the list before.")
    stopped = serializers.IntegerField(help_text="Enrolments.")


class Changed(S):
    success = serializers.BooleanField()
    changed = serializers.IntegerField(help_text="Enrolments.")


class Preview(S):
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True, help_text="Why it cannot be written; empty: nothing.")


PreviewAnswer = answer("PreviewAnswer", "preview", Preview)


class Done(S):
    success = serializers.BooleanField()
    message = serializers.CharField()


# What is sent -----------------------------------------------------------------------------------


class MailboxRequest(S):
    address = serializers.EmailField(required=False, max_length=254)
    senderName = _text(100, blank=False)
    company = _text(200)
    postalAddress = _text(500)
    privacyUrl = serializers.URLField(required=False, allow_blank=True, max_length=500)
    signature = _text(2000)
    dailyCap = serializers.IntegerField(required=False, min_value=0, max_value=10_000)
    dkimSelector = serializers.RegexField(
        r"^[A-Za-z0-9._-]*\Z", required=False, allow_blank=True, max_length=63
    )  # labels of a DNS name
    active = Flag(required=False)


class NewMailboxRequest(MailboxRequest):
    address = serializers.EmailField(max_length=254)
    senderName = _text(100, required=True, blank=False)


class TemplateRequest(S):
    name = _text(100, blank=False)
    subject = _text(200)
    body = _text(LONGEST, blank=False)


class NewTemplateRequest(TemplateRequest):
    name = _text(100, required=True, blank=False)
    body = _text(LONGEST, required=True, blank=False)


class PreviewRequest(S):
    contactId = serializers.UUIDField()
    variantId = serializers.UUIDField(required=False)


class SequenceRequest(S):
    name = _text(100, blank=False)
    active = Flag(required=False)
    paused = Flag(required=False)
    mailboxId = serializers.UUIDField(required=False, allow_null=True)
    weekdays = serializers.ListField(required=False, max_length=7, child=_weekday())


class NewSequenceRequest(S):
    name = _text(100, required=True, blank=False)


class StepRequest(S):
    channel = serializers.ChoiceField(Channel.values, default=Channel.EMAIL)
    delayDays = serializers.IntegerField(min_value=0, max_value=260)
    templateId = serializers.UUIDField()


class StepsRequest(S):
    steps = StepRequest(many=True, allow_empty=False)


class EnrolRequest(S):
    contactId = serializers.UUIDField()
    sequenceId = serializers.UUIDField(required=False, help_text="None: the oldest active one.")


class WhichRequest(S):
    """Exactly one of them."""

    contactId = serializers.UUIDField(required=False)
    brandId = serializers.UUIDField(required=False)
    sequenceId = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Send exactly one of contactId, brandId and sequenceId.")
        return attrs


class SettleRequest(S):
    wasSent = Flag(help_text="What you found out.")


class EventRequest(S):
    sentiment = serializers.ChoiceField(Event.Sentiment.values, required=False, help_text="Of a reply.")
    handled = Flag(required=False)


class AssignRequest(S):
    contactId = serializers.UUIDField()


class ExperimentRequest(S):
    name = _text(100, required=True, blank=False)
    templateId = serializers.UUIDField()
    variantId = serializers.UUIDField()
    plannedPerArm = serializers.IntegerField(min_value=experiments.SMALLEST, max_value=experiments.LARGEST)


# Query strings ----------------------------------------------------------------------------------


class EnrolmentQuery(PageQuery):
    state = one_of(ENROLMENT_STATES, "In this state only.")
    contactId = serializers.CharField(required=False)
    brandId = serializers.CharField(required=False)
    sequenceId = serializers.CharField(required=False)


class MessageQuery(PageQuery):
    state = one_of(MESSAGE_STATES, "In this state only.")
    channel = one_of(Channel.values, "By this channel only.")
    contactId = serializers.CharField(required=False)
    enrolmentId = serializers.CharField(required=False)
    dueBefore = serializers.DateTimeField(required=False, help_text="With a time zone.")
    ordering = one_of(["dueAt", "-dueAt"], "dueAt unless given.")


class TaskQuery(PageQuery):
    state = one_of(TASK_STATES, "open unless given.")


class EventQuery(PageQuery):
    kind = one_of(Event.Kind.values, "Of this kind only.")
    contactId = serializers.CharField(required=False)
    needsHuman = serializers.BooleanField(required=False, help_text="true: what nobody has handled yet.")


class CalendarQuery(S):
    start = serializers.DateField(required=False, help_text="Today unless given.")
    days = serializers.IntegerField(required=False, min_value=1, max_value=56, default=28)

    def validate_start(self, start: date) -> date:
        if not EARLIEST <= start.year <= LATEST:
            raise serializers.ValidationError(f"Choose a day of the years {EARLIEST} to {LATEST}.")
        return start
