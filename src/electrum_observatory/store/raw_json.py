"""``data/raw/<server>.json``: all that the latest sealed campaign learned about one host, replies included.

One file per host with observations. The text is ASCII, so that nothing a server sent can act on a terminal or a page
by itself, and nothing is left out: replies stand as text, or as base64 where they are not UTF-8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Literal

from electrum_observatory.model.campaign import CampaignKind, CampaignState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json
from electrum_observatory.store.files import TEMPORARY, file_stem, write_small
from electrum_observatory.store.json_text import from_json_text
from electrum_observatory.store.raw_text import server_files
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.records import ObservationRecord, Port
from electrum_observatory.store.times import to_iso

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
    """Write the files of the hosts of which no campaign sealed later knows; returns their number. Raises OSError."""
    hosts = reader.hosts(stored.campaign.campaign_id)
    for later in _latest_first(reader):
        if later.campaign == stored.campaign:
            break
        hosts = {host: hosts[host] for host in hosts.keys() - reader.hosts(later.campaign.campaign_id).keys()}
    _write_hosts(reader, stored, data_dir, hosts)
    return len(hosts)


def remove(reader: StoreReader, data_dir: Path, campaign_id: str) -> None:
    """Remove the files that tell of a deleted campaign; those of the latest before it come back. Raises OSError."""
    hosts = set()
    for path in sorted((data_dir / FOLDER).glob("*.json")):
        told = _told(path)
        if told is not None and told[0] == campaign_id:
            path.unlink()
            hosts.add(told[1])
    for stored in _latest_first(reader):
        if not hosts:
            break
        keys = reader.hosts(stored.campaign.campaign_id)
        _write_hosts(reader, stored, data_dir, {host: keys[host] for host in hosts & keys.keys()})
        hosts -= keys.keys()


def _latest_first(reader: StoreReader) -> list[StoredCampaign]:
    sealed = [(one.seal.sealed_at_us, number, one) for number, one in enumerate(reader.campaigns()) if one.seal]
    return [one for _, _, one in sorted(sealed, key=itemgetter(0, 1), reverse=True)]


def _write_hosts(
    reader: StoreReader, stored: StoredCampaign, data_dir: Path, hosts: Mapping[str, Sequence[int]]
) -> None:
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(f"*{TEMPORARY}"):
        leftover.unlink()
    for host, content in server_files(reader, stored.campaign.campaign_id, hosts, campaign=_campaign_json(stored)):
        write_small(f"{folder}/{file_stem(host)}.json", content)  # unflushed: the database is what must survive


def _told(path: Path) -> tuple[str, str] | None:
    """Return campaign and host of a file; None where it is not ours, so not ours to remove."""
    try:
        content = from_json_text(path.read_bytes())
    except ValueError:
        return None
    match content:
        case {"campaign": {"campaign_id": str(campaign_id)}, "host": str(host)}:
            return campaign_id, host
    return None


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
