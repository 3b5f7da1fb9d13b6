"""Put one probe to a scripted server, without the engine."""

import asyncio
from collections.abc import Mapping
from typing import Any

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.connection import ConnectionFacts
from electrum_observatory.protocol.messages import Reply, decode_server_message
from electrum_observatory.scanner.probe_visit import ProbeLimits, ProbeVisit
from electrum_observatory.scanner.session import Session, SessionLimits
from tests.unit.scanner.scripted import Answer, ScriptedConnection, ScriptedResolver, server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

LIMITS = SessionLimits(requests=40, errors=6, in_flight=10, messages=200, request_s=20.0)


class Put:
    """What came of a probe: ``result`` or ``failure``, its ``witnesses``, what was ``sent``, and when it was over."""

    def __init__(
        self,
        probe: Any,
        answer: Answer | None = None,
        *,
        results: Mapping[str, Any] | None = None,
        facts: ConnectionFacts | None = None,
        names: Mapping[str, Any] | None = None,
        pointers: Mapping[str, Any] | None = None,
    ) -> None:
        self.result: Any = None
        self.failure: tuple[Stage, FailureKind] | None = None
        self.detail = ""
        self._probe = probe
        self._answer = answer or server(**(results or {}))
        self._facts = facts
        self._resolver = ScriptedResolver(names, pointers)
        run_virtually(self._run())

    async def _run(self) -> None:
        connection = ScriptedConnection(self._answer, facts=self._facts)
        session = Session(connection, VirtualClock(), LIMITS)
        session.stage = Stage.REQUEST
        view = ProbeVisit(
            probe=self._probe,
            session=session,
            facts=connection.facts,
            resolver=self._resolver,
            client_name="electrum-observatory/0.1.0",
            limits=ProbeLimits(bytes=4_000_000, errors=6),
        )
        connection.hand_over(session)
        try:
            self.result = await self._probe.run(view)
        except VisitError as error:
            self.failure = (error.failure.stage, error.failure.kind)
            self.detail = error.failure.detail
        finally:
            connection.abort()
        self.witnesses = view.witnesses
        self.sent = connection.sent
        self.seconds = asyncio.get_running_loop().time()


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
