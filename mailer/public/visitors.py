"""Where a request comes from, as far as we want to know it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from subscribers.limits import network_of


def network(request: HttpRequest) -> str:
    """Return the network (/24, /48) of whoever asks; empty if it is not known.

    Behind a proxy it is the last address in X-Forwarded-For, the one that our own proxy wrote: what stands before it anyone may make up.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2] or address
    return network_of(address)
