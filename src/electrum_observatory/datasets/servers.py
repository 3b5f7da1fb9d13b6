"""The table ``servers``: one row per endpoint of a campaign, whether it answered or not."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from electrum_observatory.bitcoin.networks import NETWORKS, Network
from electrum_observatory.datasets import fields
from electrum_observatory.datasets.facts import CampaignFacts, EndpointFacts, PlaceLookup
from electrum_observatory.datasets.genesis import GenesisState, genesis_state
from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.observation import Json
from electrum_observatory.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """One endpoint as one campaign saw it. ``None`` means not learned; an empty text is what the server sent.

    Attributes:
        endpoint_id: First 16 hex digits of the SHA-256 of the endpoint's canonical text.
        campaign_id: The campaign.
        vantage: Where the campaign ran.
        host: Canonical host as advertised.
        address: The address that was dialled, or the host where that is one; None for onions and unresolved names.
        port: As dialled.
        transport: tcp, ssl, ws or wss.
        first_observed_us: Earliest observation, UTC microseconds.
        dialled: A connection was tried; false where the name did not resolve or our own policy left the endpoint out
            (``failure_kind`` says why).
        unresolved: Never dialled, because the name gave no address.
        reachable: A connection came about.
        answered: ``server.version`` was answered, be it by an error.
        genesis: What is known about the chain it serves: verified, claimed, other or unknown. BCH, BSV and XEC share
            Bitcoin's block 0, so verified is necessary and not sufficient.
        failure_stage: The step that kept it from answering; None if it answered.
        failure_kind: How, from the closed list of ``docs/failures.md``.
        failure_side: Whose trouble that is: theirs, network or ours.
        failure_detail: The same for a person.
        connect_ms: TCP connection, milliseconds.
        tls_ms: TLS handshake, milliseconds.
        via_proxy: Whether a SOCKS proxy stood between; its delay is then inside every time.
        ping_min_ms: Shortest of the sequential ``server.ping`` round trips, milliseconds.
        ping_median_ms: Their median, milliseconds.
        software: What the server calls itself in ``server.version``. A claim.
        protocol: The protocol version that it settled on.
        retried_plain: A range of versions was refused and plain "1.4" taken.
        features_server_version: What it calls itself in ``server.features``.
        protocol_min: Lowest protocol it says it speaks.
        protocol_max: Highest protocol it says it speaks.
        genesis_hash: Genesis block as ``server.features`` names it.
        hash_function: As ``server.features`` names it.
        pruning: As ``server.features`` says, as JSON.
        features_keys: The keys of ``server.features`` in the order sent.
        features_hosts: The ``hosts`` of ``server.features``, as JSON.
        banner: Text of ``server.banner``.
        donation_address: As sent: "" and None are different facts.
        peers_rows: Rows of its peer list.
        peers_malformed: Those that could not be read.
        tip_height: Height of its chain tip, as it says; of a chain that shares block 0 it is that chain's.
        tip_hash: Block id of its tip, hashed by us from the header.
        tip_timestamp: Time in that header, UTC seconds.
        relay_fee_btc_per_kvb: Lowest fee rate its node relays.
        relay_fee_text: The same as written on the wire.
        mempool_info: Raw reply of ``mempool.get_info``, as JSON.
        fee_estimates: ``target:rate`` in blocks and BTC/kvB, as written on the wire.
        fee_histogram_bins: Number of bins; 0 is an empty mempool.
        fee_histogram_vsize: Sum over the bins, vbytes.
        fee_histogram_digest: First 16 hex of the SHA-256 of the bins as written; equal digests are equal replies.
        certificate_sha256: Digest of the server's own certificate (DER).
        certificate_spki_sha256: Digest of its public key; survives renewal with the same key.
        reverse_names: Names that reverse DNS gives the address.
        reverse_confirmed: Those among them that resolve back to it.
        answered_with_error: Probes that the server answered with a JSON-RPC error.
        failed_probes: Probes that broke after the handshake.
        country: ISO 3166-1 alpha-2, looked up for ``address``, as the next six.
        city: Name in English.
        latitude: Degrees north.
        longitude: Degrees east.
        asn: Number of the announcing autonomous system.
        org: Its name: who announces, not who runs.
        cloud_provider: Hosting company by ASN rules.
        place_source: Names and dates of the tables that answered.
    """

    endpoint_id: str
    campaign_id: str
    vantage: str
    host: str
    address: str | None
    port: int
    transport: str
    first_observed_us: int | None
    dialled: bool
    unresolved: bool
    reachable: bool
    answered: bool
    genesis: GenesisState
    failure_stage: str | None
    failure_kind: str | None
    failure_side: str | None
    failure_detail: str | None
    connect_ms: float | None
    tls_ms: float | None
    via_proxy: bool | None
    ping_min_ms: float | None
    ping_median_ms: float | None
    software: str | None
    protocol: str | None
    retried_plain: bool | None
    features_server_version: str | None
    protocol_min: str | None
    protocol_max: str | None
    genesis_hash: str | None
    hash_function: str | None
    pruning: str | None
    features_keys: tuple[str, ...]
    features_hosts: str | None
    banner: str | None
    donation_address: str | None
    peers_rows: int | None
    peers_malformed: int | None
    tip_height: int | None
    tip_hash: str | None
    tip_timestamp: int | None
    relay_fee_btc_per_kvb: float | None
    relay_fee_text: str | None
    mempool_info: str | None
    fee_estimates: tuple[str, ...]
    fee_histogram_bins: int | None
    fee_histogram_vsize: int | None
    fee_histogram_digest: str | None
    certificate_sha256: str | None
    certificate_spki_sha256: str | None
    reverse_names: tuple[str, ...]
    reverse_confirmed: tuple[str, ...]
    answered_with_error: tuple[str, ...]
    failed_probes: tuple[str, ...]
    country: str | None
    city: str | None
    latitude: float | None
    longitude: float | None
    asn: int | None
    org: str | None
    cloud_provider: str | None
    place_source: str


def build(facts: CampaignFacts, places: PlaceLookup) -> tuple[ServerRow, ...]:
    """Return one row per endpoint, ordered by canonical text."""
    chain = NETWORKS[facts.campaign.network]
    return tuple(_row(facts.campaign.campaign_id, chain, seen, places) for seen in facts.endpoints)


def _row(campaign_id: str, chain: Network, seen: EndpointFacts, places: PlaceLookup) -> ServerRow:
    address = seen.endpoint.known_address
    place = Place() if address is None else places.look_up(address)
    failure = seen.failure
    connection, version, features = (seen.result(probe) for probe in ("connection", "server_version", "features"))
    tip, fee, latency = (seen.result(probe) for probe in ("chain_tip", "relay_fee", "latency"))
    histogram, certificate = seen.result("fee_histogram"), seen.result("tls_certificate")
    peers, reverse = seen.result("peers"), seen.result("reverse_dns")
    return ServerRow(
        endpoint_id=seen.endpoint.endpoint_id,
        campaign_id=campaign_id,
        vantage=seen.vantage,
        host=seen.endpoint.host,
        address=address,
        port=seen.endpoint.port,
        transport=seen.endpoint.transport.value,
        first_observed_us=seen.first_observed_us,
        dialled=seen.dialled,
        unresolved=seen.unresolved,
        reachable=seen.reachable,
        answered=seen.answered,
        genesis=genesis_state(seen, chain),
        failure_stage=failure.stage.value if failure else None,
        failure_kind=failure.kind.value if failure else None,
        failure_side=failure.kind.side.value if failure else None,
        failure_detail=failure.detail if failure else None,
        connect_ms=fields.number(connection, "connect_ms"),
        tls_ms=fields.number(connection, "tls_ms"),
        via_proxy=fields.boolean(connection, "via_proxy"),
        ping_min_ms=fields.number(latency, "min_ms"),
        ping_median_ms=fields.number(latency, "median_ms"),
        software=fields.text(version, "software"),
        protocol=fields.text(version, "protocol"),
        retried_plain=fields.boolean(version, "retried_plain"),
        features_server_version=fields.text(features, "server_version"),
        protocol_min=fields.text(features, "protocol_min"),
        protocol_max=fields.text(features, "protocol_max"),
        genesis_hash=fields.text(features, "genesis_hash"),
        hash_function=fields.text(features, "hash_function"),
        pruning=fields.as_json(features.get("pruning")),
        features_keys=fields.texts(features, "keys"),
        features_hosts=fields.as_json(features.get("hosts")),
        banner=fields.text(seen.result("banner"), "text"),
        donation_address=fields.text(seen.result("donation_address"), "address"),
        peers_rows=fields.integer(peers, "rows"),
        peers_malformed=fields.integer(peers, "malformed"),
        tip_height=fields.integer(tip, "height"),
        tip_hash=fields.text(tip, "block_hash"),
        tip_timestamp=fields.integer(tip, "timestamp"),
        relay_fee_btc_per_kvb=fields.number(fee, "btc_per_kvb"),
        relay_fee_text=fields.text(fee, "text"),
        mempool_info=fields.as_json(seen.result("mempool_info").get("fields")),
        fee_estimates=_estimates(seen.result("fee_estimates")),
        fee_histogram_bins=_bins(histogram),
        fee_histogram_vsize=fields.integer(histogram, "total_vsize"),
        fee_histogram_digest=_histogram_digest(histogram),
        certificate_sha256=fields.text(certificate, "sha256"),
        certificate_spki_sha256=fields.text(certificate, "spki_sha256"),
        reverse_names=fields.texts(reverse, "names"),
        reverse_confirmed=fields.texts(reverse, "forward_confirmed"),
        answered_with_error=_answered_with_error(seen),
        failed_probes=_failed_probes(seen),
        country=place.country,
        city=place.city,
        latitude=place.latitude,
        longitude=place.longitude,
        asn=place.asn,
        org=place.org,
        cloud_provider=place.cloud_provider,
        place_source=place.source,
    )


def _estimates(result: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(
        f"{estimate.get('target')}:{estimate.get('text')}"
        for estimate in fields.mappings(result, "estimates")
        if isinstance(estimate.get("text"), str)
    )


def _bins(histogram: Mapping[str, Json]) -> int | None:
    bins = histogram.get("bins")
    return len(bins) if isinstance(bins, list | tuple) else None


def _histogram_digest(histogram: Mapping[str, Json]) -> str | None:
    bins = histogram.get("bins")
    if not isinstance(bins, list | tuple):
        return None
    spelled = fields.as_json([histogram.get("texts"), bins]) or ""
    return hashlib.sha256(spelled.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _answered_with_error(seen: EndpointFacts) -> tuple[str, ...]:
    return tuple(sorted(probe for probe in seen.attempts if seen.result(probe).get("error") is not None))


def _failed_probes(seen: EndpointFacts) -> tuple[str, ...]:
    return tuple(
        sorted(
            probe
            for probe, attempt in seen.attempts.items()
            if attempt.status is AttemptStatus.FAILED and probe not in ("connection", "server_version")
        )
    )
