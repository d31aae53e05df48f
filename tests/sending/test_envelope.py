import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.envelope import Envelope, EnvelopeError, Extensions, Whole
from subscribers.addresses import AddressError, normalise

ALL = Extensions({"PIPELINING": "", "SIZE": "1000", "8BITMIME": "", "SMTPUTF8": ""})


def commands(recipient, message=b"x", extensions=ALL, sender="bounces@example.org"):
    return b"".join(extensions.commands(Whole.of(1, Envelope(sender, recipient), message))).decode()


@given(sender=st.text(), recipient=st.text() | st.text().map("{}@example.org".format))
def test_whatever_is_in_an_address_there_are_two_commands(sender, recipient):
    try:
        lines = commands(recipient, sender=sender).split("\r\n")
    except EnvelopeError:
        return
    assert len(lines) == 3
    assert not any(character < " " for line in lines for character in line)
    assert lines[0].startswith("MAIL FROM:<")
    assert lines[1].startswith("RCPT TO:<")
    assert lines[1].endswith(">")


@given(st.builds("{}@{}".format, st.text(min_size=1, max_size=20), st.sampled_from(["example.org", "blåbær.no"])))
def test_an_address_that_a_person_may_have_can_be_written_to(typed):
    try:
        wire = normalise(typed).wire
    except AddressError:
        return
    assert Envelope("", wire).recipient == wire


@pytest.mark.parametrize(
    "address", ['"kari hansen"@example.org', '"a\\"b>c"@example.org', "a@[127.0.0.1]", "a+b=c@x.no"]
)
def test_addresses_as_old_as_the_rules_are_kept(address):
    assert f"RCPT TO:<{address}>\r\n" in commands(address)


@pytest.mark.parametrize(
    "address",
    ["a@b.no\r\nRCPT TO:<c@d.no>", "a@b.no> SIZE=1", "a@b.no\n", "a b@c.no", '"a"b"@c.no', "a", "", "a@", "a@b\x00"],
)
def test_nothing_gets_into_a_command_that_is_no_address(address):
    with pytest.raises(EnvelopeError, match="not an e-mail address"):
        Envelope("", address)
    if address:
        with pytest.raises(EnvelopeError):
            Envelope(address, "kari@example.org")


def test_options_are_what_the_relay_offers_and_the_message_needs():
    assert commands("kari@example.org").startswith("MAIL FROM:<bounces@example.org> SIZE=1\r\n")
    assert commands("kari@blåbær.no").endswith("> SIZE=1\r\nRCPT TO:<kari@xn--blbr-roah.no>\r\n")
    assert "> SIZE=1 SMTPUTF8\r\nRCPT TO:<kåre@example.org>" in commands("kåre@example.org")
    assert "> SIZE=2 SMTPUTF8 BODY=8BITMIME\r\n" in commands("kåre@example.org", "å".encode())
    assert commands("kari@example.org", extensions=Extensions({})).startswith("MAIL FROM:<bounces@example.org>\r\n")


@pytest.mark.parametrize(
    ("keywords", "recipient", "message", "said"),
    [
        ({}, "kåre@example.org", b"x", ("RCPT", 550, "5.6.7")),
        ({"SIZE": "10"}, "kari@example.org", b"x" * 11, ("MAIL", 552, "5.3.4")),
        ({"SIZE": "10"}, "kari@example.org", b"x" * 10, None),
        ({"SIZE": "0"}, "kari@example.org", b"x", None),
        ({"SIZE": "many"}, "kari@example.org", b"x", None),
        ({}, "kari@blåbær.no", b"x", None),
        ({"SMTPUTF8": ""}, "kåre@example.org", b"x", None),
    ],
)
def test_what_the_relay_has_said_that_it_can_not_take_is_not_asked(keywords, recipient, message, said):
    reply = Extensions(keywords).refusal(Whole.of(1, Envelope("", recipient), message))
    assert (reply and (reply.command, reply.code, reply.enhanced_code)) == said
