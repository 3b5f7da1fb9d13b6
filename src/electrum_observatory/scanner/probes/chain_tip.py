"""The newest block a server knows."""

import re
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.bitcoin.header import HEADER_BYTES, parse_header
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import mapping, text_in, unexpected

_HEADER_HEX = re.compile(rf"[0-9a-fA-F]{{{2 * HEADER_BYTES}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTipResult:
    """The reply to ``blockchain.headers.subscribe``.

    Attributes:
        height: Height of the tip; null for an error reply.
        header_hex: The header as sent.
        block_hash: Block id, computed here from the header; null where it is not 80 bytes of hex.
        previous_hash: Block id of the parent, from the header.
        timestamp: Time in the header, seconds since the epoch, as the miner claims.
        error: The error reply, or null.
    """

    height: int | None
    header_hex: str | None
    block_hash: str | None
    previous_hash: str | None
    timestamp: int | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTipProbe(PipelinedProbe[ChainTipResult]):
    """Asks ``blockchain.headers.subscribe``; notifications of new blocks may follow and are counted only."""

    id: ClassVar[str] = "chain_tip"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 70
    result_type: ClassVar[type[ChainTipResult]] = ChainTipResult
    method: ClassVar[str] = "blockchain.headers.subscribe"

    def read(self, *replies: Reply) -> ChainTipResult:
        """Read the one reply."""
        return read_chain_tip(*replies)


def read_chain_tip(reply: Reply) -> ChainTipResult:
    """Read ``{height, hex}``."""
    values = mapping(reply) or {}
    height, header_hex = values.get("height"), text_in(values, "hex")
    if reply.error is None and (isinstance(height, bool) or not isinstance(height, int) or header_hex is None):
        unexpected(reply, "{height, hex}")
    header = None
    if header_hex is not None and _HEADER_HEX.fullmatch(header_hex):
        header = parse_header(bytes.fromhex(header_hex))
    return ChainTipResult(
        height=height,
        header_hex=header_hex,
        block_hash=None if header is None else header.block_hash,
        previous_hash=None if header is None else header.previous_hash,
        timestamp=None if header is None else header.timestamp,
        error=reply.error,
    )
