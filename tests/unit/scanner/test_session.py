import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.scanner.probes.base import Received
from electrum_observatory.scanner.session import Request, Session, SessionLimits
from tests.unit.scanner.harness import LIMITS
from tests.unit.scanner.scripted import CLOSE, Answer, Pause, ScriptedConnection, error_reply, reply
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually


def converse(
    answer: Answer,
    ask: Callable[[Session], Any],
    *,
    greeting: Any = (),
    limits: SessionLimits = LIMITS,
    connect: type[ScriptedConnection] = ScriptedConnection,
) -> tuple[Session, ScriptedConnection, Any]:
    """Open a session, let ``ask`` talk, close; return the session, the connection and what ``ask`` returned."""

    async def main() -> Any:
        connection = connect(answer, greeting=greeting)
        session = Session(connection, VirtualClock(), limits)
        session.stage = Stage.REQUEST
        connection.hand_over(session)
        try:
            return session, connection, await ask(session)
        finally:
            connection.abort()

    return run_virtually(main())


class Asked:
    """A question, and what came of it."""

    def __init__(self, session: Session, request_id: int, params: Sequence[Any] = ()) -> None:
        self.answer: asyncio.Future[Received | Failure] = asyncio.get_running_loop().create_future()
        request = Request.of(request_id, "server.ping", params)
        session.submit(request, lambda _request, outcome: self.answer.set_result(outcome))


async def outcome(asked: Asked) -> Any:
    answer = await asked.answer
    return answer.kind if isinstance(answer, Failure) else answer.reply.result


def ask_some(count: int) -> Callable[[Session], Any]:
    async def ask(session: Session) -> list[Any]:
        questions = [Asked(session, place, [place]) for place in range(count)]
        return [await outcome(question) for question in questions]

    return ask


def echo(message: dict[str, Any]) -> list[Any]:
    return [reply(message["id"], message["params"])]


def test_replies_are_matched_by_id_in_whatever_order_they_come() -> None:
    held: list[bytes] = []

    def backwards(message):
        held.insert(0, reply(message["id"], message["id"] * 10))
        return held if len(held) == 3 else []

    _, _, results = converse(backwards, ask_some(3))

    assert results == [0, 10, 20]


def test_requests_leave_together_in_order_up_to_what_is_allowed_in_flight() -> None:
    held: list[bytes] = []
    _, connection, results = converse(lambda message: held.append(message["id"]) or [], ask_some(9))

    assert [message["id"] for message in connection.sent] == [0, 1, 2, 3, 4, 5], "no more than errors we can afford"
    assert results == [FailureKind.READ_TIMEOUT] * 6 + [FailureKind.BUDGET_SPENT] * 3


def test_requests_are_jsonrpc_2_with_one_line_each() -> None:
    _, connection, _ = converse(echo, ask_some(1))

    assert json.dumps(connection.sent[0]) == '{"jsonrpc": "2.0", "id": 0, "method": "server.ping", "params": [0]}'


def test_never_more_errors_than_the_budget_whatever_the_server_answers() -> None:
    session, connection, results = converse(lambda message: [error_reply(message["id"], 1, "no")], ask_some(20))

    assert session.errors == len(connection.sent) == 6
    assert results == [None] * 6 + [FailureKind.BUDGET_SPENT] * 14


def test_errors_that_come_after_their_deadline_count_as_well() -> None:
    """ElectrumX says "server busy - request timed out" after 30 s, when we no longer wait."""

    async def ask(session: Session) -> list[Any]:
        results = await ask_some(20)(session)
        await asyncio.sleep(60)
        return results

    session, connection, results = converse(
        lambda message: [*([Pause(25)] if message["id"] == 0 else []), error_reply(message["id"], -102, "server busy")],
        ask,
    )

    assert session.errors == len(connection.sent) == session.late == 6
    assert results == [FailureKind.READ_TIMEOUT] * 6 + [FailureKind.BUDGET_SPENT] * 14


def test_a_late_result_makes_room_again() -> None:
    def answer(message):
        replies = {0: [], 2: [Pause(15), reply(0, "late")], 3: [reply(3, "ok"), reply(2, "in time")]}
        return replies.get(message["id"], echo(message))

    async def ask(session: Session) -> list[Any]:
        questions = [Asked(session, 0)]
        await asyncio.sleep(10)
        questions += [Asked(session, place, [place]) for place in (1, 2, 3)]
        return [await outcome(question) for question in questions]

    session, connection, results = converse(answer, ask, limits=replace(LIMITS, in_flight=2))

    assert results == [FailureKind.READ_TIMEOUT, [1], "in time", "ok"]
    assert (session.late, len(connection.sent)) == (1, 4)


def test_never_more_requests_than_the_budget() -> None:
    session, connection, results = converse(echo, ask_some(45))

    assert session.requests == len(connection.sent) == 40
    assert results[-5:] == [FailureKind.BUDGET_SPENT] * 5


def test_one_silent_request_times_out_alone_and_its_late_reply_is_only_counted() -> None:
    def answer(message):
        if message["id"] == 0:
            return []
        return [Pause(25), reply(0, "late"), reply(message["id"], "ok")]

    async def ask(session: Session) -> list[Any]:
        first = await outcome(Asked(session, 0))
        second = await outcome(Asked(session, 1))
        third = await outcome(Asked(session, 2))
        return [first, second, third]

    session, _, results = converse(answer, ask, limits=LIMITS)

    assert results[0] is FailureKind.READ_TIMEOUT
    assert session.late >= 1
    assert session.failure is None


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([reply(77, None)], FailureKind.BAD_MESSAGE),
        ([reply(0, 1), reply(0, 2)], FailureKind.BAD_MESSAGE),
        ([reply("0", 1)], FailureKind.BAD_MESSAGE),
        ([reply(False, 1)], FailureKind.BAD_MESSAGE),  # Python takes False for 0
        ([reply(0.0, 1)], FailureKind.BAD_MESSAGE),
        ([error_reply(None, 3, "Excessive flood")], FailureKind.BAD_MESSAGE),
        ([b"[]\n"], FailureKind.BAD_MESSAGE),
        ([b"5\n"], FailureKind.BAD_MESSAGE),
        ([b"hello\n"], FailureKind.NOT_JSON),
        ([b"HTTP/1.1 400 Bad Request\r\n"], FailureKind.HTTP_REPLY),
        ([b"[" * 100_000 + b"\n"], FailureKind.NOT_JSON),
        ([CLOSE], FailureKind.EOF),
    ],
)
def test_a_line_that_answers_nothing_ends_the_conversation_for_everybody(lines: list[Any], kind: FailureKind) -> None:
    def answer(message):
        return lines if message["id"] == 0 else []

    session, connection, results = converse(answer, ask_some(4))

    assert results[1:] == [kind] * 3
    assert session.failure is not None
    assert session.failure.failure.kind is kind
    assert connection.aborted
    if kind is not FailureKind.EOF:
        assert session.oddities, "the line is kept as a witness"


class Foreseeing(ScriptedConnection):
    """Replies a moment before it is asked, since the ids can be guessed."""

    def line(self, data: bytes) -> ReceivedLine:
        line = super().line(data)
        return replace(line, received_monotonic_ns=line.received_monotonic_ns - 1)


def test_a_reply_that_came_before_its_question_answers_nothing() -> None:
    session, _, results = converse(echo, ask_some(2), connect=Foreseeing)

    assert results == [FailureKind.BAD_MESSAGE] * 2
    assert session.failure is not None
    assert "which awaits none" in session.failure.failure.detail


def test_the_words_of_an_error_without_id_are_kept_in_the_failure() -> None:
    session, _, _ = converse(lambda _message: [error_reply(None, 3, "Excessive flood")], ask_some(1))

    assert session.failure is not None
    assert "Excessive flood" in session.failure.failure.detail


def test_notifications_are_counted_and_disturb_nobody() -> None:
    news = b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":1,"hex":"00"}]}\n'
    crash = b'{"jsonrpc":"2.0","method":"blockchain.relayfee"}\n'  # field reference §2.4

    session, _, results = converse(
        lambda message: [news, crash, reply(message["id"], "ok")], ask_some(3), greeting=[news]
    )

    assert results == ["ok"] * 3
    assert session.notifications == 7
    assert {witness.label for witness in session.oddities} == {"notification"}


def test_a_flood_of_notifications_ends_the_conversation_with_a_bounded_memory() -> None:
    news = b'{"jsonrpc":"2.0","method":"x","params":[]}\n'

    session, _, results = converse(lambda _message: [news] * 500, ask_some(1))

    assert results == [FailureKind.TOO_MANY_MESSAGES]
    assert len(session.oddities) == 8
    assert session.notifications == 200


def test_long_oddities_are_kept_up_to_the_size_of_one_line() -> None:
    news = b'{"jsonrpc":"2.0","method":"x","params":["%s"]}\n' % (b"x" * 900_000)

    session, _, results = converse(lambda message: [news, reply(message["id"], "ok")], ask_some(4))

    assert results == ["ok"] * 4
    assert session.notifications == 4
    assert len(session.oddities) == 2


def test_of_a_long_line_that_cannot_be_read_the_beginning_is_kept() -> None:
    wide = b'{"result":[' + b"[]," * 100_000 + b"[]]}\n"

    session, _, results = converse(lambda _message: [wide], ask_some(1))

    assert results == [FailureKind.NOT_JSON]
    (kept,) = session.oddities
    assert (kept.label, kept.data) == ("unintelligible, its beginning", wide[:65_536])


def test_a_long_line_that_can_be_read_is_kept_whole() -> None:
    batch = b'["%b"]\n' % (b"x" * 100_000)

    session, _, results = converse(lambda _message: [batch], ask_some(1))

    assert results == [FailureKind.BAD_MESSAGE]
    assert [one.data for one in session.oddities] == [batch]


def test_failures_of_the_handshake_belong_to_its_own_stage() -> None:
    async def ask(session: Session) -> Stage:
        session.stage = Stage.NEGOTIATE
        with pytest.raises(VisitError) as caught:
            await session.request(Request.of(0, "server.version"))
        return caught.value.failure.stage

    assert converse(lambda _message: [CLOSE], ask)[2] is Stage.NEGOTIATE


def test_what_is_asked_after_the_end_fails_like_the_rest() -> None:
    async def ask(session: Session) -> list[Any]:
        first = await outcome(Asked(session, 0))
        return [first, await outcome(Asked(session, 1))]

    assert converse(lambda _message: [CLOSE], ask)[2] == [FailureKind.EOF, FailureKind.EOF]


def test_a_cancelled_question_frees_nothing_twice_and_its_reply_harms_nobody() -> None:
    async def ask(session: Session) -> Any:
        cancelled = asyncio.get_running_loop().create_task(session.request(Request.of(0, "server.ping")))
        await asyncio.sleep(0)
        cancelled.cancel()
        return await outcome(Asked(session, 1))

    session, _, result = converse(lambda message: [Pause(1), reply(message["id"], message["id"])], ask)

    assert result == 1
    assert session.failure is None


def test_each_question_is_waited_for_as_long_as_any_other() -> None:
    async def ask(session: Session) -> list[float]:
        started: list[Asked] = []
        for place in range(3):
            started.append(Asked(session, place))
            await asyncio.sleep(7)
        ends = []
        for asked in started:
            await outcome(asked)
            ends.append(asyncio.get_running_loop().time())
        return ends

    assert converse(lambda _message: [], ask)[2] == pytest.approx([21, 27, 34])


def test_a_conversation_that_is_over_waits_for_nothing() -> None:
    async def ask(session: Session) -> list[Any]:
        await outcome(Asked(session, 0))
        loop: Any = asyncio.get_running_loop()
        return [timer for timer in loop._scheduled if not timer.cancelled()]

    assert converse(lambda _message: [CLOSE], ask)[2] == []


def test_a_bug_in_reading_a_line_is_told_as_ours(monkeypatch) -> None:
    def broken(*_args: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("electrum_observatory.scanner.session.decode_server_message", broken)

    session, connection, results = converse(echo, ask_some(2))

    assert results == [FailureKind.BUG_IN_OBSERVATORY] * 2
    assert "ZeroDivisionError" in session.failure.failure.detail
    assert connection.aborted
