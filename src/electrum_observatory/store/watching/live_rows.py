"""The facts of a watch that are still in the live database, read back as columns.

Whoever calls holds one read transaction, so that all of it is of one moment.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Blindness, BlindSpell, Question, Stint, Watch
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.json_text import from_json_text
from electrum_observatory.store.watching.round_columns import positions, round_of

_CHUNK = 50_000
_WATCHES = """
SELECT watch_pk, watch_id, vantage, network, started_at_us, config, config_sha256, overlay, note
FROM watches ORDER BY started_at_us, watch_pk
"""
_STINTS = """
SELECT started_at_us, started_monotonic_ns, boot_id, tool_version, config FROM watch_stints WHERE watch_pk = ?
ORDER BY number
"""
_SPELLS = """
SELECT why, from_us, to_us, step_us FROM blind_spells WHERE watch_pk = ? ORDER BY from_us, blind_spell_pk
"""
_ROUNDS = """
SELECT number, due_at_us, started_at_us, started_monotonic_ns, boot_id, duration_us, questions, lag_max_us,
    first_reading_pk, readings
FROM watch_rounds WHERE watch_pk = :watch_pk
AND (:from_us IS NULL OR started_at_us >= :from_us) AND (:to_us IS NULL OR started_at_us < :to_us) ORDER BY number
"""
_READINGS = """
SELECT reading_pk, endpoint_pk, availability, coalesce(failure_pk, -1), coalesce(sent_us, -1), lag_us, {answers}
FROM watch_readings WHERE reading_pk >= ? AND reading_pk < ?
"""
_NEWS = """
SELECT number, endpoint_pk, received_at_us, received_monotonic_ns, boot_pk, lag_us, height, header_text, first
FROM tip_news WHERE watch_pk = :watch_pk
AND (:from_us IS NULL OR received_at_us >= :from_us) AND (:to_us IS NULL OR received_at_us < :to_us) ORDER BY news_pk
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time of a watch.

    Attributes:
        watch_pk: Key of the watch in the live database.
        from_us: UTC microseconds, inside; None for no beginning.
        to_us: UTC microseconds, outside; None for no end.
    """

    watch_pk: int
    from_us: int | None = None
    to_us: int | None = None

    @property
    def values(self) -> dict[str, int | None]:
        """As the statements here take them."""
        return {"watch_pk": self.watch_pk, "from_us": self.from_us, "to_us": self.to_us}


def watches(connection: apsw.Connection) -> dict[int, Watch]:
    """Return every watch by its key, oldest first."""
    found: dict[int, Watch] = {}
    for key, watch_id, vantage, network, at_us, config, digest, overlay, note in _rows(connection, _WATCHES):
        found[key] = Watch(
            watch_id=watch_id,
            vantage=vantage,
            network=network,
            started_at_us=at_us,
            config=from_json_text(config),
            config_sha256=digest,
            overlay=None if overlay is None else from_json_text(overlay),
            note=note,
        )
    return found


def stints(connection: apsw.Connection, watch_pk: int) -> list[Stint]:
    """Return the stints of a watch, oldest first."""
    return [
        Stint(
            started_at_us=at_us,
            started_monotonic_ns=monotonic_ns,
            boot_id=boot_id,
            tool_version=tool,
            config=from_json_text(config),
        )
        for at_us, monotonic_ns, boot_id, tool, config in _rows(connection, _STINTS, (watch_pk,))
    ]


def spells(connection: apsw.Connection, watch_pk: int) -> list[BlindSpell]:
    """Return the blind spells of a watch, oldest first."""
    return [
        BlindSpell(why=Blindness(why), from_us=from_us, to_us=to_us, step_us=step_us)
        for why, from_us, to_us, step_us in _rows(connection, _SPELLS, (watch_pk,))
    ]


def readings(
    connection: apsw.Connection,
    span: Span,
    *,
    questions: Collection[Question] = tuple(Question),
    endpoints: Collection[Endpoint] | None = None,
    without: Collection[int] = (),
) -> ReadingColumns:
    """Return the readings of a time, except of the rounds numbered in ``without``."""
    found = [row for row in _rows(connection, _ROUNDS, span.values) if row[0] not in without]
    known = _endpoints(connection)
    wanted = None if endpoints is None else _array([key for key, one in known.items() if one in set(endpoints)])
    cells = _reading_cells(connection, found, wanted)
    texts_at = {question: cells[7 + 2 * place] for place, question in enumerate(Question)}
    kept = np.unique(np.concatenate([_array(()), *(texts_at[one] for one in Question if one in questions)]))
    text_keys, texts = _texts(connection, kept[kept != NOTHING])
    failures = _failures(connection)
    endpoint_keys = np.unique(cells[2])
    return ReadingColumns(
        rounds=[round_of(row) for row in found],
        endpoints=[known[key] for key in endpoint_keys.tolist()],
        texts=texts,
        failures=list(failures.values()),
        round_at=cells[0],
        endpoint_at=np.searchsorted(endpoint_keys, cells[2]),
        availability=cells[3],
        failure_at=positions(_array(list(failures)), cells[4]),
        sent_us=cells[5],
        lag_us=cells[6],
        text_at={one: positions(text_keys, texts_at[one]) for one in Question if one in questions},
        after_us={question: cells[8 + 2 * place] for place, question in enumerate(Question)},
    )


def news(connection: apsw.Connection, span: Span, *, without: Numbers | None = None) -> tuple[Numbers, NewsColumns]:
    """Return the news of a time with the number of each within the watch, except of those numbered in ``without``."""
    cells = _array(_rows(connection, _NEWS, span.values)).reshape(-1, 9).T
    if without is not None:
        cells = cells[:, ~np.isin(cells[0], without)]
    known = _endpoints(connection)
    boots = dict(_rows(connection, "SELECT boot_pk, boot_id FROM watch_boots ORDER BY boot_pk"))
    endpoint_keys = np.unique(cells[1])
    header_keys, headers = _texts(connection, np.unique(cells[7]))
    return cells[0], NewsColumns(
        endpoints=[known[key] for key in endpoint_keys.tolist()],
        headers=headers,
        boot_ids=list(boots.values()),
        endpoint_at=np.searchsorted(endpoint_keys, cells[1]),
        header_at=positions(header_keys, cells[7]),
        boot_at=positions(_array(list(boots)), cells[4]),
        height=cells[6],
        received_at_us=cells[2],
        received_monotonic_ns=cells[3],
        lag_us=cells[5],
        first=cells[8],
    )


def _reading_cells(connection: apsw.Connection, found: Sequence[Sequence[Any]], wanted: Numbers | None) -> Numbers:
    """Return round position, key and further columns of the readings, one row of the result each."""
    parts = [np.empty((2 + 4 + 2 * len(Question) + 1, 0), dtype=np.int64)]
    if wanted is not None and not len(wanted):
        return parts[0]  # somebody asks for the rounds alone
    statement = _READINGS.format(answers=", ".join(_answers(connection)))
    firsts, counts = _array([row[8] for row in found]), _array([row[9] for row in found])
    order = np.argsort(firsts, kind="stable")
    for some in np.array_split(order, max(1, int(counts.sum()) // _CHUNK)):
        if not len(some):
            continue
        first, end = int(firsts[some[0]]), int(firsts[some[-1]] + counts[some[-1]])
        cells = _array(_rows(connection, statement, (first, end))).reshape(-1, parts[0].shape[0] - 1).T
        at = np.searchsorted(firsts[some] + counts[some], cells[0], side="right")
        mine = (at < len(some)) & (cells[0] >= firsts[some][np.minimum(at, len(some) - 1)])
        if wanted is not None:
            mine &= np.isin(cells[1], wanted)
        parts.append(np.vstack([some[np.minimum(at, len(some) - 1)], cells])[:, mine])
    whole = np.concatenate(parts, axis=1)
    return whole[:, np.argsort(whole[0], kind="stable")]


def _answers(connection: apsw.Connection) -> Iterator[str]:
    """Yield what is selected of each question; nothing where the folder is older than the question."""
    present = {row[0] for row in _rows(connection, "SELECT name FROM pragma_table_info('watch_readings')")}
    for question in Question:
        names = (f"{question}_text", f"{question}_us")
        yield from (f"coalesce({name}, {NOTHING})" if name in present else str(NOTHING) for name in names)


def _texts(connection: apsw.Connection, keys: Numbers) -> tuple[Numbers, list[bytes]]:
    statement = "SELECT data FROM json_each(?) CROSS JOIN watch_texts ON text_pk = value ORDER BY key"
    return keys, [row[0] for row in _rows(connection, statement, (json.dumps(keys.tolist()),))]


def _endpoints(connection: apsw.Connection) -> Mapping[int, Endpoint]:
    rows = _rows(connection, "SELECT endpoint_pk, host, address, port, transport FROM endpoints")
    return {
        key: Endpoint(host=host, address=address, port=port, transport=Transport(transport))
        for key, host, address, port, transport in rows
    }


def _failures(connection: apsw.Connection) -> Mapping[int, Failure]:
    rows = _rows(connection, "SELECT failure_pk, stage, kind, detail FROM watch_failures ORDER BY failure_pk")
    return {
        key: Failure(stage=Stage(stage), kind=FailureKind(kind), detail=detail) for key, stage, kind, detail in rows
    }


def _array(values: Sequence[Any]) -> Numbers:
    return np.array(values, dtype=np.int64)


def _rows(connection: apsw.Connection, statement: str, values: Any = ()) -> list[Any]:
    return connection.execute(statement, values).fetchall()
