"""Django's settings, each from an environment variable; docs/settings.md lists them.

Reading this file starts no server and asks no network. On a machine that keeps its database in `var/`, the first
reading makes the secret keys there.
"""

import os
import ssl
import warnings
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url

from mailer.environment import Environment
from mailer.local import paths
from mailer.local.inbox_service import HOST as INBOX_HOST
from mailer.local.inbox_service import stored_port
from mailer.local.keys import stored_key
from mailer.local.postgres import DATABASE, USER, Postgres
from mailer.local.problems import LocalProblem
from mailer.local.redis_server import Redis
from mailer.sending.relays import RelayError, relays_from_text

environment = Environment()
_var = paths.var()
environment.known.add("UKEBREV_VAR")

VAR = str(_var.root)
DEBUG = environment.boolean("DEBUG", default=False)
LOG_LEVEL = environment.text("LOG_LEVEL", "INFO").upper()

_MAKE_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"

# --- Servers -----------------------------------------------------------------------------------------------------

_database_url = environment.secret("DATABASE_URL")
_redis_url = environment.secret("REDIS_URL")
_smtp_url = environment.secret("SMTP_URL")
# Which servers are this machine's own (see mailer/local).
EMBEDDED = {name for name, url in (("postgres", _database_url), ("redis", _redis_url), ("inbox", _smtp_url)) if not url}
# A service for others has its own database; what it can't do without must then be said and is never made up.
IS_LOCAL = not _database_url or DEBUG

_ENGINE = "django.db.backends.postgresql"


def _database() -> dict[str, Any]:
    if not _database_url:
        return {"NAME": DATABASE, "USER": USER, "HOST": str(Postgres(_var).sockets)}
    try:
        read: dict[str, Any] = {**dj_database_url.parse(_database_url)}
    except ValueError:
        read = {}
    if read.get("ENGINE") != _ENGINE or not read["NAME"]:
        environment.complain(
            "DATABASE_URL", "is not like postgres://user:secret@host:5432/name (% in a secret is %25)."
        )
    return read


def _secret_key(name: str, file: str) -> str:
    given = environment.secret(name)
    try:
        if given or not IS_LOCAL:
            return given or _missing(name, f"make one with: {_MAKE_KEY}")
        return stored_key(_var, file)
    except LocalProblem as problem:
        environment.complain(name, str(problem))
        return ""


def _missing(name: str, remedy: str) -> str:
    environment.complain(name, f"is needed, because DATABASE_URL is set; {remedy}.")
    return ""


DATABASES = {
    # A connection is kept for a minute (in seconds), and tried before it is used again: the server may have restarted.
    "default": {**_database(), "ENGINE": _ENGINE, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if _redis_url and urlsplit(_redis_url).scheme not in {"redis", "rediss", "unix"}:
    environment.complain("REDIS_URL", "begins with none of redis://, rediss:// (TLS) and unix://.")
REDIS_URL = _redis_url or f"unix://{Redis(_var).socket}?db=0"

SMTP_URL = _smtp_url or f"smtp://{INBOX_HOST}:{stored_port(_var)}"
try:
    relays_from_text(SMTP_URL)
except RelayError as _problem:
    environment.complain("SMTP_URL", str(_problem).removeprefix("SMTP_URL: "))

# --- Secrets -----------------------------------------------------------------------------------------------------

SECRET_KEY = _secret_key("SECRET_KEY", "secret-key")
SECRET_KEY_FALLBACKS = [key for key in environment.secret("SECRET_KEY_FALLBACKS").split(",") if key]
# Apart from SECRET_KEY, which may be changed: the hashes of erased addresses can't be made again with another key.
SUPPRESSION_KEY = _secret_key("SUPPRESSION_KEY", "suppression-key")

# --- The organisation and its mail -------------------------------------------------------------------------------

# A folder with the organisation's own theme, templates and table of words that suggest interests, laid out as
# templates/email/ is.
ORGANISATION_FOLDER = environment.text("ORGANISATION_FOLDER")
if ORGANISATION_FOLDER and not Path(ORGANISATION_FOLDER).is_dir():
    environment.complain("ORGANISATION_FOLDER", f"there is no folder {ORGANISATION_FOLDER}.")
# Empty: as the theme has them.
ORGANISATION_NAME = environment.text("ORGANISATION_NAME")
POSTAL_ADDRESS = environment.text("POSTAL_ADDRESS")
THEME = environment.text("THEME", "arctic")

MAIL_FROM = environment.text("MAIL_FROM") or (
    "ukebrev@ukebrev.example" if IS_LOCAL else _missing("MAIL_FROM", "it is the address that letters come from")
)
MAIL_REPLY_TO = environment.text("MAIL_REPLY_TO")
MAIL_BOUNCES_TO = environment.text("MAIL_BOUNCES_TO")
LIST_ID = environment.text("LIST_ID")
for _name, _address in (
    ("MAIL_FROM", MAIL_FROM),
    ("MAIL_REPLY_TO", MAIL_REPLY_TO),
    ("MAIL_BOUNCES_TO", MAIL_BOUNCES_TO),
):
    if _address and "@" not in parseaddr(_address)[1]:
        environment.complain(_name, f"{_address!r} is not an address like ann@example.org.")

VERP = environment.boolean("VERP", default=False)
if VERP and not MAIL_BOUNCES_TO:
    environment.complain("VERP", "is on, and MAIL_BOUNCES_TO, the address that is varied for each reader, is not set.")

# --- Sending -----------------------------------------------------------------------------------------------------

# Messages a second to a recipient's domain, all workers and relays together.
DOMAIN_LIMITS = environment.rates("DOMAIN_LIMITS")
CONNECTIONS_PER_WORKER = environment.integer("CONNECTIONS_PER_WORKER", 4, low=1, high=64)
WORKERS_KEEP_TO_PROCESSORS = environment.boolean("WORKERS_KEEP_TO_PROCESSORS", default=True)
LEASE_SECONDS = environment.integer("LEASE_SECONDS", 60, low=10, high=3600)
LEASE_GRACE_SECONDS = environment.integer("LEASE_GRACE_SECONDS", 30, low=0, high=3600)
UNCERTAIN = environment.choice("UNCERTAIN", ("send", "hold"))
RESUME_WITHIN_DAYS = environment.integer("RESUME_WITHIN_DAYS", 3, low=1, high=365)
CANARY_REFUSALS_PERCENT = environment.integer("CANARY_REFUSALS_PERCENT", 5, low=0, high=100)

DKIM_DOMAIN = environment.domain("DKIM_DOMAIN")
DKIM_SELECTOR = environment.text("DKIM_SELECTOR")
# A file of variables has one line for each: \n stands for the line breaks of PEM there.
DKIM_KEY = environment.secret("DKIM_KEY").replace("\\n", "\n")
DKIM_ED25519_SELECTOR = environment.text("DKIM_ED25519_SELECTOR")
DKIM_ED25519_KEY = environment.secret("DKIM_ED25519_KEY").replace("\\n", "\n")
for _name, _key, _selector in (
    ("DKIM_KEY", DKIM_KEY, DKIM_SELECTOR),
    ("DKIM_ED25519_KEY", DKIM_ED25519_KEY, DKIM_ED25519_SELECTOR),
):
    if _key and not (DKIM_DOMAIN and _selector):
        _wanted = f"DKIM_DOMAIN and {_name.removesuffix('KEY')}SELECTOR"
        environment.complain(_name, f"is set; then {_wanted} must be set too, or nobody finds the public key.")
if DKIM_DOMAIN and not (DKIM_KEY or DKIM_ED25519_KEY):
    environment.complain("DKIM_DOMAIN", "is set, and there is no key to sign with: set DKIM_KEY or DKIM_ED25519_KEY.")

# --- The list ----------------------------------------------------------------------------------------------------

# What anybody may make us do from outside: how many within how many seconds.
SIGNUPS_PER_NETWORK = environment.windows("SIGNUPS_PER_NETWORK", "20/10m 100/1d")
SIGNUPS_IN_ALL = environment.windows("SIGNUPS_IN_ALL", "2000/1h")
MAILS_PER_ADDRESS = environment.windows("MAILS_PER_ADDRESS", "1/1h 3/1d")
# 0: those who left stay, so that no import brings them back.
ERASE_UNSUBSCRIBED_MONTHS = environment.integer("ERASE_UNSUBSCRIBED_MONTHS", 0, high=120)
# Whether anything outside of this program, a relay for one, tracks what readers do.
TRACKING = environment.boolean("TRACKING", default=False)

# --- Web ---------------------------------------------------------------------------------------------------------

PORT = environment.integer("PORT", 8000, low=1, high=65535)
SITE_URL = environment.url("SITE_URL", f"http://localhost:{PORT}")
_site = urlsplit(SITE_URL)
_https = _site.scheme == "https"
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", f"{_site.hostname},localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = environment.integer("HSTS_SECONDS", 0)
# The preview of a letter is a frame in a page of ours.
X_FRAME_OPTIONS = "SAMEORIGIN"
if environment.boolean("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = _https
    # An orchestrator asks for it without TLS, from beside us.
    SECURE_REDIRECT_EXEMPT = ["^health$"]

ROOT_URLCONF = "mailer.urls"
CSRF_FAILURE_VIEW = "mailer.public.errors.csrf_failed"
WSGI_APPLICATION = "mailer.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "subscribers.apps.SubscribersConfig",
    "mailer.apps.MailerConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mailer.public.policy.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [paths.PACKAGE_PARENT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mailer.public.context.organisation",
            ],
        },
    },
]
STATIC_URL = "static/"
STATIC_ROOT = _var.root / "static"
# A checkout serves its static files from where they are; an image that has collected them serves those.
warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": _static if WHITENOISE_USE_FINDERS else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Norsk bokmål"), ("en", "English")]
LOCALE_PATHS = [paths.PACKAGE_PARENT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.text("TIME_ZONE", "Europe/Oslo")
if TIME_ZONE not in available_timezones():
    environment.complain("TIME_ZONE", f"{TIME_ZONE!r} is not a time zone like Europe/Oslo.")

# --- The queue ---------------------------------------------------------------------------------------------------

# Celery calls a Unix socket redis+socket, redis-py calls it unix, and each has its own name for the database number.
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED} if REDIS_URL.startswith("rediss://") else False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# In seconds. Longer than any batch takes; what really keeps two workers from one batch is its lease in PostgreSQL.
# Queues are looked at in the order of the alphabet: a worker takes from SENDING_QUEUE when nothing else waits.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "queue_order_strategy": "sorted",
    # In seconds, and twice that in all: a Redis that hangs keeps no page and no command waiting, and what can't be queued the sweep queues.
    # A worker that waits for work asks anew each second.
    "socket_timeout": 2.0,
    "socket_connect_timeout": 2.0,
}
# Once more at once: a Redis that was restarted has closed the connections that we keep. One that hangs would hang again.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
# There is always more to send. A confirmation that somebody waits for, or the sweep, goes first, so it has a queue of its own. A worker
# that is started without -Q takes from all. An import takes minutes and can't take turns; so that workers for small tasks alone get none of
# them, they have a queue too.
CELERY_TASK_DEFAULT_QUEUE, IMPORTS_QUEUE, SENDING_QUEUE = "celery", "imports", "sending"
CELERY_TASK_QUEUES = {
    _queue: {"exchange": _queue, "routing_key": _queue}
    for _queue in (CELERY_TASK_DEFAULT_QUEUE, IMPORTS_QUEUE, SENDING_QUEUE)
}
CELERY_TASK_ROUTES = {
    _task: {"queue": _queue, "routing_key": _queue}
    for _task, _queue in (
        ("mailer.sending.tasks.send_batch", SENDING_QUEUE),
        ("mailer.sending.tasks.make_rows", SENDING_QUEUE),
        ("mailer.scheduling.tasks.run_import", IMPORTS_QUEUE),
    )
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Two at least: one import at a time is under way in all workers, and leaves the other process to those who wait.
CELERY_WORKER_CONCURRENCY = environment.integer("WORKER_CONCURRENCY", 0) or max(os.cpu_count() or 1, 2)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A worker that loses Redis for a moment ends what it does: PostgreSQL, not Redis, says what was done.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(_var.run / "beat-schedule")

# --- Log ---------------------------------------------------------------------------------------------------------

_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
if LOG_LEVEL not in _LEVELS:
    environment.complain("LOG_LEVEL", f"{LOG_LEVEL!r} is none of {', '.join(sorted(_LEVELS))}.")
    LOG_LEVEL = "INFO"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Django's own handlers would write the same lines a second time, or mail them.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # Its warnings hold whole addresses of pages, and so the tokens in them.
        "django.request": {"level": "ERROR"},
    },
}

environment.check()
