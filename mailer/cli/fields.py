"""`ukebrev field`: what the organisation wants to know of each subscriber, beside name and language."""

from __future__ import annotations

import getpass
from typing import Annotated, Any, Literal

import typer

from mailer.cli.output import AsJson, print_json, print_table, say
from mailer.cli.starting import house

app = typer.Typer(help="The organisation's own fields: company, town, employees.", no_args_is_help=True)

SLUG = Annotated[str, typer.Argument(help="Small letters a-z, digits and hyphens; it never changes.")]
CHOICES = Annotated[str, typer.Option(help="Of a choice: what there is to choose from, with | between.")]


@app.command("list")
def list_fields(*, as_json: AsJson = False) -> None:
    """List the fields, with how many people have a value in each.

    Example: `ukebrev field list`
    """
    with house():
        from subscribers.custom_fields import in_use

        rows = [_as_dict(field) | {"people": number} for field, number in in_use()]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["Field", "Bokmål", "English", "Kind", "Choices", "People"],
        [[r["slug"], r["nb"], r["en"], r["kind"], ", ".join(r["choices"]), r["people"]] for r in rows],
        numbers=["People"],
    )


@app.command("add")
def add_field(
    slug: SLUG,
    *,
    nb: Annotated[str, typer.Option(help="What it is called in bokmål: «firma».")],
    en: Annotated[str, typer.Option(help="The same in English: 'company'.")],
    kind: Annotated[Literal["text", "number", "date", "choice"], typer.Option(help="What its values are.")] = "text",
    choices: CHOICES = "",
    as_json: AsJson = False,
) -> None:
    """Add a field.

    Example: `ukebrev field add town --nb bosted --en town --kind choice --choices "Kirkenes|Vadsø|Vardø"`
    """
    with house():
        from subscribers.custom_fields import define

        field = define(slug, name_nb=nb, name_en=en, kind=kind, choices=choices.split("|"))
        answer = _as_dict(field)
    _tell(answer, f"Added {slug}.", as_json=as_json)


@app.command("change")
def change_field(
    slug: SLUG,
    *,
    nb: Annotated[str, typer.Option(help="What it is called in bokmål.")] = "",
    en: Annotated[str, typer.Option(help="What it is called in English.")] = "",
    choices: Annotated[str | None, typer.Option(help="All choices anew, with | between.", show_default=False)] = None,
    position: Annotated[int | None, typer.Option(min=0, help="Its place among the fields.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Change what a field is called, its choices or its place. A choice that people have stays until they have another.

    Example: `ukebrev field change town --choices "Kirkenes|Vadsø|Vardø|Bugøynes"`
    """
    with house():
        from subscribers.custom_fields import change

        wanted = None if choices is None else choices.split("|")
        answer = _as_dict(change(slug, name_nb=nb, name_en=en, choices=wanted, position=position))
    _tell(answer, f"Changed {slug}.", as_json=as_json)


@app.command("remove")
def remove_field(slug: SLUG, *, as_json: AsJson = False) -> None:
    """Remove a field, with the values that everybody has in it.

    Example: `ukebrev field remove town`
    """
    with house():
        from subscribers.custom_fields import remove

        had = remove(slug)
    _tell({"slug": slug, "people": had}, f"Removed {slug}, with the values of {had}.", as_json=as_json)


@app.command("set")
def set_field(
    address: Annotated[str, typer.Argument(help="The e-mail address.")],
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…", help="An empty value takes it away.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Set fields of one person.

    Example: `ukebrev field set kari@example.org company=Kimek employees=12`
    """
    texts = dict(_pair(value) for value in values)
    with house():
        from mailer.cli.finding import find_subscriber
        from subscribers.custom_fields import set_values

        person = set_values(find_subscriber(address).pk, texts, source="cli", by=getpass.getuser())
    _tell({"address": person.address, "fields": person.fields}, f"{person.address} is changed.", as_json=as_json)


def _pair(typed: str) -> tuple[str, str]:
    slug, equals, value = typed.partition("=")
    if not equals:
        raise typer.BadParameter(f"'{typed}' has no =. Write it like company=Kimek.", param_hint="FIELD=VALUE")
    return slug.strip(), value


def _as_dict(field: Any) -> dict[str, Any]:
    return {
        "slug": field.slug,
        "nb": field.name_nb,
        "en": field.name_en,
        "kind": field.kind,
        "choices": field.choices,
        "position": field.position,
    }


def _tell(answer: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        say(sentence)
