"""The database itself refuses to change or delete entries of the audit trail.

What sealing does is let through: a number and a link for an entry that has none. So is deleting what the head says was
forgotten (core/audit/forgetting.py). Who may drop a trigger can do all the same: that is what the chain is for.

SQLite drops a table's triggers when a later migration makes the table anew: such a migration has to make them again.
"""

from django.db import migrations

TABLE, HEAD = "core_audit_entry", "core_audit_head"
CONTENT = (
    "id at action actor_id actor via client token_id object_type object_id subject details values digest".split()
)
ENDLESS = 9223372036854775806
KEPT = f"COALESCE(OLD.number, {ENDLESS}) > COALESCE((SELECT purged_through FROM {HEAD} WHERE id = 1), 0)"
REFUSAL = "the audit trail is never changed"

SQLITE = [
    f"""CREATE TRIGGER core_audit_no_update BEFORE UPDATE ON {TABLE}
    WHEN OLD.number IS NOT NULL OR {" OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in CONTENT)}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    f"""CREATE TRIGGER core_audit_no_delete BEFORE DELETE ON {TABLE} WHEN {KEPT}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
]
POSTGRESQL = [
    f"""CREATE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.number IS NULL AND ROW({", ".join(f'OLD."{name}"' for name in CONTENT)})
                IS NOT DISTINCT FROM ROW({", ".join(f'NEW."{name}"' for name in CONTENT)}) THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF NOT ({KEPT}) THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION '{REFUSAL}';
    END $$""",
    f"""CREATE TRIGGER core_audit_no_change BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION core_audit_refuse()""",
    f"""CREATE TRIGGER core_audit_no_truncate BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()""",
]
UNDO = {
    "sqlite": ["DROP TRIGGER core_audit_no_update", "DROP TRIGGER core_audit_no_delete"],
    "postgresql": [
        f"DROP TRIGGER core_audit_no_change ON {TABLE}",
        f"DROP TRIGGER core_audit_no_truncate ON {TABLE}",
        "DROP FUNCTION core_audit_refuse()",
    ],
}


def make(apps, schema_editor):
    apps.get_model("core", "AuditHead").objects.get_or_create(pk=1)
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0002_compliance")]
    operations = [migrations.RunPython(make, drop)]
