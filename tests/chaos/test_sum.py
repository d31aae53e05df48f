"""A drill must tell of a fault when there is one."""

from dataclasses import replace

from mailer.cli.drill.log import Received, refused, taken
from mailer.cli.drill.sum import Sum
from mailer.cli.selftest import in_words

WELL = Sum(seed=7, recipients=200, got_it=200, refused=0, lost=0, repeated=1, allowed=2, struck={}, problems=())


def struck(result, kills):
    from mailer.cli.drill.strikes import Strike

    return replace(result, struck={Strike.KILL: kills})


def test_the_last_line_is_for_scripts():
    assert WELL.last_line == "seed 7: recipients 200 lost 0 repeated 1 allowed 2"
    assert WELL.is_well


def test_a_lost_letter_a_repeat_too_many_and_a_sum_that_does_not_add_up_are_faults():
    assert not replace(WELL, lost=1).is_well
    assert not replace(WELL, repeated=3).is_well
    assert not replace(WELL, problems=("The totals do not add up.",)).is_well


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
