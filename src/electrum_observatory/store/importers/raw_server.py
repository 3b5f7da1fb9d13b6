"""Reads ``data/raw/<server>.json`` back: the facts of one host, with their bytes."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from electrum_observatory.model.campaign import CampaignKind
from electrum_observatory.model.endpoint import Endpoint, normalise_host
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.store.raw_json import RawCampaign, RawServerFile
from electrum_observatory.store.records import to_observation

_FILE = TypeAdapter(RawServerFile)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawServer:
    """The facts of one host.

    Attributes:
        campaign: Of which campaign they are.
        observations: With their witnesses, endpoint by endpoint.
        seen_on: Day on which the campaign began to ask; None for an import, which asked nobody.
    """

    campaign: RawCampaign
    observations: tuple[Observation, ...]
    seen_on: date | None


def read_raw_server(path: Path, value: Json) -> RawServer:
    """Read the decoded file.

    Args:
        path: Where it stood; for the words of an error.
        value: What its JSON said (``store.json_text.from_json_text``).

    Raises:
        InputError: It is not of that format.
    """
    try:
        file = _FILE.validate_python(value)
        return RawServer(
            campaign=file.campaign, observations=tuple(_observations(file)), seen_on=_seen_on(file.campaign)
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from error


def _seen_on(campaign: RawCampaign) -> date | None:
    """Raises ValueError where its start is no time."""
    return datetime.fromisoformat(campaign.started_at).date() if campaign.kind is CampaignKind.SCAN else None


def _observations(file: RawServerFile) -> Iterator[Observation]:
    host = normalise_host(file.host)
    for told in file.endpoints:
        address = None if told.address is None else str(ipaddress.ip_address(told.address))
        endpoint = Endpoint(host=host, address=address, port=told.port, transport=told.transport)
        for record in told.observations:
            yield to_observation(
                record, campaign_id=file.campaign.campaign_id, vantage=file.campaign.vantage, endpoint=endpoint
            )
