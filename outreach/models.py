"""What we say and when: senders, sequences of steps, their texts, who is enrolled, what goes out and comes back."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.fields import BlindIndexField, EncryptedModel, EncryptedTextField, normalise_email
from core.ids import new_id
from crm.models import Brand, Contact, ContactAddress


def _user(related_name: str = "+", **options: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name=related_name,
        **options,
    )


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    LINKEDIN = "linkedin", "LinkedIn message, sent by a person"
    MANUAL_EMAIL = "manual_email", "E-mail, sent by a person"


class Mailbox(models.Model):
    """An address that we write from, who stands behind it, and whether it is in a state to send (health.py)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.EmailField(max_length=254, unique=True)
    sender_name = models.CharField(max_length=100)
    company = models.CharField(max_length=200, blank=True, help_text="Who writes: the company's full legal name.")
    postal_address = models.TextField(max_length=500, blank=True, help_text="Its address, as laws ask for it.")
    privacy_url = models.URLField("privacy notice", max_length=500, blank=True)
    signature = models.TextField(max_length=2000, blank=True)
    daily_cap = models.PositiveSmallIntegerField(default=50, help_text="Most messages on one day.")
    dkim_selector = models.CharField("DKIM selector", max_length=63, blank=True)
    active = models.BooleanField(default=True, db_default=True)
    paused_at = models.DateTimeField("paused", null=True, blank=True, editable=False)
    pause_reason = models.CharField(max_length=300, blank=True, editable=False)
    resumed_at = models.DateTimeField(null=True, blank=True, editable=False)  # what came before counts no more
    preflight = models.JSONField(default=dict, blank=True, editable=False)  # preflight.py
    preflight_at = models.DateTimeField("checked", null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_mailbox"
        ordering = ["created_at", "id"]
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.address


class Template(models.Model):
    """A text with variables, `{{ first_name | there }}`; rendering.py has the rules."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    subject = models.CharField(max_length=200, blank=True, help_text="E-mail only.")
    body = models.TextField(max_length=20_000)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_template"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """Another wording of a template, which an experiment compares with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(max_length=20_000)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_variant"
        ordering = ["template", "name"]
        constraints = [models.UniqueConstraint(fields=["template", "name"], name="outreach_variant_once")]

    def __str__(self) -> str:
        return self.name


class Experiment(models.Model):
    """Does a variant (arm B) get more positive replies than its template (arm A)? experiments.py has the rules.

    The unit is the company: each has one arm, and `planned_per_arm` counts companies.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        RUNNING = "running", "Running"
        ENDED = "ended", "Ended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="experiments")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="experiments")
    planned_per_arm = models.PositiveIntegerField(help_text="Companies in each arm.")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_default=State.DRAFT)
    started_at = models.DateTimeField("started", null=True, blank=True, editable=False)
    ended_at = models.DateTimeField("ended", null=True, blank=True, editable=False)
    created_by = _user(editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "outreach_experiment"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["template"], condition=Q(state="running"), name="outreach_one_experiment"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "running", "ended"]), name="outreach_experiment_state"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Sequence(models.Model):
    """Steps in their order, in versions. Approval enrols in the active sequence that is the oldest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    active = models.BooleanField(default=True, db_default=True, help_text="Approval may enrol in it.")
    paused = models.BooleanField(default=False, db_default=False, help_text="Nothing of it is sent.")
    mailbox = models.ForeignKey(
        Mailbox,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sequences",
        help_text="None: the first.",
    )
    # Allowed days of the week, Monday is 0; empty: every day on which the recipient's country works.
    weekdays = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_sequence"
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name


class SequenceVersion(models.Model):
    """The steps of a sequence as they are from some day on. Whoever was enrolled before keeps the version before."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    created_by = _user(editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "outreach_sequence_version"
        ordering = ["sequence", "-number"]
        constraints = [models.UniqueConstraint(fields=["sequence", "number"], name="outreach_version_once")]

    def __str__(self) -> str:
        return f"{self.sequence}, version {self.number}"


class Step(models.Model):
    """One message of a version: so many business days after the step before it (the first: after enrolment)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(SequenceVersion, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.EMAIL)
    delay_days = models.PositiveSmallIntegerField("delay", help_text="Business days after the step before.")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        db_table = "outreach_step"
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="outreach_step_in_version_once"),
            models.CheckConstraint(
                condition=Q(channel__in=["email", "linkedin", "manual_email"]), name="outreach_step_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.template}"


class Enrolment(models.Model):
    """A CRM contact in a version of a sequence, to be written to at one address. Written by enrolments.py alone."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"
        FINISHED = "finished", "Finished"

    OPEN = (State.ACTIVE, State.PAUSED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="enrolments")
    sequence = models.ForeignKey(Sequence, on_delete=models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(SequenceVersion, on_delete=models.PROTECT, related_name="enrolments")
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="enrolments")
    address = models.ForeignKey(
        ContactAddress, null=True, blank=True, on_delete=models.SET_NULL, related_name="enrolments"
    )
    zone = models.CharField(max_length=64, blank=True, help_text="The recipient's clock, such as Europe/Berlin.")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE, db_default=State.ACTIVE)
    pause_reason = models.CharField(max_length=100, blank=True)
    stop_reason = models.CharField(max_length=40, blank=True)
    enrolled_by = _user()
    created_at = models.DateTimeField("enrolled", auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_enrolment"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "sequence"], condition=Q(state__in=["active", "paused"]), name="outreach_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "stopped", "finished"]), name="outreach_enrolment_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} in {self.sequence}"


class Message(EncryptedModel):
    """One step of one enrolment. `reasons` says in sentences why it is held, or what to mind.

    The text is kept as it went out; before that it is made anew whenever it is looked at (texts.py).
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        SENDING = "sending", "Being sent"  # claimed: from here on it may have gone out
        SENT = "sent", "Sent"
        UNKNOWN = "unknown", "Perhaps sent"  # never sent again: a person has to look
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    WAITING = (State.PLANNED, State.HELD)
    PERHAPS_SENT = (State.SENDING, State.SENT, State.UNKNOWN)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="messages")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="messages")
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED, db_default=State.PLANNED)
    due_at = models.DateTimeField("planned for")
    reasons = models.JSONField(default=list, blank=True)
    receipt = models.JSONField(default=dict, blank=True)  # what the gate looked at and answered (gate.py)
    released_by = _user()  # who decided that a held message may go
    released_at = models.DateTimeField("released", null=True, blank=True)
    experiment = models.ForeignKey(
        Experiment, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    arm = models.CharField(max_length=1, blank=True)  # A, B, or empty without an experiment
    # Chosen for this one instead of the step's when it was enrolled.
    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField("sent", null=True, blank=True)
    message_id = models.CharField("Message-ID", max_length=255, null=True, blank=True, unique=True)
    provider_id = models.CharField(max_length=255, blank=True, db_index=True)  # as the mail service calls it
    error = models.CharField(max_length=300, blank=True)
    # As it went out:
    email = EncryptedTextField("to", null=True, blank=True)
    email_index = BlindIndexField(source="email", normalise=normalise_email, null=True, db_index=True)
    subject = EncryptedTextField(null=True, blank=True)
    body = EncryptedTextField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_message"
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="idx_outreach_message_due"),
            models.Index(fields=["mailbox", "claimed_at"], name="idx_outreach_message_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "step"], name="outreach_message_once"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "held", "sending", "sent", "unknown", "failed", "cancelled"]),
                name="outreach_message_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} on {self.due_at:%Y-%m-%d}"


class Task(models.Model):
    """A step that a person does: its message's text is ready to be copied (manual_steps.py)."""

    class State(models.TextChoices):
        OPEN = "open", "To do"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"
        REPLIED = "replied", "Replied"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="task")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN, db_default=State.OPEN)
    owner = _user("tasks")
    expires_at = models.DateTimeField("expires")
    closed_at = models.DateTimeField("closed", null=True, blank=True)
    closed_by = _user()
    created_at = models.DateTimeField("opened", auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "outreach_task"
        ordering = ["expires_at", "id"]
        indexes = [models.Index(fields=["state", "expires_at"], name="idx_outreach_task")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "done", "skipped", "replied", "expired"]), name="outreach_task_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, expires {self.expires_at:%Y-%m-%d}"


class Event(EncryptedModel):
    """What came back, or what needs a person's eye. Written once for each `key` (inbound.py)."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        HARD = "hard", "Bounced: no such mailbox"
        SOFT = "soft", "Bounced for now"
        BLOCKED = "blocked", "Refused: something is wrong with us"
        COMPLAINT = "complaint", "Complained"
        AUTO_REPLY = "auto_reply", "Automatic answer"
        REPLY = "reply", "Reply"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        UNCERTAIN = "uncertain", "Perhaps sent"
        UNKNOWN = "unknown", "Not understood"

    class Source(models.TextChoices):
        MAILBOX = "mailbox", "Mailbox"
        WEBHOOK = "webhook", "Mail service"
        SMTP = "smtp", "Mail server, while sending"
        LINK = "link", "Unsubscribe link"
        HAND = "hand", "By hand"

    class Match(models.TextChoices):
        """How it was found to which message or contact it belongs."""

        HEADERS = "headers", "By its headers"
        ADDRESS = "address", "By the address"
        DOMAIN = "domain", "By the domain only"
        NONE = "", "Not at all"

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", "Interested"
        NEUTRAL = "neutral", "Neither"
        NEGATIVE = "negative", "Not interested"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    source = models.CharField(max_length=10, choices=Source)
    key = models.CharField(max_length=128, unique=True, editable=False)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    matched = models.CharField(max_length=10, choices=Match, blank=True)
    happened_at = models.DateTimeField()
    reason = models.CharField(max_length=60, blank=True)  # a snake_case word
    status = models.CharField(max_length=12, blank=True)  # enhanced code such as 5.1.1
    email = EncryptedTextField("address", null=True, blank=True)
    email_index = BlindIndexField(source="email", normalise=normalise_email, null=True, db_index=True)
    subject = EncryptedTextField(null=True, blank=True)
    text = EncryptedTextField(null=True, blank=True)
    sentiment = models.CharField(max_length=10, choices=Sentiment, blank=True)  # of a reply, said by a person
    needs_human = models.BooleanField("needs a person", default=False, db_default=False)
    advice = models.CharField(max_length=300, blank=True)  # what to do about it
    handled_at = models.DateTimeField("handled", null=True, blank=True)
    handled_by = _user()
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "outreach_event"
        ordering = ["-happened_at", "-id"]
        indexes = [
            models.Index(fields=["kind", "-happened_at"], name="idx_outreach_event_kind"),
            models.Index(fields=["mailbox", "kind", "happened_at"], name="idx_outreach_event_mailbox"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.happened_at:%Y-%m-%d}"


class MailboxPosition(models.Model):
    """How far a mailbox was read: the last UID of a folder, as long as its UIDVALIDITY stays (RFC 9051 2.3.1.1)."""

    account = models.CharField(max_length=400, unique=True)  # user, host and folder
    uid_validity = models.BigIntegerField()
    last_uid = models.BigIntegerField(default=0)
    polled_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "outreach_mailbox_position"

    def __str__(self) -> str:
        return f"{self.account} up to {self.last_uid}"


class Notice(EncryptedModel):
    """That a person was told what we know of them, where from and what for (GDPR art. 14). Written by notices.py.

    A mail of its own is sent as a message is: claimed, sent, recorded, and never twice.
    """

    class How(models.TextChoices):
        FIRST_MESSAGE = "first", "With the first message"
        MAIL = "mail", "By a mail of its own"
        HAND = "hand", "By hand, such as by letter"

    class State(models.TextChoices):
        SENDING = "sending", "Being sent"
        SENT = "sent", "Told"
        UNKNOWN = "unknown", "Perhaps told"
        FAILED = "failed", "Failed"

    TOLD = (State.SENT,)
    PERHAPS_TOLD = (State.SENDING, State.SENT, State.UNKNOWN)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notices")
    how = models.CharField(max_length=10, choices=How)
    state = models.CharField(max_length=10, choices=State)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    email = EncryptedTextField("to", null=True, blank=True)
    email_index = BlindIndexField(source="email", normalise=normalise_email, null=True, db_index=True)
    text = EncryptedTextField(null=True, blank=True)  # as it went out, or how the person was told
    told_by = _user(editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField("told", null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "outreach_notice"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(how="mail", state="sending"),  # two contacts who become one may both have been told
                name="outreach_notice_mailed_once",
            ),
            models.CheckConstraint(condition=Q(how__in=["first", "mail", "hand"]), name="outreach_notice_how"),
            models.CheckConstraint(
                condition=Q(state__in=["sending", "sent", "unknown", "failed"]), name="outreach_notice_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}, {self.created_at:%Y-%m-%d}"
