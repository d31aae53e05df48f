"""Signatures that say for whom a message is sent (DKIM, RFC 6376), for those whose relay does not sign.

Canonicalisation is relaxed/relaxed. The fixed pieces of a letter are canonicalised once (`Seal`); a message then costs its body's
hash and the signatures.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import idna
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from mailer.rendering.compiled import CompiledLetter

Kind = Literal["rsa", "ed25519"]
Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

# RFC 8301, 3.2: verifiers may take less than 2048 bits as no signature at all.
SMALLEST_RSA_BITS = 2048
# RFC 6376, 5.4.1; RFC 8058, 4 asks for both of List-Unsubscribe. MIME-Version and Content-* say how the body is read.
SIGNED = (
    "From", "Subject", "Date", "Message-ID", "To", "Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "Auto-Submitted", "Content-Type", "MIME-Version", "Content-Language",
)  # fmt: skip
_WRITTEN = {name.lower().encode(): name for name in SIGNED}
_WANTED = frozenset(_WRITTEN)
# RFC 6376, 8.15: named once more than it is there, so that nobody can add another.
_OVERSIGNED = "From"
# RFC 6376, 3.6.2.1 and RFC 5321, 2.3.5.
_LABELS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*"
)
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n)")
_EMPTY_LINE = b"\r\n\r\n"
# RFC 1035, 3.3: a string in a TXT record.
_TXT_STRING = 255


class DkimError(ValueError):
    """A key, a selector or a domain can't be used. The message is a sentence for people, without the key."""


class Signer:
    """One key that signs for a domain; its public half stands in DNS under `selector` (RFC 6376, 3.6.2.1).

    `key` is PEM. Raises DkimError.
    """

    def __init__(self, domain: str, selector: str, key: str) -> None:
        self.domain = _ascii_domain(domain)
        if not _LABELS.fullmatch(selector):
            raise DkimError(
                f"DKIM: {selector[:40]!r} is no selector; it has letters, digits and hyphens, as 'mail2026'."
            )
        self.selector = selector
        self._key = _load(key)
        self.kind: Kind = "rsa" if isinstance(self._key, rsa.RSAPrivateKey) else "ed25519"

    @property
    def public_key(self) -> str:
        """What p= in DNS says (RFC 6376, 3.6.1; RFC 8463, 4.2), in base64."""
        public = self._key.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def header(self, signed: bytes, names: str, body_hash: bytes, at: int) -> bytes:
        """Return the DKIM-Signature line for canonical header lines `signed`, of which `names` (h=) tells the order.

        `at` is the moment of signing, in seconds since 1970.
        """
        start = (
            f"v=1; a={self.kind}-sha256; c=relaxed/relaxed; d={self.domain};\r\n s={self.selector}; t={at};\r\n"
            f" h={names};\r\n bh={base64.b64encode(body_hash).decode()};\r\n b="
        ).encode()
        canonical = b"dkim-signature:" + start.replace(b"\r\n", b"")
        signature = base64.b64encode(self._sign(signed + canonical))
        return b"DKIM-Signature: " + start + b"\r\n ".join(_cut(signature, 72)) + b"\r\n"

    def _sign(self, text: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(text, PKCS1v15(), SHA256())
        # RFC 8463, 3: what is signed is the hash.
        return self._key.sign(hashlib.sha256(text).digest())


class Seal:
    """What signs the messages of one letter. `fixed` are header lines that all of them share.

    The letter's pieces and what stands in its gaps are whole lines, and the gaps' have no blanks (see `CompiledLetter.encode`), so that
    each piece can be canonicalised by itself.
    """

    def __init__(self, signers: Sequence[Signer], fixed: bytes, letter: CompiledLetter) -> None:
        self._signers = signers
        mime, _, start = letter.pieces[0].partition(_EMPTY_LINE)
        lines = _canonical_lines(fixed + mime + b"\r\n")
        self._fixed = [(name, line) for name, line in lines if name in _WANTED]
        first, *rest = [_canonical_lines_of_body(piece) for piece in (start, *letter.pieces[1:])]
        self._rest = rest
        self._start = hashlib.sha256(first if rest else _without_empty_end(first))
        if rest:
            rest[-1] = _without_empty_end(rest[-1])

    def sign(self, own: bytes, encoded: Sequence[bytes], *, at: int) -> bytes:
        """Return the DKIM-Signature lines of one message, to stand before its other headers.

        `own` are the header lines of this message alone, `encoded` what stands in its gaps; `at` is in seconds since 1970.
        """
        body = self._start.copy()
        for value, piece in zip(encoded, self._rest, strict=True):
            body.update(value)
            body.update(piece)
        lines = [*self._fixed, *(line for line in _canonical_lines(own) if line[0] in _WANTED)]
        names, signed = _names(name for name, _ in lines), b"".join(line for _, line in lines)
        return b"".join(signer.header(signed, names, body.digest(), at) for signer in self._signers)


def signature_of(message: bytes, signers: Sequence[Signer], *, at: int) -> bytes:
    """Return the DKIM-Signature lines of any message, to stand before its other headers. `at` is in seconds since 1970.

    Line ends are CRLF (RFC 6376, 5.3).
    """
    head, _, body = message.partition(_EMPTY_LINE)
    lines = [(name, line) for name, line in _canonical_lines(head + b"\r\n") if name in _WANTED]
    # RFC 6376, 5.4.2: of several with one name, the last one is taken first.
    lines.reverse()
    digest = hashlib.sha256(_without_empty_end(_canonical_lines_of_body(body))).digest()
    names, signed = _names(name for name, _ in lines), b"".join(line for _, line in lines)
    return b"".join(signer.header(signed, names, digest, at) for signer in signers)


def configured_signers() -> tuple[Signer, ...]:
    """Return who signs by the settings, nobody where no key is set. Raises DkimError."""
    return read_keys(
        domain=getattr(settings, "DKIM_DOMAIN", ""),
        rsa=(getattr(settings, "DKIM_SELECTOR", ""), getattr(settings, "DKIM_KEY", "")),
        ed25519=(getattr(settings, "DKIM_ED25519_SELECTOR", ""), getattr(settings, "DKIM_ED25519_KEY", "")),
    )


@lru_cache(maxsize=8)
def read_keys(*, domain: str, rsa: tuple[str, str], ed25519: tuple[str, str]) -> tuple[Signer, ...]:
    """Return a signer for each pair of selector and key (PEM) that is set. Raises DkimError.

    Both may be set: a receiver that doesn't know Ed25519 uses the other (RFC 8463, 6).
    """
    signers = []
    for kind, (selector, key), name in (("rsa", rsa, "DKIM_"), ("ed25519", ed25519, "DKIM_ED25519_")):
        if not key:
            continue
        for value, missing in ((domain, "DKIM_DOMAIN"), (selector, f"{name}SELECTOR")):
            if not value:
                raise DkimError(f"{name}KEY is set, and {missing} is not; both are needed to sign.")
        signer = Signer(domain, selector, key)
        if signer.kind != kind:
            raise DkimError(f"{name}KEY is a key for {signer.kind}; it must be one for {kind}.")
        signers.append(signer)
    if len({signer.selector for signer in signers}) < len(signers):
        raise DkimError("DKIM_SELECTOR and DKIM_ED25519_SELECTOR are the same; each key needs a selector of its own.")
    return tuple(signers)


def dns_record(signer: Signer) -> str:
    """Return the line that makes the key known, as a zone file has it (RFC 1035, 5.1): a TXT record in strings of at most 255."""
    text = f"v=DKIM1; k={signer.kind}; p={signer.public_key}"
    strings = " ".join(f'"{part.decode()}"' for part in _cut(text.encode(), _TXT_STRING))
    return f"{signer.selector}._domainkey.{signer.domain}. IN TXT {strings}"


def make_key(kind: Kind = "rsa") -> str:
    """Return a new private key as PEM; `Signer` knows its public half."""
    made: Key = (
        ed25519.Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else rsa.generate_private_key(public_exponent=65537, key_size=SMALLEST_RSA_BITS)
    )
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _load(key: str) -> Key:
    # Services that take a variable on one line write line breaks as \n.
    text = key.replace("\\n", "\n").strip()
    try:
        loaded = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's own words may hold parts of the key.
        raise DkimError(
            "DKIM: the key can't be read. It must be a private key in PEM without a password, "
            "beginning with -----BEGIN PRIVATE KEY-----."
        ) from None
    if isinstance(loaded, ed25519.Ed25519PrivateKey):
        return loaded
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise DkimError("DKIM: the key is neither RSA nor Ed25519, and no receiver knows others.")
    if loaded.key_size < SMALLEST_RSA_BITS:
        raise DkimError(
            f"DKIM: the RSA key has {loaded.key_size} bits; receivers want {SMALLEST_RSA_BITS} or more (RFC 8301)."
        )
    return loaded


def _ascii_domain(domain: str) -> str:
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        ascii_domain = ""
    if "." not in ascii_domain or not _LABELS.fullmatch(ascii_domain):
        raise DkimError(f"DKIM_DOMAIN: {domain[:80]!r} is no domain; it is what stands behind the @ of the sender.")
    return ascii_domain


def _names(present: Iterable[bytes]) -> str:
    return _names_of(tuple(present))


@lru_cache(maxsize=64)
def _names_of(present: tuple[bytes, ...]) -> str:
    """h=, folded."""
    names = [*(_WRITTEN[name] for name in present), _OVERSIGNED]
    lines = [names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(name) > 70:  # noqa: PLR2004  # RFC 5322, 2.1.1: 78, with what stands around it
            lines.append(name)
        else:
            lines[-1] += f":{name}"
    return ":\r\n ".join(lines)


def _canonical_lines(headers: bytes) -> list[tuple[bytes, bytes]]:
    """Names in small letters and lines, relaxed (RFC 6376, 3.4.2)."""
    found = ((match[1].lower(), match[2]) for match in _HEADER.finditer(headers))
    return [
        (name, b"%b:%b\r\n" % (name, _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")))
        for name, value in found
    ]


def _canonical_lines_of_body(body: bytes) -> bytes:
    """Lines of a body, relaxed (RFC 6376, 3.4.4), with the empty ones at its end."""
    return _BLANKS.sub(b" ", _BLANKS_AT_END.sub(b"", body))


def _without_empty_end(body: bytes) -> bytes:
    """A relaxed body as it is hashed (RFC 6376, 3.4.4): ended by one CRLF, or nothing at all."""
    kept = re.sub(rb"[ \t]+\Z", b"", body)
    while kept.endswith(b"\r\n"):
        kept = kept[:-2]
    return kept + b"\r\n" if kept else b""


def _cut(text: bytes, length: int) -> list[bytes]:
    return [text[start : start + length] for start in range(0, len(text), length)]
