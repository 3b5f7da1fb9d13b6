"""A campaign that is not complete, in words: what a person reads of it, and how to go on with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from electrum_observatory.cli.console import say
from electrum_observatory.cli.hints import command
from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignState

if TYPE_CHECKING:
    from electrum_observatory.store.reader import StoredCampaign, StoreReader

_HOW = {CampaignState.OPEN: "broken off", CampaignState.CANCELLED: "stopped", CampaignState.FAILED: "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a campaign has come.

    Attributes:
        state: As stored.
        process: The id of the process that is making it right now; None where nobody does.
        go_on: The command that finishes it; None where it is complete, where a process is about to finish it, and where
            it is somebody's scan that came here by an import.
    """

    state: CampaignState
    process: str | None = None
    go_on: str | None = None

    @property
    def words(self) -> str:
        """As a person reads it."""
        if self.process is not None:
            return f"partial: process {self.process} is making it"
        return f"partial: {_HOW[self.state]}" if self.state.partial else str(self.state)

    @property
    def brief(self) -> str:
        """The same for a cell of a table."""
        if not self.state.partial:
            return str(self.state)
        return f"partial ({'being made' if self.process is not None else _HOW[self.state]})"

    @property
    def how_to_go_on(self) -> str:
        """A sentence with the command, after a space; nothing where there is no command."""
        return "" if self.go_on is None else f" To go on: {self.go_on}"

    def as_json(self) -> dict[str, object]:
        """Return what every JSON document about one campaign says of it."""
        return {"state": self.state, "partial": self.state.partial, "process": self.process, "go_on": self.go_on}


def standing(reader: "StoreReader", stored: "StoredCampaign") -> Standing:
    """Say how far a campaign has come."""
    process = reader.process_at(stored)
    can_go_on = stored.state.partial and process is None and _can_be_finished(reader, stored.campaign)
    command = go_on(stored.campaign, reader.data_dir) if can_go_on else None
    return Standing(state=stored.state, process=process, go_on=command)


def _can_be_finished(reader: "StoreReader", campaign: Campaign) -> bool:
    """Whether it is an import that can be made again, or a scan that ran here."""
    from electrum_observatory.store.sittings import was_run_here  # with the database, which --help can do without

    return campaign.kind is CampaignKind.IMPORT or was_run_here(reader.sittings(campaign.campaign_id))


def go_on(campaign: Campaign, data: Path) -> str:
    """Return the command that finishes a campaign; for an import, what to do instead."""
    name = campaign.campaign_id
    if campaign.kind is CampaignKind.IMPORT:
        return f"{command(data, 'campaigns', 'delete', name)}, then import it again"
    return command(data, "scan", "--resume", name)


def say_if_partial(reader: "StoreReader", stored: "StoredCampaign") -> Standing:
    """Say so where a campaign that somebody is about to read of is not complete; return how far it has come."""
    found = standing(reader, stored)
    if stored.state.partial:
        say(f"{stored.campaign.campaign_id} is {found.words}.{found.how_to_go_on}")
    return found
