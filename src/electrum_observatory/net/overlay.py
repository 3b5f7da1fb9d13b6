"""A lab's identity overlay: public identities in front of loopback sockets.

Policy, budgets, store, enrich and analysis see only the identity; the dialler translates at its one connect and
refuses whatever the overlay does not name, so that a lab can never dial out.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from electrum_observatory.bitcoin.reference import ChainReference, reference_from_json
from electrum_observatory.model.observation import Json

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """The whole address book of a lab.

    Attributes:
        name: Name of the world.
        sockets: (identity address, port) to (loopback address, port) where something listens. An identity address
            that occurs here with other ports refuses them; one that occurs nowhere is not in the overlay.
        silent: Identity addresses of hosts that drop every packet.
        names: Host name to its identity addresses: the lab's DNS.
        pointers: Identity address to its reverse DNS names.
        time_scale: Divides every period on both sides; 1 is real time.
        reference: What is known beforehand of the lab's chain; None where the lab does not say.
    """

    name: str
    sockets: Mapping[tuple[str, int], tuple[str, int]]
    silent: frozenset[str] = field(default=frozenset())
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pointers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    time_scale: float = 1.0
    reference: ChainReference | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the overlay as JSON, in a stable order."""
        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "sockets": [[*identity, *real] for identity, real in sorted(self.sockets.items())],
            "silent": sorted(self.silent),
            "names": {host: list(addresses) for host, addresses in sorted(self.names.items())},
            "pointers": {address: list(names) for address, names in sorted(self.pointers.items())},
            "time_scale": self.time_scale,
            "reference": None if self.reference is None else self.reference.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> Self:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: It was written in another version of the format, or in one that it does not name.
            KeyError, TypeError: It is something else.
        """
        if "schema_version" not in value:
            raise ValueError(f"it names no schema_version; this release reads version {SCHEMA_VERSION}")
        if value["schema_version"] != SCHEMA_VERSION:
            raise ValueError(
                f"its schema_version is {value['schema_version']!r}; this release reads version {SCHEMA_VERSION}"
            )
        return cls(
            name=value["name"],
            sockets={(address, port): (to, at) for address, port, to, at in value["sockets"]},
            silent=frozenset(value["silent"]),
            names={host: tuple(addresses) for host, addresses in value["names"].items()},
            pointers={address: tuple(names) for address, names in value["pointers"].items()},
            time_scale=value["time_scale"],
            reference=None if value.get("reference") is None else reference_from_json(value["reference"]),
        )

    @property
    def sha256(self) -> str:
        """Digest of the canonical JSON, as recorded in the campaign."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()
