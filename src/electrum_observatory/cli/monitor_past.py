"""What a watch did before this stint, read from as little of its store as will do.

The number of its last round comes from all rounds, whatever the clock said in them: a clock that was set since must not
make a number be used twice. Who was watched and who was up comes from the latest rounds that have readings: a round
without any is a gap of ours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Availability, Watch
from electrum_observatory.model.watch_ports import AVAILABILITIES, Numbers, ReadingColumns, WatchSource
from electrum_observatory.scanner.watching.blindness import ENOUGH_VOICES

_FEW_ROUNDS = 12
_MANY_ROUNDS = 288
"""So many rounds of a thousand servers fit into memory; so many in which nobody was up say that nobody is expected."""
_WEEK_US = 7 * 86_400 * 10**6
_UP = AVAILABILITIES.index(Availability.UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a watch did before this stint.

    Attributes:
        begun: Whether there was a stint before.
        next_round: Number of its next round.
        watched: Whom its last round asked that says anything of anybody.
        was_up: Who was up of late; of the last rounds in which somebody was, that with the most counts.
        last_round_us: When its last round began; UTC microseconds; None where there was none.
    """

    begun: bool = False
    next_round: int = 1
    watched: frozenset[Endpoint] = frozenset()
    was_up: frozenset[Endpoint] = frozenset()
    last_round_us: int | None = None


def past_of(source: WatchSource, watch: Watch) -> Past:
    """Read what a watch did last."""
    if watch.watch_id not in {one.watch_id for one in source.watches()}:
        return Past()
    rounds = source.readings(watch.watch_id, questions=(), endpoints=()).rounds
    if not len(rounds):
        return Past(begun=True)
    times = np.array([made.started_at_us for made in rounds], dtype=np.int64)
    watched, was_up = _seen_last(source, watch.watch_id, times)
    last = rounds[-1]
    return Past(
        begun=True, next_round=last.number + 1, watched=watched, was_up=was_up, last_round_us=last.started_at_us
    )


def _seen_last(source: WatchSource, watch_id: str, times: Numbers) -> tuple[frozenset[Endpoint], frozenset[Endpoint]]:
    """Return who was watched last and who was up of late."""
    watched: frozenset[Endpoint] = frozenset()
    told = 0
    for some in _looking_back(source, watch_id, times):
        with_readings = np.unique(some.round_at)
        if len(with_readings) and not watched:
            watched = _who(some, some.round_at == with_readings[-1])
        if (was_up := _was_up(some)) or (told := told + len(with_readings)) >= _MANY_ROUNDS:
            return watched, was_up
    return watched, frozenset()


def _looking_back(source: WatchSource, watch_id: str, times: Numbers) -> Iterator[ReadingColumns]:
    """Yield the readings of a few rounds at a time, the latest first; of more each time, as we may have been blind."""
    end, size = len(times), _FEW_ROUNDS
    while end > 0:
        some = times[max(0, end - size) : end]
        near = some[abs(some - some[-1]) <= _WEEK_US]  # where the clock was set far, all of history would lie between
        yield source.readings(watch_id, int(near.min()), int(near.max()) + 1, questions=())
        end, size = end - size, min(2 * size, _MANY_ROUNDS)


def _was_up(some: ReadingColumns) -> frozenset[Endpoint]:
    """Return who was up in the round with the most of the last dozen in which anybody was; of few, in the last."""
    up = some.availability == _UP
    voices = np.bincount(some.round_at[up], minlength=len(some.rounds))
    heard = np.flatnonzero(voices)[-_FEW_ROUNDS:]
    if not len(heard):
        return frozenset()
    fullest = heard[np.argmax(voices[heard])]
    return _who(some, up & (some.round_at == (fullest if voices[fullest] >= ENOUGH_VOICES else heard[-1])))


def _who(some: ReadingColumns, rows: Sequence[bool] | Numbers) -> frozenset[Endpoint]:
    return frozenset(some.endpoints[at] for at in np.unique(some.endpoint_at[rows]).tolist())
