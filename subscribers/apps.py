"""Django's registration of the app."""

from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    """People, interests, consent and suppressions."""

    name = "subscribers"
    verbose_name = "Subscribers"
    default_auto_field = "django.db.models.BigAutoField"
