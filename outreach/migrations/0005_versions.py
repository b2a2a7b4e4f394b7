import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0004_first_versions")]

    operations = [
        migrations.AlterModelOptions(name="step", options={"ordering": ["version", "position"]}),
        migrations.AlterField(
            model_name="step",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="outreach.sequenceversion"
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="enrolments", to="outreach.sequenceversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(fields=("version", "position"), name="outreach_step_in_version_once"),
        ),
        migrations.RemoveField(model_name="step", name="sequence"),
    ]
