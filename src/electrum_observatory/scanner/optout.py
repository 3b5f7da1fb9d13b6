"""Operators who asked not to be measured. They are not dialled, by whatever name or address they are advertised."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Self

from electrum_observatory.model.address import IpNetwork, lies_in, parse_address
from electrum_observatory.model.endpoint import normalise_host


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutList:
    """Hosts, domains with everything under them, addresses and networks.

    Attributes:
        domains: Canonical names; a name covers itself and all names under it.
        networks: Addresses and CIDR networks.
    """

    domains: frozenset[str] = frozenset()
    networks: tuple[IpNetwork, ...] = ()

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Self:
        """Read one entry per line; ``#`` starts a comment. Raises ValueError that names the line."""
        domains: set[str] = set()
        networks: list[IpNetwork] = []
        for number, line in enumerate(lines, start=1):
            text = line.split("#", 1)[0].strip()
            if not text:
                continue
            try:
                networks.append(ipaddress.ip_network(text, strict=False))
                continue
            except ValueError:
                pass
            try:
                domains.add(normalise_host(text.removeprefix("*.")))
            except ValueError as error:
                raise ValueError(f"line {number}: {text!r} is no host, domain, address or network") from error
        return cls(domains=frozenset(domains), networks=tuple(networks))

    @classmethod
    def bundled(cls) -> Self:
        """Return the list that comes with the program, which every scan honours (docs/opt_out.md)."""
        text = (resources.files(__package__) / "data" / "opt_out.txt").read_text("utf-8")
        return cls.parse(text.splitlines())

    def __or__(self, other: "OptOutList") -> Self:
        """Return whom either list covers."""
        return type(self)(domains=self.domains | other.domains, networks=(*self.networks, *other.networks))

    def covers_host(self, host: str) -> bool:
        """Whether a canonical host, or a domain above it, has opted out."""
        if self.covers_address(host):
            return True
        labels = host.split(".")
        return any(".".join(labels[start:]) in self.domains for start in range(len(labels)))

    def covers_address(self, text: str) -> bool:
        """Whether an address has opted out; False for what is no address."""
        address = parse_address(text)
        return address is not None and lies_in(address, self.networks)
