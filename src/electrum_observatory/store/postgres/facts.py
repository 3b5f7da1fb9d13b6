"""Rounds, readings and tip news on their way into the tables: whole transactions, cut where a month ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
from psycopg import Cursor, errors, sql

from electrum_observatory.model.watch import Round
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.postgres import stints
from electrum_observatory.store.postgres.columns import Field, binary_rows
from electrum_observatory.store.postgres.months import Month, month_of
from electrum_observatory.store.postgres.registers import Registers, digest_of
from electrum_observatory.store.postgres.stints import StintKeys

CHUNK_ROWS = 50_000
"""A transaction of :func:`chunks_of_rounds` ends with the round that reaches so many rows."""

_ROUNDS: LiteralString = """
INSERT INTO rounds (watch_pk, number, due_at_us, started_at_us, started_monotonic_ns, boot_id, duration_us, questions,
                    lag_max_us)
SELECT %s, one.* FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[],
                             %s::text[], %s::bigint[]) AS one
RETURNING number, round_pk
"""
_NUMBERS: LiteralString = "UPDATE watches SET last_news = last_news + %s WHERE watch_pk = %s RETURNING last_news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What goes into one transaction: neighbours of one month.

    Attributes:
        month: The month.
        begin: First round, or first piece of news.
        end: The one after the last.
    """

    month: Month
    begin: int
    end: int


def chunks_of_rounds(columns: ReadingColumns) -> Iterator[Chunk]:
    """Cut the rounds of columns, which may be without rows."""
    rows_before = np.searchsorted(columns.round_at, np.arange(len(columns.rounds) + 1))
    return _chunks([one.started_at_us for one in columns.rounds], rows_before)


def chunks_of_news(news: NewsColumns) -> Iterator[Chunk]:
    """Cut tip news."""
    return _chunks(news.received_at_us.tolist(), np.arange(len(news.received_at_us) + 1))


def _chunks(at_us: Sequence[int], rows_before: Numbers) -> Iterator[Chunk]:
    begin = 0
    while begin < len(at_us):
        month, end = month_of(at_us[begin]), begin + 1
        full = rows_before[begin] + CHUNK_ROWS
        while end < len(at_us) and month.from_us <= at_us[end] < month.to_us and rows_before[end] < full:
            end += 1
        yield Chunk(month=month, begin=begin, end=end)
        begin = end


class ReadingWriter:
    """Writes the chunks of some readings in a stint."""

    def __init__(self, columns: ReadingColumns, registers: Registers, keys: StintKeys) -> None:
        self._columns = columns
        self._registers = registers
        self._keys = keys
        self._digests = [digest_of(text) for text in columns.texts]

    def write(self, cursor: Cursor[Any], chunk: Chunk) -> int:
        """Write a chunk's rounds with all their readings, the last as a sign of life; returns how many readings."""
        columns, registers = self._columns, self._registers
        registers.month(cursor, chunk.month)
        rows = slice(*np.searchsorted(columns.round_at, (chunk.begin, chunk.end)).tolist())
        endpoint_pks = registers.endpoints(cursor, columns.endpoints)
        failure_pks = registers.failures(cursor, columns.failures)
        text_pks = self._texts(cursor, chunk.month, rows)
        rounds = columns.rounds[chunk.begin : chunk.end]
        round_pks = _write_rounds(cursor, self._keys.watch_pk, rounds)
        round_at = columns.round_at[rows] - chunk.begin
        started = np.array([one.started_at_us for one in rounds], dtype=np.int64)
        fields = [
            Field(name="started_at_us", values=started[round_at]),
            Field(name="round_pk", values=round_pks[round_at], width=4),
            Field(name="endpoint_pk", values=_numbers(endpoint_pks)[columns.endpoint_at[rows]], width=4),
            Field(name="availability", values=columns.availability[rows], width=2),
            Field(name="failure_pk", values=_mapped(failure_pks, columns.failure_at[rows]), width=4, nullable=True),
            Field(name="sent_us", values=columns.sent_us[rows], nullable=True),
            Field(name="lag_us", values=columns.lag_us[rows]),
        ]
        for question, text_at in columns.text_at.items():
            pks, after_us = text_pks[text_at[rows]], columns.after_us[question][rows]
            fields.append(Field(name=f"{question}_text_pk", values=pks, nullable=True))
            fields.append(Field(name=f"{question}_after_us", values=after_us, nullable=True))
        copy_in(cursor, "readings", fields)
        last = rounds[-1]
        at_us, monotonic_ns = last.started_at_us + last.duration_us, last.started_monotonic_ns + last.duration_us * 1000
        stints.seen(cursor, self._keys, at_us, monotonic_ns)
        return len(round_at)

    def _texts(self, cursor: Cursor[Any], month: Month, rows: slice) -> Numbers:
        """Return index to number, for the texts of the rows; the last element stands for ``NOTHING``."""
        numbers = np.full(len(self._digests) + 1, NOTHING, dtype=np.int64)
        used = np.unique(np.concatenate([[NOTHING], *(at[rows] for at in self._columns.text_at.values())]))[1:]
        places = used.tolist()
        texts = {self._digests[place]: self._columns.texts[place] for place in places}
        by_digest = dict(zip(texts, self._registers.texts(cursor, month, texts), strict=True))
        numbers[used] = [by_digest[self._digests[place]] for place in places]
        return numbers


class NewsWriter:
    """Writes the chunks of some tip news in a stint."""

    def __init__(self, news: NewsColumns, registers: Registers, keys: StintKeys) -> None:
        self._news = news
        self._registers = registers
        self._keys = keys
        self._headers = {digest_of(header): header for header in news.headers}

    def write(self, cursor: Cursor[Any], chunk: Chunk) -> int:
        """Write a chunk, the last as a sign of life; returns how many."""
        news, registers, rows = self._news, self._registers, slice(chunk.begin, chunk.end)
        registers.month(cursor, chunk.month)
        endpoint_pks = registers.endpoints(cursor, news.endpoints)
        boot_pks = registers.boots(cursor, news.boot_ids)
        header_pks = registers.texts(cursor, chunk.month, self._headers)
        count = chunk.end - chunk.begin
        found = cursor.execute(_NUMBERS, (count, self._keys.watch_pk)).fetchone()
        last = int(found[0]) if found is not None else count
        fields = [
            Field(name="received_at_us", values=news.received_at_us[rows]),
            Field(name="number", values=np.arange(last - count + 1, last + 1)),
            Field(name="received_monotonic_ns", values=news.received_monotonic_ns[rows]),
            Field(name="watch_pk", values=np.full(count, self._keys.watch_pk), width=4),
            Field(name="endpoint_pk", values=_numbers(endpoint_pks)[news.endpoint_at[rows]], width=4),
            Field(name="boot_pk", values=_numbers(boot_pks)[news.boot_at[rows]], width=4),
            Field(name="height", values=news.height[rows]),
            Field(name="header_text_pk", values=_numbers(header_pks)[news.header_at[rows]]),
            Field(name="lag_us", values=news.lag_us[rows]),
            Field(name="first", values=news.first[rows], width=2),
        ]
        copy_in(cursor, "news", fields)
        at_us, monotonic_ns = int(news.received_at_us[chunk.end - 1]), int(news.received_monotonic_ns[chunk.end - 1])
        stints.seen(cursor, self._keys, at_us, monotonic_ns)
        return count


def copy_in(cursor: Cursor[Any], table: str, fields: Sequence[Field]) -> None:
    """Append rows to a table."""
    names = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    with cursor.copy(statement) as copy:
        copy.write(binary_rows(fields))


def _write_rounds(cursor: Cursor[Any], watch_pk: int, rounds: Sequence[Round]) -> Numbers:
    rows = [
        (
            one.number,
            one.due_at_us,
            one.started_at_us,
            one.started_monotonic_ns,
            one.boot_id,
            one.duration_us,
            ",".join(question.value for question in one.questions),
            one.lag_max_us,
        )
        for one in rounds
    ]
    try:
        cursor.execute(_ROUNDS, (watch_pk, *(list(column) for column in zip(*rows, strict=True))))
    except errors.UniqueViolation as error:
        raise ValueError("a round of one of these numbers has been recorded already") from error
    numbers = dict(cursor.fetchall())
    return np.array([numbers[one.number] for one in rounds], dtype=np.int64)


def _numbers(values: Sequence[int]) -> Numbers:
    return np.array(values, dtype=np.int64)


def _mapped(pks: Sequence[int], at: Numbers) -> Numbers:
    """Return the numbers of indices; ``NOTHING`` stays itself."""
    return _numbers([*pks, NOTHING])[at]
