"""What the commands on histograms read of a watch: a moment with what came before it, or a span."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from electrum_observatory.cli.console import say
from electrum_observatory.cli.own_campaigns import campaigns_of, machines_known
from electrum_observatory.cli.times import when
from electrum_observatory.cli.watched import chosen_watch, read_table, span_of, time_us
from electrum_observatory.model.errors import InputError, UsageError
from electrum_observatory.model.watch import Question, Watch
from electrum_observatory.model.watch_ports import WatchSource
from electrum_observatory.store.reader import StoreReader, has_campaigns

if TYPE_CHECKING:
    from electrum_observatory.analysis.builds.identify import Identification
    from electrum_observatory.datasets.watch.histograms import HistogramTable
    from electrum_observatory.datasets.watch.table import WatchTable
    from electrum_observatory.model.watch_ports import Numbers

DAY_US = 86_400_000_000
_NEAR_US = 600_000_000
UNIDENTIFIED = "not identified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for.

    Attributes:
        watch: Id, its beginning, or ``latest``.
        at: The moment; None with a span, or for the latest.
        start: Beginning of the span.
        end: Its end.
        every: Take each so many-th round of the span.
        quantile: Of each pair over the span; None for the mean.
    """

    watch: str
    at: str | None = None
    start: str | None = None
    end: str | None = None
    every: int = 1
    quantile: float | None = None

    @property
    def is_span(self) -> bool:
        """Whether a span was asked for, rather than a moment."""
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What was read.

    Attributes:
        watch: The watch.
        table: Its readings, histograms and fee floors alone.
        histograms: The histograms in it.
        rounds: The rounds asked for, as indices: one for a moment.
    """

    watch: Watch
    table: "WatchTable"
    histograms: "HistogramTable"
    rounds: "Numbers"

    @property
    def names(self) -> tuple[str, ...]:
        """The servers as people know them, all distinct: with the address where a host was dialled at several."""
        names = [endpoint.service for endpoint in self.table.endpoints]
        number = Counter(names)
        return tuple(
            name if number[name] == 1 else endpoint.canonical
            for name, endpoint in zip(names, self.table.endpoints, strict=True)
        )

    def caption(self, rounds: "Numbers") -> str:
        """Which watch some rounds are of, from where, and when."""
        first, last = (when(int(self.table.at_us[one])) for one in (rounds[0], rounds[-1]))
        time = f"{first} UTC" if len(rounds) == 1 else f"{first} to {last} UTC, {len(rounds)} moments"
        return f"Watch {self.watch.watch_id}, vantage {self.watch.vantage}: {time}"


def look(source: WatchSource, asked: Asked, *, before_us: int = 0) -> Look:
    """Read the moment or the span; with a moment, also the time ``before_us`` it, for what is learned over time.

    Raises:
        UsageError: Moment and span exclude each other, something is wanted of a span and none is named, or no
            histograms were asked for then.
        InputError: There is nothing to read.
    """
    from electrum_observatory.analysis.histograms.published import histogram_rounds, nearest_round
    from electrum_observatory.datasets.watch.histograms import histograms_of

    _check(asked)
    watch = chosen_watch(source, asked.watch)
    span = span_of(asked.start, asked.end)
    if not asked.is_span:
        moment = _moment(source, watch, asked.at)
        span = (moment - before_us, moment + 1)
    table = read_table(source, watch, span, questions=(Question.HISTOGRAM, Question.FEE_FLOOR))
    rounds = histogram_rounds(table)[:: asked.every]
    if not asked.is_span:
        rounds = rounds[-1:]
    if not len(rounds):
        nearest_round(table, None)  # says what is wrong
    return Look(watch=watch, table=table, histograms=histograms_of(table), rounds=rounds)


def _check(asked: Asked) -> None:
    if asked.is_span and asked.at is not None:
        raise UsageError("--at is one moment and --from, --to are a span: name one of the two")
    if not asked.is_span and asked.every != 1:
        raise UsageError("--every leaves out rounds of a span, and this is one moment: add --from, --to or both")
    if not asked.is_span and asked.quantile is not None:
        raise UsageError("--quantile is taken over a span, and this is one moment: add --from, --to or both")


def _moment(source: WatchSource, watch: Watch, at: str | None) -> int:
    """Return when the round nearest to a moment, or the last one, began; of those that asked for histograms."""
    rounds = source.readings(watch.watch_id, questions=(), endpoints=()).rounds
    times = [one.started_at_us for one in rounds if Question.HISTOGRAM in one.questions]
    if not times:
        raise InputError(f"{watch.watch_id} has no rounds that asked for histograms")
    wanted = None if at is None else time_us("--at", at)
    if wanted is None:
        return max(times)
    nearest = min(times, key=lambda time: abs(time - wanted))
    if not min(times) - DAY_US <= wanted <= max(times) + DAY_US:
        first, last = when(min(times)), when(max(times))
        raise InputError(f"--at {at}: nobody watched then; {watch.watch_id} has rounds from {first} to {last}")
    if abs(nearest - wanted) > _NEAR_US:
        say(f"The nearest round was at {when(nearest)}.")
    return nearest


def machines_of(data: Path, seen: Look) -> tuple[str, ...]:
    """Return the id of each server's machine: as campaigns of the same network tell, or else its address."""
    known = machines_known(data, seen.watch)
    return tuple(
        known.get(endpoint.endpoint_id, endpoint.known_address or endpoint.host) for endpoint in seen.table.endpoints
    )


def builds_of(data: Path, seen: Look) -> tuple[str, ...]:
    """Return each server's program and versions as the last campaign of the same network identified them.

    Raises:
        InputError: There is no such campaign in the data folder.
    """
    from electrum_observatory.analysis.behaviour import behaviours

    nothing = InputError(f"{data} has no campaign of this network, which could tell builds: `observatory scan`")
    if not has_campaigns(data):
        raise nothing
    with StoreReader.open(data) as reader:
        campaigns = campaigns_of(reader, seen.watch)
        if not campaigns:
            raise nothing
        told = behaviours(reader, campaigns[-1].campaign_id)
    return tuple(
        _build(told[endpoint.endpoint_id].identification) if endpoint.endpoint_id in told else UNIDENTIFIED
        for endpoint in seen.table.endpoints
    )


def _build(found: "Identification") -> str:
    if found.implementation is None:
        return UNIDENTIFIED
    return f"{found.implementation} {found.version_min} to {found.version_max}"
