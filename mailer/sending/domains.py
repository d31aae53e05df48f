"""Which domains are one to those who receive: the mailbox providers with several of them."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

import idna


def _groups() -> dict[str, str]:
    table: dict[str, list[str]] = tomllib.loads(
        files("mailer.sending").joinpath("providers.toml").read_text(encoding="utf-8")
    )
    return {domain: domains[0] for domains in table.values() for domain in domains}


_GROUPS = _groups()


@lru_cache(maxsize=65_536)
def group_of(domain: str) -> str:
    """Return the name under which a recipient's domain is counted: the first domain of its provider, or the domain as DNS has it."""
    name = domain.strip().rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            # The relay will refuse it; until then it is a domain of its own.
            return name
    return _GROUPS.get(name, name)
