"""Who we know: brands and the people there."""

from django.db import models
from django.db.models.functions import Now

from core.ids import new_id


class Brand(models.Model):
    """A company we look at or write to. One row per registrable domain; without one, per folded name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, db_index=True, editable=False, help_text="The name, folded.")
    domain = models.CharField(max_length=253, null=True, blank=True, unique=True, help_text="Registrable domain.")
    website = models.URLField(max_length=500, blank=True)
    linkedin_company_url = models.URLField("LinkedIn company URL", max_length=500, blank=True)
    region_code = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
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


class Contact(models.Model):
    """A person of a brand whom someone decided to keep."""

    class Relationship(models.TextChoices):
        NEW = "New"
        CONTACTED = "Contacted"
        REPLIED = "Replied"
        CUSTOMER = "Customer"
        CLOSED = "Closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="contacts")
    first_name = models.CharField(max_length=200)
    last_name = models.CharField(max_length=200)
    job_title = models.CharField(max_length=300, blank=True)
    relationship_status = models.CharField(
        max_length=20, choices=Relationship, default=Relationship.NEW, db_default=Relationship.NEW
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, null=True)

    class Meta:
        db_table = "crm_contact"
        ordering = ["last_name", "first_name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(relationship_status__in=["New", "Contacted", "Replied", "Customer", "Closed"]),
                name="crm_contact_relationship",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"
