"""`ukebrev signup-form`: the code that puts our sign-up form onto any web page."""

from __future__ import annotations

from typing import Annotated

import typer

from mailer.cli.starting import house


def signup_form(
    interests: Annotated[
        list[str] | None, typer.Option("--interests", help="Offer only these interests (slugs); repeat, or put commas.")
    ] = None,
    *,
    iframe: Annotated[
        bool, typer.Option("--iframe", help="A frame with our own form in it, always up to date.")
    ] = False,
    language: Annotated[str, typer.Option("--language", help="The form's language: nb or en.")] = "nb",
) -> None:
    """Print HTML to copy into a page of yours.

    The plain form needs no script and takes the looks of your page. With --iframe the form is ours, with our theme, and says at once
    what was mistyped.
    """
    with house():
        from mailer.public.embedding import form_html, frame_html

        slugs = tuple(slug for given in interests or () for slug in given.split(",") if slug)
        typer.echo(frame_html(slugs, language) if iframe else form_html(slugs, language), nl=False)
