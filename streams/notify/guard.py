"""Which addresses may be called. Asked for the very address that is then connected to, so no second look at DNS can change it.

What is refused: everything that is not on the public internet. Ranges: the IANA registries of special-purpose addresses, as Python's
`ipaddress` has them; and addresses that carry such an IPv4 address within (mapped, 6to4, Teredo, NAT64).
"""

import socket
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

__all__ = ["REFUSED", "AddressRefusedError", "guarded_socket", "is_public"]

NAT64 = IPv6Network("64:ff9b::/96")
SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10", "3fff::/20")))
"""Special ranges that Python 3.11 does not know as such."""
REFUSED: ContextVar[list[str]] = ContextVar("refused")
"""Where one try collects the addresses that were refused to it."""


class AddressRefusedError(OSError):
    """The address is none that may be called."""


def is_public(address: str) -> bool:
    """Is this a single host on the public internet? `address` may carry a zone (`fe80::1%eth0`).

    >>> [is_public(one) for one in ("93.184.216.34", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "2606:4700::1111")]
    [True, False, False, False, False, True]
    """
    try:
        found = ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and (inner := _translated(found)) is not None:
        return _is_public(inner)
    return all(_is_public(one) for one in (found, *_tunnelled(found)))


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    special = found.is_multicast or found.is_reserved or found.is_link_local or any(found in network for network in SPECIAL)
    return found.is_global and not special


def _translated(found: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that this one is another spelling of."""
    return IPv4Address(int(found) & 0xFFFFFFFF) if found in NAT64 else found.ipv4_mapped


def _tunnelled(found: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses to which packets for this one are sent."""
    if isinstance(found, IPv4Address):
        return []
    return [one for one in (found.sixtofour, *(found.teredo or ())) if one is not None]


def guarded_socket(*, allow_private: bool) -> Callable[[Any], socket.socket]:
    """A factory of sockets for aiohttp's connector, which is told of each address right before it connects to it."""

    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, where = info
        if not allow_private and not is_public(where[0]):
            REFUSED.get([]).append(where[0])
            raise AddressRefusedError(f"{where[0]} is not an address on the public internet")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make
