"""Version 1 of every sequence; and the default texts without what is said below every e-mail from now on."""

from django.db import migrations

from outreach.default_sequence import STEPS

SAID_BELOW = 'I found your name on {{ source | a public page }}. Reply "no" and I will not write again.\n\n'


def make(apps, schema_editor):
    Sequence, SequenceVersion, Step, Enrolment, Template = (
        apps.get_model("outreach", name) for name in ("Sequence", "SequenceVersion", "Step", "Enrolment", "Template")
    )
    for sequence in Sequence.objects.all():
        version = SequenceVersion.objects.create(sequence=sequence, number=1)
        Step.objects.filter(sequence=sequence).update(version=version)
        Enrolment.objects.filter(sequence=sequence).update(version=version)
    for template in Template.objects.filter(name__in=[step[2] for step in STEPS]):
        if SAID_BELOW in template.body:
            template.body = template.body.replace(SAID_BELOW, "")
            template.save(update_fields=["body"])


def undo(apps, schema_editor):
    """A step belongs to its sequence again."""
    Step = apps.get_model("outreach", "Step")
    SequenceVersion = apps.get_model("outreach", "SequenceVersion")
    for version in SequenceVersion.objects.order_by("sequence", "number"):
        Step.objects.filter(version=version).update(sequence=version.sequence_id)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0003_sending")]

    operations = [migrations.RunPython(make, undo)]
