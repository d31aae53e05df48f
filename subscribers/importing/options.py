"""What an editor chooses for an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from subscribers.importing.faults import ImportingError
from subscribers.signup import check_language, interests_named

Merge = Literal["keep", "overwrite", "add-interests"]
AllAre = Literal["", "unsubscribed", "bounced", "complained"]


@dataclass(frozen=True, slots=True)
class Options:
    """How a sheet is to be read and merged.

    `merge` is about people who are on the list already: keep them as they are, overwrite what the sheet has a value for, or only add
    its interests. `columns` corrects what a column holds, by heading, letter or number. `interests` are given to everyone in the
    sheet. `all_are` says that the whole sheet is a list of people who left.
    """

    merge: Merge = "keep"
    good_rows_only: bool = False
    language: str = "nb"
    interests: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    all_are: AllAre = ""

    def as_json(self) -> dict[str, Any]:
        """The form kept with an import."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Options:
        """Read the form kept with an import."""
        columns = tuple((str(column), str(role)) for column, role in kept["columns"])
        return cls(**{**kept, "interests": tuple(kept["interests"]), "columns": columns})

    def check(self) -> None:
        """Raise ImportingError or SignupError for what does not exist."""
        if self.merge not in get_args(Merge):
            raise ImportingError(f"There is no merge rule '{self.merge}'. There are: {', '.join(get_args(Merge))}.")
        if self.all_are not in get_args(AllAre):
            known = ", ".join(filter(None, get_args(AllAre)))
            raise ImportingError(f"A sheet can't be all '{self.all_are}'. It can be: {known}.")
        check_language(self.language)
        interests_named(self.interests)
