"""Whom we dial at all: policies, opt-outs, and the filters of the command line, handed in together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from electrum_observatory.model.address import is_address
from electrum_observatory.model.endpoint import Endpoint, normalise_host
from electrum_observatory.net.policy import AddressPolicy, PortPolicy
from electrum_observatory.scanner.admission import Admission
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.earlier import Earlier, Examined
from electrum_observatory.scanner.frontier import Frontier, Target
from electrum_observatory.scanner.history import History
from electrum_observatory.scanner.optout import OptOutList


def accept_all(target: Target) -> bool:  # noqa: ARG001
    """Filter nothing."""
    return True


def _target(endpoint: Endpoint) -> Target:
    return Target(
        host=endpoint.host, port=endpoint.port, transport=endpoint.transport, depth=0, trusted=True, tellers=()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Whom we dial at all.

    Attributes:
        addresses: Which addresses.
        ports: Which ports, on whose word.
        opt_outs: Who asked not to be measured.
        excluded: Addresses and networks that the person who scans leaves out, by whatever name they are told.
        accept: The filters of the command line; what they refuse is known but not visited.
        limit: Visit at most so many targets.
        history: Whom other campaigns asked a moment ago, or could not reach: they are left in peace.
        earlier: What earlier sittings of the same campaign have heard and asked.
    """

    addresses: AddressPolicy = field(default_factory=AddressPolicy)
    ports: PortPolicy = field(default_factory=PortPolicy)
    opt_outs: OptOutList = field(default_factory=OptOutList)
    excluded: OptOutList = field(default_factory=OptOutList)
    accept: Callable[[Target], bool] = accept_all
    limit: int | None = None
    history: History = field(default_factory=History)
    earlier: Earlier = field(default_factory=Earlier)

    def may_look_up(self, name: str) -> bool:
        """Whether a name that reverse DNS gave may be looked up: its owner wrote it, who may be anybody.

        It has to be a host's name, no local one, and of nobody who opted out.
        """
        try:
            host = normalise_host(name)
        except ValueError:
            return False
        return not (is_address(host) or self.addresses.name_refusal(host) or self.opt_outs.covers_host(host))

    def examined_before(self) -> Sequence[Examined]:
        """Return whom earlier sittings leave to be examined; those whose examination has begun come first."""
        still = [one for one in self.earlier.examined if self.may_be_asked(one.endpoint)]
        return sorted(still, key=lambda one: not one.put)

    def may_be_asked(self, endpoint: Endpoint) -> bool:
        """Whether somebody whom we know may be asked further: he may have opted out since."""
        names = [name for name in (endpoint.host, endpoint.address) if name is not None]
        left_out = any(one.covers_host(name) for one in (self.opt_outs, self.excluded) for name in names)
        return not left_out and self.accept(_target(endpoint))

    def frontier(self, config: ScanConfig) -> Frontier:
        """Return a frontier under these rules, which knows what earlier sittings knew."""
        frontier = Frontier(
            caps=config.caps,
            depth=config.depth,
            ports=self.ports,
            accept=self.accept,
            limit=self.limit,
        )
        self.earlier.replay(frontier)
        return frontier

    def admission(self, config: ScanConfig, frontier: Frontier) -> Admission:
        """Return the judge of addresses under these rules."""
        return Admission(
            addresses=self.addresses,
            ports=self.ports,
            opt_outs=self.opt_outs,
            excluded=self.excluded,
            frontier=frontier,
            addresses_per_host=config.caps.addresses_per_host,
        )
