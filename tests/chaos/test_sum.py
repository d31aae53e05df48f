"""A drill must tell of a fault when there is one."""

from dataclasses import replace
from functools import partial
from random import Random
from threading import Thread

import pytest

from mailer.cli.drill.log import Received, brake_of, refused, taken
from mailer.cli.drill.misdeeds import Temper
from mailer.cli.drill.place import running_relay
from mailer.cli.drill.strikes import Strike, Striker
from mailer.cli.drill.sum import Sum
from mailer.cli.selftest import in_words
from mailer.sending.relays import Relay
from mailer.sending.smtp import Connection, Envelope
from tests.promises.campaign import launched

WELL = Sum(seed=7, recipients=200, got_it=200, refused=0, lost=0, repeated=1, allowed=2, struck={}, problems=())


def struck(result, kills):
    return replace(result, struck={Strike.KILL: kills})


def test_the_last_line_is_for_scripts():
    assert WELL.last_line == "seed 7: recipients 200 lost 0 repeated 1 allowed 2"
    assert WELL.is_well


def test_a_lost_letter_a_repeat_too_many_and_a_sum_that_does_not_add_up_are_faults():
    assert not replace(WELL, lost=1).is_well
    assert not replace(WELL, repeated=3).is_well
    assert not replace(WELL, problems=("The totals do not add up.",)).is_well


@pytest.mark.django_db(transaction=True)
def test_a_drill_whose_planned_strikes_did_not_all_come_is_not_well(redis_server, tmp_path):
    received = Received(tmp_path / "relay.txt")
    received.log.touch()
    of = partial(Sum.of, 7, [], received, Striker(crew=None, chance=Random(7)), launched(1))  # type: ignore[arg-type]
    missed = of([Strike.KILL] * 8)
    sentence = "The campaign ended before all had struck that was planned: 8 x kill -9 of a worker did not come."
    assert sentence in missed.problems
    assert not missed.is_well
    assert not any("planned" in problem for problem in of([]).problems)


def test_the_relay_answers_nobody_while_its_brake_is_on_so_that_late_strikes_still_come(tmp_path):
    received = Received(tmp_path / "relay.txt")
    received.log.touch()
    brake_of(received.log).touch()
    answers = []

    def send(port):
        with Connection(Relay("127.0.0.1", port)) as wire:
            answers.append(wire.deliver(Envelope("a@example.org", "kari@example.org"), b"Message-ID: <1>\r\n\r\n").code)

    with running_relay(received.log, tmp_path / "relay.log", Temper(7, 0.0, 0.0)) as port:
        sending = Thread(target=send, args=(port,))
        sending.start()
        sending.join(1)
        assert (received.read(), answers) == (1, [])
        brake_of(received.log).unlink()
        sending.join(5)
        assert answers == [250]


def test_the_sum_is_told_in_plain_words():
    told = in_words(struck(WELL, 2))
    assert (
        told[0]
        == "200 recipients: each got the letter; 2 workers were killed; 1 letter was sent twice, 2 were allowed."
    )
    assert told[-1].startswith("All is well.")
    never = in_words(struck(replace(WELL, repeated=0, allowed=0), 1))
    assert never[0].startswith("200 recipients: each got the letter once; 1 worker was killed; 0 letters")
    lost = in_words(struck(replace(WELL, lost=3, folder="/tmp/x"), 2))
    assert lost[0].startswith("200 recipients: 3 did not get the letter;")
    assert lost[-1] == "Something is wrong. Run it again with --seed 7; the logs are in /tmp/x."


def test_the_relay_counts_copies_and_notices_other_message_ids(tmp_path):
    log = tmp_path / "relay.txt"
    log.write_bytes(
        taken("a@example.org", "<1>", is_answered=True)
        + taken("a@example.org", "<1>", is_answered=False)
        + taken("b@example.org", "<2>", is_answered=True)
        + taken("b@example.org", "<3>", is_answered=True)
        + refused("c@example.org")
        + b"taken\td@exam"
    )
    received = Received(log)
    assert received.read() == 3
    assert (received.repeated, received.unanswered, received.renamed) == (2, 1, 1)
    with log.open("ab") as file:
        file.write(b"ple.org\t<4>\tanswered\n")
    assert received.read() == 4
