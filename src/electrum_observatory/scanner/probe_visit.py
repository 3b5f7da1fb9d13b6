"""What one probe sees of a conversation: its own ids, its own witnesses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json, Witness, WitnessKind
from electrum_observatory.net.connection import ConnectionFacts
from electrum_observatory.net.resolve import Resolver
from electrum_observatory.scanner.probes.base import Probe, Received
from electrum_observatory.scanner.session import Request, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLimits:
    """What one probe may cost either side; see ``scanner.config`` for the meaning of each."""

    bytes: int
    errors: int


class ProbeVisit:
    """Implements ``Visit`` for one probe, and holds it to its share of the conversation.

    Attributes:
        witnesses: Bytes that the probe's answers were read from, in the order of arrival.
    """

    def __init__(
        self,
        *,
        probe: Probe[Any],
        session: Session,
        facts: ConnectionFacts,
        resolver: Resolver,
        may_look_up: Callable[[str], bool],
        client_name: str,
        limits: ProbeLimits,
    ) -> None:
        self.witnesses: list[Witness] = []
        self._limits = limits
        self._asked = self._errors = self._bytes = 0
        self._ids = range(probe.first_id, probe.first_id + probe.cost.requests)
        self._session = session
        self._facts = facts
        self._resolver = resolver
        self._may_look_up = may_look_up
        self._client_name = client_name

    @property
    def endpoint(self) -> Endpoint:
        """Who is asked."""
        return self._facts.endpoint

    @property
    def facts(self) -> ConnectionFacts:
        """How the connection came about."""
        return self._facts

    @property
    def client_name(self) -> str:
        """What we call ourselves."""
        return self._client_name

    @property
    def negotiated(self) -> str | None:
        """Protocol version that the handshake settled on."""
        return self._session.negotiated

    async def request(self, request_id: int, method: str, params: Sequence[Json] = ()) -> Received:
        """Ask and wait for the reply."""
        if request_id not in self._ids:
            raise ValueError(f"id {request_id} is not among the probe's own {self._ids}")
        self._spend()
        received = await self._session.request(Request.of(request_id, method, params))
        self._keep_reply(request_id, received)
        return received

    def keep(self, witness: Witness) -> None:
        """Keep bytes that are no reply."""
        self.witnesses.append(witness)

    def _spend(self) -> None:
        """Count a request before it leaves."""
        self._asked += 1
        if self._asked > len(self._ids):
            raise ValueError(f"{self._asked} requests, where the probe's own cost is {len(self._ids)}")
        if self._errors >= self._limits.errors:
            words = f"{self._errors} error replies to one question"
            raise VisitError(self._session.stage, FailureKind.BUDGET_SPENT, words)

    async def resolve_pointer(self, address: str) -> Sequence[str]:
        """Return the names of an address."""
        return await self._resolver.pointers(address)

    async def resolve_host(self, host: str) -> Sequence[str]:
        """Return the addresses of a name; none where it does not exist, or our rules keep us from asking."""
        if not self._may_look_up(host):
            return ()
        try:
            return await self._resolver.addresses(host)
        except VisitError as error:
            if error.failure.kind is FailureKind.NAME_NOT_FOUND:
                return ()
            raise

    def _keep_reply(self, request_id: int, received: Received) -> None:
        """Keep a reply as a witness, also the one that is too much."""
        self.witnesses.append(witness_of(request_id, received))
        self._errors += received.reply.error is not None
        self._bytes += len(received.reply.line)
        check_size(self._bytes, self._limits, self._session.stage)


def witness_of(request_id: int, received: Received) -> Witness:
    """Return the bytes of a reply as a witness."""
    return Witness(
        kind=WitnessKind.REPLY,
        data=received.reply.line,
        label=str(request_id),
        received_monotonic_ns=received.received_monotonic_ns,
        result_text=received.reply.result_text,
    )


def check_size(size: int, limits: ProbeLimits, stage: Stage) -> None:
    """Raise VisitError too_many_bytes where the replies to one probe are more than it may cost."""
    if size > limits.bytes:
        words = f"more than {limits.bytes} bytes in answer to one question"
        raise VisitError(stage, FailureKind.TOO_MANY_BYTES, words)
