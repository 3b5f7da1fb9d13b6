"""The rows of Parquet segments, straight from the tables: a day at a time, and within it by host and time.

The tables hold JSON text, digests and lengths already as the segments want them, so no result is parsed and no reply is
read. Keys come first and rows in chunks after them: a day of any size passes through little memory. The rows of a chunk
come as their keys stand: SQLite runs a CROSS JOIN as nested loops, the first table outermost, and a sorter would move
all the text once more (https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join).
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
_STATEMENTS = {
    "observations": """
        SELECT o.vantage, endpoint_id, host, address, port, transport, probe, probe_version, started_at_us,
            started_monotonic_ns, boot_id, duration_us, loop_lag_us, status, result, failure_stage, failure_kind,
            failure_detail, reason
        FROM json_each(?) AS wanted CROSS JOIN observations AS o ON observation_pk = wanted.value
        CROSS JOIN endpoints USING (endpoint_pk)
    """,
    "witnesses": """
        SELECT endpoint_id, probe, started_at_us, ordinal, w.kind, label, digest, length(data) + pad_length,
            pad_at, pad_length, result_start, result_end, received_monotonic_ns
        FROM json_each(?) AS wanted CROSS JOIN observations AS o ON observation_pk = wanted.value
        CROSS JOIN endpoints USING (endpoint_pk) CROSS JOIN witnesses AS w USING (observation_pk)
        CROSS JOIN blobs USING (digest)
        ORDER BY wanted.key, ordinal
    """,
    "sightings": """
        SELECT host, port, transport, source, told_by, address_claimed, protocol_claimed, assumed_port, seen_at_us
        FROM json_each(?) AS wanted CROSS JOIN sightings ON sighting_pk = wanted.value
    """,
}


def days(reader: StoreReader, stored: StoredCampaign) -> Iterator[tuple[str, str, list[int]]]:
    """Yield table, UTC day and keys of the rows in order; what has no time lies under the campaign's day.

    The keys of witnesses are those of their observations, of which some have none.
    """
    observed = _days(reader, stored, _OBSERVATION_KEYS)
    told = _days(reader, stored, _SIGHTING_KEYS)
    for table, found in (("observations", observed), ("witnesses", observed), ("sightings", told)):
        for day, keys in found:
            yield table, day, keys


def rows(reader: StoreReader, table: str, keys: Sequence[int]) -> Iterator[list[Row]]:
    """Yield the rows of these keys in chunks, none of them empty; columns as in ``parquet.SCHEMAS`` from the second."""
    for start in range(0, len(keys), _CHUNK):
        text = f"[{','.join(map(str, keys[start : start + _CHUNK]))}]"
        if chunk := reader.select(_STATEMENTS[table], (text,)):
            yield chunk


def _days(reader: StoreReader, stored: StoredCampaign, statement: str) -> list[tuple[str, list[int]]]:
    opened = stored.campaign.started_at_us
    found: dict[str, list[int]] = {}
    for key, at_us in reader.select(statement, (stored.campaign.campaign_id,)):
        found.setdefault(day_of(opened if at_us is None else at_us), []).append(key)
    return sorted(found.items())
