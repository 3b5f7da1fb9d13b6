"""Reading a piece back as the columns it was made of. Columns that an older file lacks are read as absent."""

import bisect
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.columns import Distinct
from electrum_observatory.store.watching.histogram_text import Histogram, put_together
from electrum_observatory.store.watching.piece_schemas import DICTIONARIES, SCHEMAS, TEXTS_OF
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.round_columns import RoundColumns

_GROUPS_AT_ONCE = 16
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

    def inside(self, at_us: Numbers) -> NDArray[np.bool_]:
        """Return which moments lie in the time."""
        held = np.ones(len(at_us), dtype=np.bool_)
        if self.from_us is not None:
            held &= at_us >= self.from_us
        if self.to_us is not None:
            held &= at_us < self.to_us
        return held


def read_rounds(data_dir: Path, piece: Piece) -> RoundColumns:
    """Return the rounds of a piece, by number."""
    rows = table(data_dir, piece, "rounds")
    boots, boot_at = _coded(rows, "boot_id")
    questions, questions_at = _coded(rows, "questions")
    return RoundColumns(
        number=_numbers(rows, "round"),
        due_at_us=_numbers(rows, "due_at"),
        started_at_us=_numbers(rows, "started_at"),
        started_monotonic_ns=_numbers(rows, "started_monotonic_ns"),
        duration_us=_numbers(rows, "duration_us"),
        lag_max_us=_numbers(rows, "lag_max_us"),
        boot_at=boot_at,
        questions_at=questions_at,
        boots=boots,
        questions=questions,
    )


def read_numbers(data_dir: Path, piece: Piece, name: str) -> Numbers:
    """Return the numbers of the rounds ("rounds") or of the news ("news") of a piece."""
    column = "round" if name == "rounds" else "number"
    return _numbers(table(data_dir, piece, name, columns=[column]), column)


def read_readings(data_dir: Path, piece: Piece, wanted: Wanted) -> ReadingColumns:
    """Return the readings of a piece that are wanted, by round."""
    every = read_rounds(data_dir, piece)
    rounds = every.take(np.flatnonzero(wanted.inside(every.started_at_us)))
    servers = None if wanted.endpoints is None else [one.canonical for one in wanted.endpoints]
    kept = None if len(rounds) == len(every) else rounds.number
    rows = readings_table(data_dir, piece, servers, kept, _columns(wanted.questions))
    round_at = np.searchsorted(rounds.number, _numbers(rows, "round"))
    if (np.diff(round_at) < 0).any():
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
    held = np.flatnonzero(wanted.inside(at_us))
    rows, at_us = rows.take(pa.array(held)), at_us[held]
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
    data_dir: Path,
    piece: Piece,
    name: str,
    columns: Sequence[str] | None = None,
    between: tuple[str, Any, Any] | None = None,
) -> pa.Table:
    """Return rows of a table of a piece with all columns of today; those that the file lacks are null.

    Args:
        data_dir: The data folder.
        piece: The piece.
        name: Which table.
        columns: Only these columns.
        between: A column by which the file is sorted and the smallest and the largest value that is wanted.
    """
    schema = _schema(name, columns)
    path = piece.path(name)
    if path is None:
        return schema.empty_table()
    file = pq.ParquetFile(data_dir / pieces.FOLDER / path)
    if between is None:
        return _completed(file.read(columns=_present(file, schema)), schema)
    column, low, high = between
    found = file.read_row_groups(_groups(file, column, [(low, high)]), columns=_present(file, schema))
    key = found.column(column)
    return _completed(found.filter(pc.and_(pc.greater_equal(key, low), pc.less_equal(key, high))), schema)


def readings_table(
    data_dir: Path, piece: Piece, servers: Sequence[str] | None, rounds: Numbers | None, columns: Sequence[str]
) -> pa.Table:
    """Return the readings of some servers and rounds; None for all of them. Some groups of rows at a time."""
    schema = _schema("readings", columns)
    path = piece.path("readings")
    if path is None:
        return schema.empty_table()
    file = pq.ParquetFile(data_dir / pieces.FOLDER / path, read_dictionary=DICTIONARIES["readings"])
    groups = list(range(file.num_row_groups))
    if servers is not None:
        groups = _groups(file, "endpoint", [(server, server) for server in servers])
    parts = []
    for begin in range(0, len(groups), _GROUPS_AT_ONCE):
        some = file.read_row_groups(groups[begin : begin + _GROUPS_AT_ONCE], columns=_present(file, schema))
        held = np.ones(len(some), dtype=np.bool_)
        if servers is not None:
            names, at = _coded(some, "endpoint")
            held &= np.isin(names, servers)[at]
        if rounds is not None:
            held &= np.isin(_numbers(some, "round"), rounds)
        parts.append(_completed(some if held.all() else some.take(pa.array(np.flatnonzero(held))), schema))
    return pa.concat_tables(parts) if parts else _completed(schema.empty_table(), schema)


def _schema(name: str, columns: Sequence[str] | None) -> pa.Schema:
    return SCHEMAS[name] if columns is None else pa.schema([SCHEMAS[name].field(one) for one in columns])


def _columns(questions: Collection[Question]) -> list[str]:
    """Return the columns of readings without the references to texts that are not asked for."""
    unasked = {f"{one}_text" for one in Question if one not in questions}
    if Question.HISTOGRAM not in questions:
        unasked.add("histogram")
    return [name for name in SCHEMAS["readings"].names if name not in unasked]


def _present(file: pq.ParquetFile, schema: pa.Schema) -> list[str]:
    known = set(file.schema_arrow.names)
    return [name for name in schema.names if name in known]


def _completed(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema, moments as microseconds; what the file lacks is null."""
    present = set(found.schema.names)
    arrays = [
        _plain(found.column(field.name)) if field.name in present else pa.nulls(len(found), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, names=schema.names)


def _groups(file: pq.ParquetFile, column: str, spans: Sequence[tuple[Any, Any]]) -> list[int]:
    """Return the groups of rows that may hold a value of one of the spans, in a file sorted by the column."""
    at, metadata = file.schema_arrow.names.index(column), file.metadata
    count = metadata.num_row_groups

    def largest(group: int) -> Any:
        return metadata.row_group(group).column(at).statistics.max

    def smallest(group: int) -> Any:
        return metadata.row_group(group).column(at).statistics.min

    found: set[int] = set()
    for low, high in spans:
        first = bisect.bisect_left(range(count), low, key=largest)
        found.update(range(first, bisect.bisect_right(range(count), high, key=smallest)))
    return sorted(found)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return moments as microseconds."""
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _numbers(rows: pa.Table, name: str) -> Numbers:
    """Return a column of integers or flags; ``NOTHING`` for null."""
    found: Numbers = rows.column(name).cast(pa.int64()).fill_null(NOTHING).to_numpy()
    return found


def _coded(rows: pa.Table, name: str) -> tuple[list[Any], Numbers]:
    """Return the distinct values of a column, and positions in them; ``NOTHING`` for null."""
    coded = rows.column(name)
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    coded = coded.unify_dictionaries().combine_chunks()
    positions: Numbers = coded.indices.cast(pa.int64()).fill_null(NOTHING).to_numpy(zero_copy_only=False)
    return coded.dictionary.to_pylist(), positions


def _after(first_us: Numbers, later_us: Numbers) -> Numbers:
    return np.where(later_us == NOTHING, NOTHING, first_us + later_us)


def _failures(rows: pa.Table) -> tuple[list[Failure], Numbers]:
    kinds, kind_at = _coded(rows, "failure_kind")
    stages, stage_at = _coded(rows, "failure_stage")
    details, detail_at = _coded(rows, "failure_detail")
    codes = (stage_at * len(kinds) + kind_at) * len(details) + detail_at  # one number for the three
    found, at = np.unique(codes[kind_at != NOTHING], return_inverse=True)
    failures = Distinct[Failure]()
    place = np.zeros(len(found), dtype=np.int64)
    for number, code in enumerate(found.tolist()):
        rest, detail = divmod(code, len(details))
        stage, kind = divmod(rest, len(kinds))
        failure = Failure(stage=Stage(stages[stage]), kind=FailureKind(kinds[kind]), detail=details[detail])
        place[number] = failures.number(failure)
    failure_at = np.full(len(rows), NOTHING, dtype=np.int64)
    failure_at[kind_at != NOTHING] = place[at]
    return failures.values, failure_at


def _texts(
    data_dir: Path, piece: Piece, rows: pa.Table, questions: Collection[Question]
) -> tuple[list[bytes], dict[Question, Numbers]]:
    """Return the texts that the wanted questions refer to, and the references."""
    referred = {one: _numbers(rows, f"{one}_text") for one in TEXTS_OF if one in questions}
    histogram_at = raw_at = None
    if Question.HISTOGRAM in questions:
        histogram_at, raw_at = _numbers(rows, "histogram"), _numbers(rows, "histogram_text")
    wanted = [*referred.values(), *([] if raw_at is None else [raw_at])]
    texts, place = _some(data_dir, piece, "texts", np.concatenate([np.zeros(0, np.int64), *wanted]))
    data: list[bytes] = texts.column("data").to_pylist()
    text_at = {one: place[at] for one, at in referred.items()}
    if histogram_at is not None and raw_at is not None:
        histograms, at = _some(data_dir, piece, "histograms", histogram_at)
        text_at[Question.HISTOGRAM] = np.where(histogram_at == NOTHING, place[raw_at], at[histogram_at] + len(data))
        data += [put_together(one) for one in _histograms(histograms)]
    return data, text_at


def _some(data_dir: Path, piece: Piece, name: str, wanted: Numbers) -> tuple[pa.Table, Numbers]:
    """Return the rows of a table that are referred to, and the position among them by reference.

    A reference is the number of a row in its file, so only the groups that hold wanted rows are read.
    """
    used = np.unique(wanted)
    used = used[used != NOTHING]
    schema, path = _schema(name, None), piece.path(name)
    if path is None or not len(used):
        return schema.empty_table(), np.full(1, NOTHING, dtype=np.int64)
    file = pq.ParquetFile(data_dir / pieces.FOLDER / path)
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    begins = np.cumsum([0, *sizes])
    group_of = np.searchsorted(begins, used, side="right") - 1
    columns = [column for column in _present(file, schema) if column not in ("text", "histogram")]
    parts = []
    for group in np.unique(group_of).tolist():
        rows = file.read_row_group(group, columns=columns)
        parts.append(rows.take(pa.array(used[group_of == group] - begins[group])))
    place = np.full(int(used[-1]) + 2, NOTHING, dtype=np.int64)
    place[used] = np.arange(len(used))
    return pa.concat_tables(parts), place


def _histograms(rows: pa.Table) -> list[Histogram]:
    columns = (rows.column(name).to_pylist() for name in ("rates", "sizes", "head", "style", "tail"))
    return [
        Histogram(rates=rates, sizes=sizes, head=head, style=style, tail=tail)
        for rates, sizes, head, style, tail in zip(*columns, strict=True)
    ]
