"""Doubt: whether a refusal is about its reader, or about us. What refuses everybody must hold the campaign, not burn it.

A reply to MAIL is about the sender, and so is one that asks us to sign in first. Any other refusal is taken back as long as it could be the
beginning of a row: so many readers in different places, all refused in the same words and none accepted in between. One place is enough
where the words are about a policy. Its weakness: otherwise, of a list whose readers all have one domain, it believes every refusal, as
that domain may really be gone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mailer.models import Delivery
from mailer.sending.outcomes import is_about_us
from mailer.sending.recording import Result
from mailer.sending.taking import Taken
from mailer.sending.wire import Reply

# So many refusals in a row, of readers in so many domains: a list may have some bad addresses beside each other, and hardly these.
_ROW, _DOMAINS = 20, 3
# RFC 3463, 3.2 and 3.3: X.1.1 to X.1.6 and X.1.10 (RFC 7505) are about the recipient's address, X.2.* about the mailbox.
_ABOUT_THE_READER = re.compile(r"5\.(?:1\.(?:[1-6]|10)|2\.\d+)")
# X.7.* is about security and policy (RFC 3463, 3.8), and so are these words where a relay has no such codes: about whoever sends.
_ABOUT_POLICY = re.compile(
    r"\s*5\.7\.\d+|.*\b(?:relay|authentic|sender|not permitted|access denied|blocked|spam)", re.IGNORECASE | re.DOTALL
)
# Of a whole batch of whom nobody was accepted, so many are no accident when they are refused for a policy.
_FEW = 5
# What differs between readers in the same words: addresses, numbers, queue ids.
_OWN = re.compile(r"<[^>]*>|\S*@\S*|\S*\d\S*")


class _Refused(NamedTuple):
    item: Taken
    result: Result


class Doubt:
    """What was refused over one relay since it last accepted something, in one batch. For one thread.

    `has_accepted` tells whether it accepted anything in it.
    """

    def __init__(self) -> None:
        self._row: list[_Refused] = []
        self._words = ""
        self.has_accepted = False

    def __len__(self) -> int:
        return len(self._row)

    def weigh(self, item: Taken, result: Result) -> list[Result]:
        """Take an outcome; return those that are beyond doubt by now."""
        outcome = result.outcome
        if outcome.status is Delivery.Status.SENT:
            self.has_accepted = True
            return [*self.settle(), result]
        if outcome.status is not Delivery.Status.FAILED or _ABOUT_THE_READER.match(outcome.reply.enhanced_code):
            return [result]
        words = f"{outcome.reply.code} {_OWN.sub('', outcome.reply.text)}"
        settled = [] if words == self._words else self.settle()
        self._words = words
        self._row.append(_Refused(item, result))
        return settled

    def settle(self) -> list[Result]:
        """Believe all refusals; return them."""
        settled = [refused.result for refused in self._row]
        self._row.clear()
        return settled

    def blame(self) -> str:
        """Return, in a sentence, why the refusals in a row are about us, or an empty string while they may be about the readers."""
        if not self._row:
            return ""
        reply = self._row[-1].result.outcome.reply
        if is_about_us(reply):
            return _sentence("refuses us", self._row[-1].result.relay, reply)
        domains = {refused.item.domain for refused in self._row}
        if len(self._row) >= _ROW and (len(domains) >= _DOMAINS or _ABOUT_POLICY.match(reply.text)):
            return self._blame_for_row(reply)
        return ""

    def blame_at_end(self) -> str:
        """Return the same when no more will come: a small batch has no long row."""
        if self.has_accepted or len(self._row) < _FEW:
            return ""
        reply = self._row[-1].result.outcome.reply
        return self._blame_for_row(reply) if _ABOUT_POLICY.match(reply.text) else ""

    def _blame_for_row(self, reply: Reply) -> str:
        what = f"refused {len(self._row)} readers in a row, all in the same words"
        return _sentence(what, self._row[-1].result.relay, reply)

    def take_back(self) -> list[Taken]:
        """Return those who were refused because of us: nobody has their letter, and none of them is to blame."""
        taken = [refused.item for refused in self._row]
        self._row.clear()
        return taken


def _sentence(what: str, relay: str, reply: Reply) -> str:
    whose = "The letter can't be made" if reply.command == "MESSAGE" else f"The relay {relay} {what}"
    return f"{whose}: it says {reply.code} {reply.text}"[:500]
