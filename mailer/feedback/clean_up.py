"""What runs every day so that nothing is kept longer than it is needed. It may run late, twice, or on two machines."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from mailer.feedback.erasing import erase, forget_late_words, number_of_late_words
from subscribers.retention import Outcome, Periods, run

logger = logging.getLogger(__name__)

_DOOR = "retention"


def clean_up(periods: Periods | None = None, *, by: str = "", really: bool = True) -> Sequence[Outcome]:
    """Apply the rules of retention and tell what each did, in numbers; without `really`, what each would do.

    The log has the same numbers and nobody's address.
    """
    outcomes = run(lambda pk: erase(pk, source=_DOOR, by=by), periods, really=really)
    late = forget_late_words() if really else number_of_late_words()
    outcomes.append(Outcome("late-words", "What relays said about the erased is forgotten", late))
    if really:
        logger.info("retention: %s", ", ".join(f"{outcome.rule} {outcome.number}" for outcome in outcomes))
    return outcomes
