"""Sealed segments: ``data/obs/day=YYYY-MM-DD/<table>-<campaign>.parquet`` and the manifest that names them.

A segment is written whole, flushed and renamed before the manifest names it, so a reader that goes by the manifest
never sees half a file. One file is open at a time, however many days a campaign has. Rows are sorted by host and time.
Blobs stay in the live database; ``digest`` refers to them. Facts whose time is not known (imports) lie under the day
their campaign was opened.
"""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from electrum_observatory.store import manifest, segment_rows
from electrum_observatory.store.arrow_columns import column, repeated
from electrum_observatory.store.files import replacing
from electrum_observatory.store.manifest import FOLDER, SCHEMA_VERSION, Segment
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.rows import Row

_ENDPOINT = (("host", pa.string()), ("address", pa.string()), ("port", pa.int32()), ("transport", pa.string()))
_OF_MANY_VALUES = ("result", "digest")
"""Columns for which a dictionary would be begun and given up each time."""
_META = {"electrum_observatory_schema_version": str(SCHEMA_VERSION)}

SCHEMAS: dict[str, pa.Schema] = {
    "observations": pa.schema(
        [
            ("campaign_id", pa.string()),
            ("vantage", pa.string()),
            ("endpoint_id", pa.string()),
            *_ENDPOINT,
            ("probe", pa.string()),
            ("probe_version", pa.int64()),
            ("started_at", pa.timestamp("us", tz="UTC")),
            ("started_monotonic_ns", pa.int64()),
            ("boot_id", pa.string()),
            ("duration_us", pa.int64()),
            ("loop_lag_us", pa.int64()),
            ("status", pa.string()),
            ("result", pa.string()),
            ("failure_stage", pa.string()),
            ("failure_kind", pa.string()),
            ("failure_detail", pa.string()),
            ("reason", pa.string()),
        ],
        metadata=_META,
    ),
    "witnesses": pa.schema(
        [
            ("campaign_id", pa.string()),
            ("endpoint_id", pa.string()),
            ("probe", pa.string()),
            ("started_at", pa.timestamp("us", tz="UTC")),
            ("ordinal", pa.int32()),
            ("kind", pa.string()),
            ("label", pa.string()),
            ("digest", pa.binary(16)),
            ("size", pa.int64()),
            ("pad_at", pa.int64()),
            ("pad_length", pa.int64()),
            ("result_start", pa.int64()),
            ("result_end", pa.int64()),
            ("received_monotonic_ns", pa.int64()),
        ],
        metadata=_META,
    ),
    "sightings": pa.schema(
        [
            ("campaign_id", pa.string()),
            ("host", pa.string()),
            ("port", pa.int32()),
            ("transport", pa.string()),
            ("source", pa.string()),
            ("told_by", pa.string()),
            ("address_claimed", pa.string()),
            ("protocol_claimed", pa.string()),
            ("assumed_port", pa.bool_()),
            ("seen_at", pa.timestamp("us", tz="UTC")),
        ],
        metadata=_META,
    ),
}
"""Columns of each table; columns are only ever added within a version."""


def write(reader: StoreReader, stored: StoredCampaign, data_dir: Path) -> list[Segment]:
    """Write the segments of a campaign, replacing older ones, and name them in the manifest.

    Raises:
        OSError: The folder is full or cannot be written; the segments that were there stay, and nothing new.
    """
    campaign_id = stored.campaign.campaign_id
    segments: list[Segment] = []
    manifest.tidy(data_dir, campaign_id)
    try:
        with ExitStack() as places:  # all segments take their places together
            for table, day, chunks in _segments(reader, stored):
                path = f"day={day}/{table}-{campaign_id}.parquet"
                temporary = places.enter_context(replacing(data_dir / FOLDER / path))
                count = _write_file(temporary, SCHEMAS[table], campaign_id, chunks)
                size = temporary.stat().st_size
                segments.append(
                    Segment(path=path, table=table, day=day, campaign_id=campaign_id, rows=count, bytes=size)
                )
        manifest.put(data_dir, campaign_id, segments)
    finally:
        manifest.tidy(data_dir, campaign_id)
    return segments


def _segments(reader: StoreReader, stored: StoredCampaign) -> Iterator[tuple[str, str, Iterable[list[Row]]]]:
    """Yield table, day and rows in chunks of every segment that has rows."""
    for table, day, keys in segment_rows.days(reader, stored):
        chunks = segment_rows.rows(reader, table, keys)
        if (first := next(chunks, None)) is not None:
            yield table, day, itertools.chain((first,), chunks)


def _write_file(path: Path, schema: pa.Schema, campaign_id: str, chunks: Iterable[list[Row]]) -> int:
    """Write one file and close it; returns the number of its rows."""
    count = 0
    repeating = [name for name in schema.names if name not in _OF_MANY_VALUES]
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeating) as writer:
        for rows in chunks:
            named = zip(zip(*rows, strict=True), schema.types[1:], strict=True)
            arrays = [repeated(campaign_id, len(rows)), *(column(values, kind) for values, kind in named)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(rows)
    return count
