"""What stands in the journal while a stream goes on: a refusal must not make the answer before it forgotten."""

from datetime import UTC, datetime
from queue import SimpleQueue

import pytest

from mailer.sending.fleet import Fleet
from mailer.sending.health import configured_health
from mailer.sending.journal import Journal, answered, handed, read_journals
from mailer.sending.message import Recipient
from mailer.sending.parcels import Answer, Answered, Parcel
from mailer.sending.relays import Relay
from mailer.sending.smtp import Envelope
from mailer.sending.taking import Taken
from mailer.sending.wire import Reply

NOW = datetime(2021, 11, 8, tzinfo=UTC)
MESSAGE = b"Subject: x\r\n\r\nhi\r\n"


@pytest.fixture
def relay(redis_server, smtp_sink):
    relay = Relay("127.0.0.1", smtp_sink.port, connections=1)
    configured_health().report_up(relay)
    return relay


def test_of_several_relays_asked_in_one_try_the_one_that_may_have_it_counts(tmp_path):
    """A relay that refuses us is left for another; its answer may be written down after the other has got the letter."""
    journal = Journal(tmp_path)
    refused = Reply("MAIL", 550, "5.7.1 not you")
    journal.write(handed(1, 1, "well") + answered(1, 1, "refusing", refused))
    journal.write(answered(2, 1, "refusing", refused) + answered(2, 1, "well", Reply("DATA", 250, "queued as 7")))
    journal.write(answered(3, 1, "refusing", refused))
    told = read_journals(tmp_path)
    assert told[1, 1].reply is None
    assert [told[2, 1].relay, told[3, 1].relay] == ["well", "refusing"]


def test_an_accepted_message_is_answered_in_the_journal_though_the_next_one_is_refused(tmp_path, smtp_sink, relay):
    journal = Journal(tmp_path)
    answers: SimpleQueue[Answer] = SimpleQueue()
    smtp_sink.refuse("b@example.org", "550 5.1.1 no such user")

    def parcel(number, name):
        item = Taken(number, Recipient(number, number, f"{name}@example.org", ""), 1, 1, NOW)
        envelope = Envelope("x@example.org", item.recipient.address)
        return Parcel(item, envelope, [MESSAGE], len(MESSAGE), lambda: True, answers)

    fleet = Fleet(journal, 1)
    fleet.send(relay, [parcel(1, "a"), parcel(2, "b"), parcel(3, "c")])
    codes = [answer.reply.code for _ in range(3) if isinstance(answer := answers.get(timeout=10), Answered)]
    fleet.close()
    assert codes == [250, 550, 250]
    told = read_journals(tmp_path)
    assert {key[0]: entry.reply.code for key, entry in told.items() if entry.reply} == {1: 250, 2: 550, 3: 250}
