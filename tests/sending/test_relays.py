from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.relays import (
    Relay,
    RelayError,
    configured_relay,
    configured_relays,
    relay_from_url,
    relays_from_text,
)


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example.org", Relay("mail.example.org", 25)),
        ("smtp+starttls://me:s%40cret@mail.example.org", Relay("mail.example.org", 587, "starttls", "me", "s@cret")),
        (
            "smtps://me:secret@mail.example.org:4650?timeout=5",
            Relay("mail.example.org", 4650, "tls", "me", "secret", 5.0),
        ),
        ("lmtp://[::1]", Relay("::1", 24, protocol="lmtp")),
        ("lmtp:///run/dovecot/lmtp", Relay("/run/dovecot/lmtp", 0, protocol="lmtp")),
        (
            "smtps://host?name=main&weight=3&connections=9&per_second=0.5&per_hour=99&per_connection=50&warm_up=2026-11-23&auth=xoauth2",
            Relay("host", 465, "tls", oauth=True, name="main", weight=3, connections=9, per_second=0.5, per_hour=99,
                  per_connection=50, warm_up=date(2026, 11, 23)),
        ),
        (
            "smtps://me@host?auth=xoauth2&token_file=/run/token",
            Relay("host", 465, "tls", "me", oauth=True, token_file="/run/token"),
        ),
    ],
)  # fmt: skip
def test_a_relay_is_one_address(url, relay):
    assert relay_from_url(url) == relay


def test_a_relay_without_a_name_is_called_by_its_address():
    names = [relay.name for relay in relays_from_text("smtp://a smtp://[::1]:26\n lmtp:///run/lmtp smtp://a:27?name=b")]
    assert names == ["a:25", "[::1]:26", "/run/lmtp", "b"]
    assert str(relay_from_url("smtp://a:27?name=b")) == "b (a:27)"


def test_the_settings_name_one_relay_or_more(settings):
    settings.SMTP_URL = "\n  smtp://one\n  smtp://two\t"
    assert [relay.host for relay in configured_relays()] == ["one", "two"]
    assert configured_relay().host == "one"
    assert configured_relays() is configured_relays()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://mail.example.org", "begins with none of smtp://"),
        ("smtp://", "names no host"),
        ("lmtp://", "names no host"),
        ("smtp:///run/socket", "names no host"),
        ("smtp://host:port", "a port that is no number"),
        ("smtp://host:0", "the port 0"),
        ("smtp://host?timeout=soon", "timeout that is not a number of seconds from 0.1 to 600"),
        ("smtp://host?timeout=nan", "timeout"),
        ("smtp://host?weight=0", "weight that is not a whole number from 1 to 1000"),
        ("smtp://host?connections=many", "connections"),
        ("smtp://host?per_second=-1", "per_second"),
        ("smtp://host?per_hour=1.5", "per_hour"),
        ("smtp://host?per_connection=0", "per_connection"),
        ("smtp://host?warm_up=monday", "warm_up that is not a date like 2026-11-23"),
        ("smtp://host?auth=plain", "auth that is not xoauth2"),
        ("smtp://me@host?auth=xoauth2&token_file=token", "token_file that is not a path that begins with /"),
        ("smtp://me@host?token_file=/run/token", "a token_file, which goes with auth=xoauth2"),
        ("smtp://me:s@host?auth=xoauth2&token_file=/run/token", "with no secret in the address"),
        ("smtp://host?name=a/b", "name that is not"),
        ("smtp://host?wieght=1", "an option that is none of name, weight"),
        ("smtp://host/path", "does not belong there"),
        ("smtp://one smtp://two:x", "relay 2 of 2 has a port"),
        ("smtp://one smtp://one", "two relays are called one:25"),
        ("", "names 0 relays"),
    ],
)
def test_what_names_no_relay_is_refused_in_a_sentence(text, says):
    with pytest.raises(RelayError, match=r"^SMTP_URL: ") as raised:
        relays_from_text(text)
    assert says in str(raised.value)


def test_a_relay_in_a_log_shows_no_secret():
    relay = relay_from_url("smtps://me:secret@mail.example.org")
    assert "secret" not in f"{relay} {relay!r}"


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))
def test_any_name_and_secret_come_through_when_they_are_escaped(user, password):
    (relay,) = relays_from_text(f"smtps://{quote(user, safe='')}:{quote(password, safe='')}@host?weight=2")
    assert (relay.user, relay.password, relay.host, relay.weight) == (user, password, "host", 2)


@given(st.text("s3cRet@/?#:%[]= ", min_size=4))
def test_a_secret_that_is_not_escaped_is_never_repeated(mess):
    try:
        relays_from_text(f"smtps://me:hush{mess}hush@host")
    except RelayError as error:
        assert "hush" not in str(error)  # noqa: PT017  # most of them are no error
