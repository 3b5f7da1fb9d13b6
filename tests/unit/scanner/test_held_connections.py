"""Held connections over scripted dials, in virtual time: who is handed over, who failed, what leaving cuts short."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.scanner.held_connections import HeldConnections
from electrum_observatory.scanner.line_allowance import LineAllowance
from tests.factories import make_endpoint
from tests.unit.scanner.virtual_time import run_virtually

DIAL_S = 5.0
SERVERS = [make_endpoint(host=f"{number}.example", address=f"198.51.100.{number}") for number in range(1, 41)]
HERE, THERE = SERVERS[:2]


class Holder:
    """What was handed over, and whether it was begun and dropped."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.begun = self.dropped = False

    def begin(self) -> None:
        self.begun = True

    def drop(self) -> None:
        self.dropped = True


class Scene:
    """Dials that take a while or fail, and what came of them."""

    def __init__(self, *, takes_s: float = 0.1, raises: BaseException | None = None) -> None:
        self.held: list[Holder] = []
        self.failures: list[tuple[Endpoint, Failure]] = []
        self.most_at_once = self._now = 0
        self._takes_s = takes_s
        self._raises = raises

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Endpoint:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await asyncio.sleep(self._takes_s)
        finally:
            self._now -= 1
        if self._raises is not None:
            raise self._raises
        return endpoint

    def hold(self, connection: Endpoint) -> Holder:
        self.held.append(Holder(connection))
        return self.held[-1]

    def play(self, script: Callable[["HeldConnections"], Awaitable[None]]) -> "Scene":
        async def main() -> None:
            connections = HeldConnections(
                dialer=self,
                hold=self.hold,
                failed=lambda endpoint, failure: self.failures.append((endpoint, failure)),
                dial_s=DIAL_S,
                dials_at_once=8,
            )
            async with connections:
                await script(connections)

        run_virtually(main())
        return self


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED), FailureKind.CONNECT_REFUSED),
        (KeyError("x"), FailureKind.BUG_IN_OBSERVATORY),
    ],
)
def test_a_dial_that_fails_is_told_with_its_reason(raised: BaseException, kind: FailureKind) -> None:
    async def script(connections: HeldConnections) -> None:
        connections.add(HERE)
        await asyncio.sleep(1)

    scene = Scene(raises=raised).play(script)

    assert [(one, failure.stage, failure.kind) for one, failure in scene.failures] == [(HERE, Stage.CONNECT, kind)]
    assert scene.held == []


def test_a_dial_that_hangs_is_given_up() -> None:
    async def script(connections: HeldConnections) -> None:
        connections.add(HERE)
        await asyncio.sleep(2 * DIAL_S)

    scene = Scene(takes_s=1_000).play(script)

    assert [failure.kind for _, failure in scene.failures] == [FailureKind.CONNECT_TIMEOUT]


def test_removing_and_leaving_drop_without_a_word() -> None:
    async def script(connections: HeldConnections) -> None:
        connections.add(HERE)
        connections.add(THERE)
        await asyncio.sleep(1)
        connections.remove(HERE)
        assert [one.dropped for one in scene.held] == [True, False]

    scene = Scene()
    scene.play(script)

    assert [(one.begun, one.dropped) for one in scene.held] == [(True, True)] * 2
    assert scene.failures == []


def test_leaving_cuts_dials_short() -> None:
    async def script(connections: HeldConnections) -> None:
        connections.add(HERE)
        await asyncio.sleep(1)

    scene = Scene(takes_s=1_000).play(script)

    assert (scene.held, scene.failures) == ([], [])


def test_no_more_dials_are_under_way_than_allowed_and_nobody_is_dialled_twice() -> None:
    async def script(connections: HeldConnections) -> None:
        for endpoint in (*SERVERS, *SERVERS):
            connections.add(endpoint)
        await asyncio.sleep(10)
        connections.add(HERE)
        await asyncio.sleep(10)

    scene = Scene().play(script)

    assert scene.most_at_once == 8
    assert sorted(one.endpoint.canonical for one in scene.held) == sorted(one.canonical for one in SERVERS)


def test_whoever_ended_may_be_dialled_again() -> None:
    async def script(connections: HeldConnections) -> None:
        for _ in range(2):
            connections.add(HERE)
            await asyncio.sleep(1)
            connections.forget(HERE)

    assert len(Scene().play(script).held) == 2


def test_a_storm_is_cut_off_within_the_minute_and_a_slow_trickle_is_not() -> None:
    def listen(every_ns: int) -> None:
        allowance = LineAllowance(lines_per_minute=120, bytes_per_minute=10_000)
        for number in range(1_000):
            allowance.take(ReceivedLine(data=b"x" * 60, received_monotonic_ns=number * every_ns), Stage.REQUEST)

    listen(every_ns=600_000_000)
    with pytest.raises(VisitError) as cut_off:
        listen(every_ns=400_000_000)
    assert cut_off.value.failure.kind is FailureKind.TOO_MANY_MESSAGES
