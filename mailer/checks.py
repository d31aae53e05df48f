"""What is wrong with the settings and with the servers they name, in sentences for people.

Importing it registers the check of the settings with Django, which runs it before every management command. Whether
a server can be reached is asked by who needs to know: `ukebrev doctor`, and commands before they begin.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import psycopg
import redis
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Critical, Warning, register  # noqa: A004  # Django's name for it

from mailer.sending.headers import SenderError, read_mailbox
from mailer.sending.relays import Relay, RelayError, configured_relays
from mailer.sending.verp import LARGEST_ID, BounceAddressError, bounce_address

_SECONDS = 5
# Waited for in full only when none answers. A worker on a busy machine may take a second.
_WORKER_SECONDS = 3.0
_HERE = {"localhost", "127.0.0.1", "::1"}


@register()
def check_relay_setting(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Django's check of SMTP_URL: it must be understood before the first letter is sent."""
    try:
        relays = configured_relays()
    except RelayError as error:
        return [Critical(str(error), id="mailer.E001")]
    return [
        Warning(
            f"SMTP_URL: the secret of {relay} crosses the network in the clear; use smtps:// or smtp+starttls://.",
            id="mailer.W001",
        )
        for relay in relays
        if relay.password and relay.security == "none" and relay.host not in _HERE and not relay.socket_path
    ]


@register()
def check_signing_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Django's check of the DKIM_ settings: the keys can be used, and receivers will see that they are the sender's."""
    from mailer.sending.dkim import DkimError, configured_signers  # noqa: PLC0415  # rendering is loaded with it

    try:
        signers = configured_signers()
    except DkimError as error:
        return [Critical(str(error), id="mailer.E002")]
    sender = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2].lower()
    return [] if not signers or _aligned(sender, settings.DKIM_DOMAIN) else [_not_aligned(sender)]


@register()
def check_bounce_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Django's check of VERP: there must be an address to vary."""
    if settings.VERP and not settings.MAIL_BOUNCES_TO:
        return [Critical("VERP: is on, and MAIL_BOUNCES_TO, the address that is varied, is not set.", id="mailer.E003")]
    if settings.VERP:
        try:
            bounce_address(read_mailbox(settings.MAIL_BOUNCES_TO).address, LARGEST_ID)
        except (SenderError, BounceAddressError) as problem:
            return [Critical(f"MAIL_BOUNCES_TO, with VERP: {problem}", id="mailer.E004")]
    return []


def letterhead_remarks() -> list[CheckMessage]:
    """Whether letters can have the look and the sender that the settings name.

    For the doctor, as it draws a letter. Keeps nothing.
    """
    from mailer.checking.letterhead import placeholders_in  # noqa: PLC0415  # rendering is loaded with it
    from mailer.rendering.own_sender import own_sender  # noqa: PLC0415
    from mailer.rendering.slots import SlotError  # noqa: PLC0415
    from mailer.rendering.template_check import check_templates  # noqa: PLC0415
    from mailer.rendering.templates import BrokenTemplateError  # noqa: PLC0415
    from mailer.rendering.theme import load_theme  # noqa: PLC0415
    from mailer.rendering.toml_tables import SettingsError  # noqa: PLC0415

    folder = settings.ORGANISATION_FOLDER
    try:
        theme = load_theme(settings.THEME, Path(folder) if folder else None)
        if folder:
            check_templates(theme)
    except (BrokenTemplateError, SettingsError, SlotError) as error:
        name = "ORGANISATION_FOLDER" if folder else "THEME"
        return [
            Critical(f"{name}: {error} Letters go out as the templates last worked, or not at all.", id="mailer.E004")
        ]
    placeholders = placeholders_in(own_sender(theme, settings.ORGANISATION_NAME, settings.POSTAL_ADDRESS))
    if not placeholders:
        return []
    named = ", ".join(f"“{line}”" for line in placeholders)
    return [
        Warning(
            f"Sender: {named} stands where the sender's name and postal address belong; set ORGANISATION_NAME and POSTAL_ADDRESS.",
            id="mailer.W003",
        )
    ]


def remarks() -> Iterator[CheckMessage]:
    """What the checks of this file have to say about the settings, for the doctor."""
    for check in (check_relay_setting, check_signing_settings, check_bounce_settings):
        yield from check(None)


def _aligned(sender: str, signing: str) -> bool:
    # RFC 7489, 3.1.1: relaxed alignment is that of the organisation's domain. Which part that is only the public suffix list knows;
    # one below the other is always aligned, if it isn't a whole country's.
    return sender == signing or sender.endswith(f".{signing}") or signing.endswith(f".{sender}")


def _not_aligned(sender: str) -> CheckMessage:
    return Warning(
        f"DKIM_DOMAIN: {settings.DKIM_DOMAIN} signs mail from {sender}; receivers that ask for DMARC don't count such a signature.",
        id="mailer.W002",
    )


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


def worker_answers() -> bool:
    """Returns whether any worker answers. To be asked only while Redis does, through which it is."""
    from mailer import celery  # noqa: F401, PLC0415  # makes our application the one that is asked
    from mailer.sending.workers import any_worker  # noqa: PLC0415

    return any_worker(_WORKER_SECONDS)


def relay_problem() -> str | None:
    """Returns why no mail server can be used, or None; each is greeted and logged in to until one can, and no mail is sent."""
    problems = []
    try:
        for relay in configured_relays():
            problem = _problem_of(relay)
            if problem is None:
                return None
            problems.append(problem)
    except RelayError as error:
        return str(error)
    return " ".join(problems)


def relays_looked_at() -> Iterator[tuple[Relay, str | None]]:
    """Returns each mail server with why it can't be used, or None; nothing while the setting can't be understood."""
    with contextlib.suppress(RelayError):
        for relay in configured_relays():
            yield relay, _problem_of(relay)


def _problem_of(relay: Relay) -> str | None:
    from mailer.sending.smtp import probe  # noqa: PLC0415  # commands that send nothing need not load it
    from mailer.sending.wire import RelayUnavailable  # noqa: PLC0415

    try:
        probe(replace(relay, timeout=min(relay.timeout, _SECONDS)))
    except RelayUnavailable as error:
        if "inbox" in settings.EMBEDDED:
            return f"The local inbox is not running ({relay}); `ukebrev up` or `make run` starts it."
        return f"SMTP_URL: {_first_line(error)}"
    return None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


_PROBLEMS: dict[str, Callable[[], str | None]] = {
    "postgres": postgres_problem,
    "redis": redis_problem,
    "relay": relay_problem,
}
