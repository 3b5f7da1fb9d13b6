"""Reading a piece back as the columns it was made of. Columns that an older file lacks are read as absent."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.watching.columns import Distinct
from electrum_observatory.store.watching.histogram_text import Histogram, put_together
from electrum_observatory.store.watching.piece_schemas import SCHEMAS, TEXTS_OF
from electrum_observatory.store.watching.piece_tables import coded, numbers, readings_table, referred_rows, table
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.round_columns import RoundColumns

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
    boots, boot_at = coded(rows, "boot_id")
    questions, questions_at = coded(rows, "questions")
    return RoundColumns(
        number=numbers(rows, "round"),
        due_at_us=numbers(rows, "due_at"),
        started_at_us=numbers(rows, "started_at"),
        started_monotonic_ns=numbers(rows, "started_monotonic_ns"),
        duration_us=numbers(rows, "duration_us"),
        lag_max_us=numbers(rows, "lag_max_us"),
        boot_at=boot_at,
        questions_at=questions_at,
        boots=boots,
        questions=questions,
    )


def read_numbers(data_dir: Path, piece: Piece, name: str) -> Numbers:
    """Return the numbers of the rounds ("rounds") or of the news ("news") of a piece."""
    column = "round" if name == "rounds" else "number"
    return numbers(table(data_dir, piece, name, columns=[column]), column)


def read_readings(data_dir: Path, piece: Piece, wanted: Wanted) -> ReadingColumns:
    """Return the readings of a piece that are wanted, by round."""
    every = read_rounds(data_dir, piece)
    rounds = every.take(np.flatnonzero(wanted.inside(every.started_at_us)))
    servers = None if wanted.endpoints is None else [one.canonical for one in wanted.endpoints]
    kept = None if len(rounds) == len(every) else rounds.number
    rows = readings_table(data_dir, piece, servers, kept, _columns(wanted.questions))
    round_at = np.searchsorted(rounds.number, numbers(rows, "round"))
    if (np.diff(round_at) < 0).any():
        order = np.argsort(round_at, kind="stable")
        rows, round_at = rows.take(pa.array(order)), round_at[order]
    names, endpoint_at = coded(rows, "endpoint")
    states, state_at = coded(rows, "availability")
    state_numbers = np.array([_AVAILABILITY[state] for state in states], dtype=np.int64)
    failures, failure_at = _failures(rows)
    texts, text_at = _texts(data_dir, piece, rows, wanted.questions)
    first_us = numbers(rows, "first_us")
    return ReadingColumns(
        rounds=rounds,
        endpoints=[Endpoint.parse(name) for name in names],
        texts=texts,
        failures=failures,
        round_at=round_at,
        endpoint_at=endpoint_at,
        availability=state_numbers[state_at] if len(rows) else state_at,
        failure_at=failure_at,
        sent_us=numbers(rows, "sent_us"),
        lag_us=numbers(rows, "lag_us"),
        text_at=text_at,
        after_us={one: _after(first_us, numbers(rows, f"{one}_later_us")) for one in Question},
    )


def read_news(data_dir: Path, piece: Piece, wanted: Wanted) -> tuple[Numbers, NewsColumns]:
    """Return the news of a piece that is wanted, in the order of arrival, and the number of each."""
    rows = table(data_dir, piece, "news")
    at_us = numbers(rows, "received_at")
    held = np.flatnonzero(wanted.inside(at_us))
    rows, at_us = rows.take(pa.array(held)), at_us[held]
    names, endpoint_at = coded(rows, "endpoint")
    headers, header_at = coded(rows, "header")
    boots, boot_at = coded(rows, "boot_id")
    return numbers(rows, "number"), NewsColumns(
        endpoints=[Endpoint.parse(name) for name in names],
        headers=headers,
        boot_ids=boots,
        endpoint_at=endpoint_at,
        header_at=header_at,
        boot_at=boot_at,
        height=numbers(rows, "height"),
        received_at_us=at_us,
        received_monotonic_ns=numbers(rows, "monotonic_offset_ns") + 1000 * at_us,
        lag_us=numbers(rows, "lag_us"),
        first=numbers(rows, "first"),
    )


def _columns(questions: Collection[Question]) -> list[str]:
    """Return the columns of readings without the references to texts that are not asked for."""
    unasked = {f"{one}_text" for one in Question if one not in questions}
    if Question.HISTOGRAM not in questions:
        unasked.add("histogram")
    return [name for name in SCHEMAS["readings"].names if name not in unasked]


def _after(first_us: Numbers, later_us: Numbers) -> Numbers:
    return np.where(later_us == NOTHING, NOTHING, first_us + later_us)


def _failures(rows: pa.Table) -> tuple[list[Failure], Numbers]:
    kinds, kind_at = coded(rows, "failure_kind")
    stages, stage_at = coded(rows, "failure_stage")
    details, detail_at = coded(rows, "failure_detail")
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
    referred = {one: numbers(rows, f"{one}_text") for one in TEXTS_OF if one in questions}
    histogram_at = raw_at = None
    if Question.HISTOGRAM in questions:
        histogram_at, raw_at = numbers(rows, "histogram"), numbers(rows, "histogram_text")
    wanted = [*referred.values(), *([] if raw_at is None else [raw_at])]
    texts, place = referred_rows(data_dir, piece, "texts", np.concatenate([np.zeros(0, np.int64), *wanted]))
    data: list[bytes] = texts.column("data").to_pylist()
    text_at = {one: place[at] for one, at in referred.items()}
    if histogram_at is not None and raw_at is not None:
        histograms, at = referred_rows(data_dir, piece, "histograms", histogram_at)
        text_at[Question.HISTOGRAM] = np.where(histogram_at == NOTHING, place[raw_at], at[histogram_at] + len(data))
        data += [put_together(one) for one in _histograms(histograms)]
    return data, text_at


def _histograms(rows: pa.Table) -> list[Histogram]:
    columns = (rows.column(name).to_pylist() for name in ("rates", "sizes", "head", "style", "tail"))
    return [
        Histogram(rates=rates, sizes=sizes, head=head, style=style, tail=tail)
        for rates, sizes, head, style, tail in zip(*columns, strict=True)
    ]
