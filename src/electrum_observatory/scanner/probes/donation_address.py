"""Where an operator would like to receive donations."""

from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import text_or_null


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationAddressResult:
    """The reply to ``server.donation_address``.

    Attributes:
        address: As sent, checked by nobody. "" and null are both "none" and tell programs apart: Python programs send
            "", Rust programs null.
        error: The error reply, or null.
    """

    address: str | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationAddressProbe(PipelinedProbe[DonationAddressResult]):
    """Asks ``server.donation_address``."""

    id: ClassVar[str] = "donation_address"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 50
    result_type: ClassVar[type[DonationAddressResult]] = DonationAddressResult
    method: ClassVar[str] = "server.donation_address"
    lacked_by: ClassVar[tuple[str, ...]] = ("Frigate",)

    def read(self, *replies: Reply) -> DonationAddressResult:
        """Read the one reply."""
        (reply,) = replies
        return DonationAddressResult(address=text_or_null(reply), error=reply.error)
