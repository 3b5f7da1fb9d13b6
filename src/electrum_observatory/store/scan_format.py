"""The JSONL scan format, version 1 (reference: docs/formats.md): a first line, then one object per endpoint.

Anybody can write the simple members by hand. Our own export adds ``observations`` and ``sightings``, which hold
everything; where ``observations`` is present it is the record, and the simple members are a summary for the reader.
"""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from electrum_observatory.model.campaign import CampaignKind, CampaignState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.store.records import FailureRecord, Int64, ObservationRecord, Port, SightingRecord

FORMAT: Literal["electrum-observatory-scan"] = "electrum-observatory-scan"
VERSION: Literal[1] = 1
EXTRA_FIELDS = "extra_fields"
"""Probe id of the observation that keeps the members of a line that the format does not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRecord:
    """How a campaign ended.

    Attributes:
        state: complete, cancelled or failed.
        sealed_at: ISO 8601, UTC.
        counts: What was seen and done, by name.
    """

    state: Literal[CampaignState.COMPLETE, CampaignState.CANCELLED, CampaignState.FAILED]
    sealed_at: AwareDatetime
    counts: dict[str, Int64] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRecord:
    """The campaign of an export, so that reading it back gives the same campaign; see ``model.campaign.Campaign``.

    Attributes:
        campaign_id: ``20261120T221500Z-<vantage>-<6 hex>``.
        kind: scan or import.
        vantage: Where it ran.
        network: Id of the network whose genesis was expected.
        started_at: ISO 8601, UTC.
        tool_version: Version of Electrum Observatory.
        config: The whole configuration.
        config_sha256: Digest of the configuration.
        overlay: Name and digest of a lab's overlay, and as reference what the lab says of its chain; null on a real
            network.
        note: Free text.
        seal: How it ended; null where it was still open.
        partial: Whether something was left undone when it was exported.
    """

    campaign_id: str
    kind: CampaignKind
    vantage: str
    network: str
    started_at: AwareDatetime
    tool_version: str
    config: dict[str, Any]
    config_sha256: str
    overlay: dict[str, Any] | None = None
    note: str = ""
    seal: SealRecord | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanHeader:
    """The first line.

    Attributes:
        format: Always "electrum-observatory-scan".
        version: 1.
        network: Id of the network ("bitcoin", "testnet4", …); null means bitcoin.
        vantage: Where the scan ran; null means unknown.
        note: Where the data comes from, for the reader of a report.
        campaign: Written by our export only.
    """

    format: Literal["electrum-observatory-scan"]
    version: Literal[1]
    network: str | None = None
    vantage: str | None = None
    note: str | None = None
    campaign: CampaignRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLine:
    """One endpoint. Only host, port and transport are needed; missing means null means not known.

    Attributes:
        host: Host name, onion name or address, as advertised.
        address: The address that was dialled.
        port: 1–65535.
        transport: tcp, ssl, ws or wss.
        time: When it was asked; ISO 8601 with a zone.
        vantage: Where it was asked from, where that differs from the first line.
        server_version: Software name of the ``server.version`` reply.
        protocol: Protocol version of the same reply.
        features: The result of ``server.features`` as sent.
        banner: The result of ``server.banner``.
        donation_address: The result of ``server.donation_address``.
        peers: Rows of ``server.peers.subscribe`` as sent, or objects of host, address, services.
        certificate: ``{"der": "<base64>"}``, or what is known of it (sha256, subject_cn, issuer_cn, valid_from, …).
        latency_ms: Round trip of one small request after the handshake, milliseconds.
        failure: What kept the endpoint from answering: a kind of docs/failures.md, free text, or stage, kind, detail.
        raw: Probe id to the raw reply line as base64.
        observations: Everything, in our own shape; written by our export.
        sightings: Who told of the endpoint; written by our export.
    """

    host: str
    address: str | None = None
    port: Port
    transport: Transport
    time: AwareDatetime | None = None
    vantage: str | None = None
    server_version: str | None = None
    protocol: str | None = None
    features: dict[str, Any] | None = None
    banner: str | None = None
    donation_address: str | None = None
    peers: list[list[Any] | dict[str, Any]] | None = None
    certificate: dict[str, Any] | None = None
    latency_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    failure: FailureRecord | str | None = None
    raw: dict[str, str] | None = None
    observations: list[ObservationRecord] | None = None
    sightings: list[SightingRecord] | None = None


KNOWN_MEMBERS = frozenset(one.name for one in fields(ScanLine))
