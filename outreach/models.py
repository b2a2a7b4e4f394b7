"""What we say and when: sequences of steps with their texts, who is enrolled, and what is planned for them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core.ids import new_id
from crm.models import Contact, ContactAddress


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    LINKEDIN = "linkedin", "LinkedIn message, sent by a person"


class Template(models.Model):
    """A text with variables, `{{ first_name | there }}`; rendering.py has the rules."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    subject = models.CharField(max_length=200, blank=True, help_text="E-mail only.")
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_template"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Sequence(models.Model):
    """Steps in their order. Approval enrols in the active sequence that is the oldest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_sequence"
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """One message of a sequence: so many business days after the step before it (the first: after enrolment)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    delay_days = models.PositiveSmallIntegerField("delay", help_text="Business days after the step before.")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        db_table = "outreach_step"
        ordering = ["sequence", "position"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "position"], name="outreach_step_once"),
            models.CheckConstraint(condition=models.Q(channel__in=["email", "linkedin"]), name="outreach_step_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.template}"


class Enrolment(models.Model):
    """A CRM contact in a sequence, to be written to at one address. Written by enrolments.py alone."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        STOPPED = "stopped", "Stopped"
        FINISHED = "finished", "Finished"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="enrolments")
    sequence = models.ForeignKey(Sequence, on_delete=models.PROTECT, related_name="enrolments")
    address = models.ForeignKey(
        ContactAddress, null=True, blank=True, on_delete=models.SET_NULL, related_name="enrolments"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE, db_default=State.ACTIVE)
    stop_reason = models.CharField(max_length=40, blank=True)
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField("enrolled", auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_enrolment"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "sequence"], condition=models.Q(state="active"), name="outreach_active_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "stopped", "finished"]), name="outreach_enrolment_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} in {self.sequence}"


class Message(models.Model):
    """One step of one enrolment, as planned. `reasons` says in sentences why it is held, or what to mind."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="messages")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="messages")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED, db_default=State.PLANNED)
    due_at = models.DateTimeField("planned for")
    reasons = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "outreach_message"
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["state", "due_at"], name="idx_outreach_message_due")]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "step"], name="outreach_message_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["planned", "held", "cancelled"]), name="outreach_message_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} on {self.due_at:%Y-%m-%d}"
