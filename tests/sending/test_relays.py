import pytest

from mailer.sending.relays import Relay, RelayError, relay_from_url


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example.org", Relay("mail.example.org", 25)),
        ("smtp+starttls://me:s%40cret@mail.example.org", Relay("mail.example.org", 587, "starttls", "me", "s@cret")),
        (
            "smtps://me:secret@mail.example.org:4650?timeout=5",
            Relay("mail.example.org", 4650, "tls", "me", "secret", 5.0),
        ),
    ],
)
def test_a_relay_is_one_setting(url, relay):
    assert relay_from_url(url) == relay


@pytest.mark.parametrize(
    "url", ["http://mail.example.org", "smtp://", "smtp://host:port", "smtp://host?timeout=soon", ""]
)
def test_what_names_no_relay_is_refused_in_a_sentence(url):
    with pytest.raises(RelayError, match="SMTP_URL"):
        relay_from_url(url)


def test_a_relay_in_a_log_shows_no_secret():
    assert "secret" not in str(relay_from_url("smtps://me:secret@mail.example.org"))
