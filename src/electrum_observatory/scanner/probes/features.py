"""What a server announces of itself: genesis, protocol range, and the hosts it goes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import mapping, text_in

_LONGEST_RAW = 65_536
"""Bytes; honest ones have 500. Its members stand beside it once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesResult:
    """The reply to ``server.features``. Members that are missing or of a wrong type are null; ``raw`` has them all.

    Attributes:
        genesis_hash: Block id of the first block of the chain it says it serves.
        hash_function: "sha256" everywhere but in unusual forks.
        server_version: The software again; should equal the handshake's.
        protocol_min: Lowest protocol version it says it speaks.
        protocol_max: Highest; three parts from ElectrumX ("1.6.0"), two from Fulcrum ("1.6").
        pruning: Pruning limit in blocks as sent; null in practice.
        hosts: The ``hosts`` member as sent; private addresses in it are a default of several programs.
        services: The ``services`` member as sent; only ElectrumX has it.
        keys: Names of the members in the order sent, which differs between programs.
        raw: The whole result as sent; null for an error reply, and where it is longer than 64 kB: the witness has it.
        error: The error reply, or null. Several programs do not know the method.
    """

    genesis_hash: str | None
    hash_function: str | None
    server_version: str | None
    protocol_min: str | None
    protocol_max: str | None
    pruning: Json
    hosts: Json
    services: Json
    keys: tuple[str, ...]
    raw: Mapping[str, Json] | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesProbe(PipelinedProbe[FeaturesResult]):
    """Asks ``server.features``, but not of programs that lack it: some close on a method they do not know."""

    id: ClassVar[str] = "features"
    version: ClassVar[int] = 3
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, bytes=4_096)
    first_id: ClassVar[int] = 30
    result_type: ClassVar[type[FeaturesResult]] = FeaturesResult
    method: ClassVar[str] = "server.features"
    lacked_by: ClassVar[tuple[str, ...]] = (
        "electrs-esplora",
        "mempool-electrs",
        "ElectrumPersonalServer",
        "bwt",
        "Frigate",
    )

    def read(self, *replies: Reply) -> FeaturesResult:
        """Read the one reply."""
        return read_features(*replies)


def read_features(reply: Reply) -> FeaturesResult:
    """Read the object."""
    raw = mapping(reply)
    values = raw or {}
    return FeaturesResult(
        genesis_hash=text_in(values, "genesis_hash"),
        hash_function=text_in(values, "hash_function"),
        server_version=text_in(values, "server_version"),
        protocol_min=text_in(values, "protocol_min"),
        protocol_max=text_in(values, "protocol_max"),
        pruning=values.get("pruning"),
        hosts=values.get("hosts"),
        services=values.get("services"),
        keys=tuple(values),
        raw=raw if len(reply.result_text or b"") <= _LONGEST_RAW else None,
        error=reply.error,
    )
