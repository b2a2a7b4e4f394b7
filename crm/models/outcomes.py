"""What came of messages."""

from django.db import models
from django.db.models.functions import Now

from core.ids import new_id


class AddressOutcome(models.Model):
    """What came of a message to an address: the only teacher of how often our chances hold (outcomes.py).

    The address itself is not kept: `email_index` is its blind index. `probability`, `model_probability`, `method` and
    `mail_operator` are copies from the moment the message was sent, None or empty when nothing was predicted.
    """

    class Kind(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        BOUNCED = "bounced", "Bounced: no such mailbox"
        REPLIED = "replied", "Replied"
        COMPLAINED = "complained", "Complained"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email_index = models.CharField("fingerprint", max_length=64, editable=False)
    domain = models.CharField(max_length=253)
    mail_operator = models.CharField(max_length=253, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    probability = models.FloatField(null=True, blank=True)
    model_probability = models.FloatField(null=True, blank=True)  # before outcomes corrected it: what they correct
    method = models.CharField(max_length=12, blank=True)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "crm_address_outcome"
        ordering = ["-happened_at", "-id"]
        indexes = [
            models.Index(fields=["email_index"], name="idx_address_outcome_email"),
            models.Index(fields=["domain"], name="idx_address_outcome_domain"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["email_index", "kind", "happened_at"], name="crm_outcome_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["delivered", "bounced", "replied", "complained"]),
                name="crm_outcome_kind",
            ),
            models.CheckConstraint(condition=models.Q(probability__range=(0, 1)), name="crm_outcome_probability"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.domain}"
