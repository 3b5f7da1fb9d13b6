"""What names the owner of an address gave it, and whether those names point back."""

from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Stage
from electrum_observatory.scanner.probes.base import Phase, ProbeCost, Visit

_MAX_NAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseDnsResult:
    """Reverse DNS of the dialled address: a fact about the address, shared by every server behind it.

    Attributes:
        names: Names that its PTR records give, lower case, at most eight; empty where there are none.
        forward_confirmed: Those of them that resolve to the address again; only these say more than a provider's wish.
    """

    names: tuple[str, ...]
    forward_confirmed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseDnsProbe:
    """Asks the resolver, not the server."""

    id: ClassVar[str] = "reverse_dns"
    version: ClassVar[int] = 1
    phase: ClassVar[Phase] = Phase.OUTSIDE
    stage: ClassVar[Stage | None] = Stage.RESOLVE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=0)
    first_id: ClassVar[int] = 0
    result_type: ClassVar[type[ReverseDnsResult]] = ReverseDnsResult

    def not_applicable(self, endpoint: Endpoint) -> str | None:
        """Needs an address of its own."""
        return "no address was resolved here" if endpoint.address is None else None

    async def run(self, visit: Visit) -> ReverseDnsResult:
        """Look the address up, then each name."""
        address = visit.endpoint.address
        if address is None:
            raise ValueError("reverse_dns was put to an endpoint without an address")
        found = (name.lower().removesuffix(".") for name in await visit.resolve_pointer(address))
        names = tuple(dict.fromkeys(found))[:_MAX_NAMES]
        confirmed = [name for name in names if address in await visit.resolve_host(name)]
        return ReverseDnsResult(names=names, forward_confirmed=tuple(confirmed))
