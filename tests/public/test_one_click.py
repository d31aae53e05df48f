"""RFC 8058: what a mail program posts when its reader presses "unsubscribe", byte by byte over a real connection."""

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from mailer.models import Feedback
from subscribers.models import Subscriber
from tests.factories import SubscriberFactory
from tests.public.delivered import delivered, unsubscribe_link

pytestmark = pytest.mark.django_db(transaction=True)

URLENCODED = "application/x-www-form-urlencoded"
ONE_CLICK = b"List-Unsubscribe=One-Click"
# Section 8.3 as it is printed: errata 5117 and 8927 tell that its boundary is not the one that its content type names.
PRINTED_MULTIPART = (
    b'---FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    b"One-Click\r\n---FormBoundaryjWmhtjORrn--"
)


@pytest.fixture
def link(redis_server, smtp_sink, live_server, settings):
    """The address in List-Unsubscribe of a letter that Kari got."""
    settings.SITE_URL = live_server.url
    SubscriberFactory(address="kari@example.com")
    delivered()
    (message,) = smtp_sink.messages
    assert message.parsed()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return urlsplit(unsubscribe_link(message))


def post(link, body, **headers):
    connection = http.client.HTTPConnection(link.hostname, link.port, timeout=10)
    connection.request("POST", link.path, body, {"Connection": "close", **headers})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def kari_has_left():
    return Subscriber.objects.get().status == "unsubscribed" and Feedback.objects.get().source == "one-click"


def test_the_example_of_section_8_1_over_a_bare_socket(link):
    request = (
        f"POST {link.path} HTTP/1.1\r\nHost: {link.netloc}\r\nContent-Type: {URLENCODED}\r\n"
        f"Content-Length: 26\r\nConnection: close\r\n\r\nList-Unsubscribe=One-Click"
    )
    with socket.create_connection((link.hostname, link.port), timeout=10) as wire:
        wire.sendall(request.encode())
        answer = b"".join(iter(lambda: wire.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert kari_has_left()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (URLENCODED, ONE_CLICK),
        ("multipart/form-data; boundary=-FormBoundaryjWmhtjORrn", PRINTED_MULTIPART),
        ("multipart/form-data; boundary=---FormBoundaryjWmhtjORrn", PRINTED_MULTIPART),
        ("multipart/form-data", ONE_CLICK),
        (f"{URLENCODED}; charset=utf-7", ONE_CLICK),
        (URLENCODED, b""),
        (URLENCODED, b"&".join([b"a=b"] * 5000)),
        (URLENCODED, b"\xff\xfe%"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'),
        ("text/plain", b"x" * 5_000_000),
        ("", b"\x00"),
    ],
)
def test_whatever_the_body_the_person_is_out_and_the_answer_is_plain(link, kind, body):
    answer, content = post(link, body, **{"Content-Type": kind})
    assert answer.status == 200
    assert answer.headers.get_all("Set-Cookie") is None
    assert "Location" not in answer.headers
    assert "Du er meldt av" in content.decode()
    assert kari_has_left()


def test_a_program_that_hangs_up_in_the_middle_of_the_body_is_obeyed_all_the_same(link):
    head = (
        f"POST {link.path} HTTP/1.1\r\nHost: {link.netloc}\r\nContent-Type: {URLENCODED}\r\nContent-Length: 26\r\n\r\n"
    )
    with socket.create_connection((link.hostname, link.port), timeout=10) as wire:
        wire.sendall(head.encode() + b"List-Unsub")
        wire.shutdown(socket.SHUT_WR)
        assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert kari_has_left()


def test_neither_cookies_nor_another_sites_origin_are_in_the_way(link):
    answer, _ = post(link, ONE_CLICK, Origin="https://mail.example", Cookie="sessionid=x; csrftoken=y")
    assert answer.status == 200
    assert kari_has_left()


def test_the_link_in_the_letter_is_safe_to_fetch(link):
    connection = http.client.HTTPConnection(link.hostname, link.port, timeout=10)
    connection.request("GET", link.path, headers={"Connection": "close"})
    assert connection.getresponse().status == 200
    connection.close()
    assert Subscriber.objects.get().status == "active"
