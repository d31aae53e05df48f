"""Django's registration of the mail app."""

from django.apps import AppConfig


class MailerConfig(AppConfig):
    """Issue -> Campaign -> Delivery -> Feedback: one chain of foreign keys, one app."""

    name = "mailer"
    verbose_name = "Ukebrev"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks, make our Celery application the current one, and connect what `subscribers` must not know.

        That is the queue of mails that are owed, and the counters in Redis.
        """
        # Importing does the first two, and is possible only now that the settings are read.
        from mailer import celery, checks  # noqa: F401, PLC0415
        from mailer.public.counters import RedisCounters  # noqa: PLC0415
        from mailer.transactional.queueing import on_mail_owed  # noqa: PLC0415
        from subscribers import limits, signals  # noqa: PLC0415

        limits.use(RedisCounters())
        signals.mail_owed.connect(on_mail_owed, dispatch_uid="transactional")
