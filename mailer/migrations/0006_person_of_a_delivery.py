"""A delivery's person: locked when the row is made and looked for when a person is removed, in place of a look-up for each row."""

import django.db.models.deletion
from django.db import migrations, models

# As a foreign key would do it, and with its code of error: whoever makes the row holds the person with FOR KEY SHARE, so a removal waits
# for it, and this trigger, which comes after that, sees it.
_KEPT = """
    CREATE FUNCTION mailer_keep_people_of_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM gone g JOIN mailer_delivery d ON d.subscriber_id = g.id) THEN
            RAISE EXCEPTION 'a person of a delivery cannot be removed' USING ERRCODE = 'foreign_key_violation',
                TABLE = 'subscribers_subscriber', HINT = 'Erase the person instead (ukebrev subscriber erase).';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER person_of_a_delivery_kept AFTER DELETE ON subscribers_subscriber
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION mailer_keep_people_of_deliveries();
"""
_NOT_KEPT = """
    DROP TRIGGER person_of_a_delivery_kept ON subscribers_subscriber;
    DROP FUNCTION mailer_keep_people_of_deliveries();
"""


class Migration(migrations.Migration):
    """One constraint less, one trigger more."""

    dependencies = [("mailer", "0005_unchecked_keys"), ("subscribers", "0008_interest_descriptions")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="subscriber",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="subscribers.subscriber",
            ),
        ),
        migrations.RunSQL(_KEPT, _NOT_KEPT),
    ]
