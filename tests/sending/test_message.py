"""A message from the mould against the same message composed the slow way, by the standard library."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.models import Campaign, Variant
from mailer.rendering.compiled import compile_letter
from mailer.rendering.letter import RenderedLetter
from mailer.rendering.slots import fill
from mailer.sending import message as message_module
from mailer.sending.dkim import make_key
from mailer.sending.envelope import EnvelopeError
from mailer.sending.headers import SenderError
from mailer.sending.message import MouldError, fill_mould, make_mould
from mailer.sending.verp import read_bounce_address
from tests.sending.moulds import KARI, NOW, letter, mould, whole

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=80)
LOCAL_PARTS = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~øæåé-]{1,40}", fullmatch=True)
TOKENS = st.from_regex(r"[A-Za-z0-9_-]{1,400}", fullmatch=True)
LETTER = RenderedLetter(
    "Uke 45", "", "<p>Hei @@RECIPIENT_NAME@@.</p>\n<a href='@@UNSUBSCRIBE_URL@@'>Av</a> ≥ ø",
    "Hei @@RECIPIENT_NAME@@\n\n@@UNSUBSCRIBE_URL@@\n", "nb", ()
)  # fmt: skip


def composed_slowly(recipient, token):
    """What the standard library makes of the same values."""
    leave = message_module.unsubscribe_url(token)
    values = {"RECIPIENT_NAME": recipient.name, "UNSUBSCRIBE_URL": leave}
    slow = EmailMessage(policy=policy.SMTPUTF8)
    slow["Subject"] = "Uke 45: på vei"
    slow["From"] = Address("Sør-Varanger Utvikling", "brev", "example.org")
    local, _, domain = recipient.address.partition("@")
    slow["To"] = Address(" ".join(recipient.name.split()), local, domain)
    slow["Reply-To"] = "svar@example.org"
    slow["Date"] = format_datetime(NOW)
    slow["List-Unsubscribe"] = f"<{leave}>, <mailto:svar@example.org?subject=unsubscribe%20{token}>"
    slow["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    slow.set_content(fill(LETTER.text, values, escape=False))
    slow.add_alternative(fill(LETTER.html, values, escape=True), subtype="html")
    slow["Content-Language"] = "nb"
    return slow


@pytest.mark.parametrize("reading", [policy.default, policy.SMTPUTF8])
@settings(max_examples=40, deadline=None)
@given(name=NAMES, local=LOCAL_PARTS, token=TOKENS)
def test_it_says_what_a_message_composed_slowly_says(reading, name, local, token):
    recipient = KARI._replace(name=name, address=f"{local}@example.org")
    made = mould(compile_letter(LETTER), tokens=lambda _: (token, token), plain=frozenset())
    filled = fill_mould(made, recipient, now=NOW)
    envelope, raw = filled.envelope, whole(filled)
    assert filled.size == len(raw)
    quick, slow = message_from_bytes(raw, policy=reading), composed_slowly(recipient, token)
    assert envelope.recipient == recipient.address
    for header in ("Subject", "From", "Reply-To", "Date", "List-Unsubscribe-Post", "Content-Language"):
        assert quick[header] == slow[header], header
    assert "".join(quick["List-Unsubscribe"].split()) == "".join(slow["List-Unsubscribe"].split())
    assert recipient_of(raw) == (slow["To"].addresses[0].display_name, slow["To"].addresses[0].addr_spec)
    parts, wanted = list(quick.iter_parts()), list(slow.iter_parts())
    assert [part.get_content_type() for part in parts] == [part.get_content_type() for part in wanted]
    assert [lines(part) for part in parts] == [lines(part) for part in wanted]


def lines(part):
    # The slow way adds a line end where there is none.
    return part.get_content().replace("\r\n", "\n").rstrip("\n")


def recipient_of(raw):
    """To, read by the old parser: the new one puts blanks between encoded words of a name, against RFC 2047, 6.2."""
    (value,) = [line for name, line in message_from_bytes(raw, policy=policy.SMTPUTF8).raw_items() if name == "To"]
    name, _, address = value.encode("ascii", "surrogateescape").decode().rpartition("<")
    return str(make_header(decode_header(name.strip()))) if name else "", address.strip("> ")


@given(name=st.text(), local=LOCAL_PARTS)
def test_no_line_is_too_long_or_begins_with_a_dot(name, local):
    raw = whole(fill_mould(mould(letter()), KARI._replace(name=name, address=f"{local}@example.org"), now=NOW))
    # RFC 5322, 2.1.1.
    assert all(len(line) <= 998 and not line.startswith(b".") for line in raw.split(b"\r\n"))
    assert raw.isascii() == local.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")


@pytest.mark.parametrize("address", ["kari@example.org\r\nBcc: ola@example.org", "kari@example.org> SIZE=1", "kari"])
def test_an_address_that_is_none_never_becomes_a_message(address):
    with pytest.raises(EnvelopeError, match="not an e-mail address") as told:
        fill_mould(mould(), KARI._replace(address=address), now=NOW)
    assert (told.value.reply.code, told.value.reply.enhanced_code) == (553, "5.1.3")


def made(**changes):
    campaign = Campaign(pk=3, from_name="SVU", from_address="brev@example.org", list_id="u.example.org", **changes)
    return make_mould(
        campaign, Variant(pk=5, campaign_id=3, language="nb", compiled=letter().to_bytes(), subject="Uke 45")
    )


def test_an_address_that_leaves_no_room_for_a_large_number_is_told_before_a_letter_is_out(settings):
    settings.MAIL_BOUNCES_TO, settings.VERP = f"{'b' * 28}@example.org", True
    with pytest.raises(MouldError, match="27 letters"):
        made()


def test_each_delivery_bounces_to_an_address_of_its_own_if_the_settings_say_so(settings):
    settings.MAIL_BOUNCES_TO, settings.VERP = "Retur <bounces@blåbær.no>", True
    sender = fill_mould(made(), KARI, now=NOW)[0].sender
    assert read_bounce_address(sender) == KARI.delivery_id
    assert sender.endswith("@xn--blbr-roah.no")
    settings.VERP = False
    assert fill_mould(made(), KARI, now=NOW)[0].sender == "bounces@xn--blbr-roah.no"
    settings.MAIL_BOUNCES_TO, settings.VERP = "", True
    assert fill_mould(made(), KARI, now=NOW)[0].sender == "brev@example.org"


def test_it_is_signed_when_there_is_a_key(settings):
    settings.DKIM_DOMAIN, settings.DKIM_ED25519_SELECTOR = "example.org", "post"
    settings.DKIM_ED25519_KEY = make_key("ed25519")
    raw = whole(fill_mould(made(), KARI, now=NOW))
    assert raw.startswith(b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org;")


def test_answers_go_where_the_campaign_says():
    raw = whole(fill_mould(made(reply_to="Redaksjonen <svar@blåbær.no>"), KARI, now=NOW))
    assert message_from_bytes(raw, policy=policy.default)["Reply-To"].addresses[0].addr_spec == "svar@xn--blbr-roah.no"
    with pytest.raises(SenderError):
        made(reply_to="no address")
