"""The commands about the machine: `doctor`, `up`, `migrate`, `demo`."""

from __future__ import annotations

import typer

from mailer.cli.output import AsJson, print_json, print_table, say
from mailer.cli.starting import house


def register(app: typer.Typer) -> None:
    """Hang the commands onto the program."""
    for command in (doctor, up, migrate, demo):
        app.command()(command)


def doctor(*, as_json: AsJson = False) -> None:
    """Look at this machine and the settings, and tell what is found, what is embedded, and what is wrong. Exit code 1 if anything is.

    Example: `ukebrev doctor`
    """
    from mailer.local.doctor import examine

    findings = examine()
    if as_json:
        print_json([{"level": f.level, "name": f.name, "found": f.found, "remedy": f.remedy} for f in findings])
    else:
        print_table(["", "What", "Found", "What to do"], [[f.level, f.name, f.found, f.remedy] for f in findings])
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


def up() -> None:
    """Run the web site, a worker, the clock and the servers they need, until Ctrl-C.

    Example: `ukebrev up`
    """
    from mailer.local.processes import up as run_all

    with house(queue=True, inbox=True):
        code = run_all()
    raise typer.Exit(code)


def migrate() -> None:
    """Bring the database's tables up to date.

    Example: `ukebrev migrate`
    """
    from mailer.local.services import services

    with services(postgres=True):
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=1, interactive=False)
    say("The tables are up to date.")


def demo() -> None:
    """Take the sample issue from its text to the inboxes of every segment on this machine, and show what came of it.

    It starts what it needs and stops it again; it sends nothing to anybody outside. Example: `ukebrev demo`
    """
    from mailer.cli.demo.story import run_demo

    if not run_demo():
        raise typer.Exit(1)
