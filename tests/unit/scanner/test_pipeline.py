"""Questions in one breath: each probe's outcome by itself, and what is left when time is up."""

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner import pipeline
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.pipeline import Pipeline
from electrum_observatory.scanner.probe_visit import ProbeLimits
from electrum_observatory.scanner.probes.banner import BannerProbe
from electrum_observatory.scanner.probes.base import Handshake
from electrum_observatory.scanner.probes.fee_estimates import FeeEstimatesProbe
from electrum_observatory.scanner.probes.peers import PeersProbe
from electrum_observatory.scanner.session import Question, Session
from tests.factories import make_campaign, make_endpoint
from tests.unit.scanner.harness import LIMITS
from tests.unit.scanner.scripted import CLOSE, Answer, Pause, ScriptedConnection, reply, server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

BANNER, FEES, PEERS = BannerProbe(), FeeEstimatesProbe(), PeersProbe()
SLOW_FEES = {"blockchain.estimatefee": lambda message: [Pause(1), reply(message["id"], 2e-05)]}


class Breath:
    """Probes that were put to a scripted server: their outcomes, what was sent, and how long it took."""

    def __init__(
        self,
        probes: Sequence[Any],
        answer: Answer,
        *,
        seconds: float = 60,
        cancel_after_s: float = 1_000,
        bytes_per_probe: int = 1_000,
        in_flight: int = 10,
        most: dict[str, int] | None = None,
    ) -> None:
        limits = ProbeLimits(bytes=bytes_per_probe, errors=6)
        self.by_probe: dict[str, Observation] = {}
        self.timed_out = False

        async def main() -> None:
            connection = ScriptedConnection(answer)
            self.session = Session(connection, VirtualClock(), replace(LIMITS, in_flight=in_flight))
            self.session.stage = Stage.REQUEST
            connection.hand_over(self.session)
            notebook = Notebook(campaign=make_campaign(), endpoint=make_endpoint(), clock=VirtualClock(), lag=LoopLag())
            try:
                async with asyncio.timeout(cancel_after_s):
                    await Pipeline(probes, limits, seconds, most).put(self.session, notebook, Handshake())
            except TimeoutError:
                self.timed_out = True
            self.seconds = asyncio.get_running_loop().time()
            await asyncio.sleep(30)
            connection.abort()
            self.sent = [message["id"] for message in connection.sent]
            self.by_probe = {one.probe: one for one in notebook.observations}
            assert len(self.by_probe) == len(notebook.observations)

        run_virtually(main())

    def kind(self, probe: Any) -> FailureKind | None:
        failure = self.by_probe[probe.id].attempt.failure
        return None if failure is None else failure.kind

    def labels(self, probe: Any) -> list[str]:
        return [witness.label for witness in self.by_probe[probe.id].witnesses]


def test_each_outcome_is_noted_when_its_own_last_reply_is_there() -> None:
    breath = Breath([FEES, BANNER], server(**SLOW_FEES))

    assert breath.sent == [110, 111, 112, 113, 114, 40]
    assert breath.by_probe["fee_estimates"].duration_us == 5_000_000
    assert breath.by_probe["banner"].duration_us == 5_000_000, "replies come in order"
    early = Breath([BANNER, FEES], server(**SLOW_FEES))
    assert early.by_probe["banner"].duration_us == 0
    assert early.by_probe["banner"].started_at_us == early.by_probe["fee_estimates"].started_at_us


def test_a_question_that_is_not_for_all_is_left_out_once_enough_were_asked() -> None:
    asked = Breath([PEERS, BANNER], server(), most={PEERS.id: 1})
    spared = Breath([PEERS, BANNER], server(), most={PEERS.id: 0})

    assert (asked.sent, spared.sent) == ([60, 40], [40])
    assert spared.by_probe["peers"].attempt.status is AttemptStatus.NOT_SCHEDULED


def test_replies_are_witnesses_in_the_order_asked_however_they_came() -> None:
    held: list[bytes] = []

    def backwards(message):
        held.insert(0, reply(message["id"], 1e-05))
        return held if len(held) == 5 else []

    assert Breath([FEES], backwards).labels(FEES) == ["110", "111", "112", "113", "114"]


def test_when_time_is_up_what_came_is_kept_and_nothing_more_is_asked() -> None:
    breath = Breath([FEES, BANNER], server(**SLOW_FEES), seconds=2.5, in_flight=3)

    assert breath.seconds == pytest.approx(2.5)
    assert (breath.kind(FEES), breath.kind(BANNER)) == (FailureKind.READ_TIMEOUT, FailureKind.READ_TIMEOUT)
    assert breath.by_probe["banner"].attempt.failure.detail == "not done within 2.5 s"
    assert (breath.labels(FEES), breath.labels(BANNER)) == (["110", "111"], [])
    assert breath.sent == [110, 111, 112, 113, 114], "what waited in the queue stays there"
    assert breath.session.failure is None, "replies that come later harm nobody"


def test_cancelled_outcomes_are_noted_as_such_and_the_cancellation_passes() -> None:
    breath = Breath([BANNER, FEES], server(**SLOW_FEES), cancel_after_s=2.5)

    assert breath.timed_out
    assert (breath.kind(BANNER), breath.kind(FEES)) == (None, FailureKind.CANCELLED)
    assert breath.labels(FEES) == ["110", "111"]


def test_a_probe_that_brings_too_much_fails_alone_and_keeps_its_bytes() -> None:
    size = 5 * len(reply(110, 2e-05))

    assert Breath([FEES], server(), bytes_per_probe=size).kind(FEES) is None
    above = Breath([FEES, BANNER], server(), bytes_per_probe=size - 1)
    assert (above.kind(FEES), above.kind(BANNER)) == (FailureKind.TOO_MANY_BYTES, None)
    assert len(above.labels(FEES)) == 5


def test_a_connection_that_ends_fails_whatever_waits_and_keeps_what_came() -> None:
    breath = Breath([FEES, PEERS], lambda message: [CLOSE] if message["id"] == 112 else server()(message))

    assert (breath.kind(FEES), breath.kind(PEERS)) == (FailureKind.EOF, FailureKind.EOF)
    assert breath.labels(FEES) == ["110", "111"]


def test_whoever_asks_nothing_waits_for_nothing() -> None:
    assert Breath([], server()).seconds == 0


@pytest.mark.parametrize("answer", [server(), server(**SLOW_FEES), lambda _message: [CLOSE], lambda _message: []])
def test_what_is_over_leaves_nothing_to_the_collector(answer: Answer) -> None:
    gc.collect()
    gc.disable()
    try:
        breath = Breath([FEES, BANNER], answer, seconds=2.5)
        left = {type(one) for one in gc.get_objects()} & {pipeline._Put, pipeline._Breath, Question}
    finally:
        gc.enable()

    assert breath.by_probe
    assert not left
