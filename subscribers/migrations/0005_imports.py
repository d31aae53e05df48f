"""Imports of a million rows: sheets in pieces, rows with one index, and a trigger that writes only what differs."""

import django.db.models.deletion
from django.db import migrations, models

_INTERESTS = """
    CREATE OR REPLACE FUNCTION subscribers_keep_interest_ids() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- An import writes the same ids into a million new rows itself (subscribers/importing/merging.py).
        IF current_setting('ukebrev.interest_ids', true) = 'written' THEN
            RETURN NULL;
        END IF;
        UPDATE subscribers_subscriber s SET interest_ids = f.ids
        FROM (
            SELECT t.subscriber_id, COALESCE(array_agg(n.interest_id ORDER BY n.interest_id)
                                             FILTER (WHERE n.interest_id IS NOT NULL), '{}') AS ids
            FROM (SELECT DISTINCT subscriber_id FROM touched) t
            LEFT JOIN subscribers_subscription n ON n.subscriber_id = t.subscriber_id
            GROUP BY t.subscriber_id
        ) f
        WHERE s.id = f.subscriber_id AND s.interest_ids IS DISTINCT FROM f.ids;
        RETURN NULL;
    END $$;
"""
_INTERESTS_BEFORE = """
    CREATE OR REPLACE FUNCTION subscribers_keep_interest_ids() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE subscribers_subscriber s SET interest_ids = COALESCE(
            (SELECT array_agg(n.interest_id ORDER BY n.interest_id) FROM subscribers_subscription n WHERE n.subscriber_id = s.id), '{}')
        WHERE s.id IN (SELECT subscriber_id FROM touched);
        RETURN NULL;
    END $$;
"""
# Sheets are compressed or don't gain by it, and a million short rows are written once.
_STORAGE = "ALTER TABLE subscribers_sheetpiece ALTER COLUMN content SET STORAGE EXTERNAL"

_OUTCOMES = [
    ("added", "Added"), ("recorded", "Recorded"), ("changed", "Changed"), ("unchanged", "Unchanged"),
    ("duplicate", "Duplicate"), ("left-alone", "Left Alone"), ("rejected", "Rejected"),
]


class Migration(migrations.Migration):

    dependencies = [("subscribers", "0004_kept_by_the_database")]
    operations = [
        migrations.AlterField(
            "subscription",
            "subscriber",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="subscriptions", to="subscribers.subscriber"
            ),
        ),
        migrations.RemoveField("import", "content"),
        migrations.AddField("import", "step", models.CharField(blank=True, max_length=20), preserve_default=False),
        migrations.CreateModel(
            name="SheetPiece",
            fields=[
                ("pk", models.CompositePrimaryKey("of_id", "number", blank=True, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("of", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="pieces", to="subscribers.import")),
            ],
        ),
        migrations.RunSQL(_STORAGE, migrations.RunSQL.noop),
        migrations.DeleteModel("ImportRow"),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("pk", models.CompositePrimaryKey("of_id", "number", blank=True, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(help_text="Of the row in the sheet, counted from 1 with the heading.")),
                ("outcome", models.CharField(choices=_OUTCOMES, max_length=10)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("subscriber_id", models.BigIntegerField(null=True)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("of", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="subscribers.import")),
            ],
            options={"ordering": ["of_id", "number"]},
        ),
        migrations.RunSQL(_INTERESTS, _INTERESTS_BEFORE),
    ]
