"""The lowest feerate that the node behind a server relays."""

from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import Handshake, PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import number_with_text


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFeeResult:
    """The reply to ``blockchain.relayfee``.

    Attributes:
        btc_per_kvb: Coins per 1000 virtual bytes; null for an error reply.
        text: The number as written ("1e-05", "0.00001"), which tells programs apart.
        error: The error reply, or null. Unusual where less than protocol 1.6 was negotiated.
    """

    btc_per_kvb: float | None
    text: str | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFeeProbe(PipelinedProbe[RelayFeeResult]):
    """Asks ``blockchain.relayfee`` where less than protocol 1.6 was negotiated.

    Protocol 1.6 dropped the method, and ElectrumX with it; ``relay_fee_at_1_4`` asks those as well.
    """

    id: ClassVar[str] = "relay_fee"
    version: ClassVar[int] = 2
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 90
    result_type: ClassVar[type[RelayFeeResult]] = RelayFeeResult
    method: ClassVar[str] = "blockchain.relayfee"

    def not_asked(self, handshake: Handshake) -> str | None:
        """Spare whoever speaks 1.6."""
        return "protocol 1.6 was negotiated, which has no such method" if handshake.speaks((1, 6)) else None

    def read(self, *replies: Reply) -> RelayFeeResult:
        """Read the one reply."""
        (reply,) = replies
        number, text = number_with_text(reply)
        return RelayFeeResult(btc_per_kvb=number, text=text, error=reply.error)
