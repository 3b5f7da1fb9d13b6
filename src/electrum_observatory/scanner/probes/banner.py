"""The greeting that an operator shows to wallets."""

from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.protocol.messages import RpcError
from electrum_observatory.scanner.probes.base import AppliesEverywhere, Phase, ProbeCost, Visit
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
class BannerProbe(AppliesEverywhere):
    """Asks ``server.banner``."""

    id: ClassVar[str] = "banner"
    version: ClassVar[int] = 1
    phase: ClassVar[Phase] = Phase.QUESTIONS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 40
    result_type: ClassVar[type[BannerResult]] = BannerResult

    async def run(self, visit: Visit) -> BannerResult:
        """Ask once."""
        reply = (await visit.request(self.first_id, "server.banner")).reply
        return BannerResult(text=text_or_null(reply), error=reply.error)
