"""Model values with sensible defaults; each maker takes overrides, so that a test names only what it is about."""

from dataclasses import replace
from typing import Any

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignSeal, CampaignState
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation, Witness, WitnessKind
from electrum_observatory.model.sighting import Sighting

STARTED_AT_US = 1_795_212_900_000_000  # 2026-11-20T22:15:00Z
CAMPAIGN_ID = "20261120T221500Z-local-0a1b2c"
GENESIS = NETWORKS["bitcoin"].genesis_hash


def make_endpoint(**overrides: Any) -> Endpoint:
    """One TLS endpoint at a public address (data only: nothing here is ever dialled)."""
    values = {"host": "electrum.example.org", "port": 50002, "transport": Transport.SSL, "address": "5.9.1.2"}
    return Endpoint(**(values | overrides))


def make_sighting(**overrides: Any) -> Sighting:
    """One list entry."""
    values = {
        "host": "electrum.example.org",
        "port": 50002,
        "transport": Transport.SSL,
        "source": "bundled_list",
        "seen_at_us": STARTED_AT_US,
    }
    return Sighting(**(values | overrides))


def make_campaign(**overrides: Any) -> Campaign:
    """One scan of mainnet from "local"."""
    values = {
        "campaign_id": CAMPAIGN_ID,
        "kind": CampaignKind.SCAN,
        "vantage": "local",
        "network": "bitcoin",
        "started_at_us": STARTED_AT_US,
        "tool_version": "0.1.0",
        "config": {"profile": "default"},
        "config_sha256": "00" * 32,
    }
    return Campaign(**(values | overrides))


def make_seal(**overrides: Any) -> CampaignSeal:
    """The end of the campaign of :func:`make_campaign`."""
    values = {
        "campaign_id": CAMPAIGN_ID,
        "state": CampaignState.COMPLETE,
        "sealed_at_us": STARTED_AT_US + 60_000_000,
        "counts": {"endpoints": 1, "answered": 1},
    }
    return CampaignSeal(**(values | overrides))


def make_witness(**overrides: Any) -> Witness:
    """One reply line."""
    values = {
        "kind": WitnessKind.REPLY,
        "data": b'{"jsonrpc":"2.0","result":["ElectrumX 1.16.0","1.4.2"],"id":0}\n',
        "label": "0",
        "received_monotonic_ns": 1_000_000_000,
    }
    return Witness(**(values | overrides))


def make_observation(probe: str = "server_version", result: Any = None, **overrides: Any) -> Observation:
    """One completed probe; ``result`` is its JSON (default: an ElectrumX 1.16 handshake)."""
    version = {
        "software": "ElectrumX 1.16.0",
        "protocol": "1.4.2",
        "offered": ["1.4", "1.6"],
        "retried_plain": False,
        "error": None,
    }
    values = {
        "campaign_id": CAMPAIGN_ID,
        "vantage": "local",
        "endpoint": make_endpoint(),
        "probe": probe,
        "probe_version": 1,
        "started_at_us": STARTED_AT_US,
        "started_monotonic_ns": 900_000_000,
        "boot_id": "boot-0",
        "duration_us": 100_000,
        "loop_lag_us": 0,
        "attempt": Attempt.completed(version if result is None else result),
        "witnesses": (),
    }
    return Observation(**(values | overrides))


def make_failed_observation(
    probe: str = "connection",
    stage: Stage = Stage.CONNECT,
    kind: FailureKind = FailureKind.CONNECT_REFUSED,
    detail: str = "",
    **overrides: Any,
) -> Observation:
    """One probe that failed (default: nobody listens)."""
    return replace(make_observation(probe, **overrides), attempt=Attempt.failed(stage, kind, detail))


def make_connection_result(**overrides: Any) -> dict[str, Any]:
    """The JSON of a completed ``connection`` over TLS 1.3."""
    values = {
        "connect_ms": 20.0,
        "tls_ms": 45.0,
        "websocket_ms": None,
        "tls_version": "TLSv1.3",
        "tls_cipher": "TLS_AES_256_GCM_SHA384",
        "tls_legacy": False,
        "via_proxy": False,
    }
    return values | overrides


def make_visit(endpoint: Endpoint | None = None, **overrides: Any) -> list[Observation]:
    """The three facts that make an endpoint reachable, answered and verified."""
    where = endpoint or make_endpoint()
    return [
        make_observation("connection", make_connection_result(), endpoint=where, **overrides),
        make_observation("server_version", endpoint=where, **overrides),
        make_observation("genesis", {"block_hash": GENESIS, "error": None}, endpoint=where, **overrides),
    ]
