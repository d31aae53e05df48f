"""`ukebrev relay`: the mail servers that take our mail onward, their limits and how they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailer.cli.output import AsJson, moment, print_facts, print_json, print_table

if TYPE_CHECKING:
    from mailer.sending.health import RelayState
    from mailer.sending.pace import DomainRate, RelayUsage
    from mailer.sending.relays import Relay

app = typer.Typer(help="The mail servers that take our mail onward.", no_args_is_help=True)

_PROBE_SECONDS = 10.0


@app.command("list")
def list_relays(*, as_json: AsJson = False) -> None:
    """Show each relay with its limits, its health and what it took, and the domains that get mail slowly.

    Example: `ukebrev relay list`
    """
    with _django(redis=True):
        from mailer.sending.connection_slots import configured_slots
        from mailer.sending.health import configured_health
        from mailer.sending.pace import configured_pace
        from mailer.sending.relays import configured_relays

        relays = configured_relays()
        states, usage = configured_health().states(relays), configured_pace().relay_usage(relays)
        domains = configured_pace().domain_rates()
        busy = [configured_slots().open_connections(relay) for relay in relays]
        rows = list(zip(relays, states, usage, busy, strict=True))
        if as_json:
            print_json({"relays": [_as_json(*row) for row in rows], "domains": [each._asdict() for each in domains]})
            return
        for row in rows:
            print_facts(row[0].name, _facts(*row))
        if domains:
            columns = ["Domain", "Limit a second", "Slowed down to"]
            print_table(columns, [_domain_row(each) for each in domains], numbers=columns[1:])


@app.command("probe")
def probe(
    name: Annotated[str, typer.Argument(help="The relay's name; all relays without it.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Greet each relay, sign in, and tell what it offers; no mail is sent. Exit code 1 if one of them can't be used.

    Example: `ukebrev relay probe`
    """
    with _django():
        from mailer.sending.relays import configured_relays

        relays = [relay for relay in configured_relays() if name in {"", relay.name}]
        if not relays:
            known = ", ".join(relay.name for relay in configured_relays())
            raise typer.BadParameter(f"There is no relay {name!r}. Known are: {known}.")
        answers = [_greeted(relay) for relay in relays]
    if as_json:
        print_json(answers)
    else:
        for answer in answers:
            print_facts(answer["name"], _offers(answer))
    if not all(answer["usable"] for answer in answers):
        raise typer.Exit(1)


@contextlib.contextmanager
def _django(*, redis: bool = False) -> Iterator[None]:
    from mailer.local.services import services

    with services(redis=redis):
        import os

        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.settings")
        django.setup()
        yield


def _as_json(relay: Relay, state: RelayState, usage: RelayUsage, busy: int | None) -> dict[str, Any]:
    return {
        "name": relay.name,
        "address": relay.address,
        "protocol": relay.protocol,
        "security": relay.security,
        "weight": relay.weight,
        "connections": relay.connections,
        "connections_open": busy,
        "per_second": relay.per_second,
        "per_hour": relay.per_hour,
        "per_connection": relay.per_connection,
        "warm_up": relay.warm_up,
        "last_hour": usage.hour,
        "today": usage.day,
        "allowance_today": usage.allowance,
        "up": state.is_up,
        "why": state.why,
        "since": state.since,
        "next_try": state.next_try,
    }


def _facts(relay: Relay, state: RelayState, usage: RelayUsage, busy: int | None) -> list[tuple[str, Any]]:
    down = f"down since {moment(state.since)}, tried again {moment(state.next_try)}: {state.why}"
    return [
        ("address", relay.address),
        ("health", "up" if state.is_up else down),
        ("weight", relay.weight),
        ("connections", _of(busy, relay.connections)),
        ("a second", "" if relay.per_second is None else f"at most {relay.per_second:g}"),
        ("last hour", _of(usage.hour, usage.per_hour)),
        ("today's plan", _of(usage.day, usage.allowance)),
    ]


def _domain_row(domain: DomainRate) -> list[str]:
    rates = ("" if rate is None else f"{rate:g}" for rate in (domain.limit, domain.slowed_to))
    return [domain.domain, *rates]


def _of(count: int | None, limit: int | None) -> str:
    if limit is None:
        return ""
    return f"{'?' if count is None else count} of {limit}"


def _greeted(relay: Relay) -> dict[str, Any]:
    from mailer.sending.session import open_session
    from mailer.sending.wire import RelayUnavailable

    try:
        wire, _ = open_session(replace(relay, timeout=min(relay.timeout, _PROBE_SECONDS)))
        try:
            # Once more, to hear all of it: the session keeps only what it needs.
            wire.write(b"LHLO localhost\r\n" if relay.protocol == "lmtp" else b"EHLO localhost\r\n")
            reply = wire.read_reply("EHLO", timeout=_PROBE_SECONDS)
            wire.write(b"QUIT\r\n")
        finally:
            wire.close()
    except RelayUnavailable as problem:
        return {"name": relay.name, "address": relay.address, "usable": False, "says": str(problem)}
    offered = {keyword: rest for keyword, _, rest in (line.upper().partition(" ") for line in reply.lines[1:])}
    return {
        "name": relay.name,
        "address": relay.address,
        "usable": True,
        "size": int(offered["SIZE"]) if offered.get("SIZE", "").isdigit() else None,
        "tls": relay.security if relay.security != "none" else "offered" if "STARTTLS" in offered else "none",
        "auth": offered.get("AUTH", "").split(),
        "pipelining": "PIPELINING" in offered,
        "smtputf8": "SMTPUTF8" in offered,
        "extensions": sorted(offered),
        "says": reply.lines[0] if reply.lines else reply.text,
    }


def _offers(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    found = [("address", answer["address"]), ("usable", "yes" if answer["usable"] else "no"), ("says", answer["says"])]
    if not answer["usable"]:
        return found
    return [
        *found,
        ("largest message", f"{answer['size'] / 1e6:.0f} MB" if answer["size"] else "any"),
        ("TLS", answer["tls"]),
        ("signs in by", " ".join(answer["auth"]) or "nothing"),
        *((name, "yes" if answer[name.lower()] else "no") for name in ("pipelining", "SMTPUTF8")),
    ]
