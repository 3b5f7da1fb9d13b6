"""How the mempool behind a server is spread over feerates, in the cut that its program makes."""

import re
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.protocol.numbers import finite_number
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import sequence, unexpected

_RATE_TEXT = re.compile(rb"\[\s*([^\[\],\s]+)\s*,")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeHistogramResult:
    """The reply to ``mempool.get_fee_histogram``. Bins of different programs are cut by different rules.

    Attributes:
        bins: Pairs [feerate in sat/vB, size in vB] as sent; null for an error reply. Empty is legal and means a small
            mempool, a server that has just started, or a program that keeps none.
        texts: The feerates as written ("1", "1.0", "3.003911"), which tell the cutting rule.
        total_vsize: Sum of the sizes; null for an error reply. Some programs drop the cheapest part.
        error: The error reply, or null.
    """

    bins: tuple[tuple[float, float], ...] | None
    texts: tuple[str, ...]
    total_vsize: float | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeHistogramProbe(PipelinedProbe[FeeHistogramResult]):
    """Asks ``mempool.get_fee_histogram``."""

    id: ClassVar[str] = "fee_histogram"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 120
    result_type: ClassVar[type[FeeHistogramResult]] = FeeHistogramResult
    method: ClassVar[str] = "mempool.get_fee_histogram"
    lacked_by: ClassVar[tuple[str, ...]] = ("Frigate",)

    def read(self, *replies: Reply) -> FeeHistogramResult:
        """Read the one reply."""
        return read_fee_histogram(*replies)


def read_fee_histogram(reply: Reply) -> FeeHistogramResult:
    """Read the pairs as they are: nothing is sorted, merged or normalised here."""
    rows = sequence(reply)
    if rows is None:
        return FeeHistogramResult(bins=None, texts=(), total_vsize=None, error=reply.error)
    bins = tuple(_pair(row, reply) for row in rows)
    texts = tuple(text.decode("ascii", "replace") for text in _RATE_TEXT.findall(reply.result_text or b""))
    return FeeHistogramResult(bins=bins, texts=texts, total_vsize=sum(size for _, size in bins), error=None)


def _pair(row: Json, reply: Reply) -> tuple[float, float]:
    if not isinstance(row, list) or len(row) != 2:
        unexpected(reply, "pairs [feerate, size]")
    rate, size = finite_number(row[0]), finite_number(row[1])
    if rate is None or size is None:
        unexpected(reply, "pairs of numbers, none beyond 64 bits")
    return rate, size
