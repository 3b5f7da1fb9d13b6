"""One held server in virtual time: what is said to it, what is taken from it, and what ends it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.watch import USUAL_QUESTIONS, Availability, Question
from electrum_observatory.scanner.watching.config import Cadences, Manners
from tests.unit.scanner.scripted import GENESIS_HEADER, error_reply, reply, server
from tests.unit.scanner.watching.scene import FakeServer, Line, Scene, endpoint, every, news, no_answer, replaced

OTHER_HEADER = "0200" + GENESIS_HEADER[4:]
ROUND = [
    *("mempool.get_fee_histogram", "blockchain.headers.subscribe", "blockchain.relayfee"),
    *["blockchain.estimatefee"] * 7,
    "server.ping",
]


def test_it_says_who_we_are_proves_its_network_and_subscribes_once() -> None:
    scene = Scene().play_rounds(1)

    version, *proof = scene.first.line.sent[:3]
    assert version["method"] == "server.version"
    assert version["params"][0].startswith("electrum-observatory/")
    assert version["params"][1] == ["1.4", "1.6"]
    assert [(one["method"], one["params"]) for one in proof] == [
        ("blockchain.block.header", [0]),
        ("blockchain.headers.subscribe", []),
    ]
    assert scene.first.line.methods()[3:] == ROUND


def test_the_questions_of_a_round_leave_at_one_moment() -> None:
    scene = Scene().play_rounds(1)

    assert len({at for at, method in scene.first.line.writes[3:]}) == 1


def test_from_1_6_on_the_floor_is_read_from_the_mempools_info() -> None:
    newest = server(**{"server.version": ["Fulcrum 2.0.0", "1.6"], "mempool.get_info": {"mempoolminfee": 1e-5}})

    scene = Scene([FakeServer(endpoint(0), newest)]).play_rounds(1)

    assert "blockchain.relayfee" not in scene.first.line.methods()
    assert b"mempoolminfee" in scene.sink.reading(1, scene.first).answers[Question.FEE_FLOOR].data


@pytest.mark.parametrize("how", ["answers an error", "hangs up"])
def test_who_does_not_take_a_range_is_offered_one_version_the_next_time(how: str) -> None:
    def version(message: dict[str, Any]) -> list[bytes]:
        if message["params"][1] == "1.4":
            return [reply(message["id"], ["romanz 0.9", "1.4"])]
        if how == "hangs up":
            asyncio.get_running_loop().call_soon(picky.line.end)
            return []
        return [error_reply(message["id"], 1, "unsupported protocol version")]

    picky = FakeServer(endpoint(0), replaced(server(), "server.version", version))

    scene = Scene([picky]).play_rounds(2)

    assert [line.sent[0]["params"][1] for line in picky.lines] == [["1.4", "1.6"], "1.4"]
    assert scene.sink.states(2) == {"s0.example": Availability.UP}


def test_one_version_alone_is_offered_where_the_configuration_says_so() -> None:
    scene = Scene(manners=Manners(versions=("1.4",))).play_rounds(1)

    assert scene.first.line.sent[0]["params"][1] == "1.4"


@pytest.mark.parametrize(
    ("network", "state", "failure"),
    [
        ("bitcoin", Availability.UP, None),
        ("litecoin-regtest", Availability.REFUSED, FailureKind.WRONG_NETWORK),
    ],
)
def test_a_server_of_another_chain_is_never_up(network: str, state: Availability, failure: FailureKind | None) -> None:
    scene = Scene(network=network).play_rounds(1)

    reading = scene.sink.reading(1, scene.first)
    assert reading.availability is state
    assert (reading.failure and reading.failure.kind) == failure
    assert bool(reading.answers) is (failure is None)
    assert len(scene.sink.news) == (failure is None)


def test_answers_are_whole_lines_in_the_order_of_asking_without_padding() -> None:
    def padding(message: dict[str, Any]) -> list[bytes]:
        (line,) = server()(message)
        return [line.removesuffix(b"}\n") + b" " * 50 + b"}\n"]

    scene = Scene([FakeServer(endpoint(0), padding)]).play_rounds(1)

    answers = scene.sink.reading(1, scene.first).answers
    assert answers.keys() == set(USUAL_QUESTIONS)
    assert answers[Question.HISTOGRAM].data == reply(20, [[2, 40_000], [1, 50_000]])
    assert answers[Question.ESTIMATES].data == b"".join(reply(30 + number, 2e-05) for number in range(7))
    assert answers[Question.HISTOGRAM].after_us == 10_000


def test_a_line_without_terminator_is_given_one() -> None:
    def bare(message: dict[str, Any]) -> list[bytes]:
        return [line.removesuffix(b"\n") for line in server()(message)]

    scene = Scene([FakeServer(endpoint(0), bare)]).play_rounds(1)

    assert scene.sink.reading(1, scene.first).answers[Question.ESTIMATES].data.count(b"\n") == 7


def test_an_error_is_an_answer() -> None:
    def refusing(message: dict[str, Any]) -> list[bytes]:
        return [error_reply(message["id"], -32601, "unknown method")]

    answer = replaced(server(), "mempool.get_fee_histogram", refusing)

    scene = Scene([FakeServer(endpoint(0), answer)]).play_rounds(1)

    reading = scene.sink.reading(1, scene.first)
    assert reading.availability is Availability.UP
    assert b"unknown method" in reading.answers[Question.HISTOGRAM].data


def test_a_server_that_has_had_enough_of_us_refuses() -> None:
    def fed_up(message: dict[str, Any]) -> list[bytes]:
        if message["id"] >= 20:
            return [error_reply(message["id"], -101, "excessive resource usage")]
        return list(server()(message))

    scene = Scene([FakeServer(endpoint(0), fed_up)]).play_rounds(1)

    assert scene.sink.states(1) == {"s0.example": Availability.REFUSED}


def test_each_script_is_asked_for_by_itself_and_the_answer_is_all_replies() -> None:
    scripts = ("ab" * 32, "cd" * 32)
    asked: list[dict[str, Any]] = []

    def listing(message: dict[str, Any]) -> list[bytes]:
        asked.append(message)
        return [reply(message["id"], [{"tx_hash": message["params"][0], "height": 0, "fee": 1}])]

    answer = replaced(server(), "blockchain.scripthash.get_mempool", listing)
    scene = Scene([FakeServer(endpoint(0), answer)], scripts=scripts).play_rounds(13)

    assert [(one["id"], one["params"]) for one in asked] == 2 * [(40, ["ab" * 32]), (41, ["cd" * 32])]
    lists = [[{"tx_hash": script, "height": 0, "fee": 1}] for script in scripts]
    answers = [scene.sink.reading(number, scene.first).answers for number in range(1, 14)]
    assert answers[0][Question.PENDING].data == reply(40, lists[0]) + reply(41, lists[1])
    assert [Question.PENDING in one for one in answers] == [True, *11 * [False], True], "hourly, in rounds of 5 minutes"


@pytest.mark.parametrize(
    "words", ["unknown method", "history too large", "excessive resource usage", "server busy - request timed out"]
)
def test_a_server_that_cannot_say_what_is_pending_is_there_all_the_same(words: str) -> None:
    def refusing(message: dict[str, Any]) -> list[bytes]:
        return [error_reply(message["id"], -101, words)]

    answer = replaced(server(), "blockchain.scripthash.get_mempool", refusing)
    often = replace(every(300.0), pending_s=150.0)
    scene = Scene([FakeServer(endpoint(0), answer)], scripts=("ab" * 32,), cadences=often).play_rounds(3)

    for number in (1, 2, 3):
        reading = scene.sink.reading(number, scene.first)
        assert reading.availability is Availability.UP
        assert words.encode() in reading.answers[Question.PENDING].data
    assert len(scene.first.lines) == 1, "and its connection is held"


def test_a_server_that_never_says_what_is_pending_is_held_and_asked_the_rest() -> None:
    answer = replaced(server(), "blockchain.scripthash.get_mempool", no_answer)
    often = replace(every(300.0), pending_s=150.0)
    scene = Scene([FakeServer(endpoint(0), answer)], scripts=("ab" * 32,), cadences=often).play_rounds(4)

    asked = [set(scene.sink.reading(number, scene.first).answers) for number in range(1, 5)]
    assert asked == [set(USUAL_QUESTIONS), {Question.PING}, set(USUAL_QUESTIONS), {Question.PING}]
    assert scene.first.line.methods().count("blockchain.scripthash.get_mempool") == 1
    assert len(scene.first.lines) == 1


def test_a_server_that_hangs_up_over_pending_transactions_was_there_and_is_dialled_again() -> None:
    touchy = FakeServer(endpoint(0))

    def hang_up(_message: dict[str, Any]) -> list[bytes]:
        asyncio.get_running_loop().call_later(0.02, touchy.line.end)
        return []

    touchy.answer = replaced(server(), "blockchain.scripthash.get_mempool", hang_up)
    scene = Scene([touchy], scripts=("ab" * 32,)).play_rounds(2)

    assert [scene.sink.states(number) for number in (1, 2)] == 2 * [{"s0.example": Availability.UP}]
    assert scene.sink.reading(1, scene.first).answers.keys() == set(USUAL_QUESTIONS)
    assert len(touchy.lines) == 2


def test_a_question_that_is_owed_is_not_asked_again_and_its_late_reply_answers_no_later_round() -> None:
    kept: list[bytes] = []

    def keeping(message: dict[str, Any]) -> list[bytes]:
        kept.append(reply(message["id"], [[1, 1]]))
        return []

    slow = FakeServer(endpoint(0), replaced(server(), "mempool.get_fee_histogram", keeping))

    async def script(scene: Scene) -> None:
        await scene.rounds(2)
        slow.line.say(kept[0])
        await asyncio.sleep(1)
        slow.answer = server()
        await scene.rounds(3)

    scene = Scene([slow]).play(script)

    assert len(kept) == 1
    assert len(slow.lines) == 1
    assert [Question.HISTOGRAM in scene.sink.reading(number, slow).answers for number in (1, 2, 3)] == [
        *(False, False, True)
    ]
    assert scene.sink.reading(3, slow).answers[Question.HISTOGRAM].data == reply(20, [[2, 40_000], [1, 50_000]])
    assert scene.sink.reading(2, slow).availability is Availability.UP


def test_a_reply_that_comes_while_a_later_round_is_under_way_is_not_taken_for_its_own() -> None:
    """The only question of the second round is still owed; its reply comes in the midst of that round."""
    owing = FakeServer(endpoint(0))

    def keeping(message: dict[str, Any]) -> list[bytes]:
        owing.line.say(reply(message["id"], [[1, 1]]), after_s=300.005)
        return []

    owing.answer = replaced(server(), "mempool.get_fee_histogram", keeping)

    scene = Scene([owing]).play_rounds(2)

    second = scene.sink.reading(2, owing)
    assert second.availability is Availability.UP
    assert Question.HISTOGRAM not in second.answers


def test_where_all_that_could_be_asked_is_owed_for_a_round_the_server_is_gone() -> None:
    def partly(message: dict[str, Any]) -> list[bytes]:
        return [] if message["id"] in (24, 31) else list(server()(message))

    cadences = Cadences(histogram_s=900, tip_s=900, fee_floor_s=900)
    scene = Scene([FakeServer(endpoint(0), partly)], cadences=cadences).play_rounds(2)

    second = scene.sink.reading(2, scene.first)
    assert second.availability is Availability.UNKNOWN
    assert second.failure is not None
    assert second.failure.kind is FailureKind.READ_TIMEOUT


def test_a_server_that_answers_nothing_is_unknown_and_dialled_again() -> None:
    mute = FakeServer(endpoint(0))

    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        mute.answer = replaced(no_answer, "server.ping", server())
        await scene.rounds(2)
        mute.answer = server()
        await scene.rounds(3)

    mute_in_rounds = Scene([mute], manners=Manners(keepalive_s=200.0)).play(script)

    assert mute_in_rounds.sink.states(2) == {"s0.example": Availability.UP}  # it still answered the ping
    assert len(mute.lines) == 1

    def silent(message: dict[str, Any]) -> list[bytes]:
        return [] if message["id"] >= 20 and message["id"] < 1000 else list(server()(message))

    silent_scene = Scene([FakeServer(endpoint(0), silent)]).play_rounds(2)

    reading = silent_scene.sink.reading(1, silent_scene.first)
    assert reading.availability is Availability.UNKNOWN
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.READ_TIMEOUT
    assert len(silent_scene.first.lines) > 1


def test_pings_keep_a_quiet_connection_and_a_mute_one_is_given_up() -> None:
    dying = FakeServer(endpoint(0))

    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        await asyncio.sleep(120)
        dying.cut_off = True
        await asyncio.sleep(100)
        assert dying.lines[0].over
        dying.cut_off = False

    Scene([dying], manners=Manners(keepalive_s=60.0)).play(script)

    after_the_round = dying.lines[0].methods()[3 + len(ROUND) :]
    assert set(after_the_round) == {"server.ping"}
    assert 3 <= len(after_the_round) <= 6


def during(act: Callable[[Line], None]) -> Scene:
    """Let a server do something odd between the first round and the second."""

    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        act(scene.first.line)
        await asyncio.sleep(2)
        scene.options["failure"] = scene.monitor.servers[0].failure

    return Scene().play(script)


def say(*lines: bytes) -> Callable[[Line], None]:
    def act(line: Line) -> None:
        for one in lines:
            line.say(one)

    return act


ODD: dict[str, tuple[tuple[bytes, ...], FailureKind]] = {
    "no JSON": ((b"hello\n",), FailureKind.NOT_JSON),
    "a batch": ((b"[1]\n",), FailureKind.BAD_MESSAGE),
    "an id that nobody asked": ((reply(20, []),), FailureKind.BAD_MESSAGE),
    "an id of another type": ((reply("20", []),), FailureKind.BAD_MESSAGE),
    "a topic that nobody asked": ((news(1).replace(b"headers", b"scripthash"),), FailureKind.BAD_MESSAGE),
    "a giant header": ((news(1, hex=GENESIS_HEADER * 300),), FailureKind.BAD_MESSAGE),
    "a header of no hex": ((news(1, hex="xy" * 80),), FailureKind.BAD_MESSAGE),
    "a height below zero": ((news(-1),), FailureKind.BAD_MESSAGE),
    "a height beyond all chains": ((news(10**12),), FailureKind.BAD_MESSAGE),
    "a height that is no number": ((news(True),), FailureKind.BAD_MESSAGE),
    "news of nothing": (
        (json.dumps({"method": "blockchain.headers.subscribe", "params": []}).encode() + b"\n",),
        FailureKind.BAD_MESSAGE,
    ),
    "a flood of news": (tuple(news(number) for number in range(200)), FailureKind.TOO_MANY_MESSAGES),
    "a flood of bytes": ((b'{"method":"%s"}\n' % (b"x" * 300_000),), FailureKind.TOO_MANY_BYTES),
}


@pytest.mark.parametrize("name", ODD)
def test_a_strange_line_ends_that_connection_with_its_failure(name: str) -> None:
    lines, kind = ODD[name]

    scene = during(say(*lines))

    failure = scene.options["failure"]
    assert failure is not None
    assert (failure.stage, failure.kind) == (Stage.REQUEST, kind)
    assert scene.first.line.over
    assert len(scene.sink.news) <= 200


def test_news_is_kept_with_its_stamp_and_the_first_tip_dates_nothing() -> None:
    async def script(scene: Scene) -> None:
        await scene.rounds(1)
        scene.options["at_ns"] = scene.clock.monotonic_ns() + 250_000_000
        scene.first.line.say(news(7, hex=OTHER_HEADER), after_s=0.25)
        await asyncio.sleep(1)

    scene = Scene().play(script)

    first, told = scene.sink.news
    assert (first.first, first.height, first.header) == (True, 0, bytes.fromhex(GENESIS_HEADER))
    assert (told.first, told.height, told.header) == (False, 7, bytes.fromhex(OTHER_HEADER))
    assert told.received_monotonic_ns == pytest.approx(scene.options["at_ns"], abs=1_000)
    assert told.received_at_us == pytest.approx(scene.clock.epoch_us + scene.options["at_ns"] // 1_000, abs=10)
    assert told.endpoint == scene.first.endpoint


def test_rounds_that_follow_each_other_closely_are_no_flood() -> None:
    scene = Scene(cadences=every(5.0), deadline_s=4.0).play_rounds(40)

    assert len(scene.first.lines) == 1
    assert set(scene.sink.states(40).values()) == {Availability.UP}


def test_rounds_of_other_cadences_are_asked_on_the_same_connection() -> None:
    scene = Scene(cadences=every(600.0)).play_rounds(3)

    assert [made.started_monotonic_ns // 10**9 for made, _ in scene.sink.rounds] == [0, 600, 1200]
    assert len(scene.first.lines) == 1
