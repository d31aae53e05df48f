"""A page of subscribers: filtered, sorted, and turned without counting from the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from subscribers.audience_filter import domain_key
from subscribers.models import Subscriber
from subscribers.signup import SignupError, interests_named

Sort = Literal["newest", "address", "name"]
SORTS: tuple[Sort, ...] = ("newest", "address", "name")

# In milliseconds: so long may a total be counted, and so long may PostgreSQL try the plan that it thinks best.
IN_TIME_MS = 40

# Letters in the order of the Norwegian alphabet by the old national code of æ, ø and å (ISO 646-60), whatever collation the database has;
# who gave no name comes last. The index subscriber_name_key has the same words.
_FOLDED = ("æäøöåéèêëáàüïí", "{{||}eeeeaayii")
_NAME_KEY = (
    f"(CASE WHEN s.name = '' THEN '~' ELSE translate(lower(s.name), '{_FOLDED[0]}', '{_FOLDED[1]}') END) COLLATE \"C\""
)
# What a page is sorted by, and what is true of everybody behind the person with this key and id.
_SORTED = {
    "newest": ("s.id DESC", "s.id < %(after)s"),
    "address": ("s.address_key", "s.address_key > %(key)s"),
    "name": (f"{_NAME_KEY}, s.id", f"({_NAME_KEY}, s.id) > (%(key)s, %(after)s)"),
}

Test = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: who follows one of these interests, has this status, came from there; at most `limit`.

    `search` is the beginning of an address or a name. `after` is the `next` of the page before, 0 for the first page. The erased are
    listed only when their status is asked for.
    """

    interests: tuple[str, ...] = ()
    status: str = ""
    search: str = ""
    source: str = ""
    domain: str = ""
    sort: Sort = "newest"
    after: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """The people of a page, how many there are in all, and where the next page begins (0: there is none).

    `total` is exact when counting took no longer than IN_TIME_MS; else it is what PostgreSQL reckons from its statistics.
    """

    people: Sequence[Subscriber]
    total: int
    is_exact: bool
    next: int


def list_page(listing: Listing) -> Page:
    """Return a page. Raises SignupError for an unknown interest, status or sort, AudienceError for what is no domain.

    A page begins behind a person, not behind a number of rows: nobody is shown twice or skipped because others came or went.
    """
    chosen = list(_chosen(listing))
    total, is_exact = _total(chosen)
    ids = _ids([*chosen, *_behind(listing)], listing)
    found = Subscriber.objects.prefetch_related("interests").in_bulk(ids[: listing.limit])
    # A row may go between the two questions.
    people = [found[pk] for pk in ids[: listing.limit] if pk in found]
    return Page(people, total, is_exact, next=ids[listing.limit - 1] if len(ids) > listing.limit else 0)


def name_key(text: str) -> str:
    """Return a name, or the beginning of one, as the order of names has it."""
    return text.lower().translate(str.maketrans(*_FOLDED)) or "~"


def _chosen(listing: Listing) -> Iterator[Test]:
    if listing.status and listing.status not in Subscriber.Status.values:
        raise SignupError(f"There is no status '{listing.status}'. There are: {', '.join(Subscriber.Status.values)}.")
    yield ("s.status = %(status)s", {"status": listing.status}) if listing.status else ("s.status <> 'erased'", {})
    if listing.interests:
        ids = [interest.pk for interest in interests_named(listing.interests)]
        yield "s.interest_ids && %(interests)s::bigint[]", {"interests": ids}
    if listing.source:
        yield "s.source = %(source)s", {"source": listing.source}
    if listing.domain:
        yield "s.domain = %(domain)s", {"domain": domain_key(listing.domain)}
    if begins := listing.search.strip():
        values = {"address_begins": _pattern(begins.casefold()), "name_begins": _pattern(name_key(begins))}
        yield f"(s.address_key LIKE %(address_begins)s OR {_NAME_KEY} LIKE %(name_begins)s)", values


def _behind(listing: Listing) -> Iterator[Test]:
    if listing.sort not in SORTS:
        raise SignupError(f"A list can't be sorted by '{listing.sort}', only by {', '.join(SORTS)}.")
    if not listing.after:
        return
    last = Subscriber.objects.filter(pk=listing.after).values_list("name", "address_key").first()
    if last is None:
        raise SignupError("The person behind whom this page begins is gone. Begin with the first page again.")
    key = name_key(last[0]) if listing.sort == "name" else last[1]
    yield _SORTED[listing.sort][1], {"after": listing.after, "key": key}


def _ids(tests: Sequence[Test], listing: Listing) -> list[int]:
    where, values = _where(tests)
    ending = f"ORDER BY {_SORTED[listing.sort][0]} LIMIT {listing.limit + 1}"
    rows = _in_time(f"SELECT s.id {where} {ending}", values)
    if rows is None:
        # PostgreSQL went through the list in its order and met too few who match: so it is to find those first, and then sort them.
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT s.id FROM (SELECT s.* {where} OFFSET 0) s {ending}", values)  # noqa: S608  # our own SQL
            rows = cursor.fetchall()
    return [row[0] for row in rows]


def _total(tests: Sequence[Test]) -> tuple[int, bool]:
    where, values = _where(tests)
    rows = _in_time(f"SELECT count(*) {where}", values)
    if rows is not None:
        return int(rows[0][0]), True
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 {where}", values)
        return int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"]), False


def _in_time(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]] | None:
    """Return the rows of a SELECT, or None when PostgreSQL is not done with it within IN_TIME_MS."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute(f"SET LOCAL statement_timeout = {IN_TIME_MS}")
            cursor.execute(sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            # A transaction around this one would go on with our limit.
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
            return rows
    except OperationalError as problem:
        if isinstance(problem.__cause__, QueryCanceled):
            return None
        raise


def _where(tests: Sequence[Test]) -> Test:
    values: dict[str, Any] = {}
    for _sql, more in tests:
        values |= more
    return f"FROM subscribers_subscriber s WHERE {' AND '.join(sql for sql, _more in tests)}", values


def _pattern(beginning: str) -> str:
    return beginning.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
