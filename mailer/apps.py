"""Django's registration of the mail app."""

from django.apps import AppConfig


class MailerConfig(AppConfig):
    """Issue -> Campaign -> Delivery -> Feedback: one chain of foreign keys, one app."""

    name = "mailer"
    verbose_name = "Ukebrev"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the settings, and make our Celery application the current one."""
        # Importing does it, and is possible only now that the settings are read.
        from mailer import celery, checks  # noqa: F401, PLC0415
