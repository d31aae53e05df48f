import contextlib
from functools import lru_cache

import dkim  # type: ignore[import-untyped]  # it has none
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.rendering.compiled import CompiledLetter, compile_letter
from mailer.rendering.letter import RenderedLetter
from mailer.sending.dkim import SIGNED, DkimError, Seal, Signer, dns_record, make_key, read_keys, signature_of
from mailer.sending.message import fill_mould
from tests.sending.moulds import KARI, NOW, letter, mould, whole

# The judge takes its time.
FEW = settings(max_examples=25, deadline=None)
TYPED = st.text(st.characters(codec="utf-8"), max_size=100)


@lru_cache
def key(kind):
    return make_key(kind)


@lru_cache
def signer(kind="rsa"):
    return Signer("example.org", kind, key(kind))


def both():
    return signer("rsa"), signer("ed25519")


def record_text(made):
    """What a resolver gives for the line of the zone file."""
    strings = dns_record(made).partition(" IN TXT ")[2]
    return strings.replace('" "', "").strip('"').encode()


def verified(message):
    """How many signatures dkimpy finds, all of which must hold."""
    records = {f"{made.selector}._domainkey.example.org.".encode(): record_text(made) for made in both()}
    count = message.lower().count(b"dkim-signature:")
    checker = dkim.DKIM(message)
    with contextlib.suppress(dkim.ValidationError):
        return sum(checker.verify(index, dnsfunc=lambda name, **_: records[name]) for index in range(count))
    return 0


def sent(made, recipient=KARI):
    return whole(fill_mould(made, recipient, now=NOW))


@pytest.mark.parametrize("greeting", [False, True])
@pytest.mark.parametrize("theme", ["arctic", "plain"])
def test_both_signatures_hold_for_letters_of_every_theme(theme, greeting):
    assert verified(sent(mould(letter(theme, greeting=greeting), signers=both()))) == 2


@FEW
@given(name=TYPED, subject=TYPED, local=st.from_regex(r"[a-zæøå.+]{0,30}[a-zæøå]", fullmatch=True))
def test_signatures_hold_whatever_was_typed(name, subject, local):
    recipient = KARI._replace(name=name, address=f"{local.strip('.').replace('..', '.')}@example.org")
    assert verified(sent(mould(letter(greeting=True), signers=both(), subject=subject), recipient)) == 2


CONTENT = st.text(st.sampled_from("a \t\nå=.") | st.characters(codec="utf-8"), max_size=300)


@FEW
@given(text=CONTENT, html=CONTENT, value=CONTENT)
def test_signatures_hold_whatever_is_in_the_letter(text, html, value):
    rendered = RenderedLetter(
        "Uke 45", "", f"{html}@@RECIPIENT_NAME@@{text}", f"{text}@@RECIPIENT_NAME@@{html}", "nb", ()
    )
    assert verified(sent(mould(compile_letter(rendered), signers=both()), KARI._replace(name=value))) == 2


@FEW
@given(piece=st.text(" \t\r\na", max_size=60))
def test_any_message_can_be_signed_by_itself(piece):
    body = piece.replace("\r", "").replace("\n", "\r\n").encode() + b"\r\n"
    message = b"From: a@example.org\r\nFrom: b@example.org\r\nSUBJECT:  a \r\n\t b\r\nX-Other: c\r\n\r\n" + body
    assert verified(signature_of(message, both(), at=1_600_000_000) + message) == 2


def test_a_letter_without_gaps_is_signed_too():
    compiled = CompiledLetter((b"MIME-Version: 1.0\r\n\r\nHei  du \r\n\r\n\r\n",), ())
    seal = Seal([signer()], b"From: a@example.org\r\n", compiled)
    own = b"To: kari@example.org\r\n"
    signature = seal.sign(own, [], at=1_600_000_000)
    pieces, _ = compiled.arrange(signature + own + b"From: a@example.org\r\n", [])
    assert verified(b"".join(pieces)) == 1


@pytest.mark.parametrize(
    ("of", "to"),
    [
        (b"Vitensenter", b"Vitensentre"),
        (b"Subject: ", b"Subject: x"),
        (b"One-Click", b"Two-Clicks"),
        (b"List-Unsubscribe: <", b"List-Unsubscribe: <x"),
        (b"From: ", b"From: eve@example.com\r\nFrom: "),
        (b"charset", b"Charset"),
    ],
)
def test_what_is_changed_on_the_way_breaks_the_signature(of, to):
    message = sent(mould(signers=(signer(),)))
    assert message.count(of)
    assert verified(message) == 1
    assert not verified(message.replace(of, to, 1))


def test_the_header_is_folded_and_names_all_that_a_receiver_asks_for():
    head = sent(mould(signers=both())).partition(b"\r\nDate:")[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    (names,) = {part.strip() for part in head.split(b";") if part.strip().startswith(b"h=")}
    listed = [name.strip() for name in names[2:].decode().replace("\r\n", "").split(":")]
    assert sorted(listed) == sorted([*SIGNED, "From"])


def test_the_same_message_is_signed_the_same_when_it_goes_again():
    made = mould(signers=both())
    assert sent(made) == sent(made)


def test_the_record_is_in_strings_that_dns_takes():
    line = dns_record(signer())
    assert line.startswith('rsa._domainkey.example.org. IN TXT "v=DKIM1; k=rsa; p=MII')
    assert all(len(string) <= 255 for string in line.split('"')[1::2])
    assert dns_record(signer("ed25519")).count('"') == 2


def pem(private):
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: pem(rsa.generate_private_key(65537, 1024)), "1024 bits; receivers want 2048"),
        (lambda: pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
        (lambda: "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----", "can't be read"),
        (lambda: "", "can't be read"),
        (lambda: "æ", "can't be read"),
    ],
)
def test_a_key_that_is_of_no_use_is_told_in_a_sentence(made, says):
    with pytest.raises(DkimError, match=says) as told:
        Signer("example.org", "s", made())
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("domain", ["", "localhost", "a b.no", "example.org;", "-a.no", "a..no", "x\r\ny.no"])
def test_a_domain_that_is_none_is_refused(domain):
    with pytest.raises(DkimError, match="DKIM_DOMAIN"):
        Signer(domain, "s", key("ed25519"))


@pytest.mark.parametrize("selector", ["", "a b", "a;", "a\r\nb", "ø"])
def test_a_selector_that_is_none_is_refused(selector):
    with pytest.raises(DkimError, match="selector"):
        Signer("example.org", selector, key("ed25519"))


def test_a_domain_with_letters_of_ours_is_signed_in_punycode():
    assert Signer("blåbær.no", "s", key("ed25519")).domain == "xn--blbr-roah.no"


NOTHING = ("", "")


def test_keys_come_from_the_settings_also_on_one_line():
    one_line = key("rsa").replace("\n", "\\n")
    signers = read_keys(domain="example.org", rsa=("a", one_line), ed25519=("b", key("ed25519")))
    assert [(made.kind, made.selector) for made in signers] == [("rsa", "a"), ("ed25519", "b")]
    assert read_keys(domain="", rsa=NOTHING, ed25519=NOTHING) == ()


@pytest.mark.parametrize(
    ("domain", "pairs", "says"),
    [
        ("", [("a", "rsa"), NOTHING], "DKIM_DOMAIN is not"),
        ("example.org", [("", "rsa"), NOTHING], "DKIM_SELECTOR is not"),
        ("example.org", [NOTHING, ("", "ed25519")], "DKIM_ED25519_SELECTOR is not"),
        ("example.org", [("a", "ed25519"), NOTHING], "must be one for rsa"),
        ("example.org", [("a", "rsa"), ("a", "ed25519")], "are the same"),
    ],
)
def test_half_a_setting_is_told_in_a_sentence(domain, pairs, says):
    first, second = ((selector, key(kind) if kind else "") for selector, kind in pairs)
    with pytest.raises(DkimError, match=says):
        read_keys(domain=domain, rsa=first, ed25519=second)
