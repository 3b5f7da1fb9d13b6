"""What a screen says of a server's tip: the latest that it told, whether it was asked or told it by itself."""

from collections.abc import Mapping

from electrum_observatory.cli.monitor_table import Screen
from electrum_observatory.cli.monitor_told import Told
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Answer, Availability, Question, Reading, TipNews
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import BOOT, MIDNIGHT_US, make_round, monotonic_ns, servers

MINUTE_US = 60_000_000
A, B, C = servers(3)


class Nothing:
    def round_kept(self, view: MonitorView) -> None: ...

    def warned(self, words: str) -> None: ...

    def remarked(self, words: str) -> None: ...


class House:
    def __init__(self) -> None:
        self.view = MonitorView(watch_id="w", began_us=MIDNIGHT_US)
        screen: Screen = Nothing()
        self.told = Told(self.view, screen, StillClock(), as_json=False, leave=lambda: None)
        self.rounds = 0

    def round(self, at_us: int, answers: Mapping[Endpoint, bytes | None]) -> None:
        readings = [
            Reading(
                endpoint=endpoint,
                availability=Availability.UP,
                sent_us=1_000_000,
                answers={} if line is None else {Question.TIP: Answer(data=line, after_us=500_000)},
            )
            for endpoint, line in answers.items()
        ]
        self.rounds += 1
        self.told.round_made(make_round(self.rounds, at_us), readings)

    def news(self, at_us: int, endpoint: Endpoint, height: int) -> None:
        news = TipNews(
            endpoint=endpoint,
            received_at_us=at_us,
            received_monotonic_ns=monotonic_ns(at_us),
            boot_id=BOOT,
            lag_us=0,
            height=height,
            header=b"\0" * 80,
        )
        self.told.news_came([news])


def tip(height: int) -> bytes:
    return b'{"id":21,"result":{"height":%d,"hex":"00"}}\n' % height


def test_who_never_tells_of_a_block_by_itself_is_not_behind_when_its_answer_is_not() -> None:
    house = House()
    for one in (A, B, C):
        house.news(MIDNIGHT_US, one, 100)  # replies to the subscription; C never notifies
    for one in (A, B):
        house.news(MIDNIGHT_US + MINUTE_US, one, 103)

    house.round(MIDNIGHT_US + 2 * MINUTE_US, {A: tip(103), B: tip(103), C: tip(103)})
    assert house.view.last is not None
    assert (house.view.last.tip, house.view.last.behind) == (103, ())

    house.round(MIDNIGHT_US + 7 * MINUTE_US, {A: tip(104), B: tip(104), C: tip(103)})
    assert (house.view.last.tip, house.view.last.behind) == (104, ((C.host, 1),))


def test_the_latest_counts_and_not_the_greatest() -> None:
    house = House()
    house.round(MIDNIGHT_US, {A: tip(105), B: tip(105)})
    house.news(MIDNIGHT_US + MINUTE_US, A, 104)  # it left that branch
    house.news(MIDNIGHT_US + 1_200_000, B, 99)  # came before B's answer, and was kept after it
    assert house.view.heights == {A.canonical: 104, B.canonical: 105}

    house.round(MIDNIGHT_US + 5 * MINUTE_US, {A: None, B: b'{"id":21,"error":"busy"}\n'})
    assert house.view.heights == {A.canonical: 104, B.canonical: 105}


def test_who_is_watched_no_more_has_no_height() -> None:
    house = House()
    house.round(MIDNIGHT_US, {A: tip(105), B: tip(105), C: tip(900)})

    house.round(MIDNIGHT_US + 5 * MINUTE_US, {A: tip(105), B: tip(105)})

    assert set(house.view.heights) == {A.canonical, B.canonical}
