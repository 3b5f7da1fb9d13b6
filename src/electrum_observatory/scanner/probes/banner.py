"""The greeting that an operator shows to wallets."""

from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import text_or_null


@dataclass(frozen=True, slots=True, kw_only=True)
class BannerResult:
    """The reply to ``server.banner``.

    Attributes:
        text: The banner exactly as sent; null where the server sent null or an error. Text from a stranger: escape it.
        error: The error reply, or null.
    """

    text: str | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BannerProbe(PipelinedProbe[BannerResult]):
    """Asks ``server.banner``."""

    id: ClassVar[str] = "banner"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 40
    result_type: ClassVar[type[BannerResult]] = BannerResult
    method: ClassVar[str] = "server.banner"

    def read(self, *replies: Reply) -> BannerResult:
        """Read the one reply."""
        (reply,) = replies
        return BannerResult(text=text_or_null(reply), error=reply.error)
