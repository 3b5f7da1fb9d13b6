"""A campaign that is not complete, in words: what a person reads of it, and how to go on with it."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from electrum_observatory.cli.console import say
from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignState

if TYPE_CHECKING:
    from electrum_observatory.store.reader import StoredCampaign

_PARTIAL = {
    CampaignState.OPEN: "partial: still running, or broken off",
    CampaignState.CANCELLED: "partial: stopped",
    CampaignState.FAILED: "partial: failed",
}


def state_words(state: CampaignState) -> str:
    """Return the state as a person reads it."""
    return _PARTIAL.get(state, str(state))


def go_on(campaign: Campaign, data: Path) -> str:
    """Return the command that finishes a campaign; for an import, what to do instead."""
    name = campaign.campaign_id
    if campaign.kind is CampaignKind.IMPORT:
        return f"{shlex.join(['observatory', 'campaigns', 'delete', name, *folder_option(data)])}, then import it again"
    return shlex.join(["observatory", "scan", "--resume", name, *folder_option(data)])


def say_if_partial(stored: "StoredCampaign", data: Path) -> None:
    """Say so where a campaign that somebody is about to read of is not complete."""
    if stored.state.partial:
        say(f"{stored.campaign.campaign_id} is {state_words(stored.state)}. To go on: {go_on(stored.campaign, data)}")


def folder_option(data: Path) -> list[str]:
    """Return the option that names a data folder, where it is not the usual one."""
    return [] if data == Path("data") else ["--data", str(data)]
