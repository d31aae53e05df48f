"""Slips of the finger in the domain of an address: gmial.com, hotmail.con."""

from __future__ import annotations

from functools import cache, lru_cache

from subscribers.word_lists import read_words

# Shorter domains are one letter away from too many real ones.
_SHORTEST = 7
# Endings that are no top-level domain, and what was meant.
_ENDINGS = {
    "con": "com",
    "cmo": "com",
    "ocm": "com",
    "comm": "com",
    "vom": "com",
    "xom": "com",
    "noo": "no",
    "nno": "no",
}


def suggest(address: str) -> str | None:
    """Return the address that was probably meant, or None where nothing looks like a slip. A suggestion, never a correction."""
    local, at, domain = address.strip().rpartition("@")
    meant = meant_domain(domain.lower()) if local and at else None
    return f"{local}@{meant}" if meant else None


@lru_cache(maxsize=10_000)
def meant_domain(domain: str) -> str | None:
    """Return the domain that was probably meant by this one (in lower case), or None."""
    known = _domains()
    if domain in known:
        return None
    stem, _, ending = domain.rpartition(".")
    mended = f"{stem}.{_ENDINGS[ending]}" if stem and ending in _ENDINGS else domain
    if mended in known:
        return mended
    if len(mended) >= _SHORTEST:
        near = sorted(candidate for candidate in known if len(candidate) >= _SHORTEST and _one_slip(mended, candidate))
        if near:
            return max(near, key=lambda candidate: _likeness(mended, candidate))
    return mended if mended != domain else None


def _one_slip(typed: str, meant: str) -> bool:
    """Tell whether one letter was changed, lost or doubled, or two neighbours changed places (Damerau's four slips, 1964)."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    a, b = typed[start:], meant[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _likeness(typed: str, meant: str) -> tuple[int, bool]:
    same = sum(a == b for a, b in zip(typed, meant, strict=False))
    return same, sorted(typed) == sorted(meant)


@cache
def _domains() -> frozenset[str]:
    return read_words("mail_domains.txt")
