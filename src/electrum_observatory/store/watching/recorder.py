"""What the writer thread does with the tables of a watch, inside a transaction that it opened."""

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import BlindSpell, Question, Round
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.blobs import digest_of
from electrum_observatory.store.rows import storable

_MAX_REMEMBERED = 50_000
_ROUND = "INSERT INTO watch_rounds VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_READING = """
INSERT INTO watch_readings (reading_pk, endpoint_pk, availability, failure_pk, sent_us, lag_us{names})
VALUES (?, ?, ?, nullif(?, -1), nullif(?, -1), ?{values})
"""
_KNOWN = "SELECT key, text_pk FROM json_each(?) CROSS JOIN watch_texts ON digest = unhex(value)"
_TEXT = "INSERT INTO watch_texts VALUES (?, ?, ?)"
_NEWS = f"INSERT INTO tip_news VALUES (NULL{', ?' * 10})"  # noqa: S608 (ours)
_SPELL = "INSERT INTO blind_spells VALUES (NULL, ?, ?, ?, ?, ?)"
_ALIVE = """
UPDATE watch_stints SET alive_at_us = :at_us, alive_monotonic_ns = :monotonic_ns
WHERE watch_pk = :watch_pk AND number = :number AND alive_monotonic_ns <= :monotonic_ns
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StintKey:
    """Which stint facts are recorded in.

    Attributes:
        watch_pk: Key of its watch.
        number: 1 for the first stint of the watch.
    """

    watch_pk: int
    number: int


class WatchRecorder:
    """Adds facts of watches. Its memory of keys holds for committed rows only: call :meth:`forget` after a rollback."""

    def __init__(self, connection: apsw.Connection, endpoint_key: Callable[[Endpoint], int]) -> None:
        """Take the writer's connection, and what knows or makes the keys of endpoints."""
        self.connection = connection
        self._endpoint_key = endpoint_key
        self._texts: dict[bytes, int] = {}
        self._failures: dict[Failure, int] = {}
        self._boots: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def forget(self) -> None:
        """Drop the memory of keys, which may name rows that were rolled back."""
        for memory in (self._texts, self._failures, self._boots, self._last):
            memory.clear()

    def add_readings(self, stint: StintKey, columns: ReadingColumns) -> None:
        """Add rounds with their readings, and note the last of them as a sign of life.

        Raises:
            ValueError: The watch has a round of one of these numbers already.
        """
        first = self._last_key("watch_readings", "reading_pk") + 1
        begins = np.searchsorted(columns.round_at, np.arange(len(columns.rounds) + 1)).tolist()
        rows = [
            _round_row(stint.watch_pk, made, first + begin, end - begin)
            for made, begin, end in zip(columns.rounds, begins, begins[1:], strict=False)
        ]
        try:
            self.connection.executemany(_ROUND, rows)
        except apsw.ConstraintError as error:
            raise ValueError("a round of one of these numbers has been recorded already") from error
        count = len(columns.round_at)
        cells: list[Sequence[int]] = [range(first, first + count)]
        cells += [column.tolist() for column in self._stored(columns)]
        self.connection.executemany(_adding(tuple(columns.text_at)), zip(*cells, strict=True))
        self._last["watch_readings"] += count
        if columns.rounds:
            last = columns.rounds[-1]
            self.alive(
                stint, last.started_at_us + last.duration_us, last.started_monotonic_ns + last.duration_us * 1000
            )

    def add_news(self, stint: StintKey, news: NewsColumns) -> None:
        """Add tip news, and note the last of it as a sign of life."""
        count = len(news.endpoint_at)
        if not count:
            return
        told = self.connection.execute(
            "UPDATE watches SET last_news = last_news + ? WHERE watch_pk = ? RETURNING last_news",
            (count, stint.watch_pk),
        ).fetchall()
        last: int = told[0][0]  # type: ignore[assignment]  # SQLite's word for the column is INTEGER
        endpoints = _keys(self._endpoint_key(one) for one in news.endpoints)
        headers, boots = self._text_keys(news.headers), _keys(self._boot_key(one) for one in news.boot_ids)
        columns: list[Sequence[int]] = [[stint.watch_pk] * count, range(last - count + 1, last + 1)]
        columns += [
            column.tolist()
            for column in (
                endpoints[news.endpoint_at],
                news.received_at_us,
                news.received_monotonic_ns,
                boots[news.boot_at],
                news.lag_us,
                news.height,
                headers[news.header_at],
                news.first,
            )
        ]
        self.connection.executemany(_NEWS, zip(*columns, strict=True))
        self.alive(stint, int(news.received_at_us[-1]), int(news.received_monotonic_ns[-1]))

    def add_spell(self, watch_pk: int, spell: BlindSpell) -> None:
        """Add a blind spell."""
        self.connection.execute(_SPELL, (watch_pk, spell.why.value, spell.from_us, spell.to_us, spell.step_us))

    def alive(self, stint: StintKey, at_us: int, monotonic_ns: int) -> None:
        """Note a sign of life, unless a later one is known."""
        values = {"at_us": at_us, "monotonic_ns": monotonic_ns, "watch_pk": stint.watch_pk, "number": stint.number}
        self.connection.execute(_ALIVE, values)

    def _stored(self, columns: ReadingColumns) -> list[Numbers]:
        """Return the columns of the table from the second on, keys in the place of positions."""
        endpoints = _keys(self._endpoint_key(one) for one in columns.endpoints)
        failures = _keys(self._failure_key(one) for one in columns.failures)
        texts = self._text_keys(columns.texts)
        stored = [
            endpoints[columns.endpoint_at],
            columns.availability,
            failures[columns.failure_at],
            columns.sent_us,
            columns.lag_us,
        ]
        for question, text_at in columns.text_at.items():
            stored += [texts[text_at], columns.after_us[question]]
        return stored

    def _text_keys(self, texts: Sequence[bytes]) -> Numbers:
        """Return the key of each text, adding those that are new."""
        if len(self._texts) >= _MAX_REMEMBERED:
            self._texts.clear()
        digests = [digest_of(text) for text in texts]
        unknown = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in self._texts}
        ordered = sorted(unknown)  # the order of the index, so that each of its pages is visited once
        asked = json.dumps([digest.hex() for digest in ordered])
        self._texts |= {ordered[at]: key for at, key in self.connection.execute(_KNOWN, (asked,))}
        last = self._last_key("watch_texts", "text_pk")
        new = [digest for digest in ordered if digest not in self._texts]
        self._texts |= {digest: key for key, digest in enumerate(new, start=last + 1)}
        self.connection.executemany(_TEXT, ((self._texts[digest], digest, unknown[digest]) for digest in new))
        self._last["watch_texts"] = last + len(new)
        return _keys(self._texts[digest] for digest in digests)

    def _failure_key(self, failure: Failure) -> int:
        if failure not in self._failures:
            values = (failure.stage.value, failure.kind.value, storable(failure.detail))
            self._failures[failure] = self._key_of("watch_failures", "failure_pk", "stage, kind, detail", values)
        return self._failures[failure]

    def _boot_key(self, boot_id: str) -> int:
        if boot_id not in self._boots:
            self._boots[boot_id] = self._key_of("watch_boots", "boot_pk", "boot_id", (boot_id,))
        return self._boots[boot_id]

    def _key_of(self, table: str, key: str, columns: str, values: tuple[str, ...]) -> int:
        """Return the key of a row of a small table, adding the row where it is new."""
        places = ", ".join("?" * len(values))
        self.connection.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608
        where = f"SELECT {key} FROM {table} WHERE ({columns}) = ({places})"  # noqa: S608 (our own names)
        found: Any = self.connection.execute(where, values).get
        return int(found)

    def _last_key(self, table: str, key: str) -> int:
        if table not in self._last:
            found: Any = self.connection.execute(f"SELECT coalesce(max({key}), 0) FROM {table}").get  # noqa: S608
            self._last[table] = int(found)
        return self._last[table]


@functools.cache
def _adding(questions: tuple[Question, ...]) -> str:
    """Return the statement that adds readings with answers to some questions; the columns of others stay empty."""
    names = "".join(f", {question}_text, {question}_us" for question in questions)
    return _READING.format(names=names, values=", nullif(?, -1), nullif(?, -1)" * len(questions))


def _keys(keys: Iterable[int]) -> Numbers:
    """Return keys by position; position -1 has the key -1, which is no row's."""
    return np.fromiter((*keys, NOTHING), dtype=np.int64)


def _round_row(watch_pk: int, made: Round, first_reading_pk: int, readings: int) -> tuple[Any, ...]:
    return (
        watch_pk,
        made.number,
        made.due_at_us,
        made.started_at_us,
        made.started_monotonic_ns,
        made.boot_id,
        made.duration_us,
        ",".join(made.questions),
        made.lag_max_us,
        first_reading_pk,
        readings,
    )
