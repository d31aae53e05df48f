import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("subscribers", "0006_audiences")]
    operations = [
        migrations.CreateModel(
            name="OwedMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("signup", "Signup"), ("link", "Link"), ("welcome", "Welcome"), ("new-address", "New Address"), ("old-address", "Old Address"), ("reminder", "Reminder"), ("still-wanted", "Still Wanted")], max_length=12)),
                ("address", models.CharField(blank=True, max_length=254)),
                ("detail", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("outcome", models.CharField(blank=True, choices=[("", "Owed"), ("sent", "Sent"), ("refused", "Refused"), ("not-needed", "Not Needed"), ("given-up", "Given Up")], default="", max_length=10)),
                ("problem", models.TextField(blank=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("subscriber", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="owed_mails", to="subscribers.subscriber")),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="owed_mail_due")],
            },
        ),
    ]
