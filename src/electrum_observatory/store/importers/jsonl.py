"""Reads anybody's scan in the JSONL format (docs/formats.md), ours included, as one campaign."""

import ipaddress
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.campaign import Campaign, CampaignSeal
from electrum_observatory.model.endpoint import Endpoint, normalise_host
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store.importers.by_hand import Context, named, read_line
from electrum_observatory.store.importers.campaigns import Importer, import_campaign, import_seal
from electrum_observatory.store.importers.counts import ImportCounts, Tally
from electrum_observatory.store.json_text import from_json_text
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.names import check_campaign_id, check_vantage
from electrum_observatory.store.records import to_observation, to_sighting
from electrum_observatory.store.scan_format import (
    EXTRA_FIELDS,
    FORMAT,
    KNOWN_MEMBERS,
    VERSION,
    CampaignRecord,
    ScanHeader,
    ScanLine,
)
from electrum_observatory.store.times import to_us

_HEADER = TypeAdapter(ScanHeader)
_LINE = TypeAdapter(ScanLine)
_Facts: TypeAlias = tuple[list[Observation], list[Sighting]]
_CHUNK = 200
_MAX_DEPTH = 256  # several times what a probe lets through, and little enough to be written again
_EXAMPLE = f'{{"format":"{FORMAT}","version":{VERSION}}}'


def import_jsonl(store: LiveStore, path: Path, importer: Importer, *, network: str | None = None) -> ImportCounts:
    """Read a file into one campaign and seal it.

    The file is checked whole before anything is stored. An export of ours becomes the same campaign again (same id,
    same facts); any other file becomes a campaign of kind import.

    Args:
        store: Where to.
        path: The file.
        importer: Who imports, and when.
        network: The network of the scan, where the first line names none.

    Raises:
        InputError: The file cannot be read (the line is named), or its campaign is in the folder already.
        StoreError: The data folder is full or not writable.
    """
    header = _read_header(path)
    campaign = _campaign(path, header, importer, network)
    context = Context(
        campaign_id=campaign.campaign_id,
        vantage=header.vantage or campaign.vantage,
        network=NETWORKS[campaign.network],
    )
    counts = _check(path, context)
    try:
        store.begin_campaign(campaign)
    except ValueError as error:
        raise InputError(f"{path}: {error} in this data folder; delete it first to read it again") from error
    rows = _rows(path, context)
    while some := list(itertools.islice(rows, _CHUNK)):
        seen, told = (list(itertools.chain.from_iterable(facts)) for facts in zip(*some, strict=True))
        store.record_many(seen, told, campaign_id=campaign.campaign_id)
    seal = import_seal(importer, counts) if header.campaign is None else _seal(header.campaign)
    if seal is not None:
        store.end_campaign(seal)
    return counts


def read_scan(path: Path) -> tuple[ScanHeader, Iterator[Observation]]:
    """Return the first line of a file and, line by line, what it observed; nothing is stored.

    Raises:
        InputError: The file cannot be read (the line is named); also while its lines are read.
    """
    header = _read_header(path)
    campaign_id = "" if header.campaign is None else header.campaign.campaign_id
    network = header.network or "bitcoin"
    if network not in NETWORKS:
        raise InputError(f"{path} line 1: network {network!r} is none of {', '.join(NETWORKS)}")
    context = Context(campaign_id=campaign_id, vantage=header.vantage or "unknown", network=NETWORKS[network])
    return header, itertools.chain.from_iterable(seen for seen, _ in _rows(path, context))


def _check(path: Path, context: Context) -> ImportCounts:
    """Read every line and count what it says; nothing is stored yet."""
    tally = Tally()
    lines: Counter[bool] = Counter()
    for seen, told in _rows(path, context):
        lines[bool(seen)] += 1
        tally.observe(seen)
        tally.sight(told)
    return tally.counts(context.campaign_id, peer_rows=lines[False], online_rows=lines[True])


def _read_header(path: Path) -> ScanHeader:
    for _, value in _objects(path):
        if value.get("format") != FORMAT:
            raise InputError(f"{path} line 1: not a scan; the first line must be {_EXAMPLE}")
        if value.get("version") != VERSION:
            raise InputError(f"{path} line 1: version {value.get('version')!r} is not {VERSION}, the one we read")
        try:
            return _HEADER.validate_python(value)
        except ValidationError as error:
            raise InputError(f"{path} line 1: {_one_line(error)}") from error
    raise InputError(f"{path} is empty; the first line must be {_EXAMPLE}")


def _campaign(path: Path, header: ScanHeader, importer: Importer, network: str | None) -> Campaign:
    chosen = header.network or network or "bitcoin"
    if network not in (None, chosen):
        raise InputError(f"{path} line 1: a scan of {chosen}, not of {network}")
    if chosen not in NETWORKS:
        raise InputError(f"{path} line 1: network {chosen!r} is none of {', '.join(NETWORKS)}")
    try:
        if header.campaign is not None:
            check_campaign_id(header.campaign.campaign_id)
            return _restored(header.campaign, chosen)
        vantage = header.vantage or "unknown"
        check_vantage(vantage)
    except ValueError as error:
        raise InputError(f"{path} line 1: {error}") from error
    config = {"importer": "jsonl", "file": path.name}
    return import_campaign(importer, vantage=vantage, network=chosen, config=config, note=header.note or "")


def _restored(record: CampaignRecord, network: str) -> Campaign:
    started = to_us(record.started_at)
    assert started is not None
    return Campaign(
        campaign_id=record.campaign_id,
        kind=record.kind,
        vantage=record.vantage,
        network=network,
        started_at_us=started,
        tool_version=record.tool_version,
        config=record.config,
        config_sha256=record.config_sha256,
        overlay=record.overlay,
        note=record.note,
    )


def _seal(record: CampaignRecord) -> CampaignSeal | None:
    if record.seal is None:
        return None
    sealed = to_us(record.seal.sealed_at)
    assert sealed is not None
    return CampaignSeal(
        campaign_id=record.campaign_id, state=record.seal.state, sealed_at_us=sealed, counts=record.seal.counts
    )


def _rows(path: Path, context: Context) -> Iterator[_Facts]:
    lines = _objects(path)
    next(lines)
    for number, value in lines:
        try:
            yield _read_row(value, context)
        except ValidationError as error:
            raise InputError(f"{path} line {number}: {_one_line(error)}") from error
        except ValueError as error:
            raise InputError(f"{path} line {number}: {error}") from error


def _read_row(value: Mapping[str, Json], context: Context) -> _Facts:
    line = _LINE.validate_python({name: member for name, member in value.items() if name in KNOWN_MEMBERS})
    extra = {name: member for name, member in value.items() if name not in KNOWN_MEMBERS}
    endpoint = Endpoint(
        host=normalise_host(line.host),
        address=None if line.address is None else str(ipaddress.ip_address(line.address)),
        port=line.port,
        transport=line.transport,
    )
    told = [
        to_sighting(one, host=endpoint.host, port=endpoint.port, transport=endpoint.transport)
        for one in line.sightings or ()
    ]
    if line.observations is None:
        seen, peers = read_line(line, extra, endpoint, context)
        if not seen and not told:
            told = [named(line, endpoint)]
        return seen, [*told, *peers]
    vantage = line.vantage or context.vantage
    seen = [
        to_observation(one, campaign_id=context.campaign_id, vantage=vantage, endpoint=endpoint)
        for one in line.observations
    ]
    kept = next((one.attempt.result or {} for one in reversed(seen) if one.probe == EXTRA_FIELDS), {})
    if any(kept.get("fields", {}).get(name, ...) != member for name, member in extra.items()):
        bare = ScanLine(host=line.host, port=line.port, transport=line.transport, vantage=line.vantage)
        seen += read_line(bare, extra, endpoint, context)[0]
    return seen, told


def _objects(path: Path) -> Iterator[tuple[int, Mapping[str, Json]]]:
    """Yield (line number, object); blank lines are skipped. Raises InputError."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                yield number, _object(path, number, line)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _object(path: Path, number: int, line: bytes) -> Mapping[str, Json]:
    try:
        value = from_json_text(line.decode("utf-8"))
    except ValueError as error:
        raise InputError(f"{path} line {number}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{path} line {number}: not a JSON object")
    if line.count(b"[") + line.count(b"{") > _MAX_DEPTH and _depth(value) > _MAX_DEPTH:
        raise InputError(f"{path} line {number}: nested deeper than {_MAX_DEPTH}")
    return value


def _depth(value: Json) -> int:
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, list | dict)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
