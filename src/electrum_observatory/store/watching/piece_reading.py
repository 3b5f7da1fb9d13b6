"""Reading a piece back as the columns it was made of. Columns that an older file lacks are read as absent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Question, Round
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.columns import Distinct
from electrum_observatory.store.watching.histogram_text import Histogram, put_together
from electrum_observatory.store.watching.piece_schemas import SCHEMAS, TEXTS_OF
from electrum_observatory.store.watching.pieces import Piece

_AVAILABILITY = {one.value: place for place, one in enumerate(AVAILABILITIES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be read.

    Attributes:
        from_us: UTC microseconds, inside; None for no beginning.
        to_us: UTC microseconds, outside; None for no end.
        questions: Whose texts are wanted.
        endpoints: Which servers; None for all.
    """

    from_us: int | None = None
    to_us: int | None = None
    questions: Collection[Question] = tuple(Question)
    endpoints: Collection[Endpoint] | None = None

    def holds(self, at_us: int) -> bool:
        """Whether a moment lies in the time."""
        return (self.from_us is None or at_us >= self.from_us) and (self.to_us is None or at_us < self.to_us)


def read_rounds(data_dir: Path, piece: Piece) -> list[Round]:
    """Return the rounds of a piece, by number."""
    rows = table(data_dir, piece, "rounds").to_pylist()
    return [
        Round(
            number=row["round"],
            due_at_us=row["due_at"],
            started_at_us=row["started_at"],
            started_monotonic_ns=row["started_monotonic_ns"],
            boot_id=row["boot_id"],
            duration_us=row["duration_us"],
            questions=tuple(Question(one) for one in row["questions"].split(",") if one),
            lag_max_us=row["lag_max_us"],
        )
        for row in rows
    ]


def read_numbers(data_dir: Path, piece: Piece, name: str) -> Numbers:
    """Return the numbers of the rounds ("rounds") or of the news ("news") of a piece."""
    column = "round" if name == "rounds" else "number"
    return _numbers(table(data_dir, piece, name, columns=[column]), column)


def read_readings(data_dir: Path, piece: Piece, wanted: Wanted) -> ReadingColumns:
    """Return the readings of a piece that are wanted, by round."""
    rounds = [made for made in read_rounds(data_dir, piece) if wanted.holds(made.started_at_us)]
    rows = table(data_dir, piece, "readings", filters=_filter(rounds, wanted))
    numbers = np.array([made.number for made in rounds], dtype=np.int64)
    round_at = np.searchsorted(numbers, _numbers(rows, "round"))
    order = np.argsort(round_at, kind="stable")
    rows, round_at = rows.take(pa.array(order)), round_at[order]
    names, endpoint_at = _coded(rows, "endpoint")
    states, state_at = _coded(rows, "availability")
    state_numbers = np.array([_AVAILABILITY[state] for state in states], dtype=np.int64)
    failures, failure_at = _failures(rows)
    texts, text_at = _texts(data_dir, piece, rows, wanted.questions)
    first_us = _numbers(rows, "first_us")
    return ReadingColumns(
        rounds=rounds,
        endpoints=[Endpoint.parse(name) for name in names],
        texts=texts,
        failures=failures,
        round_at=round_at,
        endpoint_at=endpoint_at,
        availability=state_numbers[state_at] if len(rows) else state_at,
        failure_at=failure_at,
        sent_us=_numbers(rows, "sent_us"),
        lag_us=_numbers(rows, "lag_us"),
        text_at=text_at,
        after_us={one: _after(first_us, _numbers(rows, f"{one}_later_us")) for one in Question},
    )


def read_news(data_dir: Path, piece: Piece, wanted: Wanted) -> tuple[Numbers, NewsColumns]:
    """Return the news of a piece that is wanted, in the order of arrival, and the number of each."""
    rows = table(data_dir, piece, "news")
    at_us = _numbers(rows, "received_at")
    keep = np.array([wanted.holds(one) for one in (at_us.min(), at_us.max())] if len(at_us) else [True])
    if not keep.all():
        inside = np.flatnonzero(
            (at_us >= (at_us.min() if wanted.from_us is None else wanted.from_us))
            & (at_us <= (at_us.max() if wanted.to_us is None else wanted.to_us - 1))
        )
        rows, at_us = rows.take(pa.array(inside)), at_us[inside]
    names, endpoint_at = _coded(rows, "endpoint")
    headers, header_at = _coded(rows, "header")
    boots, boot_at = _coded(rows, "boot_id")
    return _numbers(rows, "number"), NewsColumns(
        endpoints=[Endpoint.parse(name) for name in names],
        headers=headers,
        boot_ids=boots,
        endpoint_at=endpoint_at,
        header_at=header_at,
        boot_at=boot_at,
        height=_numbers(rows, "height"),
        received_at_us=at_us,
        received_monotonic_ns=_numbers(rows, "monotonic_offset_ns") + 1000 * at_us,
        lag_us=_numbers(rows, "lag_us"),
        first=_numbers(rows, "first"),
    )


def table(
    data_dir: Path, piece: Piece, name: str, columns: Sequence[str] | None = None, filters: pc.Expression | None = None
) -> pa.Table:
    """Return rows of a table of a piece with all columns of today; those that the file lacks are null."""
    schema = SCHEMAS[name] if columns is None else pa.schema([SCHEMAS[name].field(one) for one in columns])
    path = piece.path(name)
    if path is None:
        return schema.empty_table()
    file = pq.ParquetFile(data_dir / pieces.FOLDER / path)
    present = [field.name for field in schema if field.name in file.schema_arrow.names]
    if filters is None:
        found = file.read(columns=present)
    else:
        found = pq.read_table(data_dir / pieces.FOLDER / path, columns=present, filters=filters, partitioning=None)
    arrays = [
        _plain(found.column(field.name)) if field.name in present else pa.nulls(len(found), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, names=schema.names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return moments as microseconds."""
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _filter(rounds: Sequence[Round], wanted: Wanted) -> pc.Expression | None:
    filters = []
    if wanted.endpoints is not None:
        filters.append(pc.field("endpoint").isin(pa.array([one.canonical for one in wanted.endpoints], pa.string())))
    if wanted.from_us is not None or wanted.to_us is not None:
        filters.append(pc.field("round").isin(pa.array([made.number for made in rounds], pa.int32())))
    if not filters:
        return None
    return filters[0] if len(filters) == 1 else filters[0] & filters[1]


def _numbers(rows: pa.Table, name: str) -> Numbers:
    """Return a column of integers or flags; ``NOTHING`` for null."""
    column = rows.column(name).cast(pa.int64()).fill_null(NOTHING)
    found: Numbers = column.to_numpy()
    return found


def _coded(rows: pa.Table, name: str) -> tuple[list[Any], Numbers]:
    """Return the distinct values of a column, and positions in them; ``NOTHING`` for null."""
    coded = rows.column(name).combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    positions: Numbers = coded.indices.cast(pa.int64()).fill_null(NOTHING).to_numpy(zero_copy_only=False)
    return coded.dictionary.to_pylist(), positions


def _after(first_us: Numbers, later_us: Numbers) -> Numbers:
    return np.where(later_us == NOTHING, NOTHING, first_us + later_us)


def _failures(rows: pa.Table) -> tuple[list[Failure], Numbers]:
    kinds, kind_at = _coded(rows, "failure_kind")
    stages, stage_at = _coded(rows, "failure_stage")
    details, detail_at = _coded(rows, "failure_detail")
    found, at = np.unique(np.stack([stage_at, kind_at, detail_at]), axis=1, return_inverse=True)
    failures = Distinct[Failure]()
    place = np.full(found.shape[1], NOTHING, dtype=np.int64)
    for number, (stage, kind, detail) in enumerate(found.T.tolist()):
        if kind != NOTHING:
            failure = Failure(stage=Stage(stages[stage]), kind=FailureKind(kinds[kind]), detail=details[detail])
            place[number] = failures.number(failure)
    return failures.values, place[at.reshape(-1)] if found.size else kind_at


def _texts(
    data_dir: Path, piece: Piece, rows: pa.Table, questions: Collection[Question]
) -> tuple[list[bytes], dict[Question, Numbers]]:
    """Return the texts that the wanted questions refer to, and the references."""
    referred = {one: _numbers(rows, f"{one}_text") for one in TEXTS_OF if one in questions}
    histogram_at = raw_at = None
    if Question.HISTOGRAM in questions:
        histogram_at, raw_at = _numbers(rows, "histogram"), _numbers(rows, "histogram_text")
    wanted = [*referred.values(), *([] if raw_at is None else [raw_at])]
    texts, place = _some(data_dir, piece, "texts", "text", np.concatenate([np.zeros(0, np.int64), *wanted]))
    data: list[bytes] = texts.column("data").to_pylist()
    text_at = {one: place[at] for one, at in referred.items()}
    if histogram_at is not None and raw_at is not None:
        histograms, at = _some(data_dir, piece, "histograms", "histogram", histogram_at)
        text_at[Question.HISTOGRAM] = np.where(histogram_at == NOTHING, place[raw_at], at[histogram_at] + len(data))
        data += [put_together(one) for one in _histograms(histograms)]
    return data, text_at


def _some(data_dir: Path, piece: Piece, name: str, key: str, wanted: Numbers) -> tuple[pa.Table, Numbers]:
    """Return the rows of a table that are referred to, and the position among them by reference."""
    used = np.unique(wanted)
    used = used[used != NOTHING]
    if not len(used):
        return table(data_dir, piece, name).slice(0, 0), np.full(1, NOTHING, dtype=np.int64)
    inside = (pc.field(key) >= int(used[0])) & (pc.field(key) <= int(used[-1]))
    rows = table(data_dir, piece, name, filters=inside)
    rows = rows.take(pa.array(np.searchsorted(_numbers(rows, key), used)))
    place = np.full(int(used[-1]) + 2, NOTHING, dtype=np.int64)
    place[used] = np.arange(len(used))
    return rows, place


def _histograms(rows: pa.Table) -> list[Histogram]:
    columns = (rows.column(name).to_pylist() for name in ("rates", "sizes", "head", "style", "tail"))
    return [
        Histogram(rates=rates, sizes=sizes, head=head, style=style, tail=tail)
        for rates, sizes, head, style, tail in zip(*columns, strict=True)
    ]
