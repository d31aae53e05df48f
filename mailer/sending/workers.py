"""Whether anybody is there to do the work."""

from __future__ import annotations

from celery import current_app
from kombu.exceptions import OperationalError


def any_worker(timeout: float = 1.0) -> bool:
    """Tell whether a worker answers within `timeout` seconds."""
    try:
        # Of its own, and tried once: Celery's would be tried for six seconds while Redis is away.
        with current_app.connection_for_write(transport_options={"socket_connect_timeout": timeout}) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            return bool(current_app.control.ping(timeout=timeout, limit=1, connection=connection))
    except OperationalError:
        return False
