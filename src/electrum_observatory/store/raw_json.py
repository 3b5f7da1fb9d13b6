"""``data/raw/<server>.json``: all that the latest sealed campaign learned about one host, replies included.

One file per host with observations. The text is ASCII, so that nothing a server sent can act on a terminal or a page
by itself, and nothing is left out: replies stand as text, or as base64 where they are not UTF-8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from electrum_observatory.model.campaign import CampaignKind, CampaignState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.store.files import TEMPORARY, file_stem, write_text
from electrum_observatory.store.json_text import from_json_text, to_json_text
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.records import ObservationRecord, Port, observation_json
from electrum_observatory.store.times import to_iso

FORMAT = "electrum-observatory-server"
SCHEMA_VERSION = 1
FOLDER = "raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCampaign:
    """Which campaign the file tells of.

    Attributes:
        campaign_id: Its id.
        kind: Scan or import.
        vantage: Where it ran.
        network: Id of the network whose genesis was expected.
        started_at: ISO 8601, UTC.
        sealed_at: ISO 8601, UTC; null where it has not ended.
        state: How it ended.
        tool_version: Version of Electrum Observatory.
    """

    campaign_id: str
    kind: CampaignKind
    vantage: str
    network: str
    started_at: str
    sealed_at: str | None
    state: CampaignState
    tool_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEndpoint:
    """One endpoint of the host.

    Attributes:
        endpoint_id: First 16 hex digits of the SHA-256 of ``endpoint``.
        endpoint: Canonical text, ``ssl://host:port@address``.
        address: The address that was dialled; null where there is none.
        port: The port.
        transport: tcp, ssl, ws or wss.
        observations: In the order they were recorded.
    """

    endpoint_id: str
    endpoint: str
    address: str | None
    port: Port
    transport: Transport
    observations: list[ObservationRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawServerFile:
    """The whole file.

    Attributes:
        format: Always "electrum-observatory-server".
        schema_version: 1.
        host: Canonical host as advertised.
        campaign: The latest sealed campaign that observed it.
        endpoints: By endpoint id.
    """

    format: Literal["electrum-observatory-server"]
    schema_version: Literal[1]
    host: str
    campaign: RawCampaign
    endpoints: list[RawEndpoint]


def write(reader: StoreReader, stored: StoredCampaign, data_dir: Path) -> int:
    """Write the files of every host of a campaign, replacing older ones; returns their number. Raises OSError."""
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(f"*{TEMPORARY}"):
        leftover.unlink()
    head = _campaign_json(stored)
    hosts = reader.hosts(stored.campaign.campaign_id)
    for host, endpoints in hosts.items():
        observations = list(reader.observations_of(stored.campaign.campaign_id, endpoints))
        text = to_json_text(_server_json(host, head, observations)) + "\n"
        write_text(folder / f"{file_stem(host)}.json", text, flush=False)  # the database is what must survive
    return len(hosts)


def remove(data_dir: Path, campaign_id: str) -> None:
    """Remove the files that tell of a campaign. Raises OSError."""
    for path in sorted((data_dir / FOLDER).glob("*.json")):
        if _campaign_of(path) == campaign_id:
            path.unlink()


def _campaign_of(path: Path) -> str | None:
    try:
        content = from_json_text(path.read_bytes())
    except ValueError:
        return None  # not ours, so not ours to remove
    campaign = content.get("campaign") if isinstance(content, Mapping) else None
    identifier = campaign.get("campaign_id") if isinstance(campaign, Mapping) else None
    return identifier if isinstance(identifier, str) else None


def _campaign_json(stored: StoredCampaign) -> dict[str, Json]:
    campaign, seal = stored.campaign, stored.seal
    return {
        "campaign_id": campaign.campaign_id,
        "kind": campaign.kind.value,
        "vantage": campaign.vantage,
        "network": campaign.network,
        "started_at": to_iso(campaign.started_at_us),
        "sealed_at": to_iso(seal.sealed_at_us) if seal else None,
        "state": stored.state.value,
        "tool_version": campaign.tool_version,
    }


def _server_json(host: str, campaign: Json, observations: list[Observation]) -> dict[str, Json]:
    endpoints: dict[str, dict[str, Json]] = {}
    for observation in observations:
        endpoint = observation.endpoint
        entry = endpoints.setdefault(
            endpoint.endpoint_id,
            {
                "endpoint_id": endpoint.endpoint_id,
                "endpoint": endpoint.canonical,
                "address": endpoint.address,
                "port": endpoint.port,
                "transport": endpoint.transport.value,
                "observations": [],
            },
        )
        entry["observations"].append(observation_json(observation))
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "host": host,
        "campaign": campaign,
        "endpoints": list(endpoints.values()),
    }
