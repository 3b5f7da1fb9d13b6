"""Readings of a watch for other people's tools: Parquet, CSV or JSONL, one row for each server of each round.

Answers stand as the text that came, in CSV without the end of the last line. Bytes that are no UTF-8 are spelled with
backslashes in CSV, and as ``{"base64": …}`` in JSONL; Parquet holds bytes.
"""

import base64
import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, Numbers, ReadingColumns, WatchSource
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.times import to_iso

_DAY_US = 86_400_000_000
Told = Callable[[int], None]
"""Is told how many rows have been written so far."""
_TEXT, _NUMBER, _BYTES, _MOMENT = pa.string(), pa.int64(), pa.binary(), pa.timestamp("us", tz="UTC")
_FACTS = (
    ("round", _NUMBER),
    ("started_at", _MOMENT),
    ("endpoint", _TEXT),
    ("availability", _TEXT),
    ("failure_stage", _TEXT),
    ("failure_kind", _TEXT),
    ("failure_detail", _TEXT),
    ("sent_us", _NUMBER),
    ("lag_us", _NUMBER),
)


def parts(
    source: WatchSource,
    watch_id: str,
    span: tuple[int | None, int | None],
    questions: Collection[Question],
) -> Iterator[ReadingColumns]:
    """Yield the readings of a time a UTC day at a time, where there are any."""
    quiet = source.readings(watch_id, *span, questions=(), endpoints=())
    days = sorted({made.started_at_us // _DAY_US for made in quiet.rounds})
    for day in days:
        begin, end = day * _DAY_US, (day + 1) * _DAY_US
        from_us = begin if span[0] is None else max(begin, span[0])
        to_us = end if span[1] is None else min(end, span[1])
        yield source.readings(watch_id, from_us, to_us, questions=questions)


def write_parquet(found: Iterator[ReadingColumns], questions: Sequence[Question], path: Path, told: Told) -> int:
    """Write one file; returns the number of rows. Raises OSError."""
    schema = pa.schema([*_FACTS, *((name, kind) for one in questions for name, kind in _of(one))])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for columns in found:
            cells = _cells(columns, questions)
            arrays = [pa.array(cells[field.name], field.type) for field in schema]
            file.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(columns.round_at)
            told(count)
    return count


def write_csv(
    found: Iterator[ReadingColumns],
    questions: Sequence[Question],
    out: IO[str],
    told: Told,
    clean: Callable[[str], str],
) -> int:
    """Write rows with a line of names; returns the number of rows. ``clean`` makes strangers' text harmless."""
    names = [*(name for name, _ in _FACTS), *(name for one in questions for name, _ in _of(one))]
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(names)
    count = 0
    for columns in found:
        cells = _cells(columns, questions)
        cells["started_at"] = [to_iso(one) for one in cells["started_at"]]
        for name in ("failure_detail", *(one.value for one in questions)):
            cells[name] = [None if one is None else clean(_spelled(one)) for one in cells[name]]
        lines.writerows(zip(*(cells[name] for name in names), strict=True))
        count += len(columns.round_at)
        told(count)
    return count


def write_jsonl(found: Iterator[ReadingColumns], questions: Sequence[Question], out: IO[str], told: Told) -> int:
    """Write an object a line, without what is absent; returns the number of rows."""
    count = 0
    for columns in found:
        cells = _cells(columns, questions)
        cells["started_at"] = [to_iso(one) for one in cells["started_at"]]
        for one in questions:
            cells[one] = [None if data is None else _json(data) for data in cells[one]]
        for row in zip(*cells.values(), strict=True):
            out.write(to_json_text({name: value for name, value in zip(cells, row, strict=True) if value is not None}))
            out.write("\n")
        count += len(columns.round_at)
        told(count)
    return count


def _of(question: Question) -> tuple[tuple[str, pa.DataType], ...]:
    return ((question.value, _BYTES), (f"{question}_us", _NUMBER))


def _cells(columns: ReadingColumns, questions: Sequence[Question]) -> dict[str, list[Any]]:
    """Return the values of every column."""
    started_us = np.array([made.started_at_us for made in columns.rounds], dtype=np.int64)
    numbers = np.array([made.number for made in columns.rounds], dtype=np.int64)
    failures = [None, *columns.failures]
    failure = [failures[at + 1] for at in columns.failure_at.tolist()]
    names = [endpoint.canonical for endpoint in columns.endpoints]
    cells: dict[str, list[Any]] = {
        "round": numbers[columns.round_at].tolist(),
        "started_at": started_us[columns.round_at].tolist(),
        "endpoint": [names[at] for at in columns.endpoint_at.tolist()],
        "availability": [AVAILABILITIES[at].value for at in columns.availability.tolist()],
        "failure_stage": [one and one.stage.value for one in failure],
        "failure_kind": [one and one.kind.value for one in failure],
        "failure_detail": [one and one.detail for one in failure],
        "sent_us": _present(columns.sent_us),
        "lag_us": columns.lag_us.tolist(),
    }
    nothing = np.full(len(columns.round_at), NOTHING, dtype=np.int64)
    texts = [*columns.texts, None]  # what NOTHING points at
    for one in questions:
        cells[one.value] = [texts[at] for at in columns.text_at.get(one, nothing).tolist()]
        cells[f"{one}_us"] = _present(columns.after_us.get(one, nothing))
    return cells


def _present(column: Numbers) -> list[int | None]:
    return [None if value == NOTHING else value for value in column.tolist()]


def _spelled(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8", "backslashreplace").rstrip("\r\n")


def _json(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}
