"""Moulds to test with: real letters of every theme, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from mailer.rendering.compiled import CompiledLetter, compile_letter
from mailer.rendering.theme import load_theme
from mailer.sending.dkim import Seal, Signer
from mailer.sending.headers import FixedHeaders, Mailbox, fixed_block, message_id_maker
from mailer.sending.links import preferences_url, unsubscribe_url
from mailer.sending.message import Filled, Mould, Recipient
from subscribers.tokens import tokens_of_a_letter
from tests.rendering.letters import render

NOW = datetime(2021, 11, 12, 14, 0, tzinfo=UTC)
KARI = Recipient(delivery_id=42, subscriber_id=7, address="kari@example.org", name="Kåre Ødegård")


@lru_cache
def letter(theme: str = "arctic", *, greeting: bool = False) -> CompiledLetter:
    chosen = replace(load_theme(theme), greeting=greeting)
    compiled = compile_letter(render(theme=chosen), boundary="=_0123456789abcdef")
    return compiled.with_values({"WEB_URL": "https://example.org/w/abc"})


def whole(filled: Filled) -> bytes:
    return b"".join(filled.pieces)


def mould(
    compiled: CompiledLetter | None = None,
    *,
    signers: tuple[Signer, ...] = (),
    subject: str = "Uke 45: på vei",
    **changes,
) -> Mould:
    compiled = compiled or letter()
    sender = Mailbox("Sør-Varanger Utvikling", "brev@example.org")
    fixed = fixed_block(FixedHeaders(sender, "svar@example.org", "ukebrev.example.org", subject, "nb"))
    made = Mould(
        unsubscribe_mailto="svar@example.org?subject=unsubscribe%20",
        bounces_to="bounces@example.org",
        has_verp=False,
        fixed=fixed,
        letter=compiled,
        language="nb",
        seal=Seal(signers, fixed, compiled) if signers else None,
        greets="GREETING" in compiled.slots,
        has_preferences="PREFERENCES_URL" in compiled.slots,
        message_id=message_id_maker(3, sender.domain),
        unsubscribe_at=unsubscribe_url(""),
        preferences_at=preferences_url(""),
        tokens=tokens_of_a_letter(3),
        plain=frozenset({"UNSUBSCRIBE_URL", "PREFERENCES_URL"}),
    )
    return replace(made, **changes)
