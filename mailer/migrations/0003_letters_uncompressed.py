"""Frozen letters are kept as they are: compressing them took as long as all the rest of storing, and they are read back at once."""

from django.db import migrations

COLUMNS = ("html", "text", "compiled")


def storage(kind):
    return [f"ALTER TABLE mailer_variant ALTER COLUMN {column} SET STORAGE {kind}" for column in COLUMNS]


class Migration(migrations.Migration):
    dependencies = [("mailer", "0002_images_translations_calendars")]
    operations = [migrations.RunSQL(storage("EXTERNAL"), storage("EXTENDED"))]
