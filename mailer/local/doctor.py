"""What is found on this machine, what is embedded and what is wrong: the examination behind `ukebrev doctor`.

It starts nothing and changes nothing.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mailer.environment import EnvironmentProblem
from mailer.local import paths, redis_server
from mailer.local.locks import is_taken
from mailer.local.postgres import MAJOR, Postgres, program
from mailer.local.problems import LocalProblem
from mailer.local.processes import require_free
from mailer.local.service import Service
from mailer.local.services import KINDS, SETTING

Level = Literal["ok", "note", "error"]
_LEAST_FREE_GB = 1.0
_TOO_LITTLE_GB = 0.1
_START_A_WORKER = (
    "Start one: `make run` on one machine, `docker compose up --detach worker` with containers, "
    "`celery -A mailer.celery worker` elsewhere."
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and what to do about it if anything."""

    level: Level
    name: str
    found: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Looks at this machine and at the settings; the first findings are about what everything else needs."""
    place = paths.var()
    findings = [_python(), _directory(place)]
    problems = _settings_problems()
    if problems:
        return [*findings, *problems]
    from django.conf import settings  # noqa: PLC0415  # only once we know that they can be read

    servers = {
        name: _server(name, place, embedded=name in settings.EMBEDDED)
        for name in KINDS
        if name != "inbox" or name in settings.EMBEDDED
    }
    findings += [*servers.values(), *_worker(place, servers["redis"], settings.EMBEDDED), *_relays(settings.EMBEDDED)]
    return [*findings, *_remarks(), _port(place, settings.PORT), *_placeholders(settings.MAIL_FROM, settings.SITE_URL)]


def _python() -> Finding:
    return Finding("ok", "Python", f"{sys.version.split()[0]} in {sys.prefix}")


def _directory(place: paths.Var) -> Finding:
    nearest = next(path for path in (place.root, *place.root.parents) if path.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        owner = nearest.stat().st_uid
        remedy = "Set UKEBREV_VAR to a directory of your own, or let its owner run the command."
        return Finding("error", "Directory", f"{place.root} can't be written: {nearest} is user {owner}'s", remedy)
    free = shutil.disk_usage(nearest).free / 1e9
    found = f"{place.root}, with {free:.1f} GB free" + ("" if place.root.exists() else ", made at the first start")
    if free < _TOO_LITTLE_GB:
        return Finding("error", "Directory", found, "Make room: PostgreSQL can't start on a full disk.")
    if free < _LEAST_FREE_GB:
        return Finding("note", "Directory", found, "Make room: PostgreSQL stops when the disk is full.")
    return Finding("ok", "Directory", found)


def _settings_problems() -> list[Finding]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.settings")
    from django.conf import settings  # noqa: PLC0415  # reading them is what is tried here

    try:
        settings.configured or settings.DEBUG  # noqa: B018
    except EnvironmentProblem as problem:
        pairs = [sentence.partition(": ") for sentence in problem.sentences]
        return [Finding("error", name, found, "Mend it; docs/settings.md tells its form.") for name, _, found in pairs]
    return []


def _server(name: str, place: paths.Var, *, embedded: bool) -> Finding:
    kind = KINDS[name](place)
    if embedded:
        return _embedded(kind)
    from mailer import checks  # noqa: PLC0415  # it reads the settings

    problem = checks.unreachable(name)
    setting = SETTING[name]
    if problem:
        return Finding("error", kind.what, problem[0], f"Start it, or correct {setting}.")
    return Finding("ok", kind.what, f"answers, as {setting} says")


def _worker(place: paths.Var, queue: Finding, embedded: set[str]) -> Iterator[Finding]:
    """A finding about the workers, who are asked through the queue; none while that is at fault."""
    from mailer import checks  # noqa: PLC0415  # it reads the settings

    if queue.level != "ok":
        return
    if "redis" in embedded and not is_taken(redis_server.Redis(place).keeper):
        yield Finding("ok", "Worker", "started by `ukebrev up` or `make run`")
    elif checks.worker_answers():
        yield Finding("ok", "Worker", "one at least answers")
    else:
        yield Finding("note", "Worker", "none answers, so nothing is sent", _START_A_WORKER)


def _relays(embedded: set[str]) -> Iterator[Finding]:
    """A finding for each relay that the settings name: whether it answers, and its limits."""
    from mailer import checks  # noqa: PLC0415  # it reads the settings

    if "inbox" in embedded:
        return
    for relay, problem in checks.relays_looked_at():
        if problem:
            yield Finding("error", f"Relay {relay.name}", problem, "Start it, or correct SMTP_URL.")
        else:
            yield Finding("ok", f"Relay {relay.name}", f"answers at {relay.address}; {', '.join(relay.limits)}")


def _remarks() -> Iterator[Finding]:
    from mailer import checks  # noqa: PLC0415  # it reads the settings

    for remark in (*checks.remarks(), *checks.letterhead_remarks()):
        setting, _, found = remark.msg.partition(": ")
        level: Level = "error" if remark.is_serious() else "note"
        yield Finding(level, setting, found, "Mend it; docs/settings.md tells its form.")


def _embedded(kind: Service) -> Finding:
    try:
        running = kind.answers()
        found = _describe(kind)
    except LocalProblem as problem:
        return Finding("error", kind.what, str(problem), f"Or set {SETTING[kind.name]} to a server elsewhere.")
    if running:
        return Finding("ok", kind.what, f"embedded, running; {found}")
    if is_taken(kind.keeper):
        return Finding("note", kind.what, f"embedded, not answering; {found}", f"It may be starting; see {kind.log}.")
    return Finding("ok", kind.what, f"embedded, started when it is needed; {found}")


def _describe(kind: Service) -> str:
    if isinstance(kind, Postgres):
        data = kind.data.resolve()
        elsewhere = f"; data in {data}" if data != kind.data.absolute() else ""
        package = program("postgres").parents[2].name
        return f"PostgreSQL {MAJOR} of the package {package}{elsewhere}"
    if isinstance(kind, redis_server.Redis):
        return f"{redis_server.binary()}"
    return f"mail lands in {kind.var.inbox}"


def _port(place: paths.Var, port: int) -> Finding:
    if is_taken(place.run / "up.lock"):
        return Finding("ok", "Web", f"`ukebrev up` is running; port {port}")
    try:
        require_free(port)
    except LocalProblem as problem:
        found, _, remedy = str(problem).partition(". ")
        return Finding("note", "Web", found, remedy)
    return Finding("ok", "Web", f"port {port} is free")


def _placeholders(mail_from: str, site_url: str) -> Iterator[Finding]:
    if mail_from.rstrip(">").endswith(".example"):
        yield Finding("note", "MAIL_FROM", f"{mail_from} is a placeholder", "Set it before you mail anybody outside.")
    if not site_url.startswith("https://"):
        remedy = "Set it to the https:// address of this service: one-click unsubscribing (RFC 8058) needs it."
        yield Finding("note", "SITE_URL", f"links in letters lead to {site_url}", remedy)
