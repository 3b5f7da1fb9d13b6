"""Which addresses behind a target are dialled: every one is checked, and a refusal is a recorded fact of ours."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.model.address import is_address
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.policy import AddressPolicy, PortPolicy
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.frontier import Frontier, Target
from electrum_observatory.scanner.optout import OptOutList


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An endpoint that our own rules keep us from dialling.

    Attributes:
        endpoint: Who would have been dialled.
        kind: address_refused, port_refused or opted_out.
        detail: The rule's reason, and who told of the endpoint.
    """

    endpoint: Endpoint
    kind: FailureKind
    detail: str


class Admission:
    """Applies opt-outs, address policy and the caps per network.

    Attributes:
        counts: ``refused_<reason>``, ``skipped_excluded`` and ``overflow_addresses_per_host``.
    """

    def __init__(
        self,
        *,
        addresses: AddressPolicy,
        ports: PortPolicy,
        opt_outs: OptOutList,
        excluded: OptOutList,
        frontier: Frontier,
        addresses_per_host: int,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._addresses = addresses
        self._ports = ports
        self._opt_outs = opt_outs
        self._excluded = excluded
        self._frontier = frontier
        self._addresses_per_host = addresses_per_host

    def refuse_host(self, target: Target) -> Refusal | None:
        """Say whether a target is refused before its host is even looked up."""
        if self._opt_outs.covers_host(target.host):
            return self._refuse(endpoint_of(target, None), FailureKind.OPTED_OUT, "opted_out", target)
        reason = None if target.trusted or is_address(target.host) else self._addresses.name_refusal(target.host)
        if reason is not None:
            return self._refuse(endpoint_of(target, None), FailureKind.ADDRESS_REFUSED, reason, target)
        return None

    def refuse_port(self, target: Target, endpoint: Endpoint) -> Refusal:
        """Refuse an endpoint of a target whose port was withheld there to the end."""
        reason = self._ports.refusal(target.port, tellers=len(target.tellers), trusted=target.trusted)
        return self._refuse(endpoint, FailureKind.PORT_REFUSED, reason or "unusual_port", target)

    def judge(
        self, target: Target, addresses: Sequence[str], *, before: int = 0
    ) -> tuple[list[Endpoint], list[Refusal]]:
        """Return what may be dialled of a target, and what may not; overflow is only counted.

        Where nobody vouches for an unusual port, only those addresses are among either that the server spoke from.

        Args:
            target: Whose.
            addresses: Those of its addresses that are not settled.
            before: How many were settled in earlier sittings, which counted the overflow as well.
        """
        endpoints: list[Endpoint] = []
        refusals: list[Refusal] = []
        room = max(0, self._addresses_per_host - before)
        if not before:
            self._leave_out(len(addresses) - room, target)
        for address in addresses[:room]:
            endpoint = endpoint_of(target, address)
            reason = self._addresses.refusal(address)
            if reason is not None:
                refusals.append(self._refuse(endpoint, FailureKind.ADDRESS_REFUSED, reason, target))
            elif self._opt_outs.covers_address(address):
                refusals.append(self._refuse(endpoint, FailureKind.OPTED_OUT, "opted_out", target))
            elif self._excluded.covers_address(address):
                self.counts["skipped_excluded"] += 1
            elif not self._frontier.is_open(target, address):
                continue
            elif self._frontier.admit_address(
                address, trusted=target.trusted, teller=target.tellers[0], voice=target.voice
            ):
                endpoints.append(endpoint)
        return [one for one in endpoints if self.has_room_for(target, one)], refusals

    def admits_unresolved(self, target: Target, endpoint: Endpoint) -> bool:
        """Whether an endpoint may be dialled whose name is not looked up here; overflow is counted."""
        return self._frontier.is_open(target, None) and self.has_room_for(target, endpoint)

    def has_room_for(self, target: Target, endpoint: Endpoint) -> bool:
        """Whether one more endpoint of its machine may be visited; counts it where it may."""
        return self._frontier.admit_machine(
            machine_key(endpoint), trusted=target.trusted, teller=target.tellers[0], voice=target.voice
        )

    def _refuse(self, endpoint: Endpoint, kind: FailureKind, reason: str, target: Target) -> Refusal:
        self.counts[f"refused_{reason}"] += 1
        return Refusal(endpoint=endpoint, kind=kind, detail=f"{reason}; told by {', '.join(target.tellers)}")

    def _leave_out(self, number: int, target: Target) -> None:
        """Count so many addresses of a name as overflow, and once more for each of those whose word led to it."""
        if number <= 0:
            return
        self.counts["overflow_addresses_per_host"] += number
        for teller in target.tellers:
            self._frontier.causes.note("overflow_addresses_per_host", teller, number)


def withheld_endpoints(target: Target) -> list[Endpoint]:
    """Return what a target that was withheld stands for: its held-back addresses, or itself."""
    literal = target.host if is_address(target.host) else None
    return [endpoint_of(target, address) for address in target.addresses or (literal,)]


def endpoint_of(target: Target, address: str | None) -> Endpoint:
    """Return the endpoint of a target at one address."""
    return Endpoint(host=target.host, port=target.port, transport=target.transport, address=address)
