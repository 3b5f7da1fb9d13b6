"""The campaigns of a data folder that asked the servers which a watch watches: of the same network, or the same lab."""

from collections.abc import Mapping
from pathlib import Path

from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.watch import Watch
from electrum_observatory.store.reader import StoreReader, has_campaigns


def same_world(campaign: Campaign, watch: Watch) -> bool:
    """Whether a campaign asked the servers that a watch watches."""
    names = [(one.network, (one.overlay or {}).get("name")) for one in (campaign, watch)]
    return names[0] == names[1]


def campaigns_of(reader: StoreReader, watch: Watch) -> list[Campaign]:
    """Return the campaigns of a watch's world, oldest first."""
    ours = [one.campaign for one in reader.campaigns() if same_world(one.campaign, watch)]
    return sorted(ours, key=lambda one: one.started_at_us)


def machines_known(data: Path, watch: Watch) -> Mapping[str, str]:
    """Return the machine of each endpoint id that campaigns of a watch's world know, the latest one's word counting."""
    from electrum_observatory.analysis.machines import assign, machine_of
    from electrum_observatory.cli.nowhere import Nowhere
    from electrum_observatory.datasets import servers
    from electrum_observatory.datasets.load import load

    known: dict[str, str] = {}
    if not has_campaigns(data):
        return known
    with StoreReader.open(data) as reader:
        for campaign in campaigns_of(reader, watch):
            known.update(machine_of(assign(servers.build(load(reader, campaign.campaign_id), Nowhere()))))
    return known
