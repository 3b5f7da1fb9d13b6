"""When a campaign is made beside a watch, and who joins the watch when."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from electrum_observatory.cli.dial_book import DialBook
from electrum_observatory.cli.monitor_campaigns import Campaigns, Surroundings
from electrum_observatory.cli.monitor_joining import Joining
from electrum_observatory.cli.monitor_settings import Rediscovery
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.cli.rediscovery import Kind
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import UsageError
from electrum_observatory.net.loop import run
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.store.live import LiveStore
from tests.unit.cli.test_rediscovery import ANYWHERE, DAY, NOON, A, B, C, Folder, server

HOUR = DAY // 24


class Clock:
    boot_id = "b"

    def __init__(self) -> None:
        self.us = NOON

    def now_us(self) -> int:
        return self.us

    def monotonic_ns(self) -> int:
        return self.us * 1_000

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits here, and not {seconds} s")


class Beside:
    """Campaigns beside a watch that only takes lists, on a clock that is set by hand."""

    def __init__(
        self,
        data: Path,
        *,
        reconnect: bool = True,
        limit: int | None = None,
        current: Sequence[Endpoint] = (A,),
        named: Sequence[Endpoint] = (),
    ) -> None:
        self.clock, self.view = Clock(), MonitorView(watch_id="w", began_us=NOON)
        self.lists, self.told, self.remarks = list[list[str]](), list[str](), list[str]()
        self.named = named
        self.book = DialBook(self.clock, rest_s=600, spacing_s=10)
        self.store = LiveStore.open(data, self.clock)
        around = Surroundings(
            prepare=self.prepare,
            store=self.store,
            data=data,
            scope=ANYWHERE,
            found_under=load_settings(),
            due=Rediscovery(),
            book=self.book,
            remember_s=7 * 86_400,
            named=self.look_up,
        )
        self.joining = Joining(
            watching=self,
            book=self.book,
            view=self.view,
            clock=self.clock,
            remark=self.remarks.append,
            current=current,
            reconnect=reconnect,
            limit=limit,
        )
        self.campaigns = Campaigns(
            around,
            joining=self.joining,
            view=self.view,
            clock=self.clock,
            warn=self.told.append,
            remark=self.remarks.append,
            current=current,
        )

    def prepare(self, kind: Kind, somebody_known: bool) -> Scan:
        raise UsageError(f"{kind} with {'others' if somebody_known else 'nobody'}")

    async def look_up(self) -> Sequence[Endpoint]:
        return self.named

    def set_watched(self, endpoints: Iterable[Endpoint]) -> None:
        self.lists.append(sorted(one.host for one in endpoints))

    def due_at(self, hours: float) -> Kind | None:
        self.clock.us = NOON + round(hours * HOUR)
        return self.campaigns.due()


@pytest.fixture
def beside(tmp_path: Path) -> Iterable[Callable[..., Beside]]:
    folder, made = Folder(tmp_path), list[Beside]()
    folder.campaign(A, B, C, day=-2)
    folder.campaign(A, B, C, day=-1, kind=Kind.DISCOVERY)

    def make(**wishes: object) -> Beside:
        made.append(Beside(tmp_path, **wishes))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.store.close()


def test_an_empty_folder_begins_with_a_full_campaign(tmp_path: Path) -> None:
    alone = Beside(tmp_path)
    run(alone.campaigns.read())

    assert (alone.lists, alone.campaigns.due()) == ([], Kind.FULL)
    assert not alone.joining.somebody.is_set()
    alone.store.close()


def test_what_is_due_waits_until_those_who_were_just_dialled_have_rested(beside: Callable[..., Beside]) -> None:
    watch = beside()
    run(watch.campaigns.read())

    assert watch.joining.somebody.is_set()
    assert watch.due_at(0) is None
    assert watch.view.next_campaign_us == NOON + 600_000_000
    assert watch.due_at(1 / 6) is Kind.DISCOVERY
    assert watch.due_at(5 * 24 + 1) is Kind.FULL


def test_whoever_was_visited_minutes_ago_joins_when_rested_but_a_broken_line_is_made_again(
    beside: Callable[..., Beside],
) -> None:
    watch = beside()
    for one, ago_s in ((A, 30), (B, 500), (C, 700)):
        watch.book.note(machine_key(one), ago_s=ago_s)
    run(watch.campaigns.read())

    assert watch.lists == [["a.org", "c.org"]], "A was watched by the stint before, C has rested"
    assert (watch.view.watched, watch.view.resting) == (2, 1)
    assert watch.view.joining_us == NOON + 100_000_000
    assert watch.remarks == ["1 server found, joining by 12:02 UTC: each rests after the visit that found it."]
    assert watch.joining.hand_over() == pytest.approx(100)
    watch.clock.us += 100_000_000
    assert watch.joining.hand_over() == 0
    assert watch.lists[1:] == [["a.org", "b.org", "c.org"]]


def test_whom_a_person_named_is_watched_at_once_and_visited_by_a_campaign_after_a_rest(tmp_path: Path) -> None:
    watch = Beside(tmp_path, current=(), named=(A, B))
    watch.book.note(machine_key(B), ago_s=570)  # a scan asked it, so it is left in peace for half a minute
    run(watch.campaigns.read())

    assert watch.lists == [["a.org"]]
    assert watch.campaigns.begins_with_names, "a single round is made before the first campaign"
    assert watch.due_at(0) is None
    assert watch.due_at(1 / 6) is Kind.FULL
    assert watch.joining.hand_over() == 0
    assert watch.lists[1:] == [["a.org", "b.org"]]
    watch.store.close()


def test_what_a_campaign_found_of_a_host_stands_for_its_name(beside: Callable[..., Beside]) -> None:
    guessed = server("b.org", 9, port=443)
    unknown = server("d.org", 4)

    watch = beside(current=(), named=(guessed, unknown))
    run(watch.campaigns.read())

    assert watch.lists == [["a.org", "b.org", "c.org", "d.org"]]
    assert not watch.campaigns.begins_with_names


def test_a_single_round_asks_nobody_who_was_asked_minutes_ago(beside: Callable[..., Beside]) -> None:
    once = beside(reconnect=False)
    once.book.note(machine_key(A), ago_s=30)
    run(once.campaigns.read())

    assert once.lists == [["b.org", "c.org"]]
    assert once.campaigns.due() is Kind.DISCOVERY, "nobody was dialled yet, so it need not wait"


def test_a_limit_holds_for_the_watch_too(beside: Callable[..., Beside]) -> None:
    watch = beside(limit=2)
    run(watch.campaigns.read())

    assert [len(one) for one in watch.lists] == [2]


def test_a_campaign_that_cannot_be_made_is_told_and_tried_again_in_an_hour(beside: Callable[..., Beside]) -> None:
    watch = beside()
    run(watch.campaigns.read())
    assert watch.due_at(1) is Kind.DISCOVERY

    run(watch.campaigns.make(Kind.DISCOVERY))

    assert watch.told == ["The discovery campaign came to nothing: discovery with others"]
    assert not watch.campaigns.had_bugs
    assert watch.due_at(1.9) is None
    assert watch.due_at(2) is Kind.DISCOVERY
