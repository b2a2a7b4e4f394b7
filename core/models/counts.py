"""How often something happened on a day. No personal data."""

from django.db import models


class DailyCount(models.Model):
    """How often `name` happened on a day, by `label`, such as limit_hit by "discoveries". Written by counts.py."""

    name = models.CharField(max_length=40)
    label = models.CharField(max_length=60, blank=True)
    day = models.DateField()
    number = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "core_daily_count"
        ordering = ["-day", "name", "label"]
        constraints = [models.UniqueConstraint(fields=["name", "label", "day"], name="daily_count_once")]

    def __str__(self) -> str:
        return f"{self.number} × {self.name} {self.label} on {self.day}"
