"""The campaign that an import becomes."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignSeal, CampaignState, campaign_id
from electrum_observatory.model.observation import Json
from electrum_observatory.store.importers.counts import ImportCounts
from electrum_observatory.store.json_text import to_json_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Who imports, and when.

    Attributes:
        now_us: UTC microseconds; becomes the start of the campaign.
        nonce: Six hex digits from the caller's randomness, for the campaign id.
        tool_version: Version of Electrum Observatory.
    """

    now_us: int
    nonce: str
    tool_version: str


def import_campaign(
    importer: Importer, *, vantage: str, network: str, config: Mapping[str, Json], note: str
) -> Campaign:
    """Return the open campaign of an import. Its start is the time of the import, not of the measurement."""
    spelled = to_json_text(dict(sorted(config.items())))
    return Campaign(
        campaign_id=campaign_id(importer.now_us, vantage, importer.nonce),
        kind=CampaignKind.IMPORT,
        vantage=vantage,
        network=network,
        started_at_us=importer.now_us,
        tool_version=importer.tool_version,
        config=config,
        config_sha256=hashlib.sha256(spelled.encode()).hexdigest(),
        note=note,
    )


def import_seal(importer: Importer, counts: ImportCounts) -> CampaignSeal:
    """Return the end of an import that was read to its last row."""
    numbers = {name: value for name, value in asdict(counts).items() if isinstance(value, int)}
    return CampaignSeal(
        campaign_id=counts.campaign_id,
        state=CampaignState.COMPLETE,
        sealed_at_us=importer.now_us,
        counts=numbers,
    )
