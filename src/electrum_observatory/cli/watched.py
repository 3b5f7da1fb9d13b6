"""Which watch a command reads, and of what time: the options that all of them share."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

import typer

from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.model.errors import InputError, UsageError
from electrum_observatory.model.watch import Question, Watch
from electrum_observatory.model.watch_ports import WatchSource

WatchOption = Annotated[
    str,
    typer.Option("--watch", metavar="WATCH", help="Watch id, the beginning of one, or 'latest'."),
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="WHEN", help="From this UTC day or time on (2026-11-20 or 2026-11-20T22:15)."),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="WHEN", help="Up to this UTC day, all of it, or up to this time."),
]
LATELY_DAYS = 7
_DAY_US = 86_400_000_000


def chosen_watch(source: WatchSource, wanted: str) -> Watch:
    """Return the watch with this id or beginning, or the latest.

    Raises:
        InputError: There is no watch at all.
        UsageError: None is called so, or several are.
    """
    watches = source.watches()
    if not watches:
        raise InputError("nothing has been watched here yet: run `observatory monitor` first")
    if wanted == "latest":
        return watches[-1]
    found = [watch for watch in watches if watch.watch_id.startswith(wanted)]
    if len(found) != 1:
        named = ", ".join(watch.watch_id for watch in found or watches)
        what = "several watches begin so" if found else "no such watch; there is"
        raise UsageError(f"--watch {wanted}: {what}: {named}")
    return found[0]


def span_of(from_text: str | None, to_text: str | None) -> tuple[int | None, int | None]:
    """Return the first microsecond and the first one after; a day as the end is meant with all its hours.

    Raises:
        UsageError: A time cannot be read, or the end lies before the beginning.
    """
    start = None if from_text is None else time_us("--from", from_text)
    end = None if to_text is None else time_us("--to", to_text) + (_DAY_US if len(to_text) == 10 else 0)
    if start is not None and end is not None and end <= start:
        raise UsageError(f"--to {to_text} lies before --from {from_text}")
    return start, end


def lately(
    source: WatchSource, watch: Watch, span: tuple[int | None, int | None]
) -> tuple[tuple[int | None, int | None], float]:
    """Return the span, cut to its last days where nobody said when it begins; and the days of all that there is.

    Servers change their nodes, and a year of all pairs fits into no memory.
    """
    start, end = span
    began = [] if start is not None else source.readings(watch.watch_id, None, end, questions=(), endpoints=()).rounds
    if not began:
        return span, 0.0
    times_us = [made.started_at_us for made in began]
    days = (max(times_us) - min(times_us)) / _DAY_US
    return (max(times_us) - LATELY_DAYS * _DAY_US if days > LATELY_DAYS else None, end), days


def read_table(
    source: WatchSource,
    watch: Watch,
    span: tuple[int | None, int | None],
    *,
    questions: Collection[Question] = tuple(Question),
) -> WatchTable:
    """Return the readings of a watch within a span.

    Raises:
        InputError: There are none.
    """
    columns = source.readings(watch.watch_id, *span, questions=questions)
    if not columns.rounds:
        raise InputError(f"{watch.watch_id} has no rounds in that time: `observatory watches list` says what it has")
    return table_of(columns, source.news(watch.watch_id, *span), source.spells(watch.watch_id))


def time_us(option: str, text: str) -> int:
    """Return the microsecond that a person means. Raises UsageError, which names the option, where none can be read."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: not a day or time such as 2026-11-20 or 2026-11-20T22:15") from error
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    return int(time.timestamp() * 1_000_000)
