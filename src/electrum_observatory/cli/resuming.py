"""Going on with a campaign that was interrupted: what it was made with is the default; nothing is done a second time.

The campaign keeps its id. Everything that decides whom it asks and how was stored with its last sitting, so that
``scan --resume CAMPAIGN`` alone finishes it, also where the first run was killed and could say nothing.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from electrum_observatory import __version__
from electrum_observatory.bitcoin.networks import NETWORKS, Network
from electrum_observatory.cli.settings import Settings, settings_of
from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignState, Sitting
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.scanner.campaign import config_json, config_sha256
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.earlier import Earlier, Examined, counted
from electrum_observatory.scanner.probes.registry import APART
from electrum_observatory.scanner.probes.treatment import PROBE_ID as TREATMENT
from electrum_observatory.scanner.probes.treatment import arms_put
from electrum_observatory.scanner.revisits import DECIDE_EXAMINATION, examined_after
from electrum_observatory.store.interrupted import DoneSoFar, done_so_far
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.sittings import StoredSitting, was_run_here

if TYPE_CHECKING:
    from electrum_observatory.cli.wiring import Selection

_OF_THE_CAMPAIGN = ("vantage", "tor", "allow_private", "opt_out")
_RESUMES = "resumes"  # key by which older versions named the campaign that a second half went on from


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A campaign that is gone on with.

    Attributes:
        done: What it has done so far.
        earlier: The same, as the scanner takes it.
    """

    done: DoneSoFar
    earlier: Earlier

    @property
    def campaign(self) -> Campaign:
        """The campaign, as it was opened."""
        return self.done.stored.campaign

    @property
    def last(self) -> StoredSitting:
        """Its last sitting."""
        return self.done.sittings[-1]

    @property
    def options(self) -> Mapping[str, Any]:
        """What its last sitting was called with."""
        return self.last.sitting.options

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of its last sitting, in the shape of a profile."""
        scan = dict(self.last.sitting.config)
        return {"vantage": self.campaign.vantage, **self.options.get("settings", {}), "scan": scan}

    def under(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return flags to put over another profile: those given, and what of the old settings says who is asked."""
        old = self.settings
        kept = {name: old[name] for name in _OF_THE_CAMPAIGN if old.get(name)}
        network = {"network": old["scan"].get("network", self.campaign.network)}
        return {**kept, **given, "scan": {**network, **given.get("scan", {})}}

    @property
    def scan_config(self) -> ScanConfig:
        """What decided whom its last sitting asked what."""
        return settings_of(self.settings).scan

    def earlier_at(self, clock: Clock) -> Earlier:
        """Return what the scanner takes now.

        A process that was killed left no word of whom it was talking to. Then everybody who has further visits may have
        had one a moment ago, and rests a whole rest; after a seal what is left of it, by the clock as it is set now.
        """
        now_us, ended_us = clock.now_us(), self.last.ended_at_us
        set_by_us = 0 if ended_us is None else now_us - ended_us - round(_passed_s(self.last, ended_us, clock) * 1e6)
        examined = [
            dataclasses.replace(one, last_asked_us=now_us if ended_us is None else one.last_asked_us + set_by_us)
            for one in self.earlier.examined
        ]
        return dataclasses.replace(self.earlier, examined=examined)

    @property
    def overlay(self) -> Path | None:
        """The overlay file of the lab that it measures, where that still lies there."""
        path = self.options.get("overlay")
        return Path(path) if path is not None and Path(path).is_file() else None

    @property
    def all_read(self) -> bool:
        """Whether every list was read to its end; all it named then stands in the store."""
        sources = self.options.get("sources")
        return sources is not None and self.earlier.counts.get("sources_read", 0) >= sources

    def selection(self, given: "Selection") -> "Selection":
        """Return what is selected now: the filters given, or those of before; the lists given, and those unread."""
        before = self.options.get("selection", {})
        unread = {} if self.all_read else before
        return dataclasses.replace(
            given,
            targets=tuple(dict.fromkeys((*unread.get("targets", ()), *given.targets))),
            known=given.known or unread.get("known", False),
            electrum=given.electrum or unread.get("electrum", False),
            only=given.only or tuple(before.get("only", ())),
            exclude=given.exclude or tuple(before.get("exclude", ())),
            limit=given.limit or before.get("limit"),
            again=given.again or before.get("again", False),
        )


def wait_after(last: StoredSitting, clock: SystemClock, spacing_s: float) -> float:
    """Return how long to wait before the first connection, so that no machine sees two within one spacing.

    A process that was killed left no word of whom it was talking to. Then a whole spacing is waited for; after a seal
    only what is left of it.
    """
    if last.ended_at_us is None:
        return spacing_s
    return max(0.0, spacing_s - _passed_s(last, last.ended_at_us, clock) * clock.time_scale)


def _passed_s(last: StoredSitting, ended_at_us: int, clock: Clock) -> float:
    """Return the seconds since a sitting ended; of the same boot, whatever the wall clock was set to since."""
    if last.boot_id == clock.boot_id and last.ended_monotonic_ns is not None:
        return (clock.monotonic_ns() - last.ended_monotonic_ns) / 1e9
    return max(0.0, (clock.now_us() - ended_at_us) / 1e6)


def read_resumed(data: Path, wanted: str) -> Resumed | StoredCampaign:
    """Read what a campaign has done; or return it as it is where nothing is left to do.

    Raises:
        UsageError: There is no such campaign, or it is no scan.
    """
    with StoreReader.open(data) as reader:
        stored = reader.campaign(wanted)
        campaign = stored.campaign
        if campaign.kind is not CampaignKind.SCAN:
            raise UsageError(f"{campaign.campaign_id} is an import: delete it and import it again")
        if stored.state is CampaignState.COMPLETE:
            return stored
        if _RESUMES in campaign.config:
            first = campaign.config[_RESUMES]
            raise UsageError(
                f"{campaign.campaign_id} is the second half that an older version made of {first}: scan anew"
            )
        if not was_run_here(reader.sittings(campaign.campaign_id)):
            raise UsageError(
                f"{campaign.campaign_id} came here by an import (or was made by an early version, which did not tell), "
                "and a file does not decide whom we ask and how: finish it in the data folder where it was begun, or "
                "scan anew (`observatory scan --known` asks whom it found)"
            )
        done, network = done_so_far(reader, stored, further=APART), NETWORKS[campaign.network]
        answers = tuple(reader.observations(campaign.campaign_id, probes=DECIDE_EXAMINATION))
        arms = arms_put(reader.observations(campaign.campaign_id, probes=(TREATMENT,)))
        counts = Counter(done.counts or counted(reader.observations(campaign.campaign_id), network))
    counts.subtract(counted(done.broken_off, network))
    earlier = Earlier(
        heard=done.heard,
        endpoints=done.endpoints,
        settled=done.settled,
        dialled=done.dialled,
        examined=_examined(done, answers, arms, network),
        counts={name: number for name, number in counts.items() if number > 0},
    )
    return Resumed(done=done, earlier=earlier)


def _examined(
    done: DoneSoFar, answers: Sequence[Observation], arms: Mapping[str, frozenset[str]], network: Network
) -> tuple[Examined, ...]:
    """Return the settled endpoints that get further visits, with what was put to them in those."""
    by_endpoint: dict[str, list[Observation]] = {}
    for one in answers:
        by_endpoint.setdefault(one.endpoint.endpoint_id, []).append(one)
    examined: list[Examined] = []
    for key, seen in by_endpoint.items():
        found = examined_after(seen[::-1], network) if key in done.settled else None  # the last visit decides
        further = done.examined.get(key)
        if found is not None and further is not None:
            asked_us = max(found.last_asked_us, further.last_asked_us)
            found = dataclasses.replace(found, put=arms.get(key, frozenset()) | further.put, last_asked_us=asked_us)
        if found is not None:
            examined.append(found)
    return tuple(examined)


def check_same_world(resumed: Resumed, settings: Settings, lab: str | None) -> None:
    """Refuse what would ask others than the campaign did, or the same ones twice under other names.

    Raises:
        UsageError: Another network, lab, proxy or vantage was given.
    """
    campaign = resumed.campaign
    if (campaign.network, (campaign.overlay or {}).get("name")) != (settings.scan.network, lab):
        of = f"the lab {campaign.overlay['name']!r}" if campaign.overlay else f"the network {campaign.network}"
        raise UsageError(f"{campaign.campaign_id} measured {of}: give the --overlay or --network it was made with")
    proxied, before = settings.tor is not None, campaign.config.get("resolve_here") is False
    if before and not proxied:
        raise UsageError(f"{campaign.campaign_id} was made through a proxy: give --tor, or scan anew")
    if proxied and not before:
        raise UsageError(f"{campaign.campaign_id} was made without a proxy: leave out --tor, or scan anew")
    if settings.vantage != campaign.vantage:
        raise UsageError(f"{campaign.campaign_id} was made from {campaign.vantage!r}: another vantage scans anew")


def sitting_of(settings: Settings, selection: "Selection", *, sources: int, overlay: Path | None, note: str) -> Sitting:
    """Return how the scanner is called now: for the campaign's record, and as the defaults of whoever goes on with it.

    ``sources`` is how many lists will have been read once all are.
    """
    chosen = dataclasses.asdict(selection)
    chosen["targets"] = [str(Path(one).absolute()) if Path(one).is_file() else one for one in selection.targets]
    others = settings.model_dump(mode="json", exclude={"scan", "vantage", "monitor"})
    if settings.opt_out is not None:
        others["opt_out"] = str(settings.opt_out.absolute())
    options: dict[str, Json] = {
        "settings": others,
        "selection": chosen,
        "sources": sources,
        "overlay": None if overlay is None else str(overlay.absolute()),
        "note": note,
    }
    return Sitting(
        tool_version=__version__,
        config=config_json(settings.scan),
        config_sha256=config_sha256(settings.scan),
        options=options,
    )
