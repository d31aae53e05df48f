"""The moulds that this process has at hand: made once for a letter, used for each message of it, over many batches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

from mailer.models import Campaign, Variant
from mailer.rendering.compiled import CompiledFormatError
from mailer.sending.dkim import DkimError
from mailer.sending.headers import SenderError
from mailer.sending.message import Mould, MouldError, make_mould

# Of some 100 kB each. A batch has at most a few hundred different letters, and then each of them for few people.
_KEPT = 100
_moulds: OrderedDict[int, Mould] = OrderedDict()


def moulds_for(campaign: Campaign, variant_ids: Collection[int]) -> dict[int, Mould]:
    """Return the mould of each letter, in one query for those that are not at hand. Raises MouldError when one can't be made."""
    missing = [variant_id for variant_id in variant_ids if variant_id not in _moulds]
    # The page for the web and the text are not wanted here, and are most of a row.
    wanted = Variant.objects.defer("html", "text").in_bulk(missing) if missing else {}
    found = {variant_id: _moulds[variant_id] for variant_id in variant_ids if variant_id in _moulds}
    try:
        found |= {variant_id: make_mould(campaign, variant) for variant_id, variant in wanted.items()}
    except (SenderError, DkimError, CompiledFormatError) as problem:
        raise MouldError(str(problem)) from problem
    for variant_id, mould in found.items():
        _moulds[variant_id] = mould
        _moulds.move_to_end(variant_id)
    while len(_moulds) > _KEPT:
        _moulds.popitem(last=False)
    return found
