"""The monitor over scripted servers in virtual time: rounds, states, dials, and what we could not see ourselves."""

import asyncio
from itertools import pairwise

import pytest

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.watch import Availability, Blindness, BlindSpell
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.watching.config import Dials, Manners
from electrum_observatory.scanner.watching.observer import Standing, Unobserved
from tests.unit.scanner.scripted import server
from tests.unit.scanner.virtual_time import stop_for
from tests.unit.scanner.watching.scene import CADENCE_S, FakeServer, Scene, endpoint, every

UP, REFUSED, UNKNOWN = Availability.UP, Availability.REFUSED, Availability.UNKNOWN


def test_everybody_is_asked_at_the_same_moment_again_and_again() -> None:
    scene = Scene(100).play_rounds(3)

    assert [made.number for made, _ in scene.sink.rounds] == [1, 2, 3]
    starts = [made.started_monotonic_ns / 1e9 for made, _ in scene.sink.rounds]
    assert [round(at - starts[0]) for at in starts] == [0, 300, 600]
    for made, readings in scene.sink.rounds:
        assert len(readings) == 100
        assert {reading.availability for reading in readings} == {UP}
        sent = [reading.sent_us for reading in readings]
        assert max(sent) - min(sent) <= 1_000_000
        assert len(set(sent)) >= 40  # in slices, lest our own loop be late
        assert made.duration_us <= 1_100_000
    firsts = [min(readings, key=lambda one: one.sent_us).endpoint for _, readings in scene.sink.rounds]
    assert len(set(firsts)) > 1  # nobody is always asked first
    assert scene.sink.stints == ["begun", "ended"]


def test_a_round_ends_with_the_last_reply_or_with_its_deadline() -> None:
    slow = FakeServer(endpoint(0))
    slow.delay_s = 1.2
    scene = Scene([slow], deadline_s=5.0).play_rounds(1)

    mute = FakeServer(endpoint(0), lambda message: [] if message["id"] in range(20, 100) else server()(message))
    late = Scene([mute], deadline_s=5.0).play_rounds(1)

    assert scene.sink.rounds[0][0].duration_us == 1_200_000
    assert late.sink.rounds[0][0].duration_us == 5_000_000
    assert late.sink.states(1) == {"s0.example": UNKNOWN}


def test_states_of_the_absent_are_those_of_a_look_taken_since_the_round_before() -> None:
    refusing, hanging, restarted, fine = (FakeServer(endpoint(number)) for number in range(4))
    refusing.down, hanging.down = FailureKind.CONNECT_REFUSED, FailureKind.CONNECT_TIMEOUT

    async def script(scene: Scene) -> None:
        await scene.rounds(4)
        restarted.stop()
        await scene.rounds(6)
        restarted.come_back()
        await scene.rounds(8)

    scene = Scene([refusing, hanging, restarted, fine]).play(script)

    assert all(scene.sink.states(number)["s0.example"] is REFUSED for number in range(1, 9))
    assert all(scene.sink.states(number)["s1.example"] is UNKNOWN for number in range(1, 9))
    assert [scene.sink.states(number)["s2.example"] for number in range(4, 9)] == [UP, REFUSED, REFUSED, UP, UP]
    assert all(scene.sink.states(number)["s3.example"] is UP for number in range(1, 9))
    reading = scene.sink.reading(6, restarted)
    assert (reading.sent_us, dict(reading.answers)) == (None, {})


def test_who_is_away_is_dialled_later_and_later_but_before_each_round() -> None:
    gone = FakeServer(endpoint(0))
    gone.down = FailureKind.CONNECT_REFUSED

    Scene([gone, FakeServer(endpoint(1))]).play_rounds(8)

    waits = [after - before for before, after in pairwise(gone.dialled_at)]
    assert waits[0] <= 10.1
    assert waits[2] > 2 * waits[0]
    assert all(wait <= 0.8 * CADENCE_S + 0.1 for wait in waits)
    for number in range(1, 8):
        assert any(CADENCE_S * (number - 1) <= at <= CADENCE_S * number + 1 for at in gone.dialled_at)


def test_no_more_dials_than_allowed_are_under_way_and_machines_are_spaced() -> None:
    here = [
        Endpoint.parse(f"{kind}://a.example:{port}@198.51.100.9") for kind, port in (("tcp", 50001), ("ssl", 50002))
    ]
    servers = [FakeServer(one) for one in here] + [FakeServer(endpoint(number)) for number in range(20)]
    for one in servers[2:]:
        one.down = FailureKind.CONNECT_TIMEOUT

    scene = Scene(servers, dials=Dials(at_once=5)).play_rounds(1)

    assert scene.dialer.most_at_once == 5
    tcp, ssl = servers[0].dialled_at[0], servers[1].dialled_at[0]
    assert abs(ssl - tcp) >= 10.0
    assert scene.sink.states(1)["a.example"] is UP


def test_a_lost_network_is_our_own_gap_and_nobodys_outage() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(2)
        for one in scene.servers:
            one.hang()
        await scene.rounds(4)
        await asyncio.sleep(60)
        for one in scene.servers:
            one.come_back()
        scene.options["back_us"] = scene.clock.now_us()
        await scene.rounds(6)

    scene = Scene(6).play(script)

    assert [len(readings) for _, readings in scene.sink.rounds] == [6, 6, 0, 0, 6, 6]
    assert {*scene.sink.states(5).values(), *scene.sink.states(6).values()} == {UP}
    assert set(scene.sink.why_blind()) == {Blindness.NO_NETWORK}
    first, *_, last = scene.sink.spells
    assert first.from_us < scene.sink.rounds[2][0].started_at_us
    assert last.to_us >= scene.options["back_us"]
    assert all(after.from_us == before.to_us for before, after in pairwise(scene.sink.spells))


@pytest.mark.parametrize("before", [8, 0])
def test_a_stint_that_begins_without_a_network_takes_nobody_down_who_was_up_before(before: int) -> None:
    async def script(scene: Scene) -> None:
        for one in scene.servers:
            one.hang()
        await scene.rounds(2)

    scene = Scene(8)
    scene.play(script, was_up=[one.endpoint for one in scene.servers[:before]])

    assert [len(readings) for _, readings in scene.sink.rounds] == ([0, 0] if before else [8, 8])
    assert scene.sink.why_blind() == [Blindness.NO_NETWORK] * (2 if before else 0)


def test_one_round_without_a_network_is_our_own_gap() -> None:
    scene = Scene(8)
    for one in scene.servers:
        one.hang()
    scene.play_once(was_up=[one.endpoint for one in scene.servers])

    assert [len(readings) for _, readings in scene.sink.rounds] == [0]
    assert scene.sink.why_blind() == [Blindness.NO_NETWORK]


def test_who_was_up_before_and_is_not_watched_any_more_is_not_expected() -> None:
    scene = Scene(2)
    for one in scene.servers:
        one.hang()
    scene.play_once(was_up=[endpoint(number) for number in range(1, 40)])

    assert [len(readings) for _, readings in scene.sink.rounds] == [2]
    assert scene.sink.why_blind() == []


def test_a_network_that_was_lost_between_two_rounds_takes_nobody_down() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(2)
        for one in scene.servers:
            one.hang()
        await asyncio.sleep(CADENCE_S - 60)
        for one in scene.servers:
            one.come_back()
        await scene.rounds(4)

    scene = Scene(8).play(script)

    assert scene.sink.why_blind() == [Blindness.NO_NETWORK]
    assert set(scene.sink.states(3).values()) == {UP}
    assert len(scene.sink.states(3)) >= 5
    assert len(scene.sink.states(4)) == 8


def test_a_network_that_is_lost_in_the_midst_of_a_round_takes_nobody_down() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        for one in scene.servers[3:]:
            one.delay_s = 6.0
        await asyncio.sleep(CADENCE_S + 3)
        for one in scene.servers:
            one.hang()
        await scene.rounds(2)

    scene = Scene(6).play(script)

    assert scene.sink.states(2) == {"s0.example": UP, "s1.example": UP, "s2.example": UP}
    assert scene.sink.why_blind() == [Blindness.NO_NETWORK]


def test_whoever_is_silent_while_others_can_still_be_heard_is_unknown() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        scene.first.line.dead = True
        await scene.rounds(2)

    scene = Scene(6, manners=Manners(keepalive_s=1_000.0)).play(script)

    assert scene.sink.states(2)["s0.example"] is UNKNOWN
    assert scene.sink.why_blind() == []


def test_a_connection_that_died_while_we_slept_says_nothing_of_its_server() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        scene.options["slept_ns"] = 3_600_000_000_000
        scene.clock.step_us = 3_600_000_000
        scene.first.line.dead = True
        await scene.rounds(3)

    scene = Scene(3, manners=Manners(keepalive_s=1_000.0))
    scene.play(script, slept_ns=lambda: scene.options.get("slept_ns", 0))

    assert scene.sink.why_blind() == [Blindness.SUSPENDED]
    assert scene.sink.states(2) == {"s1.example": UP, "s2.example": UP}
    assert scene.sink.states(3)["s0.example"] is UP


def test_a_step_of_the_wall_clock_moves_no_round() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        scene.clock.step_us = 3_600_000_000
        await scene.rounds(2)
        scene.clock.step_us = -7_200_000_000
        await scene.rounds(3)

    scene = Scene(2).play(script)

    starts = [made.started_monotonic_ns / 1e9 for made, _ in scene.sink.rounds]
    assert [round(after - before) for before, after in pairwise(starts)] == [300, 300]
    assert [(spell.why, spell.step_us) for spell in scene.sink.spells] == [
        (Blindness.CLOCK_STEP, 3_600_000_000),
        (Blindness.CLOCK_STEP, -10_800_000_000),
    ]
    for made, _ in scene.sink.rounds:
        assert abs(made.started_at_us - made.due_at_us) <= 1_000


def test_rounds_that_a_slow_store_held_up_are_skipped_and_said_to_be() -> None:
    async def script(scene: Scene) -> None:
        keep = scene.sink.record_round

        async def slowly(made, readings) -> None:
            await asyncio.sleep(800 if made.number == 1 else 0)
            await keep(made, readings)

        scene.sink.record_round = slowly
        await scene.rounds(2)

    scene = Scene().play(script)

    (spell,) = scene.sink.spells
    assert spell.why is Blindness.LATE
    starts = [made.started_monotonic_ns / 1e9 for made, _ in scene.sink.rounds]
    assert round(starts[1] - starts[0]) == 900
    assert [made.number for made, _ in scene.sink.rounds] == [1, 2]


def test_a_round_for_which_this_process_did_not_get_to_run_is_skipped_and_no_network_was_lost() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        await asyncio.sleep(CADENCE_S - 5)
        stop_for(200)
        await scene.rounds(3)

    scene = Scene(6).play(script)

    assert sorted(scene.sink.why_blind()) == [Blindness.LATE, Blindness.SUSPENDED]
    starts = [made.started_monotonic_ns / 1e9 for made, _ in scene.sink.rounds]
    assert [round(after - before) for before, after in pairwise(starts)] == [600, 300]
    assert [made.number for made, _ in scene.sink.rounds] == [1, 2, 3]
    assert set(scene.sink.states(2).values()) == {UP}


def test_a_sign_of_life_is_given_every_ten_seconds() -> None:
    scene = Scene().play_rounds(2)

    gaps = [after - before for before, after in pairwise(scene.sink.beats_us)]
    assert len(gaps) >= 28
    assert max(gaps) <= 10_000_000


def test_a_store_that_cannot_keep_what_is_seen_ends_the_watch_with_its_own_error() -> None:
    async def script(scene: Scene) -> None:
        scene.sink.full = True
        await asyncio.sleep(10)

    scene = Scene()

    with pytest.raises(StoreError, match="full"):
        scene.play(script)

    assert scene.sink.stints == ["begun"]
    assert scene.first.line.over


def test_once_is_one_round_of_everybody_and_an_end() -> None:
    servers = [FakeServer(endpoint(number)) for number in range(4)]
    servers[2].down, servers[3].down = FailureKind.CONNECT_REFUSED, FailureKind.CONNECT_TIMEOUT

    scene = Scene(servers).play_once(first_round=12)

    ((made, readings),) = scene.sink.rounds
    assert made.number == 12
    assert [reading.availability for reading in readings] == [UP, UP, REFUSED, UNKNOWN]
    assert all(reading.answers for reading in readings[:2])
    assert scene.sink.stints == ["begun", "ended"]
    assert [len(one.dialled_at) for one in servers[:2]] == [1, 1]


class Ears(Unobserved):
    def __init__(self) -> None:
        self.spells: list[BlindSpell] = []
        self.left: list[str] = []

    def left_out(self, endpoint: Endpoint, why: str) -> None:
        self.left.append(f"{endpoint.host}: {why}")

    def was_blind(self, spell: BlindSpell) -> None:
        self.spells.append(spell)


@pytest.mark.parametrize("back", [True, False])
def test_a_network_that_stays_lost_is_told_of_when_it_is_missed_and_when_it_is_back_or_the_stint_ends(
    back: bool,
) -> None:
    ears = Ears()

    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        for one in scene.servers:
            one.hang()
        await scene.rounds(9)
        await asyncio.sleep(5)
        scene.options["told"] = len(ears.spells)
        if back:
            for one in scene.servers:
                one.come_back()
            await scene.rounds(10)

    scene = Scene(6)
    scene.play(script, observer=ears)

    kept = scene.sink.spells
    assert len(kept) == (9 if back else 8)
    assert scene.options["told"] == 1
    first, rest = ears.spells
    assert first == kept[0]
    assert abs(rest.from_us - first.to_us) <= 1
    assert (rest.why, rest.to_us) == (Blindness.NO_NETWORK, kept[-1].to_us)


def test_who_opted_out_is_never_dialled() -> None:
    ears = Ears()
    scene = Scene(2).play_once(rules=Rules(opt_outs=OptOutList.parse(["s1.example"])), observer=ears)

    assert scene.servers[1].dialled_at == []
    assert [one.endpoint.host for one in scene.monitor.servers] == ["s0.example"]
    assert ears.left == ["s1.example: opted out or excluded"]


def test_what_our_own_policy_refuses_leaves_the_watch_and_is_no_reading() -> None:
    ears = Ears()
    refused = FakeServer(endpoint(0))
    refused.down = FailureKind.ADDRESS_REFUSED

    scene = Scene([refused, FakeServer(endpoint(1))]).play_once(observer=ears)

    assert scene.sink.states(1) == {"s1.example": UP}
    assert [view.endpoint.host for view in scene.monitor.servers] == ["s1.example"]
    assert ears.left == ["s0.example: address refused"]


def test_a_new_list_adds_gently_and_drops_whoever_opted_out_at_once() -> None:
    servers = [FakeServer(endpoint(number)) for number in range(3)]

    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        scene.monitor.set_watched([one.endpoint for one in servers])
        await scene.rounds(2)
        scene.monitor.set_watched([servers[0].endpoint])
        await scene.rounds(3)

    scene = Scene(servers)
    build = scene._build

    def only_the_first(**options) -> None:
        build(**options)
        scene.monitor.set_watched([])

    scene._build = only_the_first
    scene.play(script)

    assert set(scene.sink.states(3)) == {"s0.example", "s1.example", "s2.example"}
    views = {view.endpoint.host: view for view in scene.monitor.servers}
    assert [views[f"s{number}.example"].missing for number in range(3)] == [False, True, True]


def test_the_table_shows_where_we_stand_with_everybody() -> None:
    gone = FakeServer(endpoint(1))
    gone.down = FailureKind.CONNECT_REFUSED

    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        scene.options["views"] = scene.monitor.servers
        scene.options["next_us"] = scene.monitor.next_round_us

    scene = Scene([FakeServer(endpoint(0)), gone]).play(script)

    up, away = scene.options["views"]
    assert (up.standing, up.availability, up.failure) == (Standing.HELD, UP, None)
    assert (up.software, up.protocol, up.height, up.reply_us) == ("ElectrumX 1.16.0", "1.4.2", 0, 10_000)
    assert (away.standing, away.availability) == (Standing.WAITING, REFUSED)
    assert away.failure.kind is FailureKind.CONNECT_REFUSED
    assert scene.options["next_us"] is not None


def test_the_same_chance_gives_the_same_rounds() -> None:
    def starts(jitter_s: float) -> list[int]:
        scene = Scene(3, cadences=every(60.0), jitter_s=jitter_s).play_rounds(4)
        return [made.started_monotonic_ns for made, _ in scene.sink.rounds]

    assert starts(10.0) == starts(10.0)
    assert starts(10.0) != starts(0.0)
