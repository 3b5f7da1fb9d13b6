"""What the campaigns of a data folder tell of the servers that a watch watches."""

from collections.abc import Collection, Mapping
from pathlib import Path

from electrum_observatory.analysis.lifecycle.events import LifeEvent, Look, events
from electrum_observatory.cli.nowhere import Nowhere
from electrum_observatory.cli.own_campaigns import campaigns_of
from electrum_observatory.datasets import servers, tls
from electrum_observatory.datasets.load import load
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Watch
from electrum_observatory.store.reader import StoreReader, has_campaigns


def builds_said(data: Path, watch: Watch) -> Mapping[Endpoint, str]:
    """Return what each server called its program in the last campaign to which it answered."""
    said: dict[Endpoint, str] = {}
    if not has_campaigns(data):
        return said
    with StoreReader.open(data) as reader:
        for campaign in campaigns_of(reader, watch):
            for one in reader.observations(campaign.campaign_id, probes=("server_version",)):
                software = (one.attempt.result or {}).get("software")
                if isinstance(software, str):
                    said[one.endpoint] = software
    return said


def events_within(
    data: Path,
    watch: Watch,
    span: tuple[int | None, int | None],
    endpoints: Collection[Endpoint],
) -> tuple[LifeEvent, ...]:
    """Return what the campaigns of the watch's network saw change within a span of time.

    Args:
        data: The data folder.
        watch: Whose network.
        span: From when to when, UTC microseconds.
        endpoints: Those that are watched; what changed about services of none of them is left out.
    """
    if not has_campaigns(data):
        return ()
    with StoreReader.open(data) as reader:
        looks = [_look(reader, campaign) for campaign in campaigns_of(reader, watch)]
    start, end = span
    watched = {one.service for one in endpoints}
    return tuple(
        event
        for event in events(looks)
        if (start is None or event.by_us >= start)
        and (end is None or event.after_us < end)
        and event.service in watched
    )


def _look(reader: StoreReader, campaign: Campaign) -> Look:
    facts = load(reader, campaign.campaign_id)
    return Look(at_us=campaign.started_at_us, servers=servers.build(facts, Nowhere()), tls=tls.build(facts, Nowhere()))
