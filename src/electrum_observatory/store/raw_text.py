"""The text of ``data/raw/<server>.json``, put together from the text that the tables already hold.

Results stand in the tables as the JSON they are in a file. Reading 31 kB of them per server into dictionaries, to spell
them again, took a third of the time of sealing. The shape is ``raw_json.RawServerFile`` and ``records``; a test holds
this file to it.
"""

import base64
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.dialect import Unpadded, repad
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.reader import StoreReader
from electrum_observatory.store.rows import Row
from electrum_observatory.store.times import to_iso

FORMAT = "electrum-observatory-server"
SCHEMA_VERSION = 1
_HOSTS_AT_ONCE = 32
_BYTES_AT_ONCE = 4_000_000  # of what they sent; one host may be more
_SIZES = """
SELECT endpoint_pk, sum(length(data) + pad_length)
FROM observations JOIN witnesses USING (observation_pk) JOIN blobs USING (digest)
WHERE campaign_pk = (SELECT campaign_pk FROM campaigns WHERE campaign_id = ?)
GROUP BY endpoint_pk
"""
_OBSERVATIONS = """
SELECT host, endpoint_id, address, port, transport, observation_pk, probe, probe_version, status, result, failure_stage,
    failure_kind, failure_detail, reason, o.vantage, o.started_at_us, started_monotonic_ns, boot_id, duration_us,
    loop_lag_us
FROM observations o JOIN endpoints USING (endpoint_pk) JOIN campaigns USING (campaign_pk)
WHERE campaign_id = :campaign_id AND endpoint_pk IN (SELECT value FROM json_each(:endpoints))
ORDER BY host, endpoint_id, observation_pk
"""
_WITNESSES = """
SELECT observation_pk, kind, label, data, pad_at, pad_length, received_monotonic_ns
FROM json_each(:observations) AS wanted CROSS JOIN witnesses ON observation_pk = wanted.value JOIN blobs USING (digest)
ORDER BY wanted.key, ordinal
"""
_spelled = functools.lru_cache(maxsize=4096)(to_json_text)
"""For the few names that stand in every observation."""


def server_texts(
    reader: StoreReader, campaign_id: str, hosts: Mapping[str, Sequence[int]], *, campaign: Json
) -> Iterator[tuple[str, str]]:
    """Yield each host with the text of its file; a few hosts at a time are in memory.

    Args:
        reader: Where the campaign lies.
        campaign_id: The campaign.
        hosts: Every host that is wanted, with the keys of its endpoints.
        campaign: The ``campaign`` member.
    """
    told = to_json_text(campaign)
    sizes: dict[int, int] = dict(reader.select(_SIZES, (campaign_id,)))
    for some in _some_at_once(hosts.values(), sizes):
        endpoints = to_json_text(some)
        observed = reader.select(_OBSERVATIONS, {"campaign_id": campaign_id, "endpoints": endpoints})
        witnesses = _witnesses(reader, [row[5] for row in observed])
        for host, rows in itertools.groupby(observed, key=itemgetter(0)):
            groups = itertools.groupby(rows, key=itemgetter(1, 2, 3, 4))
            parts = ",".join([_endpoint(host, name, group, witnesses) for name, group in groups])
            head = f'{{"format":"{FORMAT}","schema_version":{SCHEMA_VERSION},"host":{to_json_text(host)}'
            yield host, f'{head},"campaign":{told},"endpoints":[{parts}]}}\n'


def _some_at_once(hosts: Iterable[Sequence[int]], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Yield the endpoints of a few hosts at a time, of fewer where they sent much."""
    taken: list[int] = []
    number = size = 0
    for endpoints in hosts:
        own = sum(sizes.get(endpoint, 0) for endpoint in endpoints)
        if taken and (number >= _HOSTS_AT_ONCE or size + own > _BYTES_AT_ONCE):
            yield taken
            taken, number, size = [], 0, 0
        taken += endpoints
        number += 1
        size += own
    if taken:
        yield taken


def _witnesses(reader: StoreReader, observations: Sequence[int]) -> dict[int, str]:
    """Return the witnesses of each observation that has some, as the inside of a JSON list."""
    found = reader.select(_WITNESSES, {"observations": to_json_text(list(observations))})
    return {key: ",".join(map(_witness, rows)) for key, rows in itertools.groupby(found, key=itemgetter(0))}


def _endpoint(host: str, name: Row, rows: Iterator[Row], witnesses: Mapping[int, str]) -> str:
    endpoint_id, address, port, transport = name
    canonical = Endpoint(host=host, address=address, port=port, transport=Transport(transport)).canonical
    members = {
        "endpoint_id": endpoint_id,
        "endpoint": canonical,
        "address": address,
        "port": port,
        "transport": transport,
    }
    observations = ",".join([_observation(row, witnesses.get(row[5])) for row in rows])
    return f'{to_json_text(members)[:-1]},"observations":[{observations}]}}'


def _observation(row: Row, witnesses: str | None) -> str:
    _, _, _, _, _, _, probe, version, status, result, stage, kind, detail, reason, vantage, at_us, *rest = row
    monotonic_ns, boot_id, duration_us, loop_lag_us = rest
    parts = [f'{{"probe":{_spelled(probe)},"probe_version":{version},"status":"{status}"']
    if result is not None:
        parts.append(f'"result":{result}')
    if kind is not None:
        parts.append(f'"failure":{{"stage":"{stage}","kind":"{kind}","detail":{to_json_text(detail or "")}}}')
    if reason:
        parts.append(f'"reason":{to_json_text(reason)}')
    parts.append(f'"vantage":{_spelled(vantage)}')
    if at_us is not None:
        parts.append(f'"started_at":"{to_iso(at_us)}"')
    if monotonic_ns is not None:
        parts.append(f'"started_monotonic_ns":{monotonic_ns}')
    if boot_id:
        parts.append(f'"boot_id":{_spelled(boot_id)}')
    if duration_us is not None:
        parts.append(f'"duration_us":{duration_us}')
    if loop_lag_us is not None:
        parts.append(f'"loop_lag_us":{loop_lag_us}')
    if witnesses:
        parts.append(f'"witnesses":[{witnesses}]')
    return ",".join(parts) + "}"


def _witness(row: Row) -> str:
    _, kind, label, stored, pad_at, pad_length, received_ns = row
    data = repad(Unpadded(line=stored, pad_at=pad_at, pad_length=pad_length))
    labelled = f',"label":{_spelled(label)}' if label else ""
    try:
        spelled = f'"text":{to_json_text(data.decode("utf-8"))}'
    except UnicodeDecodeError:
        spelled = f'"base64":"{base64.b64encode(data).decode("ascii")}"'
    received = "" if received_ns is None else f',"received_monotonic_ns":{received_ns}'
    return f'{{"kind":"{kind}"{labelled},{spelled}{received}}}'
