"""`ukebrev interest`: what subscribers may ask to hear about."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mailer.cli.output import AsJson, print_json, print_table, say
from mailer.cli.starting import house

app = typer.Typer(help="What subscribers may ask to hear about.", no_args_is_help=True)


DESCRIPTION_NB = Annotated[
    str | None, typer.Option("--about-nb", help="One line in bokmål for those who choose; empty takes it away.")
]
DESCRIPTION_EN = Annotated[str | None, typer.Option("--about-en", help="The same in English.")]


@app.command("list")
def list_interests(*, as_json: AsJson = False) -> None:
    """List the interests, with how many follow each.

    Example: `ukebrev interest list`
    """
    with house():
        from subscribers.interests import followers

        rows = followers()
    if as_json:
        print_json([_as_dict(interest) | {"followers": number} for interest, number in rows])
        return
    print_table(
        ["Interest", "Bokmål", "English", "What it is about", "Followers"],
        [[i.slug, i.name_nb, i.name_en, i.description_nb or i.description_en, number] for i, number in rows],
        numbers=["Followers"],
    )


@app.command("add")
def add_interest(
    slug: Annotated[str, typer.Argument(help="Small letters a-z, digits and hyphens; it never changes.")],
    *,
    nb: Annotated[str, typer.Option(help="What it is called in running text in bokmål: «studenter».")],
    en: Annotated[str, typer.Option(help="The same in English: 'students'.")],
    about_nb: DESCRIPTION_NB = None,
    about_en: DESCRIPTION_EN = None,
    as_json: AsJson = False,
) -> None:
    """Add an interest. What it is about stands below its name where people choose.

    Example: `ukebrev interest add reindeer-herders --nb reindriften --en "reindeer herders" --about-nb "Beite, vei og rovdyr"`
    """
    with house():
        from subscribers.interests import add

        interest = add(slug, name_nb=nb, name_en=en, description_nb=about_nb or "", description_en=about_en or "")
    if as_json:
        print_json(_as_dict(interest))
    else:
        say(f"Added {interest.slug}.")


@app.command("change")
def change_interest(
    slug: Annotated[str, typer.Argument(help="Which interest.")],
    *,
    nb: Annotated[str | None, typer.Option(help="What it is called in running text in bokmål.")] = None,
    en: Annotated[str | None, typer.Option(help="The same in English.")] = None,
    about_nb: DESCRIPTION_NB = None,
    about_en: DESCRIPTION_EN = None,
    position: Annotated[int | None, typer.Option(min=0, max=32_767, help="Its place among the others, from 0.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change what an interest is called, what is said of it, or its place. What is not named stays as it is.

    Example: `ukebrev interest change students --about-nb "Stipend, hybel og jobb"`
    """
    with house():
        from subscribers.interests import change

        interest = change(
            slug, name_nb=nb, name_en=en, description_nb=about_nb, description_en=about_en, position=position
        )
    if as_json:
        print_json(_as_dict(interest))
    else:
        say(f"Changed {interest.slug}.")


def _as_dict(interest: Any) -> dict[str, Any]:
    return {
        "slug": interest.slug,
        "nb": interest.name_nb,
        "en": interest.name_en,
        "about_nb": interest.description_nb,
        "about_en": interest.description_en,
        "position": interest.position,
    }
