import ipaddress
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.public.counters import RedisCounters
from subscribers.limits import (
    Count,
    Limit,
    MemoryCounters,
    TooManyError,
    admit,
    admit_mail,
    may_mail,
    network_of,
    use,
)


@pytest.fixture(params=["memory", "redis"])
def counters(request, monkeypatch):
    if request.param == "redis":
        request.getfixturevalue("redis_server")
    chosen = MemoryCounters() if request.param == "memory" else RedisCounters()
    use(chosen)
    yield chosen
    use(RedisCounters())


@pytest.fixture
def at(monkeypatch):
    """Moves the clock that the counters look at, in seconds from now."""
    began = time.time()
    return lambda seconds: monkeypatch.setattr("time.time", lambda: began + seconds)


@pytest.fixture
def key(request):
    return f"{request.node.name}-{time.time_ns()}"


def allow(counters, key, limits):
    return counters.let_through([Count(key, limits)]) == 1


def test_one_an_hour_and_three_a_day_whatever_the_edges_of_the_windows(counters, at, key):
    limits = (Limit(1, 3600), Limit(3, 86400))
    let_through = []
    for minutes in range(0, 3 * 24 * 60, 10):
        at(minutes * 60)
        if allow(counters, key, limits):
            let_through.append(minutes)
    assert let_through[:4] == [0, 60, 120, 24 * 60]
    for start in let_through:
        assert sum(start <= moment < start + 24 * 60 for moment in let_through) <= 3


def test_what_was_refused_does_not_count(counters, at, key):
    assert allow(counters, key, (Limit(1, 60),))
    for second in range(1, 60):
        at(second)
        assert not allow(counters, key, (Limit(1, 60),))
    at(61)
    assert allow(counters, key, (Limit(1, 60),))


def test_keys_are_counted_apart(counters, key):
    assert allow(counters, f"{key}-a", (Limit(1, 60),))
    assert allow(counters, f"{key}-b", (Limit(1, 60),))


def test_a_redis_that_is_away_costs_a_moment_once_and_the_limits_hold_all_the_same(settings, key):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    counters = RedisCounters()
    began = time.monotonic()
    assert [allow(counters, key, (Limit(2, 60),)) for _ in range(4)] == [True, True, False, False]
    assert time.monotonic() - began < 2


def test_a_network_that_asks_for_too_much_is_told_when_to_come_back(counters, settings):
    settings.SIGNUPS_PER_NETWORK = ((2, 600),)
    network = f"192.0.{time.time_ns() % 250}.0/24-{time.time_ns()}"
    admit(network)
    admit(network)
    with pytest.raises(TooManyError) as problem:
        admit(network)
    assert problem.value.retry_after == 600


def test_of_several_counts_the_first_that_is_full_is_where_it_ends(counters, key):
    once, twice = (Limit(1, 60),), (Limit(2, 60), Limit(5, 600))
    three = [Count(f"{key}-a", twice), Count(f"{key}-b", once), Count(f"{key}-c", twice)]
    assert [counters.let_through(three) for _ in range(3)] == [3, 1, 0]
    assert [allow(counters, f"{key}-c", twice) for _ in range(2)] == [True, False]


def test_whoever_is_refused_for_all_costs_the_address_nothing_and_the_address_costs_the_rest_one(counters, settings):
    settings.SIGNUPS_PER_NETWORK = ((3, 600),)
    now = time.time_ns()
    network, other, address = f"192.0.2.0/24-{now}", f"198.51.100.0/24-{now}", f"kari{now}@example.com"
    assert [admit_mail(network, address) for _ in range(3)] == [True, False, False]
    with pytest.raises(TooManyError):
        admit_mail(network, f"ola-{address}")
    assert admit_mail(other, f"ola-{address}")
    assert may_mail(address, about="link")


def test_an_address_is_counted_without_being_kept(counters):
    address = f"kari{time.time_ns()}@example.com"
    assert may_mail(address)
    assert not may_mail(address)
    if isinstance(counters, MemoryCounters):
        assert address not in str(counters._seen)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.17", "192.0.2.0/24"),
        (" 192.0.2.17 ", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("[2001:db8::1]", "2001:db8::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::ffff:192.0.2.17", "192.0.2.0/24"),
        ("", ""),
        ("unix:", ""),
        ("192.0.2.999", ""),
    ],
)
def test_of_an_ip_address_only_the_network_is_kept(address, network):
    assert network_of(address) == network


@given(st.ip_addresses())
def test_a_network_holds_its_address_and_at_least_256_others(address):
    network = ipaddress.ip_network(network_of(str(address)))
    assert network.num_addresses >= 256


@given(st.text())
def test_nothing_that_is_typed_breaks_it(text):
    assert len(network_of(text)) <= 45
