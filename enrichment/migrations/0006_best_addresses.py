"""Fill in what is copied of the best addresses; on PostgreSQL, an index for searching inside words."""

import logging

from django.db import DatabaseError, migrations, transaction
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

log = logging.getLogger(__name__)
INDEX = "idx_contact_search"


def fill(apps, schema_editor):
    contacts = apps.get_model("enrichment", "EnrichedContact").objects.using(schema_editor.connection.alias)
    emails = apps.get_model("enrichment", "ContactEmail").objects.using(schema_editor.connection.alias)
    best = emails.filter(enriched_contact=OuterRef("pk")).order_by(F("probability").desc(nulls_last=True), "-verification_score", "id")
    contacts.filter(emails__isnull=False).update(
        best_status=Subquery(best.values("verification_status")[:1]),
        best_score=Subquery(best.values("verification_score")[:1]),
        best_probability=Coalesce(Subquery(best.values("probability")[:1]), Value(0.0)),
    )


def index(apps, schema_editor):
    """pg_trgm comes with PostgreSQL and may be switched on by a database's owner; without it, searching is slower."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON enriched_contact USING gin (search_text gin_trgm_ops)")
    except DatabaseError as error:
        log.warning("no index for searching contacts: pg_trgm cannot be switched on (%s)", error)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("enrichment", "0005_review_workspace")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(index, drop),
    ]
