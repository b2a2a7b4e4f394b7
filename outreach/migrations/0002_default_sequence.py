"""The sequence that a new installation starts with. Undone, it stays: by then it is the admin's own."""

from django.db import migrations

from outreach import default_sequence


def create(apps, schema_editor):
    default_sequence.create(*(apps.get_model("outreach", name) for name in ("Sequence", "Step", "Template")))


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
