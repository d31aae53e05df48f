"""Links are tried against a real server on loopback, which the tests alone may reach."""

import ipaddress
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mailer.checking.findings import say
from mailer.checking.preflight import sightings, web_links
from mailer.checking.reaching import Answer, Manners, reach
from tests.checking.material import issue, material

HERE, INSIDE = ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("10.0.0.1")


class _Site(BaseHTTPRequestHandler):
    """Answers by the path: /404, /head-405, /to/ADDRESS, /slow."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self.asked.append(f"{self.command} {self.headers['Host'].split(':')[0]}{self.path}")
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "slow":
            time.sleep(2)
        if kind == "head":
            kind = rest if self.command == "HEAD" else "200"
        self.send_response(302 if kind == "to" else int(kind) if kind.isdigit() else 200)
        if kind == "to":
            self.send_header("Location", rest)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815  # http.server's name

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """The address of the site, by a name that only the tests' resolver knows, and what it was asked."""
    handler = type("Site", (_Site,), {"asked": []})
    server = ThreadingHTTPServer((str(HERE), 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://site.test:{server.server_port}", handler.asked
    server.shutdown()
    server.server_close()


def _resolve(host, port):
    return {"site.test": [HERE], "inside.test": [INSIDE], "both.test": [HERE, INSIDE], "none.test": []}[host]


MANNERS = Manners(timeout=0.5, total=5, resolve=_resolve, is_allowed=lambda address: address == HERE)


def _one(link, manners=MANNERS):
    return reach([link], manners)[link]


@pytest.mark.parametrize(
    "path", ["/", "/200", "/401", "/403", "/429", "/head/405", "/head/404", "/to//200", "/æøå og?q=å"]
)
def test_a_page_is_a_page(site, path):
    assert _one(site[0] + path) == Answer()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/404", Answer("link-dead", "404")),
        ("/410", Answer("link-dead", "410")),
        ("/500", Answer("link-unreachable", "500")),
        ("/slow", Answer("link-unreachable", "time-out")),
        ("/to/ftp://site.test", Answer("link-unreachable", "302: ftp")),
    ],
)
def test_no_page_is_told_with_the_reason(site, path, answer):
    assert _one(site[0] + path) == answer


def test_going_round_in_circles_ends(site):
    base, asked = site
    assert (
        _one(f"{base}/to/{base}/to/{base}/to/{base}/to/{base}/to/{base}/to/{base}/to/{base}").code == "link-unreachable"
    )
    assert len(asked) <= 6
    assert _one(f"{base}/to/").code == ""  # a redirect to nowhere is where one stays


@pytest.mark.parametrize(
    "link",
    [
        "http://inside.test/", "http://both.test/", "http://10.0.0.1/", "http://127.0.0.2/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused(link):
    assert _one(link) == Answer("link-private")


@pytest.mark.parametrize("number", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_an_address_in_disguise_is_still_refused(number):
    # The machine's own resolver knows these spellings of 127.0.0.1.
    assert _one(f"http://{number}/", Manners(timeout=0.5)).code in {"link-private", "link-dead"}


@pytest.mark.parametrize("target", ["http://inside.test/", "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/"])
def test_a_redirect_to_a_private_address_is_refused(site, target):
    assert _one(f"{site[0]}/to/{target}") == Answer("link-private")


def test_loopback_is_refused_for_everyone_but_the_tests(site):
    base, asked = site
    assert _one(base.replace("site.test", "127.0.0.1"), Manners(timeout=0.5)) == Answer("link-private")
    assert asked == []


def test_a_name_that_changes_its_mind_gains_nothing(site):
    base, asked = site
    answers = iter([[HERE], [INSIDE]])
    manners = replace(MANNERS, resolve=lambda *_: next(answers))
    assert _one(f"{base}/head/405", manners) == Answer("link-private")
    assert asked == ["HEAD site.test/head/405"], "the request went to the address that was judged, the next to none"


def test_names_without_an_address_and_broken_addresses_are_told(site):
    assert _one("http://none.test/") == Answer("link-dead", "DNS")
    assert _one("http:///nowhere").code == "link-unreachable"
    assert _one("http://site.test:99999/").code == "link-unreachable"
    assert _one(site[0].replace("http:", "https:")).what.startswith("TLS")


def test_links_are_tried_together_and_once_each(site):
    base, _ = site
    links = [f"{base}/slow/{number}" for number in range(6)]
    began = time.monotonic()
    answers = reach([*links, *links, "mailto:x@example.org"], replace(MANNERS, timeout=0.5, workers=6))
    assert time.monotonic() - began < 2
    assert list(answers) == links
    assert {answer.what for answer in answers.values()} == {"time-out"}


def test_all_together_never_take_longer_than_agreed(site):
    began = time.monotonic()
    answers = reach(
        [f"{site[0]}/slow/{number}" for number in range(8)], replace(MANNERS, timeout=9, total=0.5, workers=2)
    )
    assert time.monotonic() - began < 1
    assert {answer.code for answer in answers.values()} == {"link-unreachable"}


def test_only_web_links_are_tried():
    whole = issue("[a](https://example.org/a) [b](mailto:x@example.org) [c](https://example.org/a) [d](javascript:x)")
    assert web_links(whole) == ["https://example.org/a"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("404", "404"),
        ("DNS", "navnet finnes ikke"),
        ("time-out", "ingen i tide"),
        ("TLS: certificate has expired", "sikkerhetssertifikatet er ikke gyldig"),
        ("Connection refused", "ingen"),
    ],
)
def test_an_answer_is_told_in_words_that_an_editor_knows(answer, told):
    target = "https://example.org/program"
    checked = material(f"[Program]({target})", context={"reached": {target: Answer("link-dead", answer)}})
    (found,) = [say(sighting, "nb") for sighting in sightings(checked) if sighting.code == "link-dead"]
    assert found.what == f"Det er ingen side på {target} (svar: {told})."
