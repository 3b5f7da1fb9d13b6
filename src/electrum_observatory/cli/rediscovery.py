"""Who is to be watched: what campaigns of the data folder have found, one endpoint for each machine.

Pure reading of the store. A watch lives for months while servers come, go and change their names; the campaigns that
``monitor_campaigns`` makes beside it keep this list current.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from electrum_observatory.analysis.machines import Machine, assign
from electrum_observatory.cli.nowhere import Nowhere
from electrum_observatory.cli.settings import Settings
from electrum_observatory.datasets import servers
from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.genesis import GenesisState
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignState
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.store.reader import StoredCampaign, StoreReader

DISCOVERY_PROBES = ("server_version", "genesis", "peers", "features", "tls_certificate")
_NEEDED = ("connection", "server_version", "genesis", "features", "tls_certificate")
"""What says who is there and which endpoints are one machine. Peer lists would take four times as long as all of it."""
_MOST_READ = 16
"""Campaigns that are read: a thousand servers of each take a quarter of a second, and a watch that begins is blind."""
_LATEST = 4
"""Campaigns that say where a machine is: a port that closed before is not watched where another answers."""
PREFERRED = (Transport.SSL, Transport.TCP, Transport.WSS, Transport.WS)


class Kind(StrEnum):
    """A campaign beside a watch: who is there, or everything that a scan asks."""

    DISCOVERY = "discovery"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose campaigns say who is watched.

    Attributes:
        network: Id of the network.
        lab: Name of the lab; None for the real network.
        targets: The targets that a person named, as a sitting keeps them; then only campaigns from the same targets
            count. Empty: every campaign of this network, or lab, does.
    """

    network: str
    lab: str | None
    targets: tuple[str, ...]

    def holds(self, campaign: Campaign, options: Sequence[dict[str, Any]]) -> bool:
        """Whether a campaign, called with these options, found whom this watch is about."""
        world = (campaign.network, (campaign.overlay or {}).get("name"))
        if campaign.kind is not CampaignKind.SCAN or world != (self.network, self.lab):
            return False
        named = [tuple(one.get("selection", {}).get("targets", ())) for one in options]
        return not self.targets or self.targets in named


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the campaigns of a data folder come to.

    Attributes:
        machines: Machines of which an endpoint answered, and not as one of another chain.
        made_at_us: By kind: when the last such campaign that was finished began; UTC microseconds.
    """

    machines: tuple[Machine, ...] = ()
    made_at_us: dict[Kind, int] | None = None

    def made(self, kind: Kind) -> int | None:
        """Return when the last campaign of a kind began; None where there was none."""
        return (self.made_at_us or {}).get(kind)


def settings_of_kind(settings: Settings, kind: Kind) -> Settings:
    """Return the settings of a campaign beside a watch: it never hurries, and leaves one connection to the watch."""
    scan, budgets = settings.scan, settings.scan.budgets
    if kind is Kind.DISCOVERY:
        lists = settings.monitor.rediscovery.peer_lists
        scan = replace(scan, probes=DISCOVERY_PROBES, peer_lists=lists, battery=(), treatment=0)
    scan = replace(
        scan,
        concurrency=min(scan.concurrency, settings.monitor.rediscovery.concurrency),
        budgets=replace(budgets, connections_at_once=max(1, budgets.connections_at_once - 1)),
    )
    return settings.model_copy(update={"scan": scan})


def find(reader: StoreReader, scope: Scope, settings: Settings, *, remember_us: int) -> Found:
    """Read who answered in the campaigns of a scope of late, be they gone meanwhile.

    Of more campaigns than can be read in a few seconds, some of the earlier ones are left out.

    Args:
        reader: The data folder.
        scope: Whose campaigns count.
        settings: What decides whether a campaign asked all that a full one asks.
        remember_us: How long before the last campaign another may have begun.
    """
    made = [one for one in reader.campaigns() if scope.holds(one.campaign, _options(reader, one))]
    if not made:
        return Found()
    made.sort(key=lambda one: one.campaign.started_at_us)
    since_us = made[-1].campaign.started_at_us - remember_us
    rows: dict[str, ServerRow] = {}
    latest: set[str] = set()
    for stored in _spread([one for one in made if one.campaign.started_at_us >= since_us]):
        answered = {row.endpoint_id: row for row in _answered(reader, stored)}
        rows |= answered
        if stored in made[-_LATEST:]:
            latest |= answered.keys()
    machines = tuple(_where_it_is(one, latest) for one in assign(rows.values()))
    return Found(machines=machines, made_at_us=_made_at_us(reader, made, settings))


def endpoints_to_watch(
    machines: Sequence[Machine], current: Collection[Endpoint], named: Iterable[Endpoint] = ()
) -> list[Endpoint]:
    """Return one endpoint for each machine: one that is watched already, else TLS before bare TCP before WebSocket.

    Whom a person named is watched as named as long as no campaign has found an endpoint of that host.
    """
    found = {row.host for one in machines for row in one.endpoints}
    chosen = [min(map(endpoint_of, one.endpoints), key=lambda end: _order(end, current)) for one in machines]
    return [*(one for one in named if one.host not in found), *chosen]


def endpoint_of(row: ServerRow) -> Endpoint:
    """Return what a row of the table ``servers`` is about."""
    return Endpoint(host=row.host, port=row.port, transport=Transport(row.transport), address=row.address)


def _order(endpoint: Endpoint, current: Collection[Endpoint]) -> tuple[bool, int, str]:
    return endpoint not in current, PREFERRED.index(endpoint.transport), endpoint.canonical


def _options(reader: StoreReader, stored: StoredCampaign) -> list[dict[str, Any]]:
    return [dict(one.sitting.options) for one in reader.sittings(stored.campaign.campaign_id)]


def _spread(made: Sequence[StoredCampaign]) -> list[StoredCampaign]:
    """Return as many as may be read: the latest, and of those before them some, as evenly as can be."""
    older, room = made[:-_LATEST], _MOST_READ - _LATEST
    step = max(1.0, len(older) / room)
    places = (len(older) - 1 - round(place * step) for place in range(min(len(older), room)))
    return [*(older[place] for place in sorted(places)), *made[-_LATEST:]]


def _where_it_is(machine: Machine, latest: Collection[str]) -> Machine:
    """Return a machine with the endpoints that answered in the latest campaigns; with all of them if it is gone."""
    return replace(
        machine, endpoints=tuple(one for one in machine.endpoints if one.endpoint_id in latest) or machine.endpoints
    )


def _answered(reader: StoreReader, stored: StoredCampaign) -> list[ServerRow]:
    facts = gather(stored.campaign, stored.seal, reader.observations(stored.campaign.campaign_id, probes=_NEEDED), ())
    answering = replace(facts, endpoints=tuple(one for one in facts.endpoints if one.answered))
    return [row for row in servers.build(answering, Nowhere()) if row.genesis is not GenesisState.OTHER]


def _made_at_us(reader: StoreReader, made: Iterable[StoredCampaign], settings: Settings) -> dict[Kind, int]:
    """Return when the last finished campaign began that asked enough for each kind and was answered by anybody."""
    found: dict[Kind, int] = {}
    for stored in made:
        if stored.state is not CampaignState.COMPLETE or not reader.counts(stored).get("answered", 0):
            continue
        for kind in Kind:
            if _asked_enough(stored.campaign.config, settings_of_kind(settings, kind)):
                found[kind] = max(stored.campaign.started_at_us, found.get(kind, 0))
    return found


def _asked_enough(config: Any, wanted: Settings) -> bool:
    scan = wanted.scan
    probes, battery = set(config.get("probes", ())), set(config.get("battery", ()))
    return probes >= set(scan.probes) and battery >= set(scan.battery)
