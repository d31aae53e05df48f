from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.buckets import Choice, bucket, choose


def test_turns_go_by_weight_and_are_spread():
    choices = [Choice(5, 0, 100), Choice(1, 0, 100), Choice(1, 0, 100)]
    assert "".join(".abc"[choose(choices)] for _ in range(14)) == "aabacaa" * 2


def test_a_full_relay_is_passed_over_and_nobody_is_chosen_when_all_are():
    choices = [Choice(9, 0, 1), Choice(1, 0, 2)]
    assert [choose(choices) for _ in range(5)] == [1, 2, 2, 0, 0]


@given(st.floats(0.01, 1e5), st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(1, 500)), max_size=60))
def test_no_bucket_lets_go_more_than_its_rate_and_one_burst(rate, asks):
    limit, now, full_at, went = bucket(rate), 10**15, 0, 0
    for pause, wanted in asks:
        now += pause
        granted = min(limit.free(full_at, now), wanted)
        full_at = max(full_at, now) + granted * limit.interval
        went += granted
    burst = limit.tolerance // limit.interval
    assert went <= (now - 10**15) / 1e6 * rate + burst + 1e-6
    assert limit.free(full_at, now + int(limit.wait(full_at, now) * 1e6) + 1) >= 1


@given(st.floats(0.01, 1e5), st.integers(1, 100))
def test_the_parts_of_a_limit_are_never_more_than_the_whole(rate, parts):
    assert parts * 1e6 / bucket(rate, parts).interval <= rate * (1 + 1e-9)
