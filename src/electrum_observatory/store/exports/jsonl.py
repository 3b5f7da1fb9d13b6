"""Writes a campaign as JSONL, complete: ``importers.jsonl`` makes the same campaign of it in another data folder."""

import base64
import itertools
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import IO, TypeAlias

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.observation import Json, Observation, WitnessKind
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.records import failure_json, observation_json, sighting_json
from electrum_observatory.store.rows import storable
from electrum_observatory.store.scan_format import EXTRA_FIELDS, FORMAT, KNOWN_MEMBERS, VERSION
from electrum_observatory.store.times import to_iso

_Place: TypeAlias = tuple[str, int, Transport]
_PLACE = attrgetter("host", "port", "transport")


def export_jsonl(reader: StoreReader, campaign_id: str, out: IO[str]) -> int:
    """Write one campaign as text; returns the number of endpoints written.

    The order is fixed (host, port, transport, address), so equal campaigns give equal files.
    """
    stored = reader.campaign(campaign_id)
    out.write(to_json_text(_header(stored)) + "\n")
    written = 0
    for line in _lines(reader, stored.campaign.campaign_id):
        out.write(to_json_text(line) + "\n")
        written += 1
    return written


def _header(stored: StoredCampaign) -> dict[str, Json]:
    campaign, seal = stored.campaign, stored.seal
    return {
        "format": FORMAT,
        "version": VERSION,
        "network": campaign.network,
        "vantage": campaign.vantage,
        "note": campaign.note or None,
        "campaign": {
            "campaign_id": campaign.campaign_id,
            "kind": campaign.kind.value,
            "vantage": campaign.vantage,
            "network": campaign.network,
            "started_at": to_iso(campaign.started_at_us),
            "tool_version": campaign.tool_version,
            "config": campaign.config,
            "config_sha256": campaign.config_sha256,
            "overlay": campaign.overlay,
            "note": campaign.note,
            "seal": seal
            and {"state": seal.state.value, "sealed_at": to_iso(seal.sealed_at_us), "counts": dict(seal.counts)},
            "partial": stored.state.partial,
        },
    }


def _lines(reader: StoreReader, campaign_id: str) -> Iterator[dict[str, Json]]:
    """Merge two sorted streams: what was observed, host by host, and what was only said."""
    told = itertools.groupby(reader.sightings(campaign_id), key=_PLACE)
    waiting = _next(told)
    for _, keys in sorted(reader.hosts(campaign_id).items()):
        for endpoint, seen in _by_endpoint(reader.observations_of(campaign_id, keys)):
            place = _PLACE(endpoint)
            while waiting is not None and waiting[0] < place:
                yield _line(Endpoint(host=waiting[0][0], port=waiting[0][1], transport=waiting[0][2]), (), waiting[1])
                waiting = _next(told)
            here: Sequence[Sighting] = ()
            if waiting is not None and waiting[0] == place:
                here, waiting = waiting[1], _next(told)
            yield _line(endpoint, seen, here)
    while waiting is not None:
        yield _line(Endpoint(host=waiting[0][0], port=waiting[0][1], transport=waiting[0][2]), (), waiting[1])
        waiting = _next(told)


def _next(groups: "itertools.groupby[_Place, Sighting]") -> tuple[_Place, list[Sighting]] | None:
    for place, group in groups:
        return place, list(group)
    return None


def _by_endpoint(observations: Iterator[Observation]) -> list[tuple[Endpoint, list[Observation]]]:
    found: dict[Endpoint, list[Observation]] = {}
    for observation in observations:
        found.setdefault(observation.endpoint, []).append(observation)
    return sorted(found.items(), key=lambda item: (*_PLACE(item[0]), item[0].address or ""))


def _line(endpoint: Endpoint, seen: Sequence[Observation], told: Sequence[Sighting]) -> dict[str, Json]:
    line: dict[str, Json] = {
        "host": endpoint.host,
        "address": endpoint.address,
        "port": endpoint.port,
        "transport": endpoint.transport.value,
    }
    if seen:
        line |= _summary(seen)
        line["observations"] = [observation_json(one) for one in seen]
    if told:
        line["sightings"] = [sighting_json(one) for one in told]
    return line


def _summary(seen: Sequence[Observation]) -> dict[str, Json]:
    """Say in the simple members what the latest completed observations found."""
    latest = {one.probe: one for one in seen if one.attempt.status is AttemptStatus.COMPLETED}
    results: dict[str, Mapping[str, Json]] = {probe: one.attempt.result or {} for probe, one in latest.items()}
    version = results.get("server_version", {})
    starts = [one.started_at_us for one in seen if one.started_at_us is not None]
    extra = results.get(EXTRA_FIELDS, {}).get("fields", {})
    return {
        "time": to_iso(min(starts, default=None)),
        "vantage": seen[0].vantage,
        "server_version": _text(version.get("software")),
        "protocol": _text(version.get("protocol")),
        "features": results.get("features", {}).get("raw"),
        "banner": _text(results.get("banner", {}).get("text")),
        "donation_address": _text(results.get("donation_address", {}).get("address")),
        "peers": results.get("peers", {}).get("peers"),
        "certificate": _certificate(latest.get("tls_certificate")),
        "latency_ms": results.get("latency", {}).get("median_ms"),
        "failure": _failure(seen, answered="server_version" in results),
        **{name: value for name, value in extra.items() if name not in KNOWN_MEMBERS},
    }


def _text(value: Json) -> str | None:
    return storable(value) if isinstance(value, str) else None


def _certificate(observation: Observation | None) -> dict[str, Json] | None:
    if observation is None:
        return None
    for witness in observation.witnesses:
        if witness.kind is WitnessKind.CERTIFICATE:
            return {"der": base64.b64encode(witness.data).decode("ascii")}
    return {name: value for name, value in (observation.attempt.result or {}).items() if value is not None}


def _failure(seen: Sequence[Observation], *, answered: bool) -> dict[str, Json] | None:
    if answered:
        return None
    for probe in ("connection", "server_version"):
        for observation in seen:
            if observation.probe == probe and observation.attempt.failure is not None:
                return failure_json(observation.attempt.failure)
    return None
