"""`ukebrev subscriber`: the people on the list."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from mailer.cli.output import AsJson, print_json, print_table, say
from mailer.cli.starting import house
from mailer.cli.words import comma_list

app = typer.Typer(help="The people on the list.", no_args_is_help=True)


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(help="The e-mail address.")],
    *,
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    interest: Annotated[
        str, typer.Option("--interest", "--interests", help="Slugs, with commas between; none means everything.")
    ] = "",
    language: Annotated[str, typer.Option(help="nb or en.")] = "nb",
    basis: Annotated[
        str, typer.Option(help="How you know that this person asked for the letter; kept as the proof.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Add a person who asked for the letter, active at once.

    Example: `ukebrev subscriber add kari@example.org --name "Kari Nordmann" --interest students,businesses --basis "asked at the fair"`
    """
    with house():
        from subscribers.signup import NewSubscriber, add_subscriber

        person = NewSubscriber(
            address=address, name=name, language=language, interests=comma_list(interest), basis=basis
        )
        subscriber = add_subscriber(person)
        answer = _as_dict(subscriber, list(subscriber.interests.values_list("slug", flat=True)))
    if as_json:
        print_json(answer)
    else:
        say(f"Added {answer['address']}, who follows {', '.join(answer['interests']) or 'everything'}.")


@app.command("list")
def list_subscribers(
    *,
    interest: Annotated[
        str, typer.Option("--interest", "--interests", help="Only who follows one of these slugs.")
    ] = "",
    status: Annotated[str, typer.Option(help="pending, active, unsubscribed, bounced, complained or erased.")] = "",
    search: Annotated[str, typer.Option(help="How the address or the name begins.")] = "",
    source: Annotated[str, typer.Option(help="The door they came through: page, import, cli …")] = "",
    domain: Annotated[str, typer.Option(help="The domain of their address.")] = "",
    sort: Annotated[Literal["newest", "address", "name"], typer.Option(help="What comes first.")] = "newest",
    after: Annotated[int, typer.Option(help="The `next` of the page before.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List people, the newest first or in order.

    Example: `ukebrev subscriber list --interest students --search kari --sort name --limit 20`
    """
    with house():
        from subscribers.listing import Listing, list_page

        page = list_page(
            Listing(
                interests=comma_list(interest),
                status=status,
                search=search,
                source=source,
                domain=domain,
                sort=sort,
                after=after,
                limit=limit,
            )
        )
        rows = [_as_dict(person, [i.slug for i in person.interests.all()]) for person in page.people]
    if as_json:
        print_json({"total": page.total, "is_exact": page.is_exact, "next": page.next, "subscribers": rows})
        return
    columns = ["Address", "Name", "Language", "Status", "Follows"]
    print_table(
        columns,
        [
            [r["address"], r["name"], r["language"], r["status"], ", ".join(r["interests"]) or "everything"]
            for r in rows
        ],
    )
    more = f" The next page: --after {page.next}" if page.next else ""
    say(f"{len(rows)} of {'' if page.is_exact else 'about '}{page.total}.{more}")


@app.command("unsubscribe")
def unsubscribe(
    address: Annotated[str, typer.Argument(help="The e-mail address.")], *, as_json: AsJson = False
) -> None:
    """Take a person off the list who asked for it in a mail or on the phone. It works at once, for mail already queued as well.

    Example: `ukebrev subscriber unsubscribe kari@example.org`
    """
    with house():
        from mailer.cli.finding import find_subscriber
        from mailer.feedback.unsubscribes import leave
        from subscribers.tokens import Holder

        subscriber = find_subscriber(address)
        leave(Holder(subscriber_id=subscriber.pk), source="cli")
        subscriber.refresh_from_db()
    if as_json:
        print_json({"address": subscriber.address, "status": subscriber.status})
    else:
        say(f"{subscriber.address} is {subscriber.status} and gets no more letters.")


@app.command("resubscribe")
def resubscribe(
    address: Annotated[str, typer.Argument(help="The e-mail address.")],
    *,
    basis: Annotated[
        str, typer.Option(help="How you know that this person wants the letter again; kept as the proof.")
    ],
    as_json: AsJson = False,
) -> None:
    """Put a person back onto the list who left, and has asked for the letter anew.

    Example: `ukebrev subscriber resubscribe kari@example.org --basis "wrote to us on 12 November"`
    """
    with house():
        from mailer.cli.finding import find_subscriber
        from subscribers.preferences import subscribe_again

        subscriber = subscribe_again(find_subscriber(address).pk, basis=basis, source="cli")
    if as_json:
        print_json({"address": subscriber.address, "status": subscriber.status})
    else:
        say(f"{subscriber.address} is {subscriber.status} again.")


def _as_dict(subscriber: Any, interests: list[str]) -> dict[str, Any]:
    return {
        "id": subscriber.pk,
        "address": subscriber.address,
        "name": subscriber.name,
        "language": subscriber.language,
        "status": subscriber.status,
        "interests": interests,
        "created_at": subscriber.created_at,
    }
