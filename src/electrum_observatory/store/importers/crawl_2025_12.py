"""Reads the crawl of December 2025 (a folder of six JSON files), faults and all, as facts.

What went wrong in it decides how it is read:
- its peer rows were misread as ``[host, features]``; the untouched row is beside it (``raw``) and is read here;
- it dialled addresses at guessed ports; only what it then recorded counts as asked;
- most rows are repeats: every row becomes observations of its own, and the counts fold them;
- terminators were stripped from the replies, only protocol 1.4 was offered, no genesis was checked, no certificate was
  parsed and no time was kept: all of that is *not recorded*, which is our lack and never a contradiction of theirs;
- its latencies time whole calls on fresh connections, padding delays included; they are no round trips of a ping, so
  they are kept with the row and don't fill ``latency``;
- its behaviour fingerprints and scores are kept with the row as well: they are its conclusions, not ours.
"""

import ipaddress
import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json, Observation, Witness, WitnessKind
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.protocol.messages import Reply, RpcError, decode_server_message
from electrum_observatory.protocol.peers import read_peer_row
from electrum_observatory.store.importers import results
from electrum_observatory.store.importers.campaigns import Importer, import_campaign, import_seal
from electrum_observatory.store.importers.counts import ImportCounts, Tally
from electrum_observatory.store.live import LiveStore

CRAWL_ROW = "crawl_2025_12_row"
"""Probe id of the observation that keeps what a row says beside the replies."""

_Fact: TypeAlias = tuple[str, Attempt[Mapping[str, Json]], tuple[Witness, ...]]
_VANTAGE = "unknown"
_OFFERED = "1.4"
_NOTE = "Crawl of the public network, December 2025 (gabrielcaixeta01/electrum-observatory, MIT, commit 4494986)"
_NOT_RECORDED = ("times", "line terminators", "genesis", "certificate fields", "tls facts", "failures", "who told")
_FILES = ("peers", "online_peers", "fingerprints", "tls_certs", "geo_cache", "honeypot_scores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """The files, decoded.

    Attributes:
        peers: Rows of ``peers.json``.
        online: Rows of ``online_peers.json``.
        fingerprints: Rows of ``fingerprints.json``, as many as ``online`` and in its order.
        certificates: Rows of ``tls_certs.json``, one for each TLS row of ``online`` and in their order.
        scores: Rows of ``honeypot_scores.json``, as many as ``online`` and in its order.
        places: ``geo_cache.json``: address to what a lookup service said then.
    """

    peers: list[dict[str, Json]]
    online: list[dict[str, Json]]
    fingerprints: list[dict[str, Json]]
    certificates: list[dict[str, Json]]
    scores: list[dict[str, Json]]
    places: dict[str, dict[str, Json]]


def import_crawl(store: LiveStore, folder: Path, importer: Importer) -> ImportCounts:
    """Read the folder into one campaign of kind import and seal it.

    Raises:
        InputError: A file is missing or is not what it was (named).
        StoreError: The data folder is full or not writable.
    """
    crawl = read_crawl(folder)
    config = {"importer": "crawl-2025-12", "measured": "2025-12", "not_recorded": list(_NOT_RECORDED)}
    campaign = import_campaign(importer, vantage=_VANTAGE, network="bitcoin", config=config, note=_NOTE)
    tally = Tally()
    observations, sightings = list(_observations(crawl, campaign.campaign_id)), list(_sightings(crawl))
    tally.observe(observations)
    tally.sight(sightings)
    counts = tally.counts(campaign.campaign_id, peer_rows=len(crawl.peers), online_rows=len(crawl.online))
    store.begin_campaign(campaign)
    store.record_many(observations, sightings, campaign_id=campaign.campaign_id)
    store.end_campaign(import_seal(importer, counts))
    return counts


def read_crawl(folder: Path) -> Crawl:
    """Read and check the six files. Raises InputError naming the file."""
    peers, online, fingerprints, certificates, scores = (_load(folder, name, list) for name in (*_FILES[:4], _FILES[5]))
    crawl = Crawl(
        peers=peers,
        online=online,
        fingerprints=fingerprints,
        certificates=certificates,
        scores=scores,
        places=_load(folder, "geo_cache", dict),
    )
    asked = [_where(row) for row in online]
    _check_order(folder, "fingerprints", [_where(row) for row in fingerprints], asked)
    _check_order(folder, "honeypot_scores", [_where(row) for row in scores], asked)
    over_tls = [_where(row) for row in online if row["protocol"] == Transport.SSL]
    _check_order(folder, "tls_certs", [_where(row) for row in certificates], over_tls)
    return crawl


def _load(folder: Path, name: str, shape: type[Any]) -> Any:
    path = folder / f"{name}.json"
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; the folder must hold {', '.join(_FILES)} (.json)") from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    entries = value.values() if isinstance(value, dict) else value
    if not isinstance(value, shape) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f"{path}: not the {name} of the December crawl")
    return value


def _where(row: Mapping[str, Json]) -> tuple[Json, Json]:
    return row.get("host"), row.get("port")


def _check_order(folder: Path, name: str, rows: list[tuple[Json, Json]], asked: list[tuple[Json, Json]]) -> None:
    if rows != asked:
        raise InputError(f"{folder / name}.json: its rows are not those of online_peers.json, in that order")


def _sightings(crawl: Crawl) -> Iterator[Sighting]:
    ports = NETWORKS["bitcoin"]
    defaults = {Transport.TCP: ports.tcp_port, Transport.SSL: ports.ssl_port}
    for row in crawl.peers:
        peer = read_peer_row(row["raw"])
        if peer is None:
            continue
        for service in peer.services:
            yield Sighting(
                host=peer.host,
                port=service.port or defaults[service.transport],
                transport=service.transport,
                source="peers_subscribe",
                address_claimed=peer.address,
                protocol_claimed=peer.protocol_max,
                assumed_port=service.port is None,
            )


def _observations(crawl: Crawl, campaign_id: str) -> Iterator[Observation]:
    certificates: defaultdict[tuple[Json, Json], deque[Json]] = defaultdict(deque)
    for shown in crawl.certificates:
        certificates[_where(shown)].append(shown["fingerprint_sha256"])
    for row, fingerprint, score in zip(crawl.online, crawl.fingerprints, crawl.scores, strict=True):
        endpoint = _endpoint(row)
        facts: list[_Fact] = [("connection", Attempt.completed(results.connection()), ()), *_answers(row)]
        if endpoint.transport.encrypted:
            members, _ = results.certificate_from_members({"sha256": certificates[_where(row)].popleft()})
            facts.append(("tls_certificate", Attempt.completed(members), ()))
        else:
            facts.append(("tls_certificate", Attempt.not_applicable("no TLS"), ()))
        kept = {"latency_ms": row["latency_ms"], "fingerprint": _rest(fingerprint), "score": _rest(score)}
        facts.append((CRAWL_ROW, Attempt.completed(kept), ()))
        for probe, attempt, witnesses in facts:
            yield Observation(
                campaign_id=campaign_id,
                vantage=_VANTAGE,
                endpoint=endpoint,
                probe=probe,
                probe_version=1,
                started_at_us=None,
                attempt=attempt,
                witnesses=witnesses,
            )


def _answers(row: Mapping[str, Json]) -> Iterator[_Fact]:
    for probe, member, request_id in (("server_version", "version_raw", "1"), ("banner", "banner_raw", "2")):
        text = row[member]
        witnesses = (Witness(kind=WitnessKind.REPLY, data=text.encode("utf-8"), label=request_id),) if text else ()
        message = decode_server_message(text.encode("utf-8"))
        if isinstance(message, Reply):
            yield probe, Attempt.completed(_result(probe, message.result, message.error)), witnesses
        else:
            yield probe, Attempt.failed(Stage.REQUEST, FailureKind.NOT_RECORDED, "no whole reply was kept"), witnesses


def _result(probe: str, value: Json, error: RpcError | None) -> results.Result:
    if probe == "banner":
        return results.banner(value, error)
    return results.server_version(value, error, _OFFERED)


def _endpoint(row: Mapping[str, Json]) -> Endpoint:
    address = str(ipaddress.ip_address(row["host"]))
    return Endpoint(host=address, address=address, port=row["port"], transport=Transport(row["protocol"]))


def _rest(row: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in row.items() if name not in ("host", "port")}
