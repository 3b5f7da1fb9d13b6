"""Where a watch's facts go, and the columns in which many rounds travel at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import Availability, BlindSpell, Question, Reading, Round, Stint, TipNews, Watch

Numbers: TypeAlias = NDArray[np.int64]

NOTHING = -1
"""In a column of ``ReadingColumns``: no such value."""

AVAILABILITIES: tuple[Availability, ...] = tuple(Availability)
"""What the numbers of ``ReadingColumns.availability`` mean."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadingColumns:
    """The readings of many rounds, by column: one row for each server of each round, in the order of rounds.

    Attributes:
        rounds: The rounds.
        endpoints: The servers.
        texts: Distinct answers (``Answer.data``).
        failures: Distinct failures.
        round_at: Row to round, as an index of ``rounds``; never falling.
        endpoint_at: Row to server, as an index of ``endpoints``.
        availability: Row to an index of ``AVAILABILITIES``.
        failure_at: Row to an index of ``failures``, or ``NOTHING``.
        sent_us: See :class:`~electrum_observatory.model.watch.Reading`; ``NOTHING`` where no question left.
        lag_us: Likewise.
        text_at: By question: row to an index of ``texts``, or ``NOTHING``. A question nobody answered may be absent.
        after_us: By question: row to microseconds from leaving to last reply, or ``NOTHING``.
    """

    rounds: Sequence[Round]
    endpoints: Sequence[Endpoint]
    texts: Sequence[bytes]
    failures: Sequence[Failure]
    round_at: Numbers
    endpoint_at: Numbers
    availability: Numbers
    failure_at: Numbers
    sent_us: Numbers
    lag_us: Numbers
    text_at: Mapping[Question, Numbers]
    after_us: Mapping[Question, Numbers]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NewsColumns:
    """Tip news by column, in the order of arrival.

    Attributes:
        endpoints: The servers.
        headers: Distinct headers, 80 bytes each.
        boot_ids: Distinct boots.
        endpoint_at: Row to an index of ``endpoints``.
        header_at: Row to an index of ``headers``.
        boot_at: Row to an index of ``boot_ids``.
        height: Of the tip.
        received_at_us: UTC microseconds.
        received_monotonic_ns: On the monotonic clock of the row's boot.
        lag_us: How late our event loop ran.
        first: 1 where it is the reply to a subscription, else 0.
    """

    endpoints: Sequence[Endpoint]
    headers: Sequence[bytes]
    boot_ids: Sequence[str]
    endpoint_at: Numbers
    header_at: Numbers
    boot_at: Numbers
    height: Numbers
    received_at_us: Numbers
    received_monotonic_ns: Numbers
    lag_us: Numbers
    first: Numbers


class WatchSink(Protocol):
    """Where a watch's facts go. What a method returned from is on the disk and stays, kill -9 included.

    Every method raises StoreError where the place is full, gone or not writable.
    """

    async def begin_stint(self, watch: Watch, stint: Stint) -> None:
        """Make the watch known if it is new, and begin a stint.

        Where an earlier stint of the watch ended or died, the time since its last sign of life (its end, or else its
        last round, tip news or heartbeat) is kept as a blind spell of NOT_RUNNING.
        """

    async def record_round(self, made: Round, readings: Sequence[Reading]) -> None:
        """Keep a round with all its readings, or nothing of it."""

    async def record_news(self, news: Sequence[TipNews]) -> None:
        """Keep what servers told by themselves."""

    async def record_blind(self, spell: BlindSpell) -> None:
        """Keep a time in which we saw nothing."""

    async def heartbeat(self, at_us: int, monotonic_ns: int) -> None:
        """Note that the stint is watching now: should it die, the blind spell begins here."""

    async def end_stint(self, at_us: int, monotonic_ns: int) -> None:
        """Note that the stint ended by itself at this moment."""

    def begin_stint_now(self, watch: Watch, stint: Stint) -> None:
        """Do as :meth:`begin_stint`, for callers without an event loop."""

    def record_columns(self, columns: ReadingColumns) -> int:
        """Keep many rounds at once, in transactions of whole rounds; returns the number of readings kept."""

    def record_news_columns(self, news: NewsColumns) -> int:
        """Keep many at once; returns how many."""


class WatchSource(Protocol):
    """What a store tells of a watch; the live store and the sealed days together, each fact once.

    Times select rounds by their start and news by its arrival: ``from_us`` is inside, ``to_us`` is not; None is no end.
    """

    def watches(self) -> Sequence[Watch]:
        """Return every watch, oldest first."""

    def stints(self, watch_id: str) -> Sequence[Stint]:
        """Return its stints, oldest first."""

    def spells(self, watch_id: str) -> Sequence[BlindSpell]:
        """Return its blind spells, oldest first; one that a stint's death made is there as soon as the next begins."""

    def readings(
        self,
        watch_id: str,
        from_us: int | None = None,
        to_us: int | None = None,
        *,
        questions: Collection[Question] = tuple(Question),
        endpoints: Collection[Endpoint] | None = None,
    ) -> ReadingColumns:
        """Return the readings; of unasked-for questions no texts. Raises UsageError where the watch is unknown."""

    def news(self, watch_id: str, from_us: int | None = None, to_us: int | None = None) -> NewsColumns:
        """Return the tip news. Raises UsageError where the watch is unknown."""
