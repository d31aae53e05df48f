"""Which network addresses a link may be tried at: those of the public internet, and nothing of our own house."""

from __future__ import annotations

import ipaddress
import socket

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# They carry an IPv4 address inside, which may be a private one: 6to4, Teredo, NAT64 (RFC 3056, 4380, 6052).
_TUNNELS = tuple(map(ipaddress.IPv6Network, ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48")))


def is_public(address: IPAddress) -> bool:
    """Whether an address is anybody's to reach: not private, loopback, link-local, shared (100.64/10), reserved or multicast."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(host: str, port: int) -> list[IPAddress]:
    """The addresses of a host. Raises OSError when it has none, UnicodeError for what can't be a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
