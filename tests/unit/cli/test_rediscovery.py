"""Whom a watch is about: one endpoint for each machine, the one it had, from campaigns of the same world."""

from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.analysis.machines import assign
from electrum_observatory.cli.rediscovery import Kind, Scope, endpoint_of, endpoints_to_watch, find, settings_of_kind
from electrum_observatory.cli.settings import Settings, load_settings
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.model.campaign import CampaignState, Sitting
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.loop import run
from electrum_observatory.scanner.campaign import config_json
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import make_campaign, make_endpoint, make_seal, make_visit

DAY = 86_400_000_000
NOON = 1_795_262_400_000_000
ANYWHERE = Scope(network="bitcoin", lab=None, targets=())


class Folder:
    """A data folder to which campaigns are added."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._number = 0

    def campaign(
        self,
        *answering: Endpoint,
        day: int,
        kind: Kind = Kind.FULL,
        targets: tuple[str, ...] = (),
        state: CampaignState = CampaignState.COMPLETE,
        **overrides: Any,
    ) -> None:
        self._number += 1
        name = f"20261120T221500Z-local-{self._number:06x}"
        config = config_json(settings_of_kind(Settings(), kind).scan)
        campaign = make_campaign(campaign_id=name, started_at_us=NOON + day * DAY, config=config, **overrides)
        sitting = Sitting(
            tool_version="0",
            config=config,
            config_sha256=campaign.config_sha256,
            options={"selection": {"targets": list(targets)}},
        )
        visits = [row for one in answering for row in make_visit(one, campaign_id=name)]

        async def keep(store: LiveStore) -> None:
            await store.open_campaign(campaign, sitting)
            await store.record(visits)
            await store.seal_campaign(make_seal(campaign_id=name, state=state, counts={"answered": len(answering)}))

        with LiveStore.open(self.data, SystemClock()) as store:
            run(keep(store))

    def found(self, scope: Scope = ANYWHERE, *, remember_days: int = 7) -> tuple[list[str], dict[Kind, int]]:
        with StoreReader.open(self.data) as reader:
            found = find(reader, scope, load_settings(), remember_us=remember_days * DAY)
        watched = endpoints_to_watch(found.machines, ())
        made = {kind: made_us for kind in Kind if (made_us := found.made(kind)) is not None}
        return sorted(one.host for one in watched), {kind: (us - NOON) // DAY for kind, us in made.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def server(host: str, last: int, *, port: int = 50002, transport: Transport = Transport.SSL) -> Endpoint:
    return make_endpoint(host=host, address=f"5.9.1.{last}", port=port, transport=transport)


A, B, C = server("a.org", 1), server("b.org", 2), server("c.org", 3)


def test_whoever_answered_of_late_is_watched_and_who_is_gone_for_long_is_not(folder: Folder) -> None:
    folder.campaign(A, C, day=0)
    folder.campaign(A, day=2, kind=Kind.DISCOVERY)
    folder.campaign(A, B, day=8, kind=Kind.DISCOVERY)

    assert folder.found() == (["a.org", "b.org"], {Kind.FULL: 0, Kind.DISCOVERY: 8})
    assert folder.found(remember_days=8)[0] == ["a.org", "b.org", "c.org"]


def test_who_is_gone_for_six_days_of_daily_campaigns_is_watched(folder: Folder) -> None:
    folder.campaign(A, B, day=0)
    for day in range(1, 7):
        folder.campaign(A, day=day, kind=Kind.DISCOVERY)

    assert folder.found()[0] == ["a.org", "b.org"]
    assert folder.found(remember_days=5)[0] == ["a.org"]


def test_a_machine_is_watched_where_it_answered_last(folder: Folder) -> None:
    ssl, tcp = server("a.org", 1), server("a.org", 1, port=50001, transport=Transport.TCP)
    folder.campaign(ssl, tcp, B, day=0)
    for day in range(1, 5):
        folder.campaign(tcp, day=day, kind=Kind.DISCOVERY)

    with StoreReader.open(folder.data) as reader:
        machines = find(reader, ANYWHERE, load_settings(), remember_us=7 * DAY).machines

    assert set(endpoints_to_watch(machines, {ssl})) == {tcp, B}


def test_of_many_campaigns_some_of_the_earlier_ones_are_left_out(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(7):
        folder.campaign(server(f"s{day}.org", 10 + day), day=day)

    all_of_them = folder.found()[0]
    monkeypatch.setattr("electrum_observatory.cli.rediscovery._MOST_READ", 6)

    assert all_of_them == [f"s{day}.org" for day in range(7)]
    assert folder.found()[0] == ["s0.org", "s2.org", "s3.org", "s4.org", "s5.org", "s6.org"]


def test_a_campaign_that_was_cut_off_or_that_nobody_answered_is_due_again(folder: Folder) -> None:
    folder.campaign(A, day=0)
    folder.campaign(B, day=1, state=CampaignState.CANCELLED)
    folder.campaign(day=2, kind=Kind.DISCOVERY)

    assert folder.found() == (["a.org", "b.org"], {Kind.FULL: 0, Kind.DISCOVERY: 0})


def test_campaigns_of_other_networks_and_labs_say_nothing(folder: Folder) -> None:
    folder.campaign(A, day=0)
    folder.campaign(B, day=0, network="testnet4")
    folder.campaign(C, day=0, overlay={"name": "lab", "sha256": "0" * 64})

    assert folder.found()[0] == ["a.org"]
    assert folder.found(Scope(network="testnet4", lab=None, targets=()))[0] == [], "it shows bitcoin's first block"
    assert folder.found(Scope(network="bitcoin", lab="lab", targets=()))[0] == ["c.org"]


def test_who_names_targets_watches_what_campaigns_from_these_found(folder: Folder) -> None:
    folder.campaign(A, B, day=0)
    folder.campaign(C, day=0, targets=("c.org",))

    assert folder.found(Scope(network="bitcoin", lab=None, targets=("c.org",)))[0] == ["c.org"]
    assert folder.found(Scope(network="bitcoin", lab=None, targets=("d.org",))) == ([], {})
    assert folder.found()[0] == ["a.org", "b.org", "c.org"]


def test_a_campaign_beside_a_watch_leaves_it_one_connection_and_does_not_hurry() -> None:
    settings = load_settings()

    small = settings_of_kind(settings, Kind.DISCOVERY).scan
    full = settings_of_kind(settings, Kind.FULL).scan

    assert (small.budgets.connections_at_once, full.budgets.connections_at_once) == (1, 1)
    assert (small.concurrency, full.concurrency) == (16, 16)
    assert set(small.probes) < set(full.probes) == set(settings.scan.probes)
    assert {"tls_certificate", "features", "peers"} <= set(small.probes)


def test_a_machine_is_watched_once_by_tls_first_and_stays_with_what_it_has(folder: Folder) -> None:
    tcp, ssl, wss = (
        server("a.org", 1, port=port, transport=transport)
        for port, transport in ((50001, Transport.TCP), (50002, Transport.SSL), (50004, Transport.WSS))
    )
    folder.campaign(wss, tcp, ssl, day=0)
    with StoreReader.open(folder.data) as reader:
        machines = find(reader, ANYWHERE, load_settings(), remember_us=DAY).machines

    assert endpoints_to_watch(machines, ()) == [ssl]
    assert endpoints_to_watch(machines, {tcp}) == [tcp]
    rows: tuple[ServerRow, ...] = tuple(row for one in machines for row in one.endpoints if row.transport != "ssl")
    assert endpoints_to_watch(assign(rows), {ssl}) == [tcp]
    assert {endpoint_of(row) for row in rows} == {tcp, wss}
