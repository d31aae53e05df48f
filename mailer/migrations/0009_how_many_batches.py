"""What PostgreSQL is to believe of how many deliveries have the same batch, whatever it saw when it last looked.

After one small campaign all of them are of one batch; it would then read the whole table of a large one for each batch that it looks up.
"""

from django.db import migrations


class Migration(migrations.Migration):
    """Five hundred to a batch: between a full one and the only one of a small campaign. Holds from the next ANALYZE."""

    dependencies = [("mailer", "0008_room_for_outcomes")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE mailer_delivery ALTER COLUMN batch_id SET (n_distinct = -0.002)",
            "ALTER TABLE mailer_delivery ALTER COLUMN batch_id RESET (n_distinct)",
        ),
        migrations.RunSQL("ANALYZE mailer_delivery", migrations.RunSQL.noop),
    ]
