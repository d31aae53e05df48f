"""The settings can be read anywhere, say what is missing, and are all documented."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mailer import settings as read_settings
from mailer.local.paths import PACKAGE_PARENT

SHOW = """
import json, sys
from mailer.environment import EnvironmentProblem
try:
    from mailer import settings
except EnvironmentProblem as problem:
    sys.exit(str(problem))
settings.EMBEDDED = sorted(settings.EMBEDDED)
print(json.dumps({name: str(value) for name, value in vars(settings).items() if name.isupper()}))
"""


def read(var: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Reads the settings in a process of its own, with nothing but these variables."""
    environment = {"PATH": os.environ["PATH"], "UKEBREV_VAR": str(var), **variables}
    command = [sys.executable, "-c", SHOW]
    return subprocess.run(command, cwd=PACKAGE_PARENT, env=environment, capture_output=True, text=True, check=False)


def values(var: Path, **variables: str) -> dict[str, str]:
    done = read(var, **variables)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_without_any_variable_everything_is_embedded_and_nothing_is_started(tmp_path: Path) -> None:
    found = values(tmp_path / "var")
    assert found["EMBEDDED"] == "['inbox', 'postgres', 'redis']"
    assert found["REDIS_URL"].startswith("unix:///")
    assert found["CELERY_BROKER_URL"].startswith("redis+socket:///")
    assert {path.name for path in (tmp_path / "var").iterdir()} == {"run", "log", "secret-key", "suppression-key"}
    assert list((tmp_path / "var" / "run").iterdir()) == []


def test_the_secret_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    first, second = values(tmp_path), values(tmp_path)
    assert first["SECRET_KEY"] == second["SECRET_KEY"] != first["SUPPRESSION_KEY"]
    assert len(first["SECRET_KEY"]) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_service_with_its_own_database_must_be_told_what_cannot_be_made_up(tmp_path: Path) -> None:
    done = read(tmp_path / "var", DATABASE_URL="postgres://u:p%40ss@db/ukebrev")
    assert done.returncode == 1
    named = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert named == ["SECRET_KEY", "SUPPRESSION_KEY", "MAIL_FROM"]
    assert "make one with: python3 -c" in done.stderr
    assert not (tmp_path / "var").exists()


def test_servers_elsewhere_are_used_as_their_addresses_say(tmp_path: Path) -> None:
    secrets = {"SECRET_KEY": "k" * 50, "SUPPRESSION_KEY": "s" * 50, "MAIL_FROM": "Uke <uke@example.org>"}
    (tmp_path / "db").write_text("postgres://u:p%40ss@db:5433/ukebrev\n")
    found = values(
        tmp_path,
        **secrets,
        DATABASE_URL_FILE=str(tmp_path / "db"),
        REDIS_URL="rediss://:x@cache:6380/1",
        SMTP_URL="smtps://user:secret@mail:465",
        SITE_URL="https://uke.example.org/",
    )
    assert "'PASSWORD': 'p@ss'" in found["DATABASES"]
    assert found["CELERY_BROKER_URL"] == "rediss://:x@cache:6380/1"
    assert found["EMBEDDED"] == "[]"
    assert found["SESSION_COOKIE_SECURE"] == "True"
    assert "uke.example.org" in found["ALLOWED_HOSTS"]
    assert found["SITE_URL"] == "https://uke.example.org"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u@db/x"),
        ("DATABASE_URL", "postgres://u:100%@db:port/x"),
        ("REDIS_URL", "http://cache"),
        ("SMTP_URL", "mail.example.org"),
        ("MAIL_FROM", "nobody"),
        ("SITE_URL", "uke.example.org"),
        ("LOG_LEVEL", "loud"),
        ("PORT", "eighty"),
        ("TIME_ZONE", "Kirkenes"),
        ("SMTP_URL", "smtp://one smtp://two?wieght=3"),
        ("DOMAIN_LIMITS", "gmail.com=fast"),
        ("DOMAIN_LIMITS", "gmail=5"),
        ("CONNECTIONS_PER_WORKER", "0"),
        ("LEASE_SECONDS", "9"),
        ("UNCERTAIN", "guess"),
        ("CANARY_REFUSALS_PERCENT", "101"),
        ("RESUME_WITHIN_DAYS", "0"),
        ("SIGNUPS_PER_NETWORK", "many"),
        ("SIGNUPS_IN_ALL", "0/1h"),
        ("MAILS_PER_ADDRESS", "1"),
        ("ERASE_UNSUBSCRIBED_MONTHS", "121"),
        ("TRACKING", "perhaps"),
        ("VERP", "yes"),
        ("DKIM_DOMAIN", "example.org"),
        ("DKIM_KEY", "-----BEGIN PRIVATE KEY-----"),
        ("DKIM_ED25519_KEY", "-----BEGIN PRIVATE KEY-----"),
    ],
)
def test_a_value_that_cannot_be_understood_is_told_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    done = read(tmp_path, DEBUG="yes", **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name}: ")
    assert "Traceback" not in done.stderr


def test_sending_is_set_by_what_is_said_and_else_by_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "relays").write_text("smtps://one\n  smtp://two?per_second=5\n")
    found = values(
        tmp_path,
        SMTP_URL_FILE=str(tmp_path / "relays"),
        DOMAIN_LIMITS="Gmail.com=5, outlook.com=0.5",
        VERP="on",
        MAIL_BOUNCES_TO="bounces@example.org",
        DKIM_DOMAIN="Kåfjord.no",
        DKIM_SELECTOR="uke",
        DKIM_KEY="-----BEGIN-----\\nkey\\n-----END-----",
    )
    assert found["SMTP_URL"].split() == ["smtps://one", "smtp://two?per_second=5"]
    assert found["DOMAIN_LIMITS"] == "{'gmail.com': 5.0, 'outlook.com': 0.5}"
    assert (found["DKIM_DOMAIN"], found["DKIM_KEY"]) == ("xn--kfjord-iua.no", "-----BEGIN-----\nkey\n-----END-----")
    defaults = ("CONNECTIONS_PER_WORKER", "LEASE_SECONDS", "UNCERTAIN", "CANARY_REFUSALS_PERCENT")
    assert [found[name] for name in defaults] == ["4", "60", "send", "5"]


def test_what_is_set_for_the_list_is_what_counts(tmp_path: Path) -> None:
    found = values(
        tmp_path, SIGNUPS_IN_ALL="5/1m", MAILS_PER_ADDRESS="2/1h", ERASE_UNSUBSCRIBED_MONTHS="24", TRACKING="yes"
    )
    named = ("SIGNUPS_IN_ALL", "MAILS_PER_ADDRESS", "ERASE_UNSUBSCRIBED_MONTHS", "TRACKING", "SIGNUPS_PER_NETWORK")
    assert [found[name] for name in named] == [
        "((5, 60),)",
        "((2, 3600),)",
        "24",
        "True",
        "((20, 600), (100, 86400))",
    ]


def test_every_setting_that_is_read_is_documented_and_the_other_way_round() -> None:
    text = (PACKAGE_PARENT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, flags=re.MULTILINE))
    asked = {name for name in read_settings.environment.known if not name.endswith("_FILE")}
    assert documented == asked
