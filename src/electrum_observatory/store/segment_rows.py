"""The rows of Parquet segments, straight from the tables: a day at a time, and within it by host and time.

The tables hold JSON text, digests and lengths already as the segments want them, so no result is parsed and no reply is
read. Keys come first and rows in chunks after them: a day of any size passes through little memory.
"""

from collections.abc import Iterator, Sequence

from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.rows import Row
from electrum_observatory.store.times import day_of

_CHUNK = 2000
_OBSERVATION_KEYS = """
SELECT observation_pk, started_at_us FROM observations JOIN endpoints USING (endpoint_pk)
WHERE campaign_pk = (SELECT campaign_pk FROM campaigns WHERE campaign_id = ?)
ORDER BY host, coalesce(started_at_us, 0), endpoint_id, observation_pk
"""
_SIGHTING_KEYS = """
SELECT sighting_pk, seen_at_us FROM sightings
WHERE campaign_pk = (SELECT campaign_pk FROM campaigns WHERE campaign_id = ?)
ORDER BY host, port, transport, sighting_pk
"""
_OBSERVATIONS = """
SELECT campaign_id, o.vantage, endpoint_id, host, address, port, transport, probe, probe_version, o.started_at_us,
    started_monotonic_ns, boot_id, duration_us, loop_lag_us, status, result, failure_stage, failure_kind,
    failure_detail, reason
FROM json_each(?) AS wanted CROSS JOIN observations AS o ON observation_pk = wanted.value
JOIN endpoints USING (endpoint_pk) JOIN campaigns USING (campaign_pk)
ORDER BY wanted.key
"""
_WITNESSES = """
SELECT campaign_id, endpoint_id, probe, o.started_at_us, ordinal, w.kind, label, digest, length(data) + pad_length,
    pad_at, pad_length, result_start, result_end, received_monotonic_ns
FROM json_each(?) AS wanted CROSS JOIN observations AS o ON observation_pk = wanted.value
JOIN witnesses AS w USING (observation_pk) JOIN blobs USING (digest)
JOIN endpoints USING (endpoint_pk) JOIN campaigns USING (campaign_pk)
ORDER BY wanted.key, ordinal
"""
_SIGHTINGS = """
SELECT campaign_id, host, port, transport, source, told_by, address_claimed, protocol_claimed, assumed_port, seen_at_us
FROM json_each(?) AS wanted CROSS JOIN sightings ON sighting_pk = wanted.value
JOIN campaigns USING (campaign_pk)
ORDER BY wanted.key
"""
_QUERIES = {
    "observations": (_OBSERVATION_KEYS, _OBSERVATIONS),
    "witnesses": (_OBSERVATION_KEYS, _WITNESSES),
    "sightings": (_SIGHTING_KEYS, _SIGHTINGS),
}


def days(reader: StoreReader, stored: StoredCampaign, table: str) -> list[tuple[str, list[int]]]:
    """Return each UTC day with the keys of its rows, in order; what has no time lies under the campaign's day."""
    keys, _ = _QUERIES[table]
    opened = stored.campaign.started_at_us
    found: dict[str, list[int]] = {}
    for key, at_us in reader.select(keys, (stored.campaign.campaign_id,)):
        found.setdefault(day_of(opened if at_us is None else at_us), []).append(key)
    return sorted(found.items())


def rows(reader: StoreReader, table: str, keys: Sequence[int]) -> Iterator[list[Row]]:
    """Yield the rows of these keys in chunks, none of them empty; columns as in ``parquet.SCHEMAS``."""
    _, statement = _QUERIES[table]
    for start in range(0, len(keys), _CHUNK):
        text = f"[{','.join(map(str, keys[start : start + _CHUNK]))}]"
        if chunk := reader.select(statement, (text,)):
            yield chunk
