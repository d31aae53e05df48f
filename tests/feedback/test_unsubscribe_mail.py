import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mailer.cli.feedback import app
from mailer.feedback.unsubscribes import read_unsubscribe_mail
from subscribers.models import ConsentEvent, Subscriber
from subscribers.tokens import Holder, TokenError, make_token
from tests.factories import SubscriberFactory
from tests.public.delivered import delivered


@pytest.mark.parametrize(
    "shape", ["unsubscribe {}", "Re: UNSUBSCRIBE  {}", "SV: unsubscribe\r\n {}", "unsubscribe {} (sent by phone)"]
)
def test_the_token_is_found_in_what_programs_make_of_the_subject(shape):
    token = make_token("unsubscribe", Holder(7, 3))
    assert read_unsubscribe_mail(shape.format(token)) == Holder(7, 3)


@given(st.text())
def test_no_other_subject_names_anybody(subject):
    with pytest.raises(TokenError):
        read_unsubscribe_mail(subject)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_server")
def test_the_mail_that_a_letters_own_mailto_asks_for_takes_its_reader_off_the_list(smtp_sink, tmp_path):
    SubscriberFactory(address="kari@example.com")
    delivered()
    header = smtp_sink.messages[0].parsed()["List-Unsubscribe"]
    subject = header.partition("subject=")[2].rstrip(">").replace("%20", " ")
    file = tmp_path / "mail.eml"
    file.write_bytes(f"From: someone@else.example\r\nSubject: {subject}\r\n\r\n".encode())
    assert CliRunner().invoke(app, ["read-mail", str(file)]).exit_code == 0
    assert Subscriber.objects.get().status == "unsubscribed"
    assert ConsentEvent.objects.get(kind="withdrawn").source == "mail"
