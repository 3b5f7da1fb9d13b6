"""Which further visits an endpoint gets after its routine visit, and what comes after each of their connections.

Each connection is one piece of work for the machine's budget, like a routine visit: so the spacing between connections
holds by itself, and between visits the machine rests (see ``resting``).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from electrum_observatory.bitcoin.genesis import GenesisState
from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.attempt import Attempt, AttemptStatus
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.attempts import JsonAttempt
from electrum_observatory.scanner.battery import Call
from electrum_observatory.scanner.behaviour import BehaviourProbe, Opening, Subject
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.earlier import Examined
from electrum_observatory.scanner.hearsay import chain_of
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.packing import CONNECTIONS_PER_VISIT, PlannedConnection, PlannedVisit, pack
from electrum_observatory.scanner.probes.connection import PROBE_ID as CONNECTION
from electrum_observatory.scanner.probes.features import FeaturesProbe
from electrum_observatory.scanner.probes.genesis import GenesisProbe
from electrum_observatory.scanner.probes.registry import battery
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe
from electrum_observatory.scanner.sheet import Share
from electrum_observatory.scanner.treatment import treatment_visits

DECIDE_EXAMINATION = (CONNECTION, ServerVersionProbe.id, GenesisProbe.id, FeaturesProbe.id)
"""Ids of the routine probes that decide whether an endpoint gets further visits."""

_FAILED_DIALS = 2
"""Connections in a row that failed; after so many the endpoint is visited no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is left to put to one endpoint.

    Attributes:
        endpoint: Whom.
        refuses_ranges: Whether it was seen to refuse a range of versions.
        legacy_tls: Whether it needed old TLS.
        left: The visits that are left; of the first, the connections that are left.
        requests: Messages sent in the visit under way.
        errors: Error replies in it.
        failed: Connections in a row that failed, or on which nothing could be asked.
        bytes: Bytes of all that was kept of its answers in this sitting.
        once_more: Questions that there was no room for, since more errors came than declared or the server closed.
        last_round: Whether those have had their second chance.
    """

    endpoint: Endpoint
    refuses_ranges: bool
    legacy_tls: bool
    left: tuple[PlannedVisit, ...]
    requests: int = 0
    errors: int = 0
    failed: int = 0
    bytes: int = 0
    once_more: tuple[BehaviourProbe, ...] = ()
    last_round: bool = False


class Revisits:
    """Plans the further visits of a campaign.

    Attributes:
        plan: The visits that each endpoint gets; those of ``treatment`` are drawn for each, see :meth:`treatment_of`.
        left_out: Questions that are not put, with the reason: nothing to ask about, or too many visits.
    """

    def __init__(self, config: ScanConfig, subject: Subject) -> None:
        wanted = battery(config.battery)
        unfit = [(probe, probe.not_applicable(subject)) for probe in wanted]
        fit = [probe for probe, reason in unfit if reason is None]
        visits = pack(fit, requests=config.budgets.requests, errors=config.budgets.errors)
        self.plan = visits[: config.visits]
        self._treatment = config.treatment, config.treatment_rounds
        self._subject = subject
        self._most_visits = config.visits + len(self.treatment_of(""))
        self._too_many: JsonAttempt = Attempt.not_scheduled(f"it would take more visits than {config.visits}")
        self.left_out: Sequence[tuple[BehaviourProbe, JsonAttempt]] = [
            *((probe, Attempt.not_applicable(reason)) for probe, reason in unfit if reason is not None),
            *((probe, self._too_many) for visit in visits[config.visits :] for probe in visit.probes),
        ]
        self._budgets = config.budgets
        self._most = config.caps.examined_per_machine
        self._most_bytes = config.caps.bytes_per_examination
        self._network = subject.network
        self._examined: Counter[str] = Counter()

    def after_routine(self, observations: Sequence[Observation]) -> Examination | None:
        """Return what follows a routine visit; None for nothing."""
        examined = examined_after(observations, self._network)
        return None if examined is None else self.go_on(examined)

    def go_on(self, one: Examined) -> Examination | None:
        """Return what is left to put to an endpoint; None for nothing, and where enough of its machine are examined."""
        machine = machine_key(one.endpoint)
        plan = (*self.plan, *self.treatment_of(one.endpoint.canonical))
        if not plan or self._examined[machine] >= self._most:
            return None
        self._examined[machine] += 1
        left = tuple(rest for visit in plan if (rest := _without(visit, one.put)) is not None)
        if not left:
            return None
        return Examination(
            endpoint=one.endpoint, refuses_ranges=one.refuses_ranges, legacy_tls=one.legacy_tls, left=left
        )

    def treatment_of(self, endpoint: str) -> tuple[PlannedVisit, ...]:
        """Return the visits that ask one endpoint (canonical) the same in several ways, in the order drawn for it."""
        batches, rounds = self._treatment
        first = len(self.plan) + 1
        return treatment_visits(endpoint, self._subject, batches=batches, rounds=rounds, first_number=first)

    def note_left_out(self, notebook: Notebook) -> None:
        """Note the questions that are not put to anybody."""
        for probe, attempt in self.left_out:
            notebook.note(probe.id, probe.version, attempt)

    def call(self, one: Examination) -> Call:
        """Return the next connection."""
        visit = one.left[0]
        planned = visit.connections[0]
        requests = visit.requests if visit.alone else self._budgets.requests
        return Call(
            share=Share(
                visit=visit.number,
                connection=planned.number,
                requests=requests - one.requests,
                errors=self._budgets.errors - one.errors,
            ),
            planned=planned,
            refuses_ranges=one.refuses_ranges,
            legacy_tls=one.legacy_tls,
        )

    def after_call(self, one: Examination, notebook: Notebook) -> tuple[Examination | None, bool]:
        """Return what is left after a connection, and whether its next connection belongs to the same visit.

        Questions that were not put are taken out of the notebook and put later, once; so are those of a connection
        that is not made, since the one before has used up the visit's errors. Where several connections in a row
        failed, or the server has sent too much, nothing more is put, and that is noted.
        """
        failed, heard = _failures(one, notebook), one.bytes + notebook.witnessed_bytes
        requests, errors = one.requests + notebook.requests, one.errors + notebook.errors
        visit, *rest = one.left
        ahead = visit.connections[1:]
        same = bool(ahead) and errors < self._budgets.errors
        left = (replace(visit, connections=ahead), *rest) if same else tuple(rest)
        passed_over = () if same else _probes(ahead)
        if one.last_round:
            words, once_more = f"{errors} error replies in this visit", one.once_more
            _note(notebook, passed_over, Attempt.not_scheduled(words))
        else:
            once_more = (*one.once_more, *_take_out_unput(notebook, visit.connections[0].probes), *passed_over)
        enough = self._enough(failed, heard)
        if enough is not None:
            _note(
                notebook, (*once_more, *(probe for one in left for probe in one.probes)), Attempt.not_scheduled(enough)
            )
            return None, False
        after = replace(
            one,
            left=left,
            requests=requests if same else 0,
            errors=errors if same else 0,
            failed=failed,
            bytes=heard,
            once_more=once_more,
        )
        return (after if left else self._last_round(after, visit.number, notebook)), same

    def _enough(self, failed: int, heard: int) -> str | None:
        """Say why an endpoint is to be asked nothing more; None where it may be."""
        if failed >= _FAILED_DIALS:
            return f"{failed} connections in a row failed"
        if heard > self._most_bytes:
            return f"more than {self._most_bytes} bytes in answer to further questions"
        return None

    def _last_round(self, one: Examination, last_visit: int, notebook: Notebook) -> Examination | None:
        """Return the visits for what was not put; what is more than may be is noted."""
        visits = pack(
            one.once_more, requests=self._budgets.requests, errors=self._budgets.errors, first_number=last_visit + 1
        )
        allowed = tuple(visit for visit in visits if visit.number <= self._most_visits)
        _note(notebook, [probe for visit in visits[len(allowed) :] for probe in visit.probes], self._too_many)
        return replace(one, left=allowed, once_more=(), last_round=True) if allowed else None


def examined_after(observations: Sequence[Observation], network: Network) -> Examined | None:
    """Return whom a routine visit leaves to be examined: nobody where the handshake failed, or of another chain.

    Needs the observations of the probes in ``DECIDE_EXAMINATION``.
    """
    shaken = next((one for one in observations if one.probe == ServerVersionProbe.id), None)
    if shaken is None or shaken.attempt.result is None or shaken.attempt.result["error"] is not None:
        return None
    if chain_of(observations, network) is GenesisState.OTHER:
        return None
    dial = next((one.attempt.result for one in observations if one.probe == CONNECTION), None) or {}
    return Examined(
        endpoint=shaken.endpoint,
        refuses_ranges=bool(shaken.attempt.result["retried_plain"]),
        legacy_tls=bool(dial.get("tls_legacy")),
        put=frozenset(),
        last_asked_us=shaken.started_at_us or 0,
    )


def _failures(one: Examination, notebook: Notebook) -> int:
    """Return how many connections in a row came to nothing: none stood, or none let us ask anything.

    One that began with a question itself and brought no reply proves neither: some programs close on such questions.
    """
    planned = one.left[0].connections[0]
    ids = {probe.id for probe in planned.probes}
    put = [row for row in notebook.observations if row.probe in ids and _was_put(row)]
    if not put:
        return one.failed + 1
    mute = planned.opening is Opening.BARE and not any(row.witnesses for row in put)
    return one.failed if mute else 0


def _probes(connections: Sequence[PlannedConnection]) -> tuple[BehaviourProbe, ...]:
    return tuple(probe for one in connections for probe in one.probes)


def _note(notebook: Notebook, probes: Sequence[BehaviourProbe], attempt: JsonAttempt) -> None:
    for probe in probes:
        notebook.note(probe.id, probe.version, attempt)


def _was_put(row: Observation) -> bool:
    return row.attempt.status is not AttemptStatus.NOT_SCHEDULED


def _take_out_unput(notebook: Notebook, probes: Sequence[BehaviourProbe]) -> tuple[BehaviourProbe, ...]:
    """Return the questions that were not put, whose rows are taken out; a bug of ours may have left none."""
    unput = {one.probe for one in notebook.observations if not _was_put(one)}
    notebook.observations[:] = [one for one in notebook.observations if one.probe not in unput]
    outcomes = {one.probe for one in notebook.observations}
    return tuple(probe for probe in probes if probe.id not in outcomes)


def _without(visit: PlannedVisit, put: Collection[str]) -> PlannedVisit | None:
    """Return a visit without the questions that were put before; None where nothing is left of it.

    A connection that is made again, for what was left when it was cut short, has a number of its own.
    """
    connections = []
    for one in visit.connections:
        probes = tuple(probe for probe in one.probes if probe.key not in put)
        if probes:
            number = one.number if probes == one.probes else one.number + CONNECTIONS_PER_VISIT
            connections.append(replace(one, probes=probes, number=number))
    return replace(visit, connections=tuple(connections)) if connections else None
