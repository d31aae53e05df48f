"""The Celery application, and the one table of everything that happens periodically."""

import gc
import logging
import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_after_setup, celeryd_init, worker_process_init

# For its receivers of Celery's signals.
from mailer.sending import processors  # noqa: F401  # see above

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.settings")

logger = logging.getLogger(__name__)

app = Celery("ukebrev")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Named one by one: autodiscovery without names looks only into installed apps, and would find no tasks of ours.
app.autodiscover_tasks(["mailer.sending", "mailer.transactional", "mailer.scheduling", "mailer.feedback"])

# Beat only ticks; what is due is computed from our own tables, so that a late or a second beat does no harm.
app.conf.beat_schedule = {
    "sweep": {"task": "mailer.sending.tasks.sweep", "schedule": 20.0, "options": {"expires": 20}},
    "sweep-mail": {"task": "mailer.transactional.tasks.sweep_mail", "schedule": 20.0, "options": {"expires": 20}},
    "sweep-imports": {"task": "mailer.scheduling.tasks.sweep_imports", "schedule": 60.0, "options": {"expires": 60}},
    # Each day, though its rules speak of weeks and months: a machine that was off on the one day would miss a week.
    "clean-up": {"task": "mailer.feedback.tasks.clean_up_lists", "schedule": 86400.0, "options": {"expires": 3600}},
}


@worker_process_init.connect
def _collect_seldom(**kwargs: object) -> None:
    """What is loaded stays, and of what comes for each message hardly anything is in a cycle: looking through it all would be in vain."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


# Celery's warning of root is of seven lines, and of tasks in pickle, of which a worker of ours takes none.
@celeryd_init.connect
def _without_celerys_warning(**kwargs: object) -> None:
    if os.geteuid() == 0:
        warnings.filterwarnings("ignore", "You're running the worker with superuser privileges", SecurityWarning)


@celeryd_after_setup.connect
def _warn_of_root(**kwargs: object) -> None:
    if os.geteuid() == 0:
        logger.warning("The worker runs as root and needs no such rights: start it as a user of its own.")
