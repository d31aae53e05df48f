"""`ukebrev interest`: what subscribers may ask to hear about."""

from __future__ import annotations

from typing import Annotated

import typer

from mailer.cli.output import AsJson, print_json, print_table, say
from mailer.cli.starting import house

app = typer.Typer(help="What subscribers may ask to hear about.", no_args_is_help=True)


@app.command("list")
def list_interests(*, as_json: AsJson = False) -> None:
    """List the interests, with how many follow each.

    Example: `ukebrev interest list`
    """
    with house():
        from subscribers.interests import followers

        rows = followers()
    if as_json:
        print_json([{"slug": i.slug, "nb": i.name_nb, "en": i.name_en, "followers": number} for i, number in rows])
        return
    print_table(
        ["Interest", "Bokmål", "English", "Followers"],
        [[interest.slug, interest.name_nb, interest.name_en, number] for interest, number in rows],
        numbers=["Followers"],
    )


@app.command("add")
def add_interest(
    slug: Annotated[str, typer.Argument(help="Small letters a-z, digits and hyphens; it never changes.")],
    *,
    nb: Annotated[str, typer.Option(help="What it is called in running text in bokmål: «studenter».")],
    en: Annotated[str, typer.Option(help="The same in English: 'students'.")],
    as_json: AsJson = False,
) -> None:
    """Add an interest.

    Example: `ukebrev interest add reindeer-herders --nb reindriften --en "reindeer herders"`
    """
    with house():
        from subscribers.interests import add

        interest = add(slug, name_nb=nb, name_en=en)
    if as_json:
        print_json({"slug": interest.slug, "nb": interest.name_nb, "en": interest.name_en})
    else:
        say(f"Added {interest.slug}.")
