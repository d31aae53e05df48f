"""Where links lead, and what their words say."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

import idna

from mailer.checking.addresses import is_public
from mailer.checking.findings import Sighting, Term, seen
from mailer.checking.material import Material, PlacedLink
from mailer.checking.phrases import words
from mailer.rendering.markdown import LINK_SCHEMES, is_safe

_VAGUE = re.compile(words("vague"), re.IGNORECASE)
_FEWEST_REPEATED = 3
# Names that no resolver outside of a house knows (RFC 6762, RFC 6761, RFC 8375, ICANN's "internal").
_PRIVATE_ENDS = (".localhost", ".local", ".internal", ".home.arpa", ".lan")
# Beginnings of what `reaching` tells.
_ANSWERS = (
    ("time-out", "answer-late"),
    ("DNS", "answer-nameless"),
    ("TLS", "answer-unsafe"),
    (">", "answer-round"),
)
_WEB = {"http", "https"}
# "Node.js" is a name, not a host: without http or www, only the usual ends count.
_ADDRESS_LIKE = re.compile(
    r"(?:(?:https?://|(?=www\.))((?:[\w-]{1,63}\.)+[a-z]{2,24})|((?:[\w-]{1,63}\.)+(?:no|com|org|net|eu|se|dk|fi|info)))(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC", "CHEROKEE")
# Letters of other scripts that look as Latin ones do; a name of these alone pretends to be another.
_LOOKALIKES = frozenset("асеорхуіјѕԁԛԝһӏαορνικυχγτ")  # Cyrillic, then Greek


def lost(material: Material) -> Iterator[Sighting]:
    """Words that were a link, and links without an address."""
    for each in material.links:
        if not each.target:
            yield seen("link-lost", each.place, each.link.line, words=each.link.text or "…")


def vague(material: Material) -> Iterator[Sighting]:
    """Link words that say nothing of where the link leads."""
    for each in _kept(material):
        text = " ".join(each.link.text.split()).strip(" .!:›»→…")
        if text and _VAGUE.fullmatch(text):
            yield seen("link-vague", each.place, each.link.line, words=each.link.text)


def wordless(material: Material) -> Iterator[Sighting]:
    """A link with nothing in it to read or press."""
    for each in _kept(material):
        if not each.link.text.strip():
            yield seen("link-wordless", each.place, each.link.line, target=each.target)


def ambiguous(material: Material) -> Iterator[Sighting]:
    """The same words leading to different pages."""
    targets: dict[str, set[str]] = defaultdict(set)
    for each in _kept(material):
        text = " ".join(each.link.text.casefold().split())
        if text and targets[text] and each.target not in targets[text]:
            yield seen("link-ambiguous", each.place, each.link.line, words=each.link.text)
        targets[text].add(each.target)


def repeated(material: Material) -> Iterator[Sighting]:
    """One address again and again."""
    counted = Counter(each.target for each in _kept(material))
    for target, times in counted.items():
        if times >= _FEWEST_REPEATED:
            yield seen("link-repeated", target=target, times=times)


def unsafe(material: Material) -> Iterator[Sighting]:
    """Schemes that run something or lead into a reader's own machine. The letter has the words without the link."""
    for each in _kept(material):
        scheme = _parts(each).scheme.lower()
        if scheme and scheme not in LINK_SCHEMES and "." not in scheme:
            yield seen("link-unsafe", each.place, each.link.line, words=each.link.text, target=each.target)


def incomplete(material: Material) -> Iterator[Sighting]:
    """Addresses that mean something on a web page only: "/kurs", "www.example.org"."""
    for each in _kept(material):
        scheme = _parts(each).scheme.lower()
        if (not scheme or "." in scheme or scheme in LINK_SCHEMES) and not is_safe(each.target):
            yield seen("link-incomplete", each.place, each.link.line, words=each.link.text, target=each.target)


def unencrypted(material: Material) -> Iterator[Sighting]:
    """Plain http where https is usual."""
    for each in _kept(material):
        if _parts(each).scheme.lower() == "http":
            yield seen("link-http", each.place, each.link.line, target=each.target)


def with_credentials(material: Material) -> Iterator[Sighting]:
    """A name or password in an address: given to every reader, or there to mislead (RFC 3986, 7.6)."""
    for each in _kept(material):
        parts = _parts(each)
        if parts.scheme.lower() in _WEB and "@" in parts.netloc:
            yield seen("link-credentials", each.place, each.link.line, words=each.link.text, host=_host(parts))


def lookalike(material: Material) -> Iterator[Sighting]:
    """Host names with letters of another alphabet that look like ours."""
    for each in _kept(material):
        host = readable_host(_host(_parts(each)))
        if any(_pretends(label) for label in host.split(".")):
            yield seen("link-lookalike", each.place, each.link.line, words=each.link.text, host=host)


def disguised(material: Material) -> Iterator[Sighting]:
    """Words that are one address and lead to another, as those of fraud do; mail filters look for it."""
    for each in _kept(material):
        named = _ADDRESS_LIKE.fullmatch(each.link.text.strip())
        host = _host(_parts(each)).removeprefix("www.")
        if named and host and not _same_site((named[1] or named[2]).lower().removeprefix("www."), host):
            yield seen("link-disguised", each.place, each.link.line, words=each.link.text, host=host)


def private(material: Material) -> Iterator[Sighting]:
    """Addresses of the author's own machine or house, as far as they can be known for such without trying them."""
    for each in _kept(material):
        if each.target not in material.context.reached and _is_private(_parts(each).hostname or ""):
            yield seen("link-private", each.place, each.link.line, words=each.link.text, target=each.target)


def unreachable(material: Material) -> Iterator[Sighting]:
    """What came of trying the links, if that was asked for."""
    for each in _kept(material):
        answer = material.context.reached.get(each.target)
        if answer is not None and not answer.is_fine:
            told = _in_words(answer.what)
            yield seen(answer.code, each.place, each.link.line, words=each.link.text, target=each.target, answer=told)


def _in_words(answer: str) -> str | Term:
    """What a machine answered: a status as it is, of which people can ask; anything else in words of ours."""
    if answer[:3].isdigit():
        return answer
    return Term(next((key for start, key in _ANSWERS if answer.startswith(start)), "answer-none"))


def readable_host(host: str) -> str:
    """A host as people read it: `xn--` labels with their letters (RFC 5891)."""
    labels = []
    for label in host.lower().split("."):
        try:
            labels.append(idna.ulabel(label) if label.startswith("xn--") else label)
        except (idna.IDNAError, UnicodeError):
            labels.append(label)
    return ".".join(labels)


def _kept(material: Material) -> list[PlacedLink]:
    return [each for each in material.links if each.target]


def _parts(each: PlacedLink) -> SplitResult:
    try:
        return urlsplit(each.target)
    except ValueError:  # brackets that hold no IPv6 address
        return SplitResult("", "", each.target, "", "")


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2].partition(":")[0].lower()


def _is_private(host: str) -> bool:
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith(_PRIVATE_ENDS)


def _pretends(label: str) -> bool:
    letters = [char for char in label if char.isalpha()]
    scripts = {next((name for name in _SCRIPTS if unicodedata.name(char, "").startswith(name)), "") for char in letters}
    return len(scripts) > 1 or bool(letters and all(char in _LOOKALIKES for char in letters))


def _same_site(one: str, other: str) -> bool:
    one, other = readable_host(one), readable_host(other)
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


CHECKS = (
    lost,
    vague,
    wordless,
    ambiguous,
    repeated,
    unsafe,
    incomplete,
    unencrypted,
    with_credentials,
    lookalike,
    disguised,
    private,
    unreachable,
)
