"""Writing a piece: columns of facts become Parquet files, sorted by server, with every distinct text once."""

import sys
from array import array
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from electrum_observatory.model.watch import Question, Round
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.files import replacing
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.histogram_text import take_apart
from electrum_observatory.store.watching.piece_schemas import (
    DICTIONARIES,
    ENCODINGS,
    ROWS_OF_A_GROUP,
    SCHEMAS,
    TEXTS_OF,
    ZSTD_LEVEL,
)
from electrum_observatory.store.watching.pieces import Piece, PieceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of a watch over some time.

    Attributes:
        readings: Its rounds and readings.
        news: Its tip news.
        news_numbers: The number of each within the watch.
    """

    readings: ReadingColumns
    news: NewsColumns
    news_numbers: Numbers


def write_day(data_dir: Path, watch_id: str, day: str, part: int, facts: Facts) -> Piece:
    """Write the files of a day and return the piece, which nothing names yet. Raises OSError; then no file is there."""
    tables = tables_of(facts)
    numbers = np.array([made.number for made in facts.readings.rounds], dtype=np.int64)
    with ExitStack() as places:
        files = [
            write_table(places, data_dir, table, pieces.place(table, watch_id, day, day, part), content)
            for table, content in tables.items()
            if content.num_rows or table == "rounds"
        ]
    return Piece(
        watch_id=watch_id,
        from_day=day,
        to_day=day,
        part=part,
        rounds=_range(numbers),
        news=_range(facts.news_numbers),
        files=files,
    )


def tables_of(facts: Facts) -> dict[str, pa.Table]:
    """Return facts as the tables of a piece."""
    return {
        "rounds": _rounds(facts.readings.rounds),
        **_readings(facts.readings),
        "news": _news(facts.news_numbers, facts.news),
    }


def write_table(places: ExitStack, data_dir: Path, table: str, path: str, content: pa.Table) -> PieceFile:
    """Write one file, which takes its place when ``places`` closes without an error."""
    temporary = places.enter_context(replacing(data_dir / pieces.FOLDER / path))
    with writer(temporary, table) as file:
        file.write_table(content, row_group_size=ROWS_OF_A_GROUP.get(table))
    return PieceFile(path=path, table=table, rows=content.num_rows, bytes=temporary.stat().st_size)


def writer(path: Path, table: str) -> pq.ParquetWriter:
    """Open a file for writing a table in the way that packs it best."""
    return pq.ParquetWriter(
        path,
        SCHEMAS[table],
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        use_dictionary=DICTIONARIES[table],
        column_encoding=ENCODINGS[table],
        write_statistics=["endpoint", "round", "number", "histogram", "text", "received_at"],
    )


def _range(numbers: Numbers) -> tuple[int, int] | None:
    return (int(numbers.min()), int(numbers.max())) if len(numbers) else None


def _rounds(rounds: Sequence[Round]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "round": [made.number for made in rounds],
        "due_at": [made.due_at_us for made in rounds],
        "started_at": [made.started_at_us for made in rounds],
        "started_monotonic_ns": [made.started_monotonic_ns for made in rounds],
        "boot_id": [made.boot_id for made in rounds],
        "duration_us": [made.duration_us for made in rounds],
        "questions": [",".join(made.questions) for made in rounds],
        "lag_max_us": [made.lag_max_us for made in rounds],
    }
    return _table("rounds", columns)


def _readings(columns: ReadingColumns) -> dict[str, pa.Table]:
    """Return the tables of readings, histograms and texts."""
    names = [one.canonical for one in columns.endpoints]
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(np.array(names, dtype=object))] = np.arange(len(names))
    order = np.lexsort((columns.round_at, rank[columns.endpoint_at])) if names else columns.endpoint_at
    text_at = {one: at[order] for one, at in columns.text_at.items()}
    histograms, histogram_at, raw_at = _histograms(columns.texts, text_at.pop(Question.HISTOGRAM, _none(order)))
    referred: dict[str, Numbers] = {"histogram_text": raw_at}
    referred |= {f"{one}_text": text_at.get(one, _none(order)) for one in TEXTS_OF}
    texts, referred = _texts(columns.texts, referred, columns.round_at[order])
    first_us, later_us = _apart({one: after[order] for one, after in columns.after_us.items()}, len(order))
    failure_at, failures = columns.failure_at[order], columns.failures
    numbers = np.array([made.number for made in columns.rounds], dtype=np.int64)
    readings: dict[str, Any] = {
        "endpoint": _named(names, columns.endpoint_at[order]),
        "round": numbers[columns.round_at[order]] if len(order) else order,
        "availability": _named([one.value for one in AVAILABILITIES], columns.availability[order]),
        "failure_stage": _named([one.stage.value for one in failures], failure_at),
        "failure_kind": _named([one.kind.value for one in failures], failure_at),
        "failure_detail": _named([one.detail for one in failures], failure_at),
        "sent_us": _optional(columns.sent_us[order]),
        "lag_us": columns.lag_us[order],
        "first_us": _optional(first_us),
        **{f"{one}_later_us": _optional(later_us[one]) for one in Question},
        "histogram": _optional(histogram_at),
        **{name: _optional(at) for name, at in referred.items()},
    }
    return {"readings": _table("readings", readings), "histograms": histograms, "texts": texts}


def _apart(after_us: Mapping[Question, Numbers], count: int) -> tuple[Numbers, dict[Question, Numbers]]:
    """Return when the first answer was there, and how much later each was: they travel together and differ little."""
    nothing = np.full(count, NOTHING, dtype=np.int64)
    every = {one: after_us.get(one, nothing) for one in Question}
    largest = np.iinfo(np.int64).max
    first = np.minimum.reduce([np.where(after == NOTHING, largest, after) for after in every.values()])
    first = np.where(first == largest, NOTHING, first)
    return first, {one: np.where(after == NOTHING, NOTHING, after - first) for one, after in every.items()}


def _histograms(texts: Sequence[bytes], at: Numbers) -> tuple[pa.Table, Numbers, Numbers]:
    """Return distinct histograms in the order of their appearance, and the rows' references to them or to a text."""
    used, number = _numbering(at, len(texts))
    rates, sizes, ends = array("d"), array("q"), [0]
    written: dict[str, list[str]] = {"head": [], "style": [], "tail": []}
    whole = np.zeros(len(used), dtype=bool)
    for place, one in enumerate(used):  # numbers go into arrays at once: Python's own take five times the room
        parts = take_apart(texts[one])
        if parts is None:
            continue
        whole[place] = True
        rates.extend(parts.rates)
        sizes.extend(parts.sizes)
        ends.append(len(rates))
        for name, cells in written.items():
            cells.append(sys.intern(getattr(parts, name)))
    bounds = pa.array(np.array(ends, dtype=np.int32))
    columns = {
        "histogram": np.arange(len(ends) - 1),
        "rates": pa.ListArray.from_arrays(bounds, pa.array(np.frombuffer(rates, dtype=np.float64))),
        "sizes": pa.ListArray.from_arrays(bounds, pa.array(np.frombuffer(sizes, dtype=np.int64))),
        **written,
    }
    place_of = np.append(np.where(whole, np.cumsum(whole) - 1, NOTHING), NOTHING)
    histogram_at = place_of[number[at]]
    return _table("histograms", columns), histogram_at, np.where(histogram_at == NOTHING, at, NOTHING)


def _texts(
    texts: Sequence[bytes], referred: Mapping[str, Numbers], round_at: Numbers
) -> tuple[pa.Table, dict[str, Numbers]]:
    """Return the texts that are referred to, question by question, and the references to them.

    What a server answers resembles what it answered before; lists of pending transactions resemble those of others in
    the same round. Texts that are alike pack best side by side.
    """
    by_round = np.argsort(round_at, kind="stable")
    met = [at[by_round] if name == f"{Question.PENDING}_text" else at for name, at in referred.items()]
    used, number = _numbering(np.concatenate(met), len(texts))
    table = _table("texts", {"text": np.arange(len(used)), "data": [texts[one] for one in used]})
    return table, {name: number[at] for name, at in referred.items()}


def _numbering(at: Numbers, count: int) -> tuple[list[int], Numbers]:
    """Number positions in the order of their first appearance.

    Returns the positions that appear, and the number of each of ``count`` positions; ``NOTHING`` stays.
    """
    used, first = np.unique(at, return_index=True)
    used = used[np.argsort(first)]
    used = used[used != NOTHING]
    number = np.full(count + 1, NOTHING, dtype=np.int64)
    number[used] = np.arange(len(used))
    return used.tolist(), number


def _news(news_numbers: Numbers, news: NewsColumns) -> pa.Table:
    columns: dict[str, Any] = {
        "number": news_numbers,
        "endpoint": _named([one.canonical for one in news.endpoints], news.endpoint_at),
        "received_at": news.received_at_us,
        "monotonic_offset_ns": news.received_monotonic_ns - 1000 * news.received_at_us,
        "boot_id": _named(news.boot_ids, news.boot_at),
        "lag_us": news.lag_us,
        "height": news.height,
        "header": _named(news.headers, news.header_at),
        "first": news.first.astype(bool),
    }
    return _table("news", columns)


def _none(order: Numbers) -> Numbers:
    return np.full(len(order), NOTHING, dtype=np.int64)


def _optional(column: Numbers) -> pa.Array:
    return pa.array(column, mask=_is_nothing(column))


def _is_nothing(column: Numbers) -> NDArray[np.bool_]:
    nothing: NDArray[np.bool_] = column == NOTHING
    return nothing


def _named(values: Sequence[str] | Sequence[bytes], at: Numbers) -> pa.Array:
    """Return a column that names some of a few values; null for ``NOTHING``."""
    kind = pa.binary() if values and isinstance(values[0], bytes) else pa.string()
    positions = pa.array(at.astype(np.int32), mask=_is_nothing(at))
    return pa.array(values, kind).take(positions)


def _table(table: str, columns: Mapping[str, Any]) -> pa.Table:
    schema = SCHEMAS[table]
    arrays = [_as(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _as(column: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(column, pa.Array):
        return column.cast(kind)
    return pa.array(column, kind)
