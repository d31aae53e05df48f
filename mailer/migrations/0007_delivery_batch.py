"""A delivery names its batch by id, and is found by that alone.

Found by campaign and number, it could be looked for by any index that begins with the campaign; and of a campaign that began since the
last ANALYZE, PostgreSQL's statistics can't tell which of them is of use.
"""

import django.db.models.deletion
from django.db import migrations, models

# Which of the two columns it was is known from the other: nothing is lost on the way, nor on the way back.
_FILL = """
    UPDATE mailer_delivery d SET batch_id = b.id
    FROM mailer_batch b WHERE b.campaign_id = d.campaign_id AND b.number = d.batch_number
"""
_FILL_BACK = """
    UPDATE mailer_delivery d SET batch_number = b.number FROM mailer_batch b WHERE b.id = d.batch_id
"""


class Migration(migrations.Migration):
    """One column for another, and its index."""

    dependencies = [("mailer", "0006_person_of_a_delivery")]

    operations = [
        migrations.RemoveIndex("delivery", "delivery_batch"),
        migrations.AddField(
            "delivery",
            "batch",
            models.ForeignKey(
                null=True,
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="mailer.batch",
            ),
        ),
        migrations.AlterField("delivery", "batch_number", models.PositiveIntegerField(null=True)),
        migrations.RunSQL(_FILL, _FILL_BACK),
        migrations.AlterField(
            "delivery",
            "batch",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="mailer.batch",
            ),
        ),
        migrations.RemoveField("delivery", "batch_number"),
        migrations.AddIndex("delivery", models.Index(fields=["batch"], name="delivery_batch")),
    ]
