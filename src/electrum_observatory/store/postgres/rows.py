"""Readings and tip news, read back as columns: each column of numbers as one array, the texts once each."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, Self, TypeVar

import numpy as np
from psycopg import Cursor, sql

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Question, Round
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.postgres.columns import read_array
from electrum_observatory.store.postgres.months import month_of
from electrum_observatory.store.postgres.registers import text_of
from electrum_observatory.store.watching.round_columns import positions, round_of

_EARLIEST, _LATEST = -(1 << 63), (1 << 63) - 1
_TEXTS_AT_ONCE = 50_000
_ROWS_AT_ONCE = 250_000
"""So many readings the server gathers at once, about 50 MB of its memory."""

T = TypeVar("T")

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
SELECT text_pk, data FROM texts WHERE month_us >= %s AND month_us <= %s AND text_pk = ANY(%s::bigint[])
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
    rounds = {row[0]: round_of(row[1:]) for row in cursor.execute(_ROUNDS, (span.watch_pk, span.from_us, span.to_us))}
    asked = [question for question in Question if question in questions]
    wanted = None if endpoints is None else _endpoint_pks(cursor, endpoints)
    cells = _reading_cells(cursor, rounds, asked, wanted)
    text_pks = [cells[f"{question}_text_pk"] for question in asked]
    keys, texts = _texts(cursor, [one.started_at_us for one in rounds.values()], text_pks)
    endpoint_keys, failure_keys = _distinct([cells["endpoint_pk"]]), _distinct([cells["failure_pk"]])
    return ReadingColumns(
        rounds=list(rounds.values()),
        endpoints=_endpoints(cursor, endpoint_keys),
        texts=texts,
        failures=_failures(cursor, failure_keys),
        round_at=cells["round_at"],
        endpoint_at=positions(endpoint_keys, cells["endpoint_pk"]),
        availability=cells["availability"],
        failure_at=positions(failure_keys, cells["failure_pk"]),
        sent_us=cells["sent_us"],
        lag_us=cells["lag_us"],
        text_at={one: positions(keys, pks) for one, pks in zip(asked, text_pks, strict=True)},
        after_us={one: cells[f"{one}_after_us"] for one in asked},
    )


def round_times(cursor: Cursor[Any], watch_pk: int) -> tuple[Numbers, Numbers]:
    """Return number and start of every round of a watch."""
    cells = _columns(cursor, "rounds", ("number", "started_at_us"), (), sql.SQL("watch_pk = {}").format(watch_pk))
    return cells["number"], cells["started_at_us"]


def news(cursor: Cursor[Any], span: Span) -> tuple[Numbers, NewsColumns]:
    """Return the tip news of a time, as it came, with the number of each within the watch."""
    where = sql.SQL("watch_pk = {} AND received_at_us >= {} AND received_at_us < {}")
    cells = _columns(cursor, "news", _NEWS, (), where.format(span.watch_pk, span.from_us, span.to_us))
    order = np.argsort(cells["number"], kind="stable")
    cells = {name: column[order] for name, column in cells.items()}
    headers, endpoint_keys = cells["header_text_pk"], _distinct([cells["endpoint_pk"]])
    boots = dict(cursor.execute("SELECT boot_pk, boot_id FROM boots ORDER BY boot_pk").fetchall())
    times = cells["received_at_us"]
    header_keys, texts = _texts(cursor, [int(times.min()), int(times.max())] if len(times) else [], [headers])
    return cells["number"], NewsColumns(
        endpoints=_endpoints(cursor, endpoint_keys),
        headers=texts,
        boot_ids=list(boots.values()),
        endpoint_at=positions(endpoint_keys, cells["endpoint_pk"]),
        header_at=positions(header_keys, headers),
        boot_at=positions(_array(boots), cells["boot_pk"]),
        height=cells["height"],
        received_at_us=times,
        received_monotonic_ns=cells["received_monotonic_ns"],
        lag_us=cells["lag_us"],
        first=cells["first"],
    )


def _reading_cells(
    cursor: Cursor[Any],
    rounds: Mapping[int, Round],
    asked: Sequence[Question],
    wanted: Sequence[int] | None,
) -> dict[str, Numbers]:
    """Return the numbers of the readings in the order of rounds, with the position of each one's round."""
    nullable = ("failure_pk", "sent_us", *(f"{one}_{what}" for one in asked for what in ("text_pk", "after_us")))
    nobody = wanted is not None and not wanted  # somebody asks for the rounds alone
    parts = [
        _columns(cursor, "readings", _PLAIN, nullable, _some_rounds(some, wanted))
        for some in _slices([] if nobody else list(rounds.items()), _ROWS_AT_ONCE // _servers(cursor, wanted))
    ]
    cells = {name: np.concatenate([_array(()), *(one[name] for one in parts)]) for name in (*_PLAIN, *nullable)}
    keys = _array(rounds)
    by_key = np.argsort(keys)
    round_at = by_key[np.searchsorted(keys[by_key], cells["round_pk"])] if len(keys) else cells["round_pk"]
    order = np.lexsort((cells["endpoint_pk"], round_at))
    return {name: column[order] for name, column in (*cells.items(), ("round_at", round_at))}


def _some_rounds(some: Sequence[tuple[int, Round]], wanted: Sequence[int] | None) -> sql.Composed:
    times = [made.started_at_us for _, made in some]
    where = sql.SQL("started_at_us BETWEEN {} AND {} AND round_pk = ANY({}::integer[])").format(
        min(times), max(times), [key for key, _ in some]
    )
    return where if wanted is None else where + sql.SQL(" AND endpoint_pk = ANY({}::integer[])").format(list(wanted))


def _columns(
    cursor: Cursor[Any], table: str, plain: Sequence[str], nullable: Sequence[str], where: sql.Composed
) -> dict[str, Numbers]:
    """Return columns of numbers; NULL becomes ``NOTHING``. All of them aggregate the same rows in the same order."""
    cells = [sql.SQL("array_send(array_agg({}::bigint))").format(sql.Identifier(name)) for name in plain]
    empty_is_nothing = sql.SQL("array_send(array_agg(coalesce({}::bigint, {})))")
    cells += [empty_is_nothing.format(sql.Identifier(name), NOTHING) for name in nullable]
    select = sql.SQL("SELECT {} FROM {} WHERE {}").format(sql.SQL(", ").join(cells), sql.Identifier(table), where)
    found = cursor.execute(select, binary=True).fetchone()
    assert found is not None  # an aggregate of no rows is a row of NULLs
    return {name: read_array(data) for name, data in zip((*plain, *nullable), found, strict=True)}


def _servers(cursor: Cursor[Any], wanted: Sequence[int] | None) -> int:
    """Return how many readings a round may have at most."""
    if wanted is not None:
        return max(len(wanted), 1)
    found = cursor.execute("SELECT count(*) FROM endpoints").fetchone()
    return max(int(found[0]), 1) if found is not None else 1


def _slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), max(size, 1)):
        yield items[begin : begin + max(size, 1)]


def _texts(cursor: Cursor[Any], times_us: Sequence[int], columns: Sequence[Numbers]) -> tuple[Numbers, Sequence[bytes]]:
    """Return the numbers that occur, sorted, and the text of each."""
    keys = _distinct(columns)
    if not len(keys):
        return keys, ()
    months = (month_of(min(times_us)).from_us, month_of(max(times_us)).from_us)
    found: dict[int, bytes] = {}
    for some in _slices(keys.tolist(), _TEXTS_AT_ONCE):
        found.update(cursor.execute(_TEXTS, (*months, some), binary=True).fetchall())
    if len(found) < len(keys):
        raise StoreError(
            "texts of these readings were dropped: drop the readings of that month too (docs/postgresql.md)"
        )
    return keys, [found[key] for key in keys.tolist()]


def _endpoint_pks(cursor: Cursor[Any], endpoints: Collection[Endpoint]) -> list[int]:
    ids = [one.endpoint_id for one in endpoints]
    found = cursor.execute("SELECT endpoint_pk FROM endpoints WHERE endpoint_id = ANY(%s)", (ids,)).fetchall()
    return [key for (key,) in found]


def _endpoints(cursor: Cursor[Any], keys: Numbers) -> list[Endpoint]:
    cursor.execute(
        "SELECT host, address, port, transport FROM endpoints WHERE endpoint_pk = ANY(%s::integer[]) "
        "ORDER BY endpoint_pk",
        (keys.tolist(),),
    )
    return [
        Endpoint(host=host, address=address, port=port, transport=Transport(transport))
        for host, address, port, transport in cursor
    ]


def _failures(cursor: Cursor[Any], keys: Numbers) -> list[Failure]:
    cursor.execute(
        "SELECT stage, kind, detail FROM failures WHERE failure_pk = ANY(%s::integer[]) ORDER BY failure_pk",
        (keys.tolist(),),
    )
    return [Failure(stage=Stage(a), kind=FailureKind(b), detail=text_of(detail)) for a, b, detail in cursor]


def _distinct(columns: Sequence[Numbers]) -> Numbers:
    """Return the numbers that occur, sorted, without ``NOTHING``."""
    keys: Numbers = np.unique(np.concatenate([_array(()), *columns]))
    occurring: Numbers = keys[keys != NOTHING]
    return occurring


def _array(values: Iterable[int]) -> Numbers:
    return np.array(list(values), dtype=np.int64)
