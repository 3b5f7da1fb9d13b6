"""The small parts of a watch's command: durations, cadences, the digest of a round, the shared book of dials."""

import asyncio

import pytest

from electrum_observatory.cli.dial_book import BookedDialer, DialBook
from electrum_observatory.cli.durations import duration_words, seconds_of
from electrum_observatory.cli.monitor_digest import digest_of, tip_of
from electrum_observatory.cli.monitor_settings import watch_flags
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import Answer, Availability, Question, Reading, Round
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.config import Budgets
from electrum_observatory.scanner.history import History
from tests.factories import make_endpoint
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

A, B, C = (make_endpoint(host=f"{name}.org", address=f"5.9.1.{number}") for number, name in enumerate("abc", 1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("1h30m", 5400), ("1d", 86_400), ("1w", 604_800), ("90", 90), ("0.5s", 0.5), (" 2M ", 120)],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5 minutes", "-5m", "m5", "1e3", "nan", "5m 30"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min"), (245, "4 min 05 s"), (12_000, "3 h 20 min"), (187_200, "2 d 4 h"), (-3, "0 s")],
)
def test_durations_are_said_in_two_units(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_cadences_of_questions_and_campaigns_become_settings() -> None:
    assert watch_flags(["histogram=10m", "full=never", "discovery=12h"], ["abc"]) == {
        "monitor": {
            "watching": {"cadences": {"histogram_s": 600}},
            "rediscovery": {"full_s": 0.0, "discovery_s": 43_200},
            "scripts": ("abc",),
        }
    }
    assert watch_flags([], []) == {}


@pytest.mark.parametrize("every", ["histogramm=5m", "5m", "tip", "tip=soon"])
def test_a_cadence_of_something_else_is_refused(every: str) -> None:
    with pytest.raises(UsageError):
        watch_flags([every], [])


@pytest.mark.parametrize(
    ("heights", "tip"), [([], None), ([7], 7), ([9, 8], 8), ([8, 8, 900_000], 8), ([5, 9, 9, 4], 9)]
)
def test_the_tip_is_what_two_have_reached(heights: list[int], tip: int | None) -> None:
    assert tip_of(heights) == tip


def reading(endpoint: Endpoint, histogram: bytes | None, *, sent_us: int = 0) -> Reading:
    answers = {} if histogram is None else {Question.HISTOGRAM: Answer(data=histogram, after_us=40)}
    found = Availability.UNKNOWN if histogram is None else Availability.UP
    return Reading(endpoint=endpoint, availability=found, sent_us=sent_us, answers=answers)


def test_a_round_is_summed_up() -> None:
    made = Round(
        number=7,
        due_at_us=1,
        started_at_us=2,
        started_monotonic_ns=3,
        boot_id="b",
        duration_us=5_000_000,
        questions=(Question.HISTOGRAM,),
        lag_max_us=900,
    )
    same, error = b'{"id":20,"result":[[1,2]]}\n', b'{"id":20,"error":{"code":1}}\n'
    others = [make_endpoint(host=f"x{number}.org", address=f"5.9.2.{number}") for number in range(2)]
    readings = [
        reading(A, same, sent_us=10),
        reading(B, same, sent_us=700),
        reading(C, None, sent_us=30),
        reading(others[0], error, sent_us=40),
        reading(others[1], b'{"result": null}\n', sent_us=50),
    ]
    heights = {A.canonical: 100, B.canonical: 97, C.canonical: 3, others[0].canonical: 100}

    digest = digest_of(made, readings, heights)

    assert (digest.watched, digest.histograms, digest.read_spread_us) == (5, 1, 690)
    assert digest.found == {Availability.UP: 4, Availability.UNKNOWN: 1}
    assert (digest.tip, digest.behind, digest.behind_in_all) == (100, (("b.org", 3),), 1)
    assert digest.as_json()["refused"] == 0


def test_a_machine_that_was_dialled_rests_and_cools_whoever_asks() -> None:
    async def scene() -> None:
        clock = VirtualClock()
        book = DialBook(clock, rest_s=600, spacing_s=10)
        other_port = make_endpoint(host="elsewhere.org", address=A.address, port=50001)
        book.note(machine_key(A))
        await clock.sleep(4)

        assert (book.cools_for_s(other_port), book.rests_for_s(other_port)) == (6, 596)
        assert (book.cools_for_s(B), book.rests_for_s(B)) == (0, 0)

        campaign = History().with_visits(book.visits())
        rest = campaign.rest(other_port, now_us=clock.now_us(), budgets=Budgets())
        assert rest is not None
        assert rest.until_us == clock.now_us() + 596_000_000
        assert campaign.rest(B, now_us=clock.now_us(), budgets=Budgets()) is None

        await clock.sleep(600)
        assert book.visits() == {}

    run_virtually(scene())


def test_two_who_dial_one_machine_keep_the_spacing_between_them() -> None:
    async def scene() -> None:
        clock, dials = VirtualClock(), list[float]()
        began_ns = clock.monotonic_ns()

        class Dialer:
            async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> object:
                dials.append((clock.monotonic_ns() - began_ns) / 1e9)
                return endpoint, legacy_tls

        book = DialBook(clock, rest_s=600, spacing_s=10)
        watch, campaign = BookedDialer(Dialer(), book), BookedDialer(Dialer(), book)  # type: ignore[arg-type]
        await asyncio.gather(watch.connect(A), campaign.connect(A), watch.connect(A), campaign.connect(B))

        assert dials == [0, 0, pytest.approx(10), pytest.approx(20)]

    run_virtually(scene())
