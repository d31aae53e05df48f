"""`ukebrev audience`: who a campaign goes to, under names; how interests overlap; and cleaning up the list."""

from __future__ import annotations

import getpass
import sys
from datetime import date, datetime
from typing import Annotated, Any, Literal

import typer

from mailer.cli.output import AsJson, note, print_json, print_table, say
from mailer.cli.starting import house
from mailer.cli.words import comma_list

app = typer.Typer(help="Who a campaign goes to: audiences under names.", no_args_is_help=True)

NAME = Annotated[str, typer.Argument(help="Its name or slug.")]
NEW_NAME = Annotated[str, typer.Argument(help="What it is to be called.")]

INTERESTS = Annotated[
    str, typer.Option("--interest", "--interests", help="Slugs, with commas between; none: everybody.")
]
MATCH = Annotated[Literal["any", "all"], typer.Option(help="Whether one of the interests is enough.")]
LANGUAGE = Annotated[str, typer.Option(help="Only readers of this language: nb or en.")]
EXCLUDE = Annotated[str, typer.Option(help="Leave out who follows one of these interests.")]
ONLY_FOLLOWERS = Annotated[bool, typer.Option("--only-followers", help="Leave out who follows no interest.")]
JOINED_FROM = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Who joined on this day or later.")]
JOINED_BEFORE = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Who joined before this day.")]
NEVER_HEARD = Annotated[bool, typer.Option("--never-heard", help="Of whom nothing was heard since they joined.")]
NOT_HEARD = Annotated[
    datetime | None,
    typer.Option(
        "--not-heard-since", formats=["%Y-%m-%d"], help="Who joined before this day and was not heard of since."
    ),
]
DOMAIN = Annotated[str, typer.Option(help="Addresses at these domains, with commas between.")]
SOURCE = Annotated[str, typer.Option(help="Who came through these doors: page, import, cli …")]
FIELD = Annotated[
    list[str] | None,
    typer.Option(
        "--field", help="company=Kimek, employees>10, since=2020-01-01..2021-12-31, town=Vadsø|Vardø; may be repeated."
    ),
]


def _days(*moments: datetime | None) -> list[date | None]:
    return [moment.date() if moment else None for moment in moments]


@app.command("count")
def count_audience(
    *,
    interest: INTERESTS = "",
    match: MATCH = "any",
    language: LANGUAGE = "",
    exclude: EXCLUDE = "",
    only_followers: ONLY_FOLLOWERS = False,
    joined_from: JOINED_FROM = None,
    joined_before: JOINED_BEFORE = None,
    never_heard: NEVER_HEARD = False,
    not_heard_since: NOT_HEARD = None,
    domain: DOMAIN = "",
    source: SOURCE = "",
    field: FIELD = None,
    save: Annotated[str, typer.Option(help="Keep this audience under a name.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of an audience of that name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count an audience, as a sum with everyone who is left out and why; and keep it under a name, if you like.

    Example: `ukebrev audience count --interest students --language nb --domain uit.no --save "Studenter i Tromsø"`
    """
    first, before, heard = _days(joined_from, joined_before, not_heard_since)
    with house():
        from subscribers.audiences import Audience, survey
        from subscribers.field_conditions import read_condition
        from subscribers.saved_audiences import save as keep

        people = Audience(
            interests=comma_list(interest),
            match=match,
            language=language,
            excluded=comma_list(exclude),
            only_followers=only_followers,
            joined_from=first,
            joined_before=before,
            never_heard=never_heard,
            not_heard_since=heard,
            domains=comma_list(domain),
            sources=comma_list(source),
            fields=tuple(read_condition(text) for text in field or ()),
        )
        found = survey(people)
        kept = keep(save, people, by=getpass.getuser(), replace=replace) if save else None
    answer = {"filter": people.as_json(), **_survey_json(found)}
    if as_json:
        print_json(answer | ({"slug": kept.slug} if kept else {}))
        return
    _show_survey(found)
    if kept:
        say(f"Kept as {kept.slug}.")


@app.command("list")
def list_audiences(*, as_json: AsJson = False) -> None:
    """List the audiences that have a name.

    Example: `ukebrev audience list`
    """
    with house():
        from subscribers.saved_audiences import saved

        rows = [{"slug": kept.slug, "name": kept.name, "filter": kept.filter, "by": kept.by} for kept in saved()]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["Audience", "Name", "Who", "By"], [[r["slug"], r["name"], _in_words(r["filter"]), r["by"]] for r in rows]
    )


@app.command("show")
def show_audience(name: NAME, *, as_json: AsJson = False) -> None:
    """Show an audience as it is now: how many, who is left out, its segments, and ten of its people drawn by lot.

    Example: `ukebrev audience show studenter-i-tromso`
    """
    with house():
        from subscribers.audiences import Audience, sample, survey
        from subscribers.saved_audiences import audience_named

        kept = audience_named(name)
        people = Audience.from_json(kept.filter)
        found = survey(people)
        some = [(p.address, p.name, p.language, [i.slug for i in p.interests.all()]) for p in sample(people)]
    if as_json:
        drawn = [dict(zip(("address", "name", "language", "interests"), row, strict=True)) for row in some]
        print_json(
            {"slug": kept.slug, "name": kept.name, "filter": kept.filter, **_survey_json(found), "sample": drawn}
        )
        return
    say(f"{kept.name} ({kept.slug}): {_in_words(kept.filter)}")
    _show_survey(found)
    rows = [
        [address, called, language, ", ".join(follows) or "everything"] for address, called, language, follows in some
    ]
    print_table(["Address", "Name", "Language", "Follows"], rows, title="Some of them")


@app.command("rename")
def rename_audience(name: NAME, new_name: NEW_NAME, *, as_json: AsJson = False) -> None:
    """Give an audience another name; its slug follows.

    Example: `ukebrev audience rename studenter-i-tromso "Studenter nordpå"`
    """
    with house():
        from subscribers.saved_audiences import rename

        kept = rename(name, new_name)
    _tell({"slug": kept.slug, "name": kept.name}, f"It is called {kept.name} now ({kept.slug}).", as_json=as_json)


@app.command("delete")
def delete_audience(name: NAME, *, as_json: AsJson = False) -> None:
    """Forget an audience. Nobody is taken off the list by this, and campaigns keep whom they went to.

    Example: `ukebrev audience delete studenter-i-tromso`
    """
    with house():
        from subscribers.saved_audiences import delete

        slug = delete(name).slug
    _tell({"deleted": slug}, f"{slug} is forgotten.", as_json=as_json)


@app.command("overlap")
def show_overlap(*, as_json: AsJson = False) -> None:
    """Show how many people follow both of two interests.

    Example: `ukebrev audience overlap`
    """
    with house():
        from subscribers.interests import overlap

        pairs = overlap()
    if as_json:
        print_json([{"interest": p.interest, "other": p.other, "people": p.people} for p in pairs])
        return
    slugs = list(dict.fromkeys(pair.interest for pair in pairs))
    numbers = {(pair.interest, pair.other): pair.people for pair in pairs}
    print_table(["", *slugs], [[row, *(numbers[row, other] for other in slugs)] for row in slugs], numbers=slugs)


@app.command("ask")
def ask_audience(
    name: NAME,
    *,
    joined_months: Annotated[
        int, typer.Option(min=0, max=120, help="Nobody who joined or came back fewer months ago than this.")
    ] = 6,
    letters: Annotated[int, typer.Option(min=0, max=10_000, help="Nobody who was sent fewer letters than this.")] = 10,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell how many would be asked, and ask nobody.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask you first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the people of an audience once, by mail, whether they still want the letter. Who was asked before is not asked again.

    Where nothing is tracked, all that we hear of people is what they do on their own page; so most of a list was "never heard of".
    Whoever is new, or has not got many letters yet, is left out.

    Example: `ukebrev audience ask silent --dry-run`
    """
    with house():
        from mailer.cli.asking import confirm_number
        from mailer.feedback.still_wanted import patience
        from subscribers.audiences import Audience
        from subscribers.saved_audiences import audience_named
        from subscribers.still_wanted import NO_PATIENCE, ask, number_to_ask

        people = Audience.from_json(audience_named(name).filter)
        patient = patience(joined_months, letters)
        number = number_to_ask(people, patient)
        too_new = number_to_ask(people, NO_PATIENCE) - number
        if not dry_run:
            if number and not yes:
                confirm_number(number)
            number = ask(people, patient, by=getpass.getuser())
    verb = "would be" if dry_run else "are"
    less = f" {too_new} are left out: they joined less than {joined_months} months ago, or got fewer than {letters} letters."
    _tell(
        {"asked": 0 if dry_run else number, "to_ask": number, "too_new": too_new},
        f"{number} {verb} asked.{less if too_new else ''}",
        as_json=as_json,
    )


@app.command("let-go")
def let_people_go(
    *,
    after_days: Annotated[int, typer.Option(help="How many days they had to answer, since the mail went out.")] = 30,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell how many would be let go, and let nobody go.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask you first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take off the list who was asked whether they still want the letter, and has not answered.

    Example: `ukebrev audience let-go --after-days 30 --dry-run`
    """
    with house():
        from subscribers.still_wanted import let_go, number_silent

        number = number_silent(after_days)
        if not dry_run:
            if (
                number
                and not yes
                and sys.stdin.isatty()
                and not typer.confirm(f"Take {number} off the list?", err=True)
            ):
                note("Nobody was let go.")
                raise typer.Exit(2)
            number = let_go(after_days, by=getpass.getuser())
    verb = "would be" if dry_run else "are"
    _tell({"let_go": 0 if dry_run else number, "to_let_go": number}, f"{number} {verb} let go.", as_json=as_json)


def _survey_json(found: Any) -> dict[str, Any]:
    return {
        "candidates": found.count.candidates,
        "recipients": found.count.recipients,
        "left_out": found.count.left_out,
        "segments": [
            {"interests": list(s.interests), "language": s.language, "recipients": s.recipients} for s in found.segments
        ],
    }


def _show_survey(found: Any) -> None:
    less = "".join(f", less {number} {reason}" for reason, number in found.count.left_out.items())
    say(f"{found.count.candidates} candidates{less}: {found.count.recipients} would get it.")
    print_table(
        ["Follow", "Language", "Recipients"],
        [[", ".join(s.interests) or "everything", s.language, s.recipients] for s in found.segments],
        numbers=["Recipients"],
    )


def _in_words(kept: dict[str, Any]) -> str:
    said = []
    for name, value in kept.items():
        if name == "fields":
            said += [f"{c['field']} {c['is']} {', '.join(c['values'])}" for c in value]
        else:
            listed = ", ".join(map(str, value)) if isinstance(value, list) else value
            said.append(name.replace("_", " ") if value is True else f"{name.replace('_', ' ')}: {listed}")
    return "; ".join(said) or "the whole list"


def _tell(answer: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        say(sentence)
