"""Held subscriptions over scripted connections, in virtual time: what is told, and what ends one of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.scanner.subscription import Notice, SubscriptionRules, Topic
from electrum_observatory.scanner.subscriptions import Subscriptions
from tests.factories import make_endpoint
from tests.unit.scanner.scripted import GENESIS_HEADER, error_reply, make_facts, reply, server
from tests.unit.scanner.virtual_time import run_virtually

TIP = {"hex": GENESIS_HEADER, "height": 0}
HERE = make_endpoint(host="a.example", address="198.51.100.1", port=50002, transport=Transport.SSL)
THERE = make_endpoint(host="b.example", address="198.51.100.2", port=50002, transport=Transport.SSL)


def news(height: int, method: str = "blockchain.headers.subscribe") -> bytes:
    params = [{"hex": GENESIS_HEADER, "height": height}]
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode() + b"\n"


class Held:
    """A connection that answers by a script and can be made to speak and to end."""

    def __init__(self, endpoint: Endpoint, answer: Callable[[dict[str, Any]], Sequence[bytes]]) -> None:
        self.facts = make_facts(endpoint)
        self.sent: list[tuple[float, str]] = []
        self.aborted = False
        self._answer = answer
        self._receiver: Any = None

    def hand_over(self, receiver: Any) -> None:
        self._receiver = receiver

    def send(self, data: bytes) -> None:
        message = json.loads(data)
        self.sent.append((asyncio.get_running_loop().time(), message["method"]))
        for line in self._answer(message):
            asyncio.get_running_loop().call_soon(self.say, line)

    def say(self, line: bytes) -> None:
        if not self.aborted:
            at_ns = round(asyncio.get_running_loop().time() * 1e9)
            self._receiver.line_received(ReceivedLine(data=line, received_monotonic_ns=at_ns))

    def end(self, kind: FailureKind = FailureKind.EOF) -> None:
        self._receiver.connection_ended(VisitError(Stage.REQUEST, kind))

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            asyncio.get_running_loop().call_soon(self.end)


class Dialer:
    def __init__(self, answers: Mapping[Endpoint, Any], connect_s: float = 0.1) -> None:
        self.answers = answers
        self.connections: dict[Endpoint, Held] = {}
        self.most_at_once = self._now = 0
        self._connect_s = connect_s

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Held:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await asyncio.sleep(self._connect_s)
        finally:
            self._now -= 1
        answer = self.answers[endpoint]
        if isinstance(answer, BaseException):
            raise answer
        self.connections[endpoint] = Held(endpoint, answer)
        return self.connections[endpoint]


class Watcher:
    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.ends: list[tuple[Endpoint, Failure]] = []

    def told(self, notice: Notice) -> None:
        self.notices.append(notice)

    def ended(self, endpoint: Endpoint, failure: Failure) -> None:
        self.ends.append((endpoint, failure))


class Scene:
    """One server that is held, and what came of it."""

    def __init__(self, answer: Any, *, topics: Sequence[Topic] | None = None, **rules: Any) -> None:
        self.watcher = Watcher()
        self.dialer = Dialer({HERE: answer, THERE: server()})
        options = {} if topics is None else {"topics": topics}
        self.subscriptions = Subscriptions(
            dialer=self.dialer, watcher=self.watcher, rules=SubscriptionRules(**rules), **options
        )

    @property
    def connection(self) -> Held:
        return self.dialer.connections[HERE]

    @property
    def kinds(self) -> list[tuple[Stage, FailureKind]]:
        return [(failure.stage, failure.kind) for _, failure in self.watcher.ends]

    def play(self, then: Callable[["Scene"], Awaitable[None]] | None = None, seconds: float = 1.0) -> "Scene":
        async def main() -> None:
            async with self.subscriptions as subscriptions:
                subscriptions.add(HERE)
                await asyncio.sleep(seconds)
                if then is not None:
                    await then(self)
                self.held = set(subscriptions.held)

        run_virtually(main())
        return self


def test_the_handshake_comes_first_then_the_subscription_and_its_answer_is_told() -> None:
    scene = Scene(server()).play()

    assert [method for _, method in scene.connection.sent] == ["server.version", "blockchain.headers.subscribe"]
    (notice,) = scene.watcher.notices
    assert (notice.endpoint, notice.first, notice.content) == (HERE, True, TIP)
    assert scene.held == {HERE.canonical}
    assert scene.watcher.ends == []


def test_news_are_told_with_the_instant_of_their_arrival() -> None:
    async def later(scene: Scene) -> None:
        await asyncio.sleep(10)
        scene.connection.say(news(7))

    scene = Scene(server()).play(later)

    notice = scene.watcher.notices[-1]
    assert (notice.first, notice.content[0]["height"], notice.line) == (False, 7, news(7))
    assert notice.received_monotonic_ns == 11_000_000_000


def test_a_silent_hour_is_kept_alive_by_a_ping_a_minute() -> None:
    scene = Scene(server()).play(seconds=3600)

    pings = [at for at, method in scene.connection.sent if method == "server.ping"]
    assert len(pings) == 59
    assert pings[1] - pings[0] == pytest.approx(60)
    assert scene.held == {HERE.canonical}


def test_news_put_the_next_ping_off() -> None:
    async def later(scene: Scene) -> None:
        for height in range(20):
            await asyncio.sleep(30)
            scene.connection.say(news(height))

    scene = Scene(server()).play(later)

    assert "server.ping" not in [method for _, method in scene.connection.sent]


@pytest.mark.parametrize(
    ("silent", "stage"),
    [
        ("server.version", Stage.NEGOTIATE),
        ("blockchain.headers.subscribe", Stage.NEGOTIATE),
        ("server.ping", Stage.REQUEST),
    ],
)
def test_whoever_does_not_answer_in_time_is_given_up(silent: str, stage: Stage) -> None:
    scene = Scene(server(**{silent: lambda _message: []})).play(seconds=200)

    ((_, failure),) = scene.watcher.ends
    assert (failure.stage, failure.kind) == (stage, FailureKind.READ_TIMEOUT)
    assert failure.detail == f"no reply to {silent} within 20 s"
    assert scene.connection.aborted
    assert scene.held == set()


@pytest.mark.parametrize("refused", ["server.version", "blockchain.headers.subscribe"])
def test_a_refusal_ends_it_in_the_servers_words(refused: str) -> None:
    refusal = {refused: lambda message: [error_reply(message["id"], 1, "too many clients")]}

    scene = Scene(server(**refusal)).play()

    ((_, failure),) = scene.watcher.ends
    assert failure.kind is FailureKind.UNEXPECTED_RESULT
    assert failure.detail == f"{refused} was refused: 'too many clients'"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"not json\n", FailureKind.NOT_JSON),
        (b"[]\n", FailureKind.BAD_MESSAGE),
        (reply(1, TIP), FailureKind.BAD_MESSAGE),
        (reply("x", None), FailureKind.BAD_MESSAGE),
        (reply(True, None), FailureKind.BAD_MESSAGE),
        (news(1, "blockchain.scripthash.subscribe"), FailureKind.BAD_MESSAGE),
        (b'{"method":"blockchain.headers.subscribe"}\n', FailureKind.BAD_MESSAGE),
    ],
)
def test_a_strange_line_ends_that_subscription_alone(line: bytes, kind: FailureKind) -> None:
    async def then(scene: Scene) -> None:
        scene.subscriptions.add(THERE)
        await asyncio.sleep(1)
        before = len(scene.watcher.notices)
        scene.connection.say(line)
        scene.connection.say(news(5))
        scene.dialer.connections[THERE].say(news(5))
        assert len(scene.watcher.notices) == before + 1
        await asyncio.sleep(1)

    scene = Scene(server()).play(then)

    assert scene.watcher.notices[-1].endpoint == THERE
    assert scene.kinds == [(Stage.REQUEST, kind)]
    assert scene.held == {THERE.canonical}


def test_a_storm_of_news_is_cut_off_within_the_minute_and_a_slow_trickle_is_not() -> None:
    async def storm(scene: Scene) -> None:
        for height in range(200):
            scene.connection.say(news(height))

    async def trickle(scene: Scene) -> None:
        for height in range(200):
            scene.connection.say(news(height))
            await asyncio.sleep(1)

    stormy = Scene(server(), lines_per_minute=100).play(storm)
    calm = Scene(server(), lines_per_minute=100).play(trickle)

    assert stormy.kinds == [(Stage.REQUEST, FailureKind.TOO_MANY_MESSAGES)]
    assert len(stormy.watcher.notices) <= 100
    assert calm.kinds == []
    assert len(calm.watcher.notices) == 201


def test_fat_lines_are_cut_off_by_their_bytes() -> None:
    async def fat(scene: Scene) -> None:
        for height in range(20):
            scene.connection.say(news(height)[:-1] + b" " * 60_000 + b"\n")

    scene = Scene(server()).play(fat)

    assert scene.kinds == [(Stage.REQUEST, FailureKind.TOO_MANY_BYTES)]
    assert len(scene.watcher.notices) == 1 + 4


def test_the_end_of_a_connection_is_told_once() -> None:
    async def then(scene: Scene) -> None:
        scene.connection.end(FailureKind.CONNECTION_RESET)
        await asyncio.sleep(300)

    scene = Scene(server()).play(then)

    assert scene.kinds == [(Stage.REQUEST, FailureKind.CONNECTION_RESET)]


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED), FailureKind.CONNECT_REFUSED),
        (KeyError("x"), FailureKind.BUG_IN_OBSERVATORY),
    ],
)
def test_a_dial_that_fails_is_told_with_its_reason(raised: BaseException, kind: FailureKind) -> None:
    scene = Scene(raised).play()

    assert scene.kinds == [(Stage.CONNECT, kind)]
    assert scene.held == set()


def test_a_dial_that_hangs_is_given_up() -> None:
    scene = Scene(server(), dial_s=5)
    scene.dialer._connect_s = 1000

    scene.play(seconds=10)

    assert scene.kinds == [(Stage.CONNECT, FailureKind.CONNECT_TIMEOUT)]


def test_removing_and_leaving_drop_without_a_word() -> None:
    async def then(scene: Scene) -> None:
        scene.subscriptions.add(THERE)
        scene.subscriptions.remove(HERE)
        await asyncio.sleep(1)
        assert scene.connection.aborted
        assert set(scene.subscriptions.held) == {THERE.canonical}

    scene = Scene(server()).play(then)

    assert scene.dialer.connections[THERE].aborted
    assert scene.watcher.ends == []


def test_leaving_cuts_dials_short() -> None:
    scene = Scene(server())
    scene.dialer._connect_s = 1000

    scene.play(seconds=5)

    assert scene.watcher.ends == []
    assert scene.dialer.connections == {}


def test_no_more_dials_are_under_way_than_allowed_and_nobody_is_dialled_twice() -> None:
    endpoints = [
        make_endpoint(host=f"{number}.example", address=f"198.51.100.{number}", port=50002, transport=Transport.SSL)
        for number in range(1, 41)
    ]
    dialer, watcher = Dialer(dict.fromkeys(endpoints, server())), Watcher()

    async def main() -> None:
        async with Subscriptions(dialer=dialer, watcher=watcher, dials_at_once=8) as subscriptions:
            for endpoint in (*endpoints, *endpoints):
                subscriptions.add(endpoint)
            await asyncio.sleep(10)
            subscriptions.add(endpoints[0])
            assert (len(subscriptions.held), subscriptions.dialling) == (40, 0)

    run_virtually(main())

    assert dialer.most_at_once == 8
    assert len(watcher.notices) == 40


def test_several_topics_of_one_server_are_told_apart() -> None:
    scripthash = Topic(method="blockchain.scripthash.subscribe", params=("ab" * 32,))
    other = json.dumps({"method": scripthash.method, "params": ["cd" * 32, "status"]}).encode() + b"\n"
    mine = json.dumps({"method": scripthash.method, "params": ["ab" * 32, "status"]}).encode() + b"\n"

    async def then(scene: Scene) -> None:
        scene.connection.say(mine)
        scene.connection.say(other)
        await asyncio.sleep(1)

    answer = server(**{scripthash.method: None})
    scene = Scene(answer, topics=(Topic(method="blockchain.headers.subscribe"), scripthash)).play(then)

    assert [(notice.topic.method, notice.first) for notice in scene.watcher.notices] == [
        ("blockchain.headers.subscribe", True),
        (scripthash.method, True),
        (scripthash.method, False),
    ]
    assert scene.kinds == [(Stage.REQUEST, FailureKind.BAD_MESSAGE)]
