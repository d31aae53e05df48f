"""What a DKIM signature adds to filling one message of Uke 45, in microseconds of processor time."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.letters import variants
from bench.measuring import RUNS

if TYPE_CHECKING:
    from mailer.sending.dkim import Kind
    from mailer.sending.message import Mould

MESSAGES = 1_000
NOW = datetime(2021, 11, 10, 8, 0, tzinfo=UTC)


def measure() -> dict[str, float]:
    """Return what each kind of key adds to a message, and what a message costs without one. Needs no servers."""
    with tempfile.TemporaryDirectory(prefix="ukebrev-bench-") as place:
        os.environ |= {"UKEBREV_VAR": place, "DJANGO_SETTINGS_MODULE": "mailer.settings"}
        import django

        django.setup()
        mould = _mould()
        unsigned = _microseconds(mould)
        return {
            "fill_mould_us": round(unsigned, 1),
            "dkim_rsa_us": round(_microseconds(_signed(mould, "rsa")) - unsigned, 1),
            "dkim_ed25519_us": round(_microseconds(_signed(mould, "ed25519")) - unsigned, 1),
        }


def _mould() -> Mould:
    from mailer.models import Campaign, Variant
    from mailer.sending.message import make_mould

    sender = {"from_name": "SVU", "from_address": "brev@ukebrev.example", "list_id": "ukebrev.example"}
    letter = next(variants())
    variant = Variant(pk=1, campaign_id=1, language="nb", compiled=letter.to_bytes(), subject="Uke 45: Ja, ka skjer?")
    return replace(make_mould(Campaign(pk=1, **sender), variant), seal=None)


def _signed(mould: Mould, kind: Kind) -> Mould:
    from mailer.sending.dkim import Seal, Signer, make_key

    return replace(mould, seal=Seal([Signer("ukebrev.example", kind, make_key(kind))], mould.fixed, mould.letter))


def _microseconds(mould: Mould) -> float:
    from mailer.sending.message import Recipient, fill_mould

    people = [Recipient(n, n, f"reader{n}@example.org", f"Kari Nordmann {n}") for n in range(MESSAGES)]

    taken = []
    for _ in range(RUNS):
        began = time.process_time()
        for person in people:
            fill_mould(mould, person, now=NOW)
        taken.append(time.process_time() - began)
    return statistics.median(taken) / MESSAGES * 1_000_000


if __name__ == "__main__":
    import json

    print(json.dumps(measure(), indent=2))  # noqa: T201  # the answer
