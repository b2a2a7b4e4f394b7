"""Companies."""

from django.db import models
from django.db.models.functions import Now

from core.fields import EncryptedJSONField
from core.ids import new_id


class Brand(models.Model):
    """A company we look at or write to. One row per registrable domain; without one, per folded name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, db_index=True, editable=False, help_text="The name, folded.")
    domain = models.CharField(max_length=253, null=True, blank=True, unique=True, help_text="Registrable domain.")
    website = models.URLField(max_length=500, blank=True)
    linkedin_company_url = models.URLField("LinkedIn company URL", max_length=500, blank=True)
    region_code = models.CharField("region", max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    # How we know the region (region_inference.py): {how, evidence, url, at}; None: not known how.
    region_basis = EncryptedJSONField(null=True, blank=True, editable=False)
    facts = EncryptedJSONField(null=True, blank=True, editable=False)  # claims about the company (facts.py)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "crm_brand"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"], condition=models.Q(domain__isnull=True), name="one_brand_per_name_only"
            ),
        ]

    def __str__(self) -> str:
        return self.name
