"""Sealed segments: ``data/obs/day=YYYY-MM-DD/<table>-<campaign>.parquet`` and the manifest that names them.

A segment is written whole, flushed and renamed before the manifest names it, so a reader that goes by the manifest
never sees half a file. Rows are sorted by host and time. Blobs stay in the live database; ``digest`` refers to them.
Facts whose time is not known (imports) lie under the day their campaign was opened.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store import manifest
from electrum_observatory.store.blobs import to_reference
from electrum_observatory.store.files import TEMPORARY, replacing
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.manifest import FOLDER, SCHEMA_VERSION, Segment
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.times import day_of

_CHUNK = 5000
_ENDPOINT = (("host", pa.string()), ("address", pa.string()), ("port", pa.int32()), ("transport", pa.string()))
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
    """Write the segments of a campaign and name them in the manifest. Raises OSError."""
    folder = data_dir / FOLDER
    campaign_id = stored.campaign.campaign_id
    manifest.remove(data_dir, campaign_id)
    for leftover in folder.glob(f"*/*{TEMPORARY}"):
        leftover.unlink()
    with _Segments(folder, campaign_id) as files:
        for table, day, row in _rows(reader, stored):
            files.add(table, day, row)
    manifest.add(data_dir, files.finished)
    return files.finished


class _Segments:
    """The files of one campaign while they are written; all take their places together on leaving."""

    def __init__(self, folder: Path, campaign_id: str) -> None:
        self._folder = folder
        self._campaign_id = campaign_id
        self._stack = ExitStack()
        self._writers: dict[tuple[str, str], pq.ParquetWriter] = {}
        self._waiting: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._rows: dict[tuple[str, str], int] = {}
        self.finished: list[Segment] = []

    def __enter__(self) -> "_Segments":
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            for key in sorted(self._waiting):
                self._flush(key)
        self._stack.__exit__(*error)
        if error[0] is None:
            self.finished = [self._segment(table, day) for table, day in sorted(self._rows)]

    def add(self, table: str, day: str, row: dict[str, Any]) -> None:
        waiting = self._waiting.setdefault((table, day), [])
        waiting.append(row)
        if len(waiting) >= _CHUNK:
            self._flush((table, day))

    def _flush(self, key: tuple[str, str]) -> None:
        table, day = key
        if key not in self._writers:
            temporary = self._stack.enter_context(replacing(self._folder / self._path(table, day)))
            writer = pq.ParquetWriter(temporary, SCHEMAS[table], compression="zstd")
            self._writers[key] = self._stack.enter_context(writer)
        self._writers[key].write_table(pa.Table.from_pylist(self._waiting[key], schema=SCHEMAS[table]))
        self._rows[key] = self._rows.get(key, 0) + len(self._waiting[key])
        self._waiting[key] = []

    def _path(self, table: str, day: str) -> str:
        return f"day={day}/{table}-{self._campaign_id}.parquet"

    def _segment(self, table: str, day: str) -> Segment:
        path = self._path(table, day)
        return Segment(
            path=path,
            table=table,
            day=day,
            campaign_id=self._campaign_id,
            rows=self._rows[table, day],
            bytes=(self._folder / path).stat().st_size,
        )


def _rows(reader: StoreReader, stored: StoredCampaign) -> Iterator[tuple[str, str, dict[str, Any]]]:
    campaign_id = stored.campaign.campaign_id
    opened = stored.campaign.started_at_us
    for endpoints in reader.hosts(campaign_id).values():
        observations = sorted(
            reader.observations_of(campaign_id, endpoints), key=lambda observation: observation.started_at_us or 0
        )
        for observation in observations:
            day = day_of(opened if observation.started_at_us is None else observation.started_at_us)
            yield "observations", day, _observation(observation)
            for row in _witnesses(observation):
                yield "witnesses", day, row
    for sighting in reader.sightings(campaign_id):
        day = day_of(opened if sighting.seen_at_us is None else sighting.seen_at_us)
        yield "sightings", day, _sighting(campaign_id, sighting)


def _observation(observation: Observation) -> dict[str, Any]:
    endpoint, attempt, failure = observation.endpoint, observation.attempt, observation.attempt.failure
    return {
        "campaign_id": observation.campaign_id,
        "vantage": observation.vantage,
        "endpoint_id": endpoint.endpoint_id,
        "host": endpoint.host,
        "address": endpoint.address,
        "port": endpoint.port,
        "transport": endpoint.transport.value,
        "probe": observation.probe,
        "probe_version": observation.probe_version,
        "started_at": observation.started_at_us,
        "started_monotonic_ns": observation.started_monotonic_ns,
        "boot_id": observation.boot_id,
        "duration_us": observation.duration_us,
        "loop_lag_us": observation.loop_lag_us,
        "status": attempt.status.value,
        "result": None if attempt.result is None else to_json_text(attempt.result),
        "failure_stage": failure.stage.value if failure else None,
        "failure_kind": failure.kind.value if failure else None,
        "failure_detail": failure.detail if failure else None,
        "reason": attempt.reason,
    }


def _witnesses(observation: Observation) -> Iterator[dict[str, Any]]:
    for ordinal, witness in enumerate(observation.witnesses):
        reference = to_reference(witness)
        start, end = reference.result_span or (None, None)
        yield {
            "campaign_id": observation.campaign_id,
            "endpoint_id": observation.endpoint.endpoint_id,
            "probe": observation.probe,
            "started_at": observation.started_at_us,
            "ordinal": ordinal,
            "kind": witness.kind.value,
            "label": witness.label,
            "digest": reference.digest,
            "size": len(witness.data),
            "pad_at": reference.pad_at,
            "pad_length": reference.pad_length,
            "result_start": start,
            "result_end": end,
            "received_monotonic_ns": witness.received_monotonic_ns,
        }


def _sighting(campaign_id: str, sighting: Sighting) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "host": sighting.host,
        "port": sighting.port,
        "transport": sighting.transport.value,
        "source": sighting.source,
        "told_by": sighting.told_by,
        "address_claimed": sighting.address_claimed,
        "protocol_claimed": sighting.protocol_claimed,
        "assumed_port": sighting.assumed_port,
        "seen_at": sighting.seen_at_us,
    }
