"""Join the rooms for a scan: who is named, who may be dialled, what dials, what keeps."""

import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import ChainReference, bundled_reference
from electrum_observatory.cli.consent import check_consent
from electrum_observatory.cli.history import history_of, watched_of_late
from electrum_observatory.cli.resuming import Resumed, check_same_world, sitting_of, wait_after
from electrum_observatory.cli.settings import Settings
from electrum_observatory.model.campaign import Campaign, Sitting
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import InputError, UsageError
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
from electrum_observatory.scanner.earlier import Earlier
from electrum_observatory.scanner.fetch import ListFetcher
from electrum_observatory.scanner.frontier import Target
from electrum_observatory.scanner.history import History
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.probes.reverse_dns import ReverseDnsProbe
from electrum_observatory.scanner.rules import Rules, accept_all
from electrum_observatory.store.reader import StoreReader, has_campaigns
from electrum_observatory.store.sittings import was_run_here

_DEBIAN_PACKAGES = Path("/usr/lib/python3/dist-packages")
_THIS_MACHINE = AddressPolicy(allow=(ip_network("127.0.0.0/8"), ip_network("::1/128")), only_allowed=True)
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
        again: Also whom an earlier campaign asked minutes ago, or failed to reach of late.
    """

    targets: tuple[str, ...] = ()
    known: bool = False
    electrum: bool = False
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Everything an engine needs, except the sink and the observer.

    Attributes:
        campaign: The campaign that begins, or that is gone on with.
        sitting: How the scanner is called this time.
        known_to: Key of the last observation of a campaign that is gone on with; None for one that begins.
        wait_s: Seconds of the world's time before the first connection.
        reference: What is known of the chain beforehand.
    """

    settings: Settings
    clock: SystemClock
    campaign: Campaign
    sitting: Sitting
    known_to: int | None
    wait_s: float
    sources: Sequence[Source]
    rules: Rules
    dialer: Dialer
    resolver: Resolver
    reference: ChainReference | None


def prepare(
    settings: Settings,
    selection: Selection,
    data: Path,
    *,
    overlay: Overlay | None = None,
    overlay_path: Path | None = None,
    note: str = "",
    resumed: Resumed | None = None,
    beside_a_watch: bool = False,
) -> Scan:
    """Join everything that settings and selection ask for. Nothing is resolved, fetched or dialled yet.

    Args:
        settings: Where a campaign is gone on with: its own, and what was changed.
        selection: Likewise.
        data: The data folder.
        overlay: Public identities in front of a lab.
        overlay_path: Where that was read.
        note: A remark that is kept.
        resumed: The campaign that is gone on with.
        beside_a_watch: Whether a watch goes on meanwhile, which knows itself whom it asked when.

    Raises:
        UsageError: The wishes contradict each other, or the campaign that is gone on with.
        InputError: A list or an opt-out file cannot be read.
    """
    if overlay is not None and settings.tor is not None:
        raise UsageError("a lab is not dialled through Tor: leave out --tor or --overlay")
    settings = _unseen(settings, selection) if settings.tor is not None else settings
    policy = _address_policy(settings, in_a_lab=overlay is not None)
    if overlay is None:
        named = bool(selection.targets) and not (selection.known or selection.electrum)
        check_consent(settings, named=named, before=resumed.scan_config if resumed else None)
    clock = SystemClock(overlay.time_scale if overlay else 1.0)
    resolver: Resolver = OverlayResolver(overlay) if overlay else _resolver(settings)
    world = _World(network=settings.scan.network, lab=overlay.name if overlay else None)
    if resumed is not None:
        check_same_world(resumed, settings, world.lab)
        campaign = resumed.campaign
    else:
        rng = random.SystemRandom()
        campaign = new_campaign(
            config=settings.scan, clock=clock, rng=rng, vantage=settings.vantage, overlay=overlay, note=note
        )
    fetch = _fetcher(settings, resolver, policy if overlay is None else _THIS_MACHINE)
    sources = _sources(settings, selection, data, resumed, world, fetch)
    read = len(sources) + (resumed.earlier.counts.get("sources_read", 0) if resumed else 0)
    history = History() if selection.again else history_of(data, campaign, clock)
    if not (selection.again or beside_a_watch):
        history = history.with_visits(watched_of_late(data, campaign, clock))
    return Scan(
        settings=settings,
        clock=clock,
        campaign=campaign,
        sitting=sitting_of(settings, selection, sources=read, overlay=overlay_path, note=note),
        known_to=resumed.done.known_to if resumed else None,
        wait_s=wait_after(resumed.last, clock, settings.scan.budgets.spacing_s) if resumed else 0.0,
        sources=sources,
        rules=_rules(settings, selection, policy, history, resumed.earlier_at(clock) if resumed else None),
        dialer=Dialer(
            clock=clock,
            policy=policy,
            overlay=overlay,
            proxy=SocksProxy.parse(settings.tor) if settings.tor else None,
            limits=settings.connection,
            deadlines=settings.dialling,
        ),
        resolver=resolver,
        reference=overlay.reference if overlay else bundled_reference(settings.scan.network),
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


def _sources(
    settings: Settings,
    selection: Selection,
    data: Path,
    resumed: Resumed | None,
    world: _World,
    fetch: ListFetcher,
) -> tuple[Source, ...]:
    if resumed is not None and resumed.all_read and not (selection.targets or selection.known or selection.electrum):
        return ()
    network = NETWORKS[settings.scan.network]
    sources: list[Source] = []
    if selection.electrum:
        path = installed_servers_json([*map(Path, sys.path), _DEBIAN_PACKAGES], network)
        if path is None:
            raise UsageError("no installed Electrum was found: give its servers.json as a target instead")
        sources.append(list_file(path, network))
    if selection.known:
        sources.append(_known(data, world))
    if not (selection.targets or sources) and settings.scan.network != "bitcoin":
        raise UsageError(f"the bundled list is of bitcoin's mainnet: name targets for {settings.scan.network}")
    if selection.targets or not sources:
        sources += sources_of_targets(selection.targets, network=network, fetch=fetch)
    return tuple(sources)


def _fetcher(settings: Settings, resolver: Resolver, policy: AddressPolicy) -> ListFetcher:
    return ListFetcher(
        user_agent=settings.scan.client_name,
        resolver=resolver,
        policy=policy,
        opt_outs=_opt_outs(settings.opt_out),
    )


def _known(data: Path, world: _World) -> KnownEndpoints:
    if not has_campaigns(data):
        raise UsageError(f"--known: there is no earlier campaign in {data}")
    with StoreReader.open(data) as reader:
        ours: list[Endpoint] = []
        theirs: list[Endpoint] = []
        for campaign in (stored.campaign for stored in reader.campaigns() if world.holds(stored.campaign)):
            answered = ours if was_run_here(reader.sittings(campaign.campaign_id)) else theirs
            asked = reader.observations(campaign.campaign_id, probes=("server_version",))
            answered += [one.endpoint for one in asked if one.attempt.result is not None]
    known = KnownEndpoints.of(ours, theirs)
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
    return AddressPolicy(allow=settings.allow_private, only_allowed=unspared, local_names=in_a_lab)


def _rules(
    settings: Settings, selection: Selection, policy: AddressPolicy, history: History, earlier: Earlier | None
) -> Rules:
    return Rules(
        history=history,
        addresses=policy,
        ports=PortPolicy(),
        opt_outs=_opt_outs(settings.opt_out),
        excluded=_excluded(selection),
        accept=_filter(selection),
        limit=selection.limit,
        earlier=earlier or Earlier(),
    )


def _opt_outs(path: Path | None) -> OptOutList:
    """Return whom the program's own list covers, and whom the person's adds."""
    if path is None:
        return OptOutList.bundled()
    try:
        return OptOutList.bundled() | OptOutList.parse(path.read_text(encoding="utf-8").splitlines())
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
