"""Dealing out public identities: addresses from providers' blocks, each at most once in a world."""

import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.lab.chance import deal, stream
from electrum_observatory.lab.providers import PROVIDERS, ROUND_TRIP_MS, Block
from electrum_observatory.lab.world_options import Placement, Provider
from electrum_observatory.model.errors import InputError

_UNKNOWN_ROUND_TRIP_MS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Where a machine seems to live.

    Attributes:
        ipv4: Its IPv4 address.
        ipv6: Its IPv6 address; None where it has none.
        provider: Name of the provider.
        country: ISO code; "" for blocks that the world file brought along.
        residential: Whether it is a line into a home.
        round_trip_ms: Assumed round trip from central Europe.
    """

    ipv4: str
    ipv6: str | None
    provider: str
    country: str
    residential: bool
    round_trip_ms: float


class AddressBook:
    """Hands out addresses; remembers which are taken."""

    def __init__(self, taken: Sequence[str]) -> None:
        self._taken = {str(ipaddress.ip_address(address)) for address in taken}

    def settle(
        self, choices: Sequence[Provider], placement: Placement, with_ipv6: Sequence[bool], *, seed: int, group: str
    ) -> list[Identity]:
        """Give each machine of a group its identity.

        Raises:
            InputError: Unknown provider, unreadable block, or a block that is full.
        """
        rng = stream(seed, "addresses", group)
        dealt = deal(choices, len(with_ipv6), rng)
        places = _places(choices, dealt, placement, rng)
        cursors: dict[str, int] = {}
        return [
            self._identity(choice.provider, block, placement, cursors, rng, wanted)
            for choice, block, wanted in zip(dealt, places, with_ipv6, strict=True)
        ]

    def _identity(
        self,
        provider: str,
        block: Block,
        placement: Placement,
        cursors: dict[str, int],
        rng: random.Random,
        with_ipv6: bool,  # noqa: FBT001
    ) -> Identity:
        known = PROVIDERS.get(provider)
        base = ROUND_TRIP_MS.get(block.country, _UNKNOWN_ROUND_TRIP_MS)
        return Identity(
            ipv4=self._ipv4(block.ipv4, placement, cursors, rng),
            ipv6=self._ipv6(block.ipv6, rng) if with_ipv6 and block.ipv6 else None,
            provider=provider,
            country=block.country,
            residential=known is not None and known.residential,
            round_trip_ms=round(base * rng.uniform(0.9, 1.35) + rng.uniform(0, 4), 2),
        )

    def _ipv4(self, cidr: str, placement: Placement, cursors: dict[str, int], rng: random.Random) -> str:
        network = _network(cidr, ipaddress.IPv4Network)
        for _ in range(network.num_addresses):
            if placement is Placement.CONSECUTIVE:
                start = cursors.setdefault(cidr, rng.randrange(network.num_addresses))
                cursors[cidr] += 1
                address = network[(start + cursors[cidr]) % network.num_addresses]
            else:
                address = network[rng.randrange(network.num_addresses)]
            if str(address) not in self._taken and int(address) & 0xFF not in (0, 255):
                self._taken.add(str(address))
                return str(address)
        raise InputError(f"the block {cidr} is full")

    def _ipv6(self, cidr: str, rng: random.Random) -> str:
        network = _network(cidr, ipaddress.IPv6Network)
        subnets = 1 << max(0, 64 - network.prefixlen)
        for _ in range(10_000):
            host = rng.choice((1, 1, 1, 2))
            address = str(network[(rng.randrange(subnets) << 64) + host])
            if address not in self._taken:
                self._taken.add(address)
                return address
        raise InputError(f"the block {cidr} is full")


def _places(
    choices: Sequence[Provider], dealt: Sequence[Provider], placement: Placement, rng: random.Random
) -> list[Block]:
    """Choose a block for every machine: one per provider where addresses are consecutive, any otherwise."""
    usual = {id(choice): rng.choice(_blocks(choice)) for choice in choices}
    if placement is Placement.CONSECUTIVE:
        return [usual[id(choice)] for choice in dealt]
    return [rng.choice(_blocks(choice)) for choice in dealt]


def _blocks(choice: Provider) -> Sequence[Block]:
    if choice.ipv4 is not None:
        return (Block(ipv4=choice.ipv4, ipv6=choice.ipv6, country=""),)
    if choice.provider not in PROVIDERS:
        raise InputError(f"unknown provider {choice.provider!r} without an ipv4 block; known: {', '.join(PROVIDERS)}")
    return PROVIDERS[choice.provider].blocks


_NetworkT = type[ipaddress.IPv4Network] | type[ipaddress.IPv6Network]


def _network(cidr: str, kind: _NetworkT) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return kind(cidr)
    except ValueError as error:
        raise InputError(f"{cidr!r} is no address block: {error}") from error
