"""Whether anybody is there to do the work."""

from __future__ import annotations

from celery import current_app
from kombu.exceptions import OperationalError


def any_worker(timeout: float = 1.0) -> bool:
    """Tell whether a worker answers within `timeout` seconds."""
    try:
        return bool(current_app.control.ping(timeout=timeout, limit=1))
    except OperationalError:
        return False
