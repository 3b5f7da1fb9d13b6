"""Open a campaign: its name, its configuration and that configuration's digest."""

import hashlib
import json
from dataclasses import asdict
from random import Random

from electrum_observatory import __version__
from electrum_observatory.model.campaign import Campaign, CampaignKind, campaign_id
from electrum_observatory.model.observation import Json
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.scanner.config import ScanConfig


def new_campaign(
    *,
    config: ScanConfig,
    clock: Clock,
    rng: Random,
    vantage: str = "local",
    overlay: Overlay | None = None,
    note: str = "",
) -> Campaign:
    """Return a campaign that starts now. ``rng`` gives the last six digits of its id."""
    started_at_us = clock.now_us()
    return Campaign(
        campaign_id=campaign_id(started_at_us, vantage, f"{rng.getrandbits(24):06x}"),
        kind=CampaignKind.SCAN,
        vantage=vantage,
        network=config.network,
        started_at_us=started_at_us,
        tool_version=__version__,
        config=config_json(config),
        config_sha256=config_sha256(config),
        overlay=None if overlay is None else _world_of(overlay),
        note=note,
    )


def _world_of(overlay: Overlay) -> dict[str, Json]:
    """Return what a campaign keeps of its lab: enough to judge its answers again when the lab is long gone."""
    world: dict[str, Json] = {"name": overlay.name, "sha256": overlay.sha256}
    if overlay.reference is not None:
        world["reference"] = overlay.reference.to_json()
    return world


def config_json(config: ScanConfig) -> dict[str, Json]:
    """Return the configuration as JSON would bring it back."""
    resolved: dict[str, Json] = json.loads(json.dumps(asdict(config)))
    return resolved


def config_sha256(config: ScanConfig) -> str:
    """Digest of the configuration's canonical JSON: sorted keys, no spaces."""
    text = json.dumps(asdict(config), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
