"""What is wrong with the settings and with the servers they name, in sentences for people.

Importing it registers the check of the settings with Django, which runs it before every management command. Whether
a server can be reached is asked by who needs to know: `ukebrev doctor`, and commands before they begin.
"""

import smtplib
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import redis
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Critical, register

from mailer.sending.relays import Relay, RelayError, configured_relay

_SECONDS = 5


@register()
def check_relay_setting(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Django's check of SMTP_URL: it must be understood before the first letter is sent."""
    try:
        configured_relay()
    except RelayError as error:
        return [Critical(str(error), id="mailer.E001")]
    return []


def unreachable(*names: str) -> list[str]:
    """Returns a sentence for each of these servers (postgres, redis, relay; else all) that can't be used."""
    asked = names or tuple(_PROBLEMS)
    return [problem for name in asked if (problem := _PROBLEMS[name]())]


def postgres_problem() -> str | None:
    """Returns why the database can't be used, or None."""
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    host = database.get("HOST") or options.get("host") or "localhost"
    where = f"{host}:{database.get('PORT') or 5432}"
    own = {"user": database.get("USER"), "password": database.get("PASSWORD"), "port": database.get("PORT")}
    given = {name: value for name, value in own.items() if value}
    try:
        known = {**options, "host": host, "connect_timeout": _SECONDS}
        psycopg.connect(dbname=database["NAME"], **given, **known).close()
    except psycopg.Error as error:
        _, answered, said = str(error).partition("FATAL:")
        if "postgres" in settings.EMBEDDED:
            return f"The embedded PostgreSQL is not running ({where}); `ukebrev up` or `make run` starts it."
        if answered:
            return f"DATABASE_URL: postgres at {where} answers, and says: {said.strip()}"
        return f"DATABASE_URL: cannot reach postgres at {where}: is it running? ({_first_line(error)})"
    return None


def redis_problem() -> str | None:
    """Returns why Redis can't be used, or None."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    place = client.connection_pool.connection_kwargs
    where = place.get("path") or f"{place.get('host', 'localhost')}:{place.get('port', 6379)}"
    try:
        with client:
            client.ping()
    except redis.AuthenticationError as error:
        return f"REDIS_URL: redis at {where} refuses our user or secret: {_first_line(error)}"
    except redis.RedisError as error:
        if "redis" in settings.EMBEDDED:
            return f"The embedded Redis is not running ({where}); `ukebrev up` or `make run` starts it."
        return f"REDIS_URL: cannot reach redis at {where}: is it running? ({_first_line(error)})"
    return None


def relay_problem() -> str | None:
    """Returns why the mail server can't be used, or None; it is greeted and logged in to, and no mail is sent."""
    try:
        relay = configured_relay()
    except RelayError as error:
        return str(error)
    try:
        _greet(relay)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"SMTP_URL: the mail server at {relay} answers {error.smtp_code} {said}"
    except (OSError, smtplib.SMTPException) as error:
        if "inbox" in settings.EMBEDDED:
            return f"The local inbox is not running ({relay}); `ukebrev up` or `make run` starts it."
        return f"SMTP_URL: cannot reach the mail server at {relay}: {_first_line(error)}"
    return None


def _greet(relay: Relay) -> None:
    kind = smtplib.SMTP_SSL if relay.security == "tls" else smtplib.SMTP
    with kind(relay.host, relay.port, timeout=_SECONDS) as connection:
        if relay.security == "starttls":
            connection.starttls()
        if relay.user:
            connection.login(relay.user, relay.password)
        else:
            connection.ehlo()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


_PROBLEMS: dict[str, Callable[[], str | None]] = {
    "postgres": postgres_problem,
    "redis": redis_problem,
    "relay": relay_problem,
}
