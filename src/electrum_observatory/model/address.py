"""Address literals, read once: every gate between a peer list and a socket asks again whether a host is one."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_LONGEST = len("0000:0000:0000:0000:0000:ffff:255.255.255.255")
_REMEMBERED = 16_384


def parse_address(text: str) -> IpAddress | None:
    """Return the address that a text spells, in any spelling; None for all else.

    A scope ("fe80::1%eth0") makes it something else: it names an interface of the teller, and may hold any character.
    """
    return _parse(text) if len(text) <= _LONGEST else None


def is_address(host: str) -> bool:
    """Whether a canonical host is an address literal."""
    return parse_address(host) is not None


def lies_in(address: IpAddress, networks: Iterable[IpNetwork]) -> bool:
    """Whether an address lies in one of some networks of either version."""
    return any(address.version == network.version and address in network for network in networks)


def network_around(address: IpAddress, prefix: int) -> str:
    """Return the network of an address as text, such as "5.9.0.0/16"."""
    beyond = address.max_prefixlen - prefix
    return f"{type(address)(int(address) >> beyond << beyond)}/{prefix}"


@lru_cache(maxsize=_REMEMBERED)
def _parse(text: str) -> IpAddress | None:
    try:
        return None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        return None
