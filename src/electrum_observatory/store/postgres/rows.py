"""Readings and tip news, read back as columns: the numbers by COPY, the texts once each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, Self

import numpy as np
from psycopg import Cursor, sql

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Question, Round
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.postgres.columns import read_rows
from electrum_observatory.store.postgres.months import month_of
from electrum_observatory.store.postgres.registers import text_of

_EARLIEST, _LATEST = -(1 << 63), (1 << 63) - 1
_TEXTS_AT_ONCE = 50_000

_PLAIN = ("round_pk", "endpoint_pk", "availability", "lag_us")
_NEWS = (
    *("number", "endpoint_pk", "boot_pk", "height", "header_text_pk"),
    *("received_at_us", "received_monotonic_ns", "lag_us", "first"),
)
_ROUNDS: LiteralString = """
SELECT round_pk, number, due_at_us, started_at_us, started_monotonic_ns, boot_id, duration_us, questions, lag_max_us
FROM rounds WHERE watch_pk = %s AND started_at_us >= %s AND started_at_us < %s ORDER BY number
"""
_TEXTS: LiteralString = """
SELECT text_pk, data FROM texts WHERE month_us >= %s AND month_us <= %s AND text_pk = ANY(%s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time of a watch.

    Attributes:
        watch_pk: Key of the watch.
        from_us: UTC microseconds, inside.
        to_us: UTC microseconds, outside.
    """

    watch_pk: int
    from_us: int
    to_us: int

    @classmethod
    def of(cls, watch_pk: int, from_us: int | None, to_us: int | None) -> Self:
        """Take a time that may have no beginning or no end."""
        begin = _EARLIEST if from_us is None else from_us
        return cls(watch_pk=watch_pk, from_us=begin, to_us=_LATEST if to_us is None else to_us)


def readings(
    cursor: Cursor[Any],
    span: Span,
    *,
    questions: Collection[Question],
    endpoints: Collection[Endpoint] | None,
) -> ReadingColumns:
    """Return the readings of a time."""
    rounds = {row[0]: _round(row[1:]) for row in cursor.execute(_ROUNDS, (span.watch_pk, span.from_us, span.to_us))}
    asked = [question for question in Question if question in questions]
    wanted = None if endpoints is None else _endpoint_pks(cursor, endpoints)
    cells = _reading_cells(cursor, span, rounds, asked, wanted)
    text_pks = [cells[f"{question}_text_pk"] for question in asked]
    keys, texts = _texts(cursor, [one.started_at_us for one in rounds.values()], text_pks)
    endpoint_keys, failure_keys = _distinct([cells["endpoint_pk"]]), _distinct([cells["failure_pk"]])
    return ReadingColumns(
        rounds=list(rounds.values()),
        endpoints=_endpoints(cursor, endpoint_keys),
        texts=texts,
        failures=_failures(cursor, failure_keys),
        round_at=cells["round_at"],
        endpoint_at=_positions(endpoint_keys, cells["endpoint_pk"]),
        availability=cells["availability"],
        failure_at=_positions(failure_keys, cells["failure_pk"]),
        sent_us=cells["sent_us"],
        lag_us=cells["lag_us"],
        text_at={one: _positions(keys, pks) for one, pks in zip(asked, text_pks, strict=True)},
        after_us={one: cells[f"{one}_after_us"] for one in asked},
    )


def news(cursor: Cursor[Any], span: Span) -> NewsColumns:
    """Return the tip news of a time, as it came."""
    where = sql.SQL(" FROM news WHERE watch_pk = {} AND received_at_us >= {} AND received_at_us < {}")
    values = (span.watch_pk, span.from_us, span.to_us)
    cells = _copy_out(cursor, _NEWS, (), where.format(*map(sql.Literal, values)))
    order = np.argsort(cells["number"], kind="stable")
    cells = {name: column[order] for name, column in cells.items()}
    headers, endpoint_keys = cells["header_text_pk"], _distinct([cells["endpoint_pk"]])
    boots = dict(cursor.execute("SELECT boot_pk, boot_id FROM boots ORDER BY boot_pk").fetchall())
    times = cells["received_at_us"]
    header_keys, texts = _texts(cursor, [int(times.min()), int(times.max())] if len(times) else [], [headers])
    return NewsColumns(
        endpoints=_endpoints(cursor, endpoint_keys),
        headers=texts,
        boot_ids=list(boots.values()),
        endpoint_at=_positions(endpoint_keys, cells["endpoint_pk"]),
        header_at=_positions(header_keys, headers),
        boot_at=_positions(_array(boots), cells["boot_pk"]),
        height=cells["height"],
        received_at_us=times,
        received_monotonic_ns=cells["received_monotonic_ns"],
        lag_us=cells["lag_us"],
        first=cells["first"],
    )


def _reading_cells(
    cursor: Cursor[Any], span: Span, rounds: Collection[int], asked: Sequence[Question], wanted: Sequence[int] | None
) -> dict[str, Numbers]:
    """Return the numbers of the readings in the order of rounds, with the position of each one's round."""
    nullable = ("failure_pk", "sent_us", *(f"{one}_{what}" for one in asked for what in ("text_pk", "after_us")))
    where = sql.SQL(
        " FROM readings WHERE started_at_us >= {} AND started_at_us < {}"
        " AND round_pk IN (SELECT round_pk FROM rounds WHERE watch_pk = {})"
    ).format(*map(sql.Literal, (span.from_us, span.to_us, span.watch_pk)))
    if wanted is not None:
        where += sql.SQL(" AND endpoint_pk = ANY({})").format(sql.Literal(list(wanted)))
    cells = _copy_out(cursor, _PLAIN, nullable, where)
    keys = _array(rounds)
    by_key = np.argsort(keys)
    round_at = by_key[np.searchsorted(keys[by_key], cells["round_pk"])] if len(keys) else cells["round_pk"]
    order = np.lexsort((cells["endpoint_pk"], round_at))
    return {name: column[order] for name, column in (*cells.items(), ("round_at", round_at))}


def _copy_out(
    cursor: Cursor[Any], plain: Sequence[str], nullable: Sequence[str], where: sql.Composed
) -> dict[str, Numbers]:
    """Return columns of numbers; NULL becomes ``NOTHING``."""
    cells = [sql.SQL("{}::bigint").format(sql.Identifier(name)) for name in plain]
    cells += [sql.SQL("coalesce({}::bigint, {})").format(sql.Identifier(name), NOTHING) for name in nullable]
    select = sql.SQL("COPY (SELECT {}{}) TO STDOUT (FORMAT BINARY)").format(sql.SQL(", ").join(cells), where)
    with cursor.copy(select) as copy:
        data = b"".join(copy)
    return dict(read_rows(data, (*plain, *nullable)))


def _texts(cursor: Cursor[Any], times_us: Sequence[int], columns: Sequence[Numbers]) -> tuple[Numbers, Sequence[bytes]]:
    """Return the numbers that occur, sorted, and the text of each."""
    keys = _distinct(columns)
    if not len(keys):
        return keys, ()
    months = (month_of(min(times_us)).from_us, month_of(max(times_us)).from_us)
    found: dict[int, bytes] = {}
    for begin in range(0, len(keys), _TEXTS_AT_ONCE):
        some = keys[begin : begin + _TEXTS_AT_ONCE].tolist()
        found.update(cursor.execute(_TEXTS, (*months, some), binary=True).fetchall())
    return keys, [found[key] for key in keys.tolist()]


def _endpoint_pks(cursor: Cursor[Any], endpoints: Collection[Endpoint]) -> list[int]:
    ids = [one.endpoint_id for one in endpoints]
    found = cursor.execute("SELECT endpoint_pk FROM endpoints WHERE endpoint_id = ANY(%s)", (ids,)).fetchall()
    return [key for (key,) in found]


def _endpoints(cursor: Cursor[Any], keys: Numbers) -> list[Endpoint]:
    cursor.execute(
        "SELECT host, address, port, transport FROM endpoints WHERE endpoint_pk = ANY(%s) ORDER BY endpoint_pk",
        (keys.tolist(),),
    )
    return [
        Endpoint(host=host, address=address, port=port, transport=Transport(transport))
        for host, address, port, transport in cursor
    ]


def _failures(cursor: Cursor[Any], keys: Numbers) -> list[Failure]:
    cursor.execute(
        "SELECT stage, kind, detail FROM failures WHERE failure_pk = ANY(%s) ORDER BY failure_pk", (keys.tolist(),)
    )
    return [Failure(stage=Stage(a), kind=FailureKind(b), detail=text_of(detail)) for a, b, detail in cursor]


def _round(row: Sequence[Any]) -> Round:
    number, due_at_us, at_us, monotonic_ns, boot_id, duration_us, questions, lag_us = row
    return Round(
        number=number,
        due_at_us=due_at_us,
        started_at_us=at_us,
        started_monotonic_ns=monotonic_ns,
        boot_id=boot_id,
        duration_us=duration_us,
        questions=tuple(Question(one) for one in questions.split(",") if one),
        lag_max_us=lag_us,
    )


def _distinct(columns: Sequence[Numbers]) -> Numbers:
    """Return the numbers that occur, sorted, without ``NOTHING``."""
    keys: Numbers = np.unique(np.concatenate([_array(()), *columns]))
    occurring: Numbers = keys[keys != NOTHING]
    return occurring


def _positions(keys: Numbers, of: Numbers) -> Numbers:
    """Return where each key stands among the sorted ``keys``; ``NOTHING`` stays."""
    places: Numbers = np.where(of == NOTHING, NOTHING, np.searchsorted(keys, of))
    return places


def _array(values: Iterable[int]) -> Numbers:
    return np.array(list(values), dtype=np.int64)
