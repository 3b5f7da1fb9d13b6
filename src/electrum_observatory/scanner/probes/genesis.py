"""Block 0: which chain a server really serves, computed rather than claimed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.bitcoin.header import HEADER_BYTES, parse_header
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import unexpected

_HEADER_HEX = re.compile(rf"[0-9a-fA-F]{{{2 * HEADER_BYTES}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesisResult:
    """The reply to ``blockchain.block.header [0]``.

    Attributes:
        block_hash: Block id, computed here from the 80 bytes; null for an error reply. Several chains share one
            genesis (BTC, BCH, BSV): equality is necessary, not sufficient.
        error: The error reply, or null.
    """

    block_hash: str | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesisProbe(PipelinedProbe[GenesisResult]):
    """Asks ``blockchain.block.header`` for height 0."""

    id: ClassVar[str] = "genesis"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 80
    result_type: ClassVar[type[GenesisResult]] = GenesisResult
    method: ClassVar[str] = "blockchain.block.header"
    params: ClassVar[Sequence[Sequence[Json]]] = ((0,),)

    def read(self, *replies: Reply) -> GenesisResult:
        """Read the one reply."""
        return read_genesis(*replies)


def read_genesis(reply: Reply) -> GenesisResult:
    """Hash the header."""
    if reply.error is not None:
        return GenesisResult(block_hash=None, error=reply.error)
    if not isinstance(reply.result, str) or not _HEADER_HEX.fullmatch(reply.result):
        unexpected(reply, f"{HEADER_BYTES} bytes of hex")
    return GenesisResult(block_hash=parse_header(bytes.fromhex(reply.result)).block_hash, error=None)
