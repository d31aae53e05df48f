from datetime import UTC, datetime, timedelta

import pytest

from mailer.sending.outcomes import GIVE_UP_AFTER, judge, retry_delay
from mailer.sending.wire import Reply

NOW = datetime(2021, 11, 12, 14, 0, tzinfo=UTC)


def judged(code, command="RCPT", age=timedelta(0)):
    return judge(Reply(command, code, "words"), attempts=1, first_attempt_at=NOW - age, now=NOW)


@pytest.mark.parametrize(
    ("code", "command"), [(421, "RCPT"), (450, "RCPT"), (451, "DATA"), (452, "RCPT"), (552, "RCPT")]
)
def test_a_temporary_refusal_is_tried_again_later(code, command):
    outcome = judged(code, command)
    assert outcome.status == "deferred"
    assert outcome.next_attempt_at > NOW


@pytest.mark.parametrize(("code", "command"), [(550, "RCPT"), (553, "MAIL"), (554, "DATA"), (552, "DATA")])
def test_a_final_refusal_is_never_tried_again(code, command):
    outcome = judged(code, command)
    assert (outcome.status, outcome.next_attempt_at) == ("failed", None)


def test_after_three_days_a_temporary_refusal_is_final():
    assert judged(450, age=GIVE_UP_AFTER).status == "failed"


def test_acceptance_is_sent():
    assert judged(250, "DATA").status == "sent"


def test_each_try_waits_longer_up_to_a_limit():
    assert timedelta(minutes=12) <= retry_delay(1) <= timedelta(minutes=18)
    assert retry_delay(3) > retry_delay(1)
    assert retry_delay(1000) <= timedelta(hours=8)


@pytest.mark.parametrize(
    ("text", "queue_id"),
    [
        ("2.0.0 Ok: queued as 4XyzAb12", "4XyzAb12"),
        ("OK id=1mlx2K-0001-AB", "1mlx2K-0001-AB"),
        ("2.0.0 Delivered", ""),
    ],
)
def test_the_relays_own_name_for_a_message_is_kept(text, queue_id):
    assert Reply("DATA", 250, text).queue_id == queue_id


def test_the_enhanced_code_is_read_apart():
    assert Reply("RCPT", 550, "5.1.1 no such user").enhanced_code == "5.1.1"
    assert Reply("RCPT", 550, "no such user").enhanced_code == ""
