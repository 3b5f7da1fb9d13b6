"""One visit: dial an endpoint, shake hands, put the probes.

Outcomes go into a notebook that the caller owns, so that a visit cut short still leaves what it learned. A dial that
fails leaves one failed ``connection`` and nothing else, and a handshake that fails leaves no row for the questions
that depend on it: "not asked, since unreachable" would say one thing fourteen times.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from electrum_observatory.model.attempt import Attempt, AttemptStatus
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import Connection
from electrum_observatory.net.resolve import Resolver
from electrum_observatory.net.strangers import old_versions_may_help
from electrum_observatory.protocol.limits import JsonLimits
from electrum_observatory.scanner.attempts import JsonAttempt
from electrum_observatory.scanner.config import Caps, ScanConfig
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.pipeline import Pipeline
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.probe_visit import ProbeLimits, ProbeVisit
from electrum_observatory.scanner.probes import connection as connection_probe
from electrum_observatory.scanner.probes.base import AnyProbe, Handshake, Phase, PipelinedProbe, Probe
from electrum_observatory.scanner.probes.peers import PeersProbe
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe
from electrum_observatory.scanner.session import Request, Session, SessionLimits

_CLOSED = frozenset({FailureKind.EOF, FailureKind.CONNECTION_RESET})
LAST_PING_ID = 900  # no probe's
_LAST_PING = Request.of(LAST_PING_ID, "server.ping")
_TIMEOUTS = {Stage.RESOLVE: FailureKind.DNS_TIMEOUT, Stage.TLS: FailureKind.TLS_TIMEOUT}


class Visitor:
    """Visits endpoints, one call each. Holds no state of a visit."""

    def __init__(
        self,
        *,
        dialer: Dialing,
        resolver: Resolver,
        may_look_up: Callable[[str], bool],
        clock: Clock,
        config: ScanConfig,
        probes: Sequence[AnyProbe],
    ) -> None:
        self._dialer = dialer
        self._resolver = resolver
        self._may_look_up = may_look_up
        self._clock = clock
        self._config = config
        self._session_limits = _session_limits(config)
        self._probe_limits = ProbeLimits(bytes=config.caps.bytes_per_probe, errors=config.budgets.errors_per_probe)
        enabled = [probe for probe in probes if probe.id in config.probes]
        pipelined = [probe for probe in enabled if isinstance(probe, PipelinedProbe)]
        talking = [probe for probe in enabled if not isinstance(probe, PipelinedProbe)]
        self._timing = [probe for probe in talking if probe.phase is Phase.TIMING]
        most = {PeersProbe.id: config.peer_lists} if config.peer_lists else {}
        self._pipeline = Pipeline(pipelined, self._probe_limits, config.deadlines.probe_s, most)
        self._outside = [probe for probe in talking if probe.phase is Phase.OUTSIDE]

    async def visit(self, notebook: Notebook, *, plain: bool = False, legacy_tls: bool = False) -> None:
        """Visit the notebook's endpoint, over one connection; every outcome is noted there.

        Args:
            notebook: Whose endpoint is visited, and where everything goes.
            plain: Offer no range of versions: the server closed on it before.
            legacy_tls: Allow old TLS: the handshake failed without before.
        """
        connection = await self._dial(notebook, legacy_tls=legacy_tls)
        if connection is None:
            return
        session = Session(connection, self._clock, self._session_limits)
        notebook.replies_heard = session.answered
        words = f"a conversation of more than {self._config.deadlines.session_s:g} s"
        expiry = asyncio.get_running_loop().call_later(
            self._config.deadlines.session_s,
            session.fail,
            VisitError(Stage.REQUEST, FailureKind.SESSION_TIMEOUT, words),
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                for probe in self._outside:
                    tasks.create_task(self._put(probe, session, connection, notebook))
                connection.hand_over(session)
                await self._converse(session, connection, notebook, plain=plain)
                connection.abort()
        finally:
            expiry.cancel()
            connection.abort()
            notebook.requests += session.requests
            notebook.errors += session.errors
            notebook.notifications += session.notifications
            notebook.tolerant += session.tolerant
            notebook.ended = None if session.failure is None else session.failure.failure.kind
            notebook.add_witnesses(connection_probe.PROBE_ID, session.oddities)

    async def _dial(self, notebook: Notebook, *, legacy_tls: bool) -> Connection | None:
        dialled: list[Connection] = []

        async def dial() -> connection_probe.ConnectionResult:
            dialled.append(await self._dialer.connect(notebook.endpoint, legacy_tls=legacy_tls))
            return connection_probe.read_connection(dialled[0].facts)

        attempt = await notebook.observe(
            connection_probe.PROBE_ID,
            connection_probe.VERSION,
            dial(),
            seconds=self._config.deadlines.dial_s,
            stage=Stage.CONNECT,
            on_timeout=FailureKind.CONNECT_TIMEOUT,
        )
        if attempt.failure is not None and not legacy_tls:
            notebook.tls_refused = old_versions_may_help(attempt.failure)
        return dialled[0] if dialled else None

    async def _converse(self, session: Session, connection: Connection, notebook: Notebook, *, plain: bool) -> None:
        attempt = await self._put(ServerVersionProbe(plain=plain), session, connection, notebook)
        if attempt.failure is not None and attempt.failure.kind in _CLOSED:
            notebook.range_refused = not plain
        if attempt.result is None or attempt.result["error"] is not None:
            return
        session.handshake_done(attempt.result["protocol"])
        for probe in self._timing:
            await self._put(probe, session, connection, notebook)
        handshake = Handshake(software=attempt.result["software"], negotiated=attempt.result["protocol"])
        await self._pipeline.put(session, notebook, handshake)
        if session.unanswered:
            await self._tell_silence_from_death(session, notebook)

    async def _tell_silence_from_death(self, session: Session, notebook: Notebook) -> None:
        """Ping once more where requests were left unanswered: some programs say nothing to methods they do not know."""
        try:
            await session.request(_LAST_PING)
        except VisitError as error:
            if error.failure.kind is FailureKind.READ_TIMEOUT:
                notebook.explain_silence("nor was a ping after it answered")
        else:
            notebook.explain_silence("a ping after it was answered, so the server may be silent by design")

    async def _put(
        self, probe: Probe[Any], session: Session, connection: Connection, notebook: Notebook
    ) -> JsonAttempt:
        reason = probe.not_applicable(notebook.endpoint)
        if reason is not None:
            attempt: JsonAttempt = Attempt(status=AttemptStatus.NOT_APPLICABLE, reason=reason)
            notebook.note(probe.id, probe.version, attempt)
            return attempt
        view = ProbeVisit(
            probe=probe,
            session=session,
            facts=connection.facts,
            resolver=self._resolver,
            may_look_up=self._may_look_up,
            client_name=self._config.client_name,
            limits=self._probe_limits,
        )
        stage = probe.stage or session.stage
        return await notebook.observe(
            probe.id,
            probe.version,
            probe.run(view),
            seconds=self._config.deadlines.probe_s,
            stage=stage,
            on_timeout=_TIMEOUTS.get(stage, FailureKind.READ_TIMEOUT),
            witnesses=view.witnesses,
        )


def _session_limits(config: ScanConfig) -> SessionLimits:
    return SessionLimits(
        requests=config.budgets.requests,
        errors=config.budgets.errors,
        in_flight=config.budgets.in_flight,
        messages=config.caps.messages_per_session,
        request_s=config.deadlines.request_s,
        json=_json_limits(config.caps),
    )


def _json_limits(caps: Caps) -> JsonLimits:
    return JsonLimits(depth=caps.json_depth, members=caps.json_members, digits=caps.number_digits)
