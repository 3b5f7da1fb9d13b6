"""What one probe sees of a conversation: its own ids, its own witnesses."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.observation import Json, Witness, WitnessKind
from electrum_observatory.net.connection import ConnectionFacts
from electrum_observatory.net.resolve import Resolver
from electrum_observatory.scanner.probes.base import Probe, Received
from electrum_observatory.scanner.session import Session


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
        (received,) = await self.request_all(request_id, method, [params])
        return received

    async def request_all(self, first_id: int, method: str, params: Sequence[Sequence[Json]]) -> Sequence[Received]:
        """Ask several times at once; raises the first failure once all have ended."""
        ids = range(first_id, first_id + len(params))
        if not ids or ids[0] not in self._ids or ids[-1] not in self._ids:
            raise ValueError(f"ids {ids} are not among the probe's own {self._ids}")
        self._spend(len(ids))
        questions = [self._session.submit(one, method, values) for one, values in zip(ids, params, strict=True)]
        answers = [question.answer for question in questions]
        try:
            for answer in answers:
                try:
                    await answer
                except VisitError:  # raised below, once all have ended
                    continue
        finally:
            for answer in answers:
                answer.cancel()
            for question in questions:
                self._keep_reply(question.request_id, question.answer)
        if self._bytes > self._limits.bytes:
            words = f"more than {self._limits.bytes} bytes in answer to one question"
            raise VisitError(self._session.stage, FailureKind.TOO_MANY_BYTES, words)
        return [answer.result() for answer in answers]

    def keep(self, witness: Witness) -> None:
        """Keep bytes that are no reply."""
        self.witnesses.append(witness)

    def _spend(self, requests: int) -> None:
        """Count requests before they leave."""
        self._asked += requests
        if self._asked > len(self._ids):
            raise ValueError(f"{self._asked} requests, where the probe's own cost is {len(self._ids)}")
        if self._errors >= self._limits.errors:
            words = f"{self._errors} error replies to one question"
            raise VisitError(self._session.stage, FailureKind.BUDGET_SPENT, words)

    async def resolve_pointer(self, address: str) -> Sequence[str]:
        """Return the names of an address."""
        return await self._resolver.pointers(address)

    async def resolve_host(self, host: str) -> Sequence[str]:
        """Return the addresses of a name; none where it does not exist."""
        try:
            return await self._resolver.addresses(host)
        except VisitError as error:
            if error.failure.kind is FailureKind.NAME_NOT_FOUND:
                return ()
            raise

    def _keep_reply(self, request_id: int, answer: asyncio.Future[Received]) -> None:
        if answer.cancelled() or answer.exception() is not None:
            return
        received = answer.result()
        self._bytes += len(received.reply.line)
        self._errors += received.reply.error is not None
        self.witnesses.append(
            Witness(
                kind=WitnessKind.REPLY,
                data=received.reply.line,
                label=str(request_id),
                received_monotonic_ns=received.received_monotonic_ns,
                result_text=received.reply.result_text,
            )
        )
