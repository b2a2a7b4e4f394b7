"""The sequence that a new installation starts with. Undone, it stays: by then it is the admin's own."""

from django.db import migrations

from outreach.default_sequence import NAME, STEPS


def create(apps, schema_editor):
    Sequence, Step, Template = (apps.get_model("outreach", name) for name in ("Sequence", "Step", "Template"))
    if Sequence.objects.exists():
        return
    sequence = Sequence.objects.create(name=NAME)
    for position, (channel, delay, name, subject, body) in enumerate(STEPS, start=1):
        template, _ = Template.objects.get_or_create(name=name, defaults={"subject": subject, "body": body})
        Step.objects.create(
            sequence=sequence, position=position, channel=channel, delay_days=delay, template=template
        )


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
