"""Join the rooms for a scan: who is named, who may be dialled, what dials, what keeps."""

import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.cli.settings import Settings
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.errors import InputError, UsageError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy, PortPolicy
from electrum_observatory.net.proxy import SocksProxy
from electrum_observatory.net.resolve import CachingResolver, OverlayResolver, Resolver, SystemResolver
from electrum_observatory.scanner.campaign import new_campaign
from electrum_observatory.scanner.discovery.base import Source
from electrum_observatory.scanner.discovery.electrum_servers_json import installed_servers_json
from electrum_observatory.scanner.discovery.known_endpoints import KnownEndpoints
from electrum_observatory.scanner.discovery.registry import list_file, sources_of_targets
from electrum_observatory.scanner.fetch import ListFetcher
from electrum_observatory.scanner.frontier import Target
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.probes.reverse_dns import ReverseDnsProbe
from electrum_observatory.scanner.rules import Rules, accept_all
from electrum_observatory.store.reader import StoreReader, has_campaigns

_DEBIAN_PACKAGES = Path("/usr/lib/python3/dist-packages")
_RESUMES = "resumes"  # key of a campaign's configuration: the campaign that it goes on from
FAMILIES = ("tcp", "ssl", "ws", "wss", "onion", "clearnet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Whom a person wants asked.

    Attributes:
        targets: Hosts, list files and URLs; empty for the bundled list.
        known: Also every endpoint that answered in an earlier campaign of the data folder.
        electrum: Also the list of an installed Electrum.
        only: Words of ``FAMILIES``; a target must fit one of the transports and one of onion/clearnet that are named.
        exclude: Hosts, domains, addresses and networks.
        limit: At most so many targets.
        resume: A campaign whose hearsay is taken over and whose visits are not repeated.
    """

    targets: tuple[str, ...] = ()
    known: bool = False
    electrum: bool = False
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int | None = None
    resume: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Everything an engine needs, except the sink and the observer."""

    settings: Settings
    clock: SystemClock
    campaign: Campaign
    sources: Sequence[Source]
    rules: Rules
    dialer: Dialer
    resolver: Resolver


def prepare(
    settings: Settings, selection: Selection, data: Path, *, overlay: Overlay | None = None, note: str = ""
) -> Scan:
    """Join everything that settings and selection ask for. Nothing is resolved, fetched or dialled yet.

    Raises:
        UsageError: The wishes contradict each other.
        InputError: A list or an opt-out file cannot be read.
    """
    if overlay is not None and settings.tor is not None:
        raise UsageError("a lab is not dialled through Tor: leave out --tor or --overlay")
    settings = _unseen(settings, selection) if settings.tor is not None else settings
    policy = _address_policy(settings, in_a_lab=overlay is not None)
    clock = SystemClock(overlay.time_scale if overlay else 1.0)
    resolver: Resolver = OverlayResolver(overlay) if overlay else _resolver(settings)
    world = _World(network=settings.scan.network, lab=overlay.name if overlay else None)
    resumed = _resumed(data, selection.resume, world, proxied=settings.tor is not None) if selection.resume else None
    campaign = new_campaign(
        config=settings.scan,
        clock=clock,
        rng=random.SystemRandom(),
        vantage=settings.vantage,
        overlay=overlay,
        note=note or (f"goes on where {resumed.campaign_id} stopped" if resumed else ""),
    )
    if resumed is not None:
        campaign = replace(campaign, config={**campaign.config, _RESUMES: resumed.campaign_id})
    return Scan(
        settings=settings,
        clock=clock,
        campaign=campaign,
        sources=_sources(settings, selection, data, resumed, world),
        rules=_rules(settings, selection, resumed, policy),
        dialer=Dialer(
            clock=clock,
            policy=policy,
            overlay=overlay,
            proxy=SocksProxy.parse(settings.tor) if settings.tor else None,
            limits=settings.connection,
            deadlines=settings.dialling,
        ),
        resolver=resolver,
    )


def _resolver(settings: Settings) -> Resolver:
    scan = settings.scan
    return CachingResolver(
        SystemResolver(
            seconds=scan.deadlines.resolve_s,
            at_once=scan.resolves_open_at_once,
            most_threads=2 * scan.resolves_open_at_once,
        )
    )


def read_overlay(path: Path) -> Overlay:
    """Read the overlay.json of a running lab. Raises InputError."""
    try:
        return Overlay.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; `observatory lab run` writes it") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not the overlay.json of a lab: {error}") from error


def _unseen(settings: Settings, selection: Selection) -> Settings:
    """Return settings under which nothing leaves this machine except through the proxy.

    Names are the proxy's to resolve; reverse DNS, which no SOCKS proxy offers, is not asked.

    Raises:
        UsageError: A list would have to be fetched directly.
    """
    urls = [target for target in selection.targets if target.startswith(("http://", "https://"))]
    if urls:
        raise UsageError(f"{urls[0]} would be fetched without the proxy: fetch it yourself and give the file")
    probes = tuple(probe for probe in settings.scan.probes if probe != ReverseDnsProbe.id)
    scan = settings.scan.through_proxy(dial_s=settings.dialling.all_through_proxy)
    return settings.model_copy(update={"scan": replace(scan, probes=probes)})


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """What a campaign's addresses mean: those of one lab or network say nothing, or worse, in another."""

    network: str
    lab: str | None

    def holds(self, campaign: Campaign) -> bool:
        """Whether a campaign measured this world."""
        return (campaign.network, (campaign.overlay or {}).get("name")) == (self.network, self.lab)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resumed:
    campaign_id: str
    heard: KnownEndpoints
    visited: frozenset[str]


def _resumed(data: Path, wanted: str, world: _World, *, proxied: bool) -> _Resumed:
    """Take over what a campaign, and those it had itself gone on from, have heard and asked."""
    with StoreReader.open(data) as reader:
        campaign = reader.campaign(wanted).campaign
        if not world.holds(campaign):
            of = f"the lab {campaign.overlay['name']!r}" if campaign.overlay else f"the network {campaign.network}"
            raise UsageError(f"{campaign.campaign_id} measured {of}: give the --overlay or --network it was made with")
        if campaign.config.get("resolve_here") is False and not proxied:
            raise UsageError(f"{campaign.campaign_id} was made through a proxy: give --tor, or scan anew")
        heard: list[Sighting] = []
        visited: set[str] = set()
        link: Campaign | None = campaign
        while link is not None:
            heard += reader.sightings(link.campaign_id)
            visited |= _finished(reader.observations(link.campaign_id))
            before = link.config.get(_RESUMES)
            link = reader.campaign(before).campaign if isinstance(before, str) else None
    return _Resumed(
        campaign_id=campaign.campaign_id, heard=KnownEndpoints(known=tuple(heard)), visited=frozenset(visited)
    )


def _finished(observations: Iterable[Observation]) -> set[str]:
    """Return the endpoints, canonical, that were asked to an end."""
    asked: set[str] = set()
    unfinished: set[str] = set()
    for one in observations:
        (unfinished if _left_undone(one) else asked).add(one.endpoint.canonical)
    return asked - unfinished


def _left_undone(observation: Observation) -> bool:
    """Whether we broke off or kept ourselves from asking: then nobody was asked, and somebody still may be."""
    failure = observation.attempt.failure
    return failure is not None and (failure.stage is Stage.POLICY or failure.kind is FailureKind.CANCELLED)


def _sources(
    settings: Settings, selection: Selection, data: Path, resumed: _Resumed | None, world: _World
) -> tuple[Source, ...]:
    network = NETWORKS[settings.scan.network]
    sources: list[Source] = []
    if selection.electrum:
        path = installed_servers_json([*map(Path, sys.path), _DEBIAN_PACKAGES], network)
        if path is None:
            raise UsageError("no installed Electrum was found: give its servers.json as a target instead")
        sources.append(list_file(path, network))
    if selection.known:
        sources.append(_known(data, world))
    if resumed is not None:
        sources.append(resumed.heard)
    if selection.targets or not sources:
        fetch = ListFetcher(user_agent=settings.scan.client_name)
        sources += sources_of_targets(selection.targets, network=network, fetch=fetch)
    if not selection.targets and len(sources) == 1 and settings.scan.network != "bitcoin" and not resumed:
        raise UsageError(f"the bundled list is of bitcoin's mainnet: name targets for {settings.scan.network}")
    return tuple(sources)


def _known(data: Path, world: _World) -> KnownEndpoints:
    if not has_campaigns(data):
        raise UsageError(f"--known: there is no earlier campaign in {data}")
    with StoreReader.open(data) as reader:
        known = KnownEndpoints.of(
            one.endpoint
            for stored in reader.campaigns()
            if world.holds(stored.campaign)
            for one in reader.observations(stored.campaign.campaign_id, probes=("server_version",))
            if one.attempt.result is not None
        )
    if not known.known:
        of = f"the lab {world.lab!r}" if world.lab else world.network
        raise UsageError(f"--known: nobody of {of} answered in an earlier campaign of {data}")
    return known


def _address_policy(settings: Settings, *, in_a_lab: bool) -> AddressPolicy:
    """Return which addresses may be dialled; a lab's limits, which spare nobody, keep to the lab.

    Raises:
        UsageError: A lab's limits, and no lab.
    """
    unspared = settings.scan.limits == "lab" and not in_a_lab
    if unspared and (settings.tor is not None or not settings.allow_private):
        raise UsageError(
            "limits: lab spares nobody, so they are for a lab: give its --overlay, or name your own network with "
            "--allow-private, which then is all that is dialled"
        )
    return AddressPolicy(allow=settings.allow_private, only_allowed=unspared)


def _rules(settings: Settings, selection: Selection, resumed: _Resumed | None, policy: AddressPolicy) -> Rules:
    return Rules(
        addresses=policy,
        ports=PortPolicy(),
        opt_outs=_opt_outs(settings.opt_out),
        excluded=_excluded(selection),
        accept=_filter(selection),
        limit=selection.limit,
        visited=resumed.visited if resumed else frozenset(),
    )


def _opt_outs(path: Path | None) -> OptOutList:
    if path is None:
        return OptOutList()
    try:
        return OptOutList.parse(path.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path}, {error}") from error


def _excluded(selection: Selection) -> OptOutList:
    try:
        return OptOutList.parse(selection.exclude)
    except ValueError as error:
        raise UsageError(f"--exclude: {str(error).split(': ', 1)[1]}") from error


def _filter(selection: Selection) -> Callable[[Target], bool]:
    unknown = sorted(set(selection.only) - set(FAMILIES))
    if unknown:
        raise UsageError(f"--only {', '.join(unknown)}: known are {', '.join(FAMILIES)}")
    excluded = _excluded(selection)
    transports = {word for word in selection.only if word not in ("onion", "clearnet")}
    places = set(selection.only) - transports
    if not selection.only and not selection.exclude:
        return accept_all

    def accept(target: Target) -> bool:
        place = "onion" if target.host.endswith(".onion") else "clearnet"
        wanted = (not transports or target.transport.value in transports) and (not places or place in places)
        return wanted and not excluded.covers_host(target.host)

    return accept
