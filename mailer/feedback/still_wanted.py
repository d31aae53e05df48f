"""Who of a list has got letters for so long that it may be asked whether they are still wanted."""

from __future__ import annotations

from subscribers.still_wanted import Patience

# Half a year of a weekly letter has 26; so many were surely sent to somebody who can tell.
MONTHS, LETTERS = 6, 10

# Numbers only: the statement is put together with others that have values of their own.
_GOT = "SELECT d.subscriber_id FROM mailer_delivery d WHERE d.status = 'sent' GROUP BY d.subscriber_id HAVING count(*) >= {letters:d}"


def patience(months: int = MONTHS, letters: int = LETTERS) -> Patience:
    """Return who is not asked yet: who joined fewer months ago, or was sent fewer letters since. 0 asks whoever else may be asked."""
    return Patience(months=months, among=_GOT.format(letters=letters) if letters else "")
