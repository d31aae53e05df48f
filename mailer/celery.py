"""The Celery application, and the one table of everything that happens periodically."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.settings")

app = Celery("ukebrev")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Named one by one: autodiscovery without names looks only into installed apps, and would find no tasks of ours.
app.autodiscover_tasks(["mailer.sending"])

# Beat only ticks; what is due is computed from our own tables, so that a late or a second beat does no harm.
app.conf.beat_schedule = {
    "sweep": {"task": "mailer.sending.tasks.sweep", "schedule": 20.0, "options": {"expires": 20}},
}
