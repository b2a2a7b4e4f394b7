from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes alone: SQLite makes no table anew for them, so that the triggers stay (0003)."""

    dependencies = [("core", "0003_audit_triggers")]
    operations = [
        migrations.RemoveIndex(model_name="auditentry", name="idx_audit_actor"),
        migrations.AddIndex(
            model_name="auditentry", index=models.Index(fields=["action", "id"], name="idx_audit_action")
        ),
        migrations.AddIndex(
            model_name="auditentry", index=models.Index(fields=["actor", "id"], name="idx_audit_actor_id")
        ),
    ]
