"""What happened to time, and whether anybody could be heard at all."""

from electrum_observatory.model.watch import Blindness
from electrum_observatory.scanner.watching.blindness import ClockWatch, Sight

SECOND_NS = 1_000_000_000
START_US = 1_795_212_900_000_000


class FakeClock:
    boot_id = "boot"

    def __init__(self) -> None:
        self.wall_us, self.ns, self.slept_ns = START_US, 0, 0

    def now_us(self) -> int:
        return self.wall_us

    def monotonic_ns(self) -> int:
        return self.ns

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")

    def go_on(self, seconds: float, *, step_s: float = 0.0) -> None:
        self.ns += round(seconds * SECOND_NS)
        self.wall_us += round((seconds + step_s) * 1e6)

    def sleep_for(self, seconds: float) -> None:
        """The machine sleeps: the wall goes on, the monotonic clock stands still."""
        self.slept_ns += round(seconds * SECOND_NS)
        self.wall_us += round(seconds * 1e6)


def test_time_that_just_passes_is_no_spell_and_neither_is_a_slow_drift() -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)

    spells = []
    for _ in range(100):
        clock.go_on(1.0, step_s=0.02)
        spells.append(watch.look())

    assert spells == [None] * 100


def test_a_step_of_the_wall_clock_is_told_once_with_its_size() -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)
    clock.go_on(1.0, step_s=-3600.0)

    spell, after = watch.look(), watch.look()

    assert spell is not None
    assert (spell.why, spell.step_us) == (Blindness.CLOCK_STEP, -3_600_000_000)
    assert (spell.from_us, spell.to_us) == (START_US, START_US + 1_000_000 - 3_600_000_000)
    assert after is None


def test_a_process_that_did_not_get_to_run_was_blind() -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)
    clock.go_on(40.0)

    spell = watch.look()

    assert spell is not None
    assert (spell.why, spell.to_us - spell.from_us, spell.step_us) == (Blindness.SUSPENDED, 40_000_000, 0)


def test_a_machine_that_slept_is_told_from_a_clock_that_was_set() -> None:
    clock = FakeClock()
    knowing, guessing = ClockWatch(clock, lambda: clock.slept_ns), ClockWatch(clock)
    clock.sleep_for(600)
    clock.go_on(1)

    known, guessed = knowing.look(), guessing.look()

    assert known is not None
    assert guessed is not None
    assert (known.why, guessed.why) == (Blindness.SUSPENDED, Blindness.CLOCK_STEP)


class Eyes:
    """A sight after a round in which ``up`` of ``watched`` servers were up."""

    def __init__(self, up: int, watched: int) -> None:
        self.clock = FakeClock()
        self.sight = Sight(self.clock, silence_s=80.0)
        self.watched = watched
        self.sight.judge_round(up=up, refused=0, watched=watched, ended_ns=0)
        self.sight.note_sign(0)

    def then(self, *, up: int = 0, refused: int = 0, after_s: float = 300.0) -> Blindness | None:
        self.clock.go_on(after_s)
        spell = self.sight.judge_round(up=up, refused=refused, watched=self.watched, ended_ns=self.clock.ns)
        return None if spell is None else spell.why


def test_five_do_not_vanish_at_once_by_themselves_whoever_refuses_us() -> None:
    assert Eyes(up=5, watched=100).then() is Blindness.NO_NETWORK
    assert Eyes(up=5, watched=100).then(refused=100) is Blindness.NO_NETWORK
    assert Eyes(up=5, watched=100).then(up=1) is None


def test_a_round_that_heard_three_of_many_is_no_measure_of_the_next() -> None:
    eyes = Eyes(up=940, watched=1000)

    assert eyes.then(up=3) is None
    assert eyes.then() is Blindness.NO_NETWORK


def test_those_who_left_one_after_the_other_are_forgotten_within_hours() -> None:
    eyes = Eyes(up=10, watched=10)

    assert [eyes.then(up=2) for _ in range(36)] == [None] * 36
    assert eyes.then() is None


def test_who_was_up_before_the_stint_is_expected_until_somebody_is_up_in_it() -> None:
    def first(voices: int, up: int = 0) -> list[Blindness | None]:
        clock = FakeClock()
        sight = Sight(clock, silence_s=80.0)
        sight.expect(voices)
        spells = []
        for found in (up, 0):
            clock.go_on(300)
            spells.append(sight.judge_round(up=found, refused=0, watched=8, ended_ns=clock.ns))
            sight.expect(voices)
        return [None if one is None else one.why for one in spells]

    assert first(8) == [Blindness.NO_NETWORK] * 2
    assert first(0) == [None] * 2
    assert first(0, up=8) == [None, Blindness.NO_NETWORK]
    assert first(8, up=1) == [None, Blindness.NO_NETWORK]
    assert first(5, up=1) == [None, None]


def test_a_few_may_vanish_unless_they_were_most_of_all_and_nothing_comes_back() -> None:
    assert Eyes(up=2, watched=3).then() is Blindness.NO_NETWORK
    assert Eyes(up=2, watched=3).then(refused=1) is None
    assert Eyes(up=2, watched=4).then() is None
    assert Eyes(up=1, watched=1).then() is None


def test_the_spell_of_a_round_goes_back_to_the_last_sign_and_the_next_goes_on_from_there() -> None:
    eyes = Eyes(up=9, watched=9)
    eyes.clock.go_on(50)
    eyes.sight.note_sign(eyes.clock.ns)
    eyes.clock.go_on(250)

    first = eyes.sight.judge_round(up=0, refused=0, watched=9, ended_ns=eyes.clock.ns)
    eyes.clock.go_on(300)
    second = eyes.sight.judge_round(up=0, refused=0, watched=9, ended_ns=eyes.clock.ns)

    assert first is not None
    assert second is not None
    assert (first.from_us - START_US, first.to_us - START_US) == (50_000_000, 300_000_000)
    assert (second.from_us - START_US, second.to_us - START_US) == (300_000_000, 600_000_000)
    assert eyes.sight.lost


def test_silence_of_all_between_rounds_is_a_spell_once_somebody_is_heard_again() -> None:
    eyes = Eyes(up=9, watched=9)

    soon = eyes.sight.note_sign(80 * SECOND_NS)
    late = eyes.sight.note_sign(161 * SECOND_NS)

    assert soon is None
    assert late is not None
    assert late.why is Blindness.NO_NETWORK
    assert eyes.sight.was_blind(100 * SECOND_NS, 120 * SECOND_NS)
    assert not eyes.sight.was_blind(0, 79 * SECOND_NS)
    assert not eyes.sight.was_blind(162 * SECOND_NS, 200 * SECOND_NS)


def test_silence_of_a_few_says_nothing_of_our_network() -> None:
    assert Eyes(up=4, watched=4).sight.note_sign(1_000 * SECOND_NS) is None


def test_a_lost_network_is_a_spell_until_the_first_sign_however_soon_that_comes() -> None:
    eyes = Eyes(up=9, watched=9)
    eyes.then()
    eyes.clock.go_on(30)

    back = eyes.sight.note_sign(eyes.clock.ns)
    after = eyes.sight.note_sign(eyes.clock.ns + SECOND_NS)

    assert back is not None
    assert (back.from_us - START_US, back.to_us - START_US) == (300_000_000, 330_000_000)
    assert after is None
    assert eyes.sight.was_blind(320 * SECOND_NS, 325 * SECOND_NS)


def test_a_silence_in_which_we_did_not_get_to_run_is_no_lost_network() -> None:
    known, untold, partly = (Eyes(up=9, watched=9).sight for _ in range(3))
    for sight, awake_s in ((known, 70), (untold, 70), (partly, 100)):
        sight.note_awake(awake_s * SECOND_NS)
    known.note_stall(70 * SECOND_NS, 160 * SECOND_NS)
    known.note_awake(160 * SECOND_NS)

    assert known.note_sign(161 * SECOND_NS) is None
    assert untold.note_sign(161 * SECOND_NS) is None
    assert partly.note_sign(161 * SECOND_NS) is not None
