"""The text of ``data/raw/<server>.json``, put together from the text that the tables already hold.

Results stand in the tables as the JSON they are in a file: none is read to be spelled again, and all is copied into
place at once. The shape is ``raw_json.RawServerFile`` and ``records``; a test holds this file to it.
"""

import base64
import itertools
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

import msgspec

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.dialect import Unpadded, repad
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.reader import StoreReader
from electrum_observatory.store.rows import Row
from electrum_observatory.store.times import to_iso

FORMAT = "electrum-observatory-server"
SCHEMA_VERSION = 1
_ENDPOINTS = """
SELECT endpoint_pk, endpoint_id, address, port, transport FROM endpoints
WHERE endpoint_pk IN (SELECT value FROM json_each(?)) ORDER BY endpoint_id
"""
_OF_ENDPOINT = "campaign_pk = (SELECT campaign_pk FROM campaigns WHERE campaign_id = +?) AND endpoint_pk = +?"
"""With a plus, which changes nothing else, or SQLite would plan anew for each value that it is given."""
_OBSERVATIONS = f"""
SELECT observation_pk, probe, probe_version, status, result, failure_stage, failure_kind, failure_detail,
    reason, vantage, started_at_us, started_monotonic_ns, boot_id, duration_us, loop_lag_us
FROM observations WHERE {_OF_ENDPOINT} ORDER BY observation_pk
"""  # noqa: S608 (our own condition)
_WITNESSES = f"""
SELECT observation_pk, kind, label, data, pad_at, pad_length, received_monotonic_ns
FROM observations CROSS JOIN witnesses USING (observation_pk) JOIN blobs USING (digest)
WHERE {_OF_ENDPOINT} ORDER BY observation_pk, ordinal
"""  # noqa: S608
_Text: TypeAlias = str | msgspec.Raw
_encode = msgspec.json.Encoder().encode


class _Witness(msgspec.Struct, omit_defaults=True):
    kind: str
    label: _Text | None = None
    text: _Text | None = None
    base64: str | None = None
    received_monotonic_ns: int | None = None


class _Failure(msgspec.Struct):
    stage: str
    kind: str
    detail: _Text


class _Observation(msgspec.Struct, omit_defaults=True):
    probe: _Text
    probe_version: int
    status: str
    result: msgspec.Raw | None = None
    failure: _Failure | None = None
    reason: _Text | None = None
    vantage: _Text | None = None
    started_at: str | None = None
    started_monotonic_ns: int | None = None
    boot_id: _Text | None = None
    duration_us: int | None = None
    loop_lag_us: int | None = None
    witnesses: list[_Witness] | None = None


class _Endpoint(msgspec.Struct):
    endpoint_id: str
    endpoint: str
    address: str | None
    port: int
    transport: str
    observations: list[_Observation]


class _File(msgspec.Struct):
    format: str
    schema_version: int
    host: str
    campaign: msgspec.Raw
    endpoints: list[_Endpoint]


def server_files(
    reader: StoreReader, campaign_id: str, hosts: Mapping[str, Sequence[int]], *, campaign: Json
) -> Iterator[tuple[str, bytes]]:
    """Yield each host with what its file holds, which is ASCII; one host at a time is in memory.

    Args:
        reader: Where the campaign lies.
        campaign_id: The campaign.
        hosts: Every host that is wanted, with the keys of its endpoints.
        campaign: The ``campaign`` member.
    """
    told = msgspec.Raw(to_json_text(campaign))
    for host, keys in hosts.items():
        rows = reader.select(_ENDPOINTS, (to_json_text(keys),))
        endpoints = [_endpoint(reader, campaign_id, host, row) for row in rows]
        yield host, _encode(_File(FORMAT, SCHEMA_VERSION, host, told, endpoints)) + b"\n"


def _endpoint(reader: StoreReader, campaign_id: str, host: str, row: Row) -> _Endpoint:
    key, endpoint_id, address, port, transport = row
    canonical = Endpoint(host=host, address=address, port=port, transport=Transport(transport)).canonical
    found = itertools.groupby(reader.select(_WITNESSES, (campaign_id, key)), key=itemgetter(0))
    witnesses = {observation: list(map(_witness, rows)) for observation, rows in found}
    observed = reader.select(_OBSERVATIONS, (campaign_id, key))
    observations = [_observation(one, witnesses.get(one[0])) for one in observed]
    return _Endpoint(endpoint_id, canonical, address, port, transport, observations)


def _observation(row: Row, witnesses: list[_Witness] | None) -> _Observation:
    _, probe, version, status, result, stage, kind, detail, reason, vantage, at_us, *rest = row
    monotonic_ns, boot_id, duration_us, loop_lag_us = rest
    return _Observation(
        _text(probe),
        version,
        status,
        None if result is None else msgspec.Raw(result),
        None if kind is None else _Failure(stage, kind, _text(detail or "")),
        _text(reason) if reason else None,
        _text(vantage),
        to_iso(at_us),
        monotonic_ns,
        _text(boot_id) if boot_id else None,
        duration_us,
        loop_lag_us,
        witnesses,
    )


def _witness(row: Row) -> _Witness:
    _, kind, label, stored, pad_at, pad_length, received_ns = row
    data = stored if pad_at is None else repad(Unpadded(line=stored, pad_at=pad_at, pad_length=pad_length))
    text = encoded = None
    try:
        text = _text(data.decode("utf-8"))
    except UnicodeDecodeError:
        encoded = base64.b64encode(data).decode("ascii")
    return _Witness(kind, _text(label) if label else None, text, encoded, received_ns)


def _text(text: str) -> _Text:
    """Return text as it is, where msgspec spells it as we do; else spelled as JSON, with all but ASCII escaped."""
    return text if text.isascii() and "\x7f" not in text else msgspec.Raw(to_json_text(text))
