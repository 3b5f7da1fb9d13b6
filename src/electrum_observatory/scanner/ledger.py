"""What a scan has found: the batch that waits to be committed, and the counts that the campaign is sealed with."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.ports import ObservationSink
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.scanner.attempts import JsonAttempt
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.probes.connection import PROBE_ID as CONNECTION
from electrum_observatory.scanner.probes.opening import PROBE_ID as OPENING
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe
from electrum_observatory.scanner.tally import Tally

_ALWAYS = ("answered", "connected", "connections", "dialled", "endpoints", "failed", "refused", "requests", "verified")


_OF_THE_LAST_SITTING = ("sources_failed", "targets", "unvisited", "visits_left")
_GREATEST = ("loop_lag_max_us",)


class Ledger:
    """Gathers facts between two commits.

    Attributes:
        counts: What came of the endpoints so far, in this sitting; see :class:`Tally`.
        source_errors: Sources that could not be read, one line each.
    """

    def __init__(self, network: Network, sink: ObservationSink, earlier: Mapping[str, int] | None = None) -> None:
        """Take the network, the sink, and what earlier sittings of the campaign have counted."""
        self.source_errors: list[str] = []
        self._sink = sink
        self._earlier = dict(earlier or {})
        self._tally = Tally(network)
        self._observations: list[Observation] = []
        self._sightings: list[Sighting] = []
        self._bytes = self._bytes_on_their_way = 0

    @property
    def counts(self) -> Counter[str]:
        """What came of the endpoints so far."""
        return self._tally.counts

    @property
    def pending(self) -> int:
        """Facts that wait to be committed."""
        return len(self._observations) + len(self._sightings)

    @property
    def unwritten_bytes(self) -> int:
        """Bytes of the witnesses that wait to be committed or are being so: what servers can make us hold."""
        return self._bytes + self._bytes_on_their_way

    def conclude(self, observations: Sequence[Observation]) -> None:
        """Take the final observations of one endpoint."""
        self._tally.add(observations)
        self.add(observations)

    def add(self, observations: Sequence[Observation]) -> None:
        """Take observations of an endpoint that is counted already."""
        self._observations += observations
        self._bytes += sum(len(witness.data) for one in observations for witness in one.witnesses)

    def tell(self, sightings: Sequence[Sighting]) -> None:
        """Take sightings."""
        self._sightings += sightings

    def count_visit(self, notebook: Notebook) -> None:
        """Count what a connection cost; one that the dialler refused was none."""
        dial = notebook.attempt_of(CONNECTION) or notebook.attempt_of(OPENING)
        if dial is None or dial.failure is None or dial.failure.stage is not Stage.POLICY:
            self.counts["connections"] += 1
        self.counts["requests"] += notebook.requests
        self.counts["error_replies"] += notebook.errors
        self.counts["notifications"] += notebook.notifications
        self.counts["tolerant_replies"] += notebook.tolerant
        if notebook.ended is not None:
            self.counts[f"ended_{notebook.ended}"] += 1

    async def commit(self, counts: Callable[[], Mapping[str, int]]) -> None:
        """Hand the batch and the counts as of now to the sink; when this returns, it is not lost whatever happens."""
        if self._observations or self._sightings:
            observations, self._observations = self._observations, []
            sightings, self._sightings = self._sightings, []
            self._bytes, self._bytes_on_their_way = 0, self._bytes
            await self._sink.record(observations, sightings, counts())
            self._bytes_on_their_way = 0

    def sealed_counts(self, *others: Counter[str], **gauges: int) -> dict[str, int]:
        """Return the campaign's counts over all sittings, sorted by name; the usual ones are there even when zero."""
        total: Counter[str] = Counter(dict.fromkeys(_ALWAYS, 0))
        before = {name: number for name, number in self._earlier.items() if name not in _OF_THE_LAST_SITTING}
        greatest = {name: before.pop(name, 0) for name in _GREATEST}
        total.update(before)
        for counts in (self.counts, *others):
            total.update(counts)
        total["sources_failed"] = len(self.source_errors)
        total.update(gauges)
        for name, number in greatest.items():
            total[name] = max(total[name], number)
        return dict(sorted(total.items()))


def with_earlier(observations: Sequence[Observation], earlier: Sequence[Observation]) -> Sequence[Observation]:
    """Join a visit with the one before it, whose TLS or whose range of versions was refused.

    Where the second could not even connect, the first is what we know; if TLS failed both times, its failure tells of
    both. Otherwise the second counts, and its handshake keeps the bytes of the first as well.
    """
    handshake = ServerVersionProbe.id
    if not earlier:
        return observations
    first, second = _failed_dial(earlier), _failed_dial(observations)
    if first is not None and second is not None:
        return [_failed_twice(first, second)]
    asked = any(one.probe == handshake for one in observations)
    if not observations or (first is None and not asked):
        cut = second is None or _was_cut(second)
        return broken_off(earlier) if cut else earlier
    before = next((one.witnesses for one in earlier if one.probe == handshake), ())
    return [
        replace(one, witnesses=(*before, *one.witnesses)) if one.probe == handshake else one for one in observations
    ]


def broken_off(observations: Sequence[Observation]) -> Sequence[Observation]:
    """Return a visit whose second try was stopped, or stopped before it began: whoever goes on makes both anew.

    What failed in it counts as cancelled by us; how it failed stays in the detail.
    """
    return [replace(one, attempt=_cut(one.attempt.failure)) if one.attempt.failure else one for one in observations]


def _cut(failure: Failure) -> JsonAttempt:
    why = f"{failure.kind}{f' ({failure.detail})' if failure.detail else ''}, and stopped before the second try ended"
    return Attempt.failed(failure.stage, FailureKind.CANCELLED, why)


def _was_cut(one: Observation) -> bool:
    return one.attempt.failure is not None and one.attempt.failure.kind is FailureKind.CANCELLED


def _failed_dial(observations: Sequence[Observation]) -> Observation | None:
    return next((one for one in observations if one.probe == CONNECTION and one.attempt.failure is not None), None)


def _failed_twice(first: Observation, second: Observation) -> Observation:
    """Return the first failure of TLS, with the second in its detail; broken off where we broke the second off."""
    modern, legacy = first.attempt.failure, second.attempt.failure
    assert modern is not None
    assert legacy is not None
    if _was_cut(second):
        return broken_off([first])[0]
    detail = f"{modern.detail}; old versions too: {legacy.detail or legacy.kind}"
    return replace(first, attempt=Attempt.failed(modern.stage, modern.kind, detail))
