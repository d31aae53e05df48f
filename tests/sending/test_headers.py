from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.headers import (
    FixedHeaders,
    Mailbox,
    SenderError,
    encode_mailbox,
    fixed_block,
    message_block,
    message_id,
    read_mailbox,
)

TYPED = st.text(st.characters(codec="utf-8"), max_size=200)
NOW = datetime(2021, 11, 12, 14, 0, tzinfo=UTC)


def parsed(name="Kari", subject="Uke 45"):
    fixed = FixedHeaders(
        Mailbox("Sør-Varanger Utvikling", "brev@example.org"), "post@example.org", "ukebrev.example.org", subject, "nb"
    )
    own = message_block(
        encode_mailbox(name, "kari@example.org"),
        message_id="<1.2.ab@example.org>",
        date=NOW,
        unsubscribe_url="https://e.org/u/x",
        unsubscribe_mailto="post@example.org?subject=unsubscribe",
    )
    raw = own + fixed_block(fixed)
    assert raw.isascii()
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    return message_from_bytes(raw + b"\r\n", policy=policy.default)


def test_every_header_of_the_first_day_is_there():
    message = parsed(name="Kåre Ødegård", subject="Uke 45: vitensenter på vei")
    assert message["From"].addresses[0].display_name == "Sør-Varanger Utvikling"
    assert message["To"].addresses[0].display_name == "Kåre Ødegård"
    assert message["Subject"] == "Uke 45: vitensenter på vei"
    assert message["List-Unsubscribe"] == "<https://e.org/u/x>, <mailto:post@example.org?subject=unsubscribe>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"].endswith("<ukebrev.example.org>")
    assert message["Date"].datetime == NOW
    for name, value in [
        ("Reply-To", "post@example.org"),
        ("Message-ID", "<1.2.ab@example.org>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "nb"),
    ]:
        assert message[name] == value


def words(text):
    """What of a text must come through: control characters and runs of blanks are made one blank."""
    return " ".join("".join(" " if c.isspace() or not c.isprintable() else c for c in text).split())


@given(TYPED)
def test_a_subject_says_the_same_after_the_wire(text):
    assert words(str(parsed(subject=text)["Subject"])) == words(text)


@given(TYPED)
def test_a_name_says_the_same_after_the_wire_and_stays_with_its_address(text):
    message = parsed(name=text)
    (to,) = message["To"].addresses
    assert to.addr_spec == "kari@example.org"
    # The modern parser puts a blank between two encoded words of a name, against RFC 2047, 6.2; the old one does not.
    (raw,) = [value for name, value in message.raw_items() if name == "To"]
    shown = str(make_header(decode_header(raw.rpartition(" <")[0]))) if " <" in raw else ""
    assert words(shown) == words(text)


@given(TYPED, TYPED)
def test_nothing_typed_makes_a_header_of_its_own(name, subject):
    assert len(parsed(name=f"{name}\r\nBcc: ola@example.org", subject=f"{subject}\nX: y").keys()) == 11


@pytest.mark.parametrize("text", ["Kari <kari@example.org>\nBcc: x@example.org", "no address", "", "Kari <kari>"])
def test_a_sender_that_is_none_is_refused_in_a_sentence(text):
    with pytest.raises(SenderError, match=r"sender .+"):
        read_mailbox(text)


def test_a_sender_is_read_with_and_without_a_name():
    assert read_mailbox("Sør-Varanger Utvikling <brev@example.org>") == Mailbox(
        "Sør-Varanger Utvikling", "brev@example.org"
    )
    assert read_mailbox("brev@example.org") == Mailbox("", "brev@example.org")


def test_a_delivery_has_one_message_id_and_no_other_delivery_has_it():
    first = message_id(campaign_id=1, delivery_id=2, domain="example.org")
    assert first == message_id(campaign_id=1, delivery_id=2, domain="example.org")
    assert first != message_id(campaign_id=1, delivery_id=3, domain="example.org")
