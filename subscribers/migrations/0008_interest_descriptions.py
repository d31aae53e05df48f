from django.db import migrations, models


class Migration(migrations.Migration):
    """An interest may say in one line what it is about."""

    dependencies = [("subscribers", "0007_signup")]
    operations = [
        migrations.AddField("interest", "description_nb", models.CharField(blank=True, default="", max_length=160), preserve_default=False),
        migrations.AddField("interest", "description_en", models.CharField(blank=True, default="", max_length=160), preserve_default=False),
    ]
