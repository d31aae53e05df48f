"""The servers a command needs on this machine, for as long as it needs them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mailer.environment import Environment
from mailer.local import paths
from mailer.local.inbox_service import Inbox
from mailer.local.postgres import Postgres
from mailer.local.redis_server import Redis
from mailer.local.service import Service, Use

KINDS: dict[str, type[Service]] = {kind.name: kind for kind in (Postgres, Redis, Inbox)}
SETTING = {"postgres": "DATABASE_URL", "redis": "REDIS_URL", "inbox": "SMTP_URL"}


@dataclass(frozen=True)
class Running:
    """The embedded servers that run: all of them by name, and those that were not running before."""

    var: Path
    embedded: list[str]
    started: list[str]


def embedded(name: str, environment: Environment | None = None) -> bool:
    """Returns whether the server `name` is this machine's own, because no setting names another one."""
    return not (environment or Environment()).secret(SETTING[name])


@contextlib.contextmanager
def services(
    *,
    postgres: bool = False,
    redis: bool = False,
    inbox: bool = False,
    durable: bool = True,
    var: paths.Var | None = None,
) -> Iterator[Running]:
    """Runs the embedded servers that are asked for and that no setting replaces, until the block ends.

    They are started together, and shared with every other command of the same var directory: the last one that
    leaves stops them. Enter the block before Django's settings are imported, for the inbox may get another port.

    Args:
        postgres: whether PostgreSQL is needed.
        redis: whether Redis is needed.
        inbox: whether the inbox is needed.
        durable: False lets PostgreSQL and Redis lose data in a power cut, which makes tests faster.
        var: another directory than `paths.var()`.

    Raises:
        LocalProblem: one of them can't be started.

    """
    place = var or paths.var()
    asked = [name for name, wanted in (("postgres", postgres), ("redis", redis), ("inbox", inbox)) if wanted]
    names = [name for name in asked if embedded(name)]
    with contextlib.ExitStack() as stack:
        uses: list[Use] = []
        for name in names:
            uses.append(KINDS[name](place, durable=durable).use())
            stack.callback(uses[-1].close)
        for use in uses:
            use.wait()
        yield Running(place.root, names, [use.service.name for use in uses if use.started])
