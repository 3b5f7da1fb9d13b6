"""What a server thinks a transaction must pay to be confirmed within some blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import number_with_text

TARGETS = (2, 6, 12, 25, 144)
"""Targets that every known program answers; esplora knows 1–25, 144, 504 and 1008 only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeEstimate:
    """One reply to ``blockchain.estimatefee``.

    Attributes:
        target: Blocks asked for.
        btc_per_kvb: Coins per 1000 virtual bytes; null for an error reply and where the node has no estimate, which
            servers say as -1.
        text: The number as written, "-1" included; null for an error reply.
        error: The error reply, or null.
    """

    target: int
    btc_per_kvb: float | None
    text: str | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeEstimatesResult:
    """The replies for all targets.

    Attributes:
        estimates: One per target, in the order asked.
    """

    estimates: tuple[FeeEstimate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeEstimatesProbe(PipelinedProbe[FeeEstimatesResult]):
    """Asks ``blockchain.estimatefee`` for each of ``TARGETS``."""

    id: ClassVar[str] = "fee_estimates"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=len(TARGETS))
    first_id: ClassVar[int] = 110
    result_type: ClassVar[type[FeeEstimatesResult]] = FeeEstimatesResult
    method: ClassVar[str] = "blockchain.estimatefee"
    params: ClassVar[Sequence[Sequence[Json]]] = tuple((target,) for target in TARGETS)

    def read(self, *replies: Reply) -> FeeEstimatesResult:
        """Read each number."""
        return FeeEstimatesResult(estimates=tuple(map(read_fee_estimate, TARGETS, replies)))


def read_fee_estimate(target: int, reply: Reply) -> FeeEstimate:
    """Read one number; negative means that there is none."""
    number, text = number_with_text(reply)
    known = number if number is not None and number >= 0 else None
    return FeeEstimate(target=target, btc_per_kvb=known, text=text, error=reply.error)
