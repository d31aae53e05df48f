"""The clock that leases are held by on this side: it goes on while the machine is suspended, as that of the database's machine does."""

from __future__ import annotations

import time

# Elsewhere than on Linux CLOCK_MONOTONIC does so itself, or there is nothing better.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def lease_clock() -> float:
    """Return seconds since some moment of the past."""
    return time.clock_gettime(_CLOCK)
