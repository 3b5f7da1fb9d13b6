"""Put one probe to a scripted server, without the engine."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.observation import Witness
from electrum_observatory.net.connection import ConnectionFacts
from electrum_observatory.protocol.messages import Reply, decode_server_message
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.pipeline import Pipeline
from electrum_observatory.scanner.probe_visit import ProbeLimits, ProbeVisit
from electrum_observatory.scanner.probes.base import Handshake, PipelinedProbe
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.session import Session, SessionLimits
from tests.factories import make_campaign
from tests.unit.scanner.scripted import Answer, ScriptedConnection, ScriptedResolver, server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

LIMITS = SessionLimits(requests=40, errors=6, in_flight=10, messages=200, request_s=20.0)
_PROBE_LIMITS = ProbeLimits(bytes=4_000_000, errors=6)


class Put:
    """What came of a probe: ``result`` or ``failure``, its ``witnesses``, and when it was over.

    ``sent`` and ``looked_up`` say what the server and the resolver were asked.
    """

    def __init__(
        self,
        probe: Any,
        answer: Answer | None = None,
        *,
        results: Mapping[str, Any] | None = None,
        facts: ConnectionFacts | None = None,
        names: Mapping[str, Any] | None = None,
        pointers: Mapping[str, Any] | None = None,
        rules: Rules | None = None,
        negotiated: str = "1.6",
    ) -> None:
        self.result: Any = None
        self.failure: tuple[Stage, FailureKind] | None = None
        self.detail = ""
        self._probe = probe
        self._answer = answer or server(**(results or {}))
        self._facts = facts
        self._resolver = ScriptedResolver(names, pointers)
        self._rules = rules or Rules()
        self._handshake = Handshake(software="ElectrumX 1.16.0", negotiated=negotiated)
        run_virtually(self._run())

    async def _run(self) -> None:
        connection = ScriptedConnection(self._answer, facts=self._facts)
        session = Session(connection, VirtualClock(), LIMITS)
        session.stage = Stage.REQUEST
        connection.hand_over(session)
        put = self._in_one_breath if isinstance(self._probe, PipelinedProbe) else self._in_conversation
        try:
            await put(session, connection)
        finally:
            connection.abort()
        self.sent = connection.sent
        self.looked_up = self._resolver.asked
        self.seconds = asyncio.get_running_loop().time()

    async def _in_conversation(self, session: Session, connection: ScriptedConnection) -> None:
        view = ProbeVisit(
            probe=self._probe,
            session=session,
            facts=connection.facts,
            resolver=self._resolver,
            may_look_up=self._rules.may_look_up,
            client_name="electrum-observatory/0.1.0",
            limits=_PROBE_LIMITS,
        )
        try:
            self.result = await self._probe.run(view)
        except VisitError as error:
            self._fail(error.failure)
        self.witnesses: Sequence[Witness] = view.witnesses

    async def _in_one_breath(self, session: Session, connection: ScriptedConnection) -> None:
        endpoint = connection.facts.endpoint
        notebook = Notebook(campaign=make_campaign(), endpoint=endpoint, clock=VirtualClock(), lag=LoopLag())
        await Pipeline([self._probe], _PROBE_LIMITS, seconds=60).put(session, notebook, self._handshake)
        (observation,) = notebook.observations
        if observation.attempt.failure is not None:
            self._fail(observation.attempt.failure)
        else:
            self.result = msgspec.convert({**(observation.attempt.result or {})}, self._probe.result_type)
        self.witnesses = observation.witnesses

    def _fail(self, failure: Failure) -> None:
        self.failure = (failure.stage, failure.kind)
        self.detail = failure.detail


def reply_to(result_text: bytes, *, terminator: bytes = b"\n") -> Reply:
    """A decoded reply whose result is written exactly so."""
    message = decode_server_message(b'{"jsonrpc":"2.0","result":' + result_text + b',"id":0}' + terminator)
    assert isinstance(message, Reply)
    return message


def error_of(text: bytes) -> Reply:
    """A decoded error reply whose error member is written exactly so."""
    message = decode_server_message(b'{"jsonrpc":"2.0","error":' + text + b',"id":0}\n')
    assert isinstance(message, Reply)
    return message
