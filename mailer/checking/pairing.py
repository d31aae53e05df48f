"""Two lists in the same order, some of whose members belong together: which ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def pairs(
    here: Sequence[T], there: Sequence[T], likeness: Callable[[T, T], float]
) -> Iterator[tuple[T | None, T | None]]:
    """Return the members of two lists in order, those that belong together as pairs, the others each with None.

    Lists of one length are paired as they stand. Else the pairs are those with the greatest sum of likenesses, in time and memory of
    the product of both lengths (Needleman and Wunsch, 1970, with no cost for what is left alone).
    """
    if len(here) == len(there):
        yield from zip(here, there, strict=True)
        return
    best = _sums(here, there, likeness)
    row, column = 0, 0
    while row < len(here) and column < len(there):
        if best[row][column] == best[row + 1][column]:
            yield here[row], None
            row += 1
        elif best[row][column] == best[row][column + 1]:
            yield None, there[column]
            column += 1
        else:
            yield here[row], there[column]
            row, column = row + 1, column + 1
    yield from ((left, None) for left in here[row:])
    yield from ((None, left) for left in there[column:])


def _sums(here: Sequence[T], there: Sequence[T], likeness: Callable[[T, T], float]) -> list[list[float]]:
    """The greatest sum of likenesses of what is left from each row and column on."""
    best = [[0.0] * (len(there) + 1) for _ in range(len(here) + 1)]
    for row in reversed(range(len(here))):
        for column in reversed(range(len(there))):
            together = likeness(here[row], there[column]) + best[row + 1][column + 1]
            best[row][column] = max(best[row + 1][column], best[row][column + 1], together)
    return best
