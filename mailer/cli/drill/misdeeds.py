"""How the drill's relay misbehaves: by a plan that follows from a seed and the recipient's address, so that a run can be made again.

Needs nothing of the house: the relay is a process of its own.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum


class Misdeed(Enum):
    """What the relay does with one try of a message. `TAKEN_...` means that it takes the message all the same."""

    HANGS_UP_BEFORE = "hangs up at RCPT"
    HANGS_UP_WITHIN = "hangs up in mid-content"
    HANGS_UP_AFTER = "hangs up after the content, and throws it away"
    TAKEN_HANGS_UP = "takes it, and hangs up"
    TAKEN_GARBAGE = "takes it, and answers garbage"
    GARBAGE_BEFORE = "answers garbage at RCPT"
    SHUTS_DOWN_BEFORE = "421 at RCPT"
    SHUTS_DOWN_AFTER = "421 after the content"
    LATER_450 = "450 at RCPT"
    LATER_452 = "452 at RCPT"
    LATER_451_AFTER = "451 after the content"
    NEVER_550 = "550 at RCPT"
    NEVER_554_AFTER = "554 after the content"


# The answers that are said at once, without hanging up.
ANSWERS = {
    Misdeed.LATER_450: b"450 4.2.0 Greylisted, come again\r\n",
    Misdeed.LATER_452: b"452 4.5.3 Too many recipients\r\n",
    Misdeed.LATER_451_AFTER: b"451 4.3.0 Not just now\r\n",
    Misdeed.NEVER_550: b"550 5.1.1 Nobody by that name\r\n",
    Misdeed.NEVER_554_AFTER: b"554 5.7.1 Not wanted here\r\n",
}
FINAL = frozenset({Misdeed.NEVER_550, Misdeed.NEVER_554_AFTER})
# What comes after the content; all others come in place of the answer to RCPT, or in mid-content.
AFTER = frozenset(
    {
        Misdeed.HANGS_UP_AFTER,
        Misdeed.TAKEN_HANGS_UP,
        Misdeed.TAKEN_GARBAGE,
        Misdeed.SHUTS_DOWN_AFTER,
        Misdeed.LATER_451_AFTER,
        Misdeed.NEVER_554_AFTER,
    }
)
TAKEN = frozenset({Misdeed.TAKEN_HANGS_UP, Misdeed.TAKEN_GARBAGE})

# Of a hundred recipients with trouble so many have it twice.
_TWICE_PERCENT = 20
# Of a hundred answers so many take long, and how long at most, in seconds.
_SLOW_PERCENT, _SLOWEST = 2, 1.5


@dataclass(frozen=True, slots=True)
class Fate:
    """What a recipient meets: a misdeed for each of the first tries; a final one for all of them. Then all is well.

    `seconds` is how long the relay thinks over a message for them.
    """

    misdeeds: tuple[Misdeed, ...]
    seconds: float

    def at_try(self, number: int) -> Misdeed | None:
        """Return the misdeed of a try, which is counted from 0; None when all goes well."""
        if self.misdeeds and self.misdeeds[0] in FINAL:
            return self.misdeeds[0]
        return self.misdeeds[number] if number < len(self.misdeeds) else None


@dataclass(frozen=True, slots=True)
class Temper:
    """What a relay is like: `pace` is how many seconds an answer takes in the mean, `trouble` how many recipients of a hundred meet any."""

    seed: int
    pace: float
    trouble: float


def fate(temper: Temper, recipient: str) -> Fate:
    """Return what a recipient meets at this relay."""
    chance = random.Random(f"{temper.seed} {recipient}")  # noqa: S311  # to be made again, not to be guessed
    seconds = chance.uniform(0, 2 * temper.pace)
    if chance.uniform(0, 100) < _SLOW_PERCENT:
        seconds += chance.uniform(0, _SLOWEST)
    if chance.uniform(0, 100) >= temper.trouble:
        return Fate((), seconds)
    number = 2 if chance.uniform(0, 100) < _TWICE_PERCENT else 1
    drawn = chance.choices(list(Misdeed), k=number)
    if drawn[0] not in FINAL:
        # Who was taken once is not refused for good the second time: such a relay contradicts itself.
        drawn = [misdeed for misdeed in drawn if misdeed not in FINAL]
    return Fate(tuple(drawn), seconds)
