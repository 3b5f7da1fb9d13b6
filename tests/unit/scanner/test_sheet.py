"""One connection of a battery visit: silence, closing, budgets, caps, and what is known of each message afterwards."""

from collections.abc import Sequence
from typing import Any

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.config import Caps, Deadlines, ScanConfig
from electrum_observatory.scanner.probes.burst_of_twenty import BurstOfTwentyProbe
from electrum_observatory.scanner.probes.header_beyond_tip import HeaderBeyondTipProbe
from electrum_observatory.scanner.probes.height_oddities import HeightOdditiesProbe
from electrum_observatory.scanner.probes.not_json import NotJsonProbe
from electrum_observatory.scanner.probes.ping_with_null_id import PingWithNullIdProbe
from electrum_observatory.scanner.probes.ping_with_plain_ids import PingWithPlainIdsProbe
from electrum_observatory.scanner.probes.ping_without_jsonrpc import PingWithoutJsonrpcProbe
from electrum_observatory.scanner.probes.rate_limit import RateLimitProbe
from electrum_observatory.scanner.probes.request_before_version import RequestBeforeVersionProbe
from electrum_observatory.scanner.probes.unknown_method import UnknownMethodProbe
from electrum_observatory.scanner.probes.xpub_sweep_twenty import XpubSweepTwentyProbe
from tests.unit.scanner.battery_harness import VERSION, Called, put, question_lines, steady
from tests.unit.scanner.scripted import CLOSE, Pause

ERROR = b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"no"},"id":%d}\n'
NULL = b'{"jsonrpc":"2.0","result":null,"id":%d}\n'
PINGED, ODD, TIP, UNKNOWN = (
    PingWithoutJsonrpcProbe(),
    HeightOdditiesProbe(),
    HeaderBeyondTipProbe(),
    UnknownMethodProbe(),
)


def known(called: Called, probe: Any) -> list[tuple[str, bool | None, bool | None]]:
    return [(one.name, one.closed, one.alive_after) for one in called.result(probe).exchanges]


def test_what_was_answered_later_shows_that_the_connection_was_alive() -> None:
    called = Called(PINGED, TIP, script=steady(NULL % 1010, ERROR % 1040))

    assert known(called, "opening") == [("opening", False, True)]
    assert known(called, PINGED) == [("ping_without_jsonrpc", False, True)]
    assert known(called, TIP) == [("header_beyond_tip", None, None)], "nothing was asked after it"


def test_a_silent_server_is_told_from_a_dead_one_by_a_ping() -> None:
    silent = put(PingWithNullIdProbe(), [])
    dead = Called(PingWithNullIdProbe(), PINGED, script=lambda line: [VERSION] if b"server.version" in line else [])

    assert known(silent, PingWithNullIdProbe()) == [("ping_with_null_id", False, True), ("ping_after", None, None)]
    assert silent.result(PingWithNullIdProbe()).exchanges[0].lines == ()
    assert silent.seconds == pytest.approx(5.0), "a moment is enough for what may be left unanswered"
    assert known(dead, PingWithNullIdProbe()) == [("ping_with_null_id", False, False)]
    assert dead.by_probe[PINGED.id].attempt.reason == "the conversation was over before it was its turn: read_timeout"


def test_a_reply_that_comes_after_we_gave_up_waiting_still_belongs_to_its_message() -> None:
    late = put(PingWithNullIdProbe(), [Pause(7), b'{"id":null,"jsonrpc":"2.0","result":null}\r\n'])

    first, ping = late.lines(PingWithNullIdProbe())
    assert first == ("ping_with_null_id", [b'{"id":null,"jsonrpc":"2.0","result":null}\r\n'])
    assert late.result(PingWithNullIdProbe()).exchanges[0].after_ms == (pytest.approx(7_000),)
    assert ping[0] == "ping_after"


def test_a_silent_message_takes_no_reply_of_a_later_one() -> None:
    refusal = b'{"jsonrpc":"2.0","error":{"code":-32600,"message":"strange"},"id":null}\n'
    called = Called(PingWithNullIdProbe(), PINGED, script=steady([], refusal))

    assert called.lines(PingWithNullIdProbe())[0][1] == []
    assert called.lines(PINGED) == [("ping_without_jsonrpc", [refusal])]


@pytest.mark.parametrize("answer", [[CLOSE], [ERROR % 1030, CLOSE]])
def test_whoever_closes_on_a_question_is_found_out_by_the_ping_that_follows(answer: list[Any]) -> None:
    called = put(UNKNOWN, answer)

    assert known(called, UNKNOWN) == [("unknown_method", True, False)], "the ping is left out: it met nobody"
    assert called.notebook.ended is FailureKind.EOF


def test_notifications_before_the_reply_are_kept_and_do_not_answer() -> None:
    note = b'{"jsonrpc":"2.0","method":"blockchain.relayfee"}\n'
    error = b'{"jsonrpc":"2.0","error":{"code":1,"message":"use server.version to identify client"},"id":1210}\n'
    probe = RequestBeforeVersionProbe()
    called = Called(probe, script=lambda _line: [note, note, error, CLOSE])

    assert called.lines(probe) == [("request_before_version", [note, note, error])]
    assert known(called, probe)[0] == ("request_before_version", True, False)
    assert called.notebook.notifications == 2


def test_error_replies_beyond_what_is_left_stop_the_question_and_what_follows_is_not_put() -> None:
    called = Called(ODD, TIP, script=steady(*(ERROR % one for one in range(1490, 1494))), errors=2)
    enough = Called(ODD, TIP, script=steady(*(ERROR % one for one in range(1490, 1494))), errors=4)

    assert called.by_probe[ODD.id].attempt.status is AttemptStatus.NOT_SCHEDULED, "it may bring more than is left"
    assert len(enough.result(ODD).exchanges) == 4
    reason = "4 error replies on this connection so far; it may bring 1 more, and 4 are allowed"
    assert enough.by_probe[TIP.id].attempt.reason == reason


def test_errors_that_nobody_expected_stop_a_question_in_the_middle() -> None:
    probe = XpubSweepTwentyProbe()

    def refusing(line: bytes) -> Sequence[Any]:
        return [VERSION] if b"server.version" in line else [ERROR % int(line.partition(b'"id":')[2][:4])]

    called = Called(probe, TIP, script=refusing)

    assert len(question_lines(called)) == 6, "never more without a reply than errors are left"
    assert called.result(probe).stopped == "6 error replies on this connection"
    assert called.notebook.errors == 6
    assert called.by_probe[TIP.id].attempt.status is AttemptStatus.NOT_SCHEDULED


def test_a_question_that_would_send_more_than_is_left_is_not_put() -> None:
    called = Called(PINGED, TIP, script=steady(NULL % 1010), requests=2)

    words = "2 messages on this connection so far; it may take 1 more, and 2 are allowed"
    assert called.by_probe[TIP.id].attempt.reason == words


def test_a_line_that_is_no_json_ends_the_conversation_and_stays_as_a_witness() -> None:
    page = b"<html>502 Bad Gateway</html>\n"
    called = Called(PINGED, TIP, script=steady(page))

    attempt = called.by_probe[PINGED.id].attempt
    assert attempt.failure is not None
    assert (attempt.failure.stage, attempt.failure.kind) == (Stage.REQUEST, FailureKind.NOT_JSON)
    assert [one.data for one in called.by_probe[PINGED.id].witnesses] == [page]
    assert called.by_probe[TIP.id].attempt.status is AttemptStatus.NOT_SCHEDULED


@pytest.mark.parametrize(
    ("answer", "caps", "kind"),
    [
        ([b'{"method":"news","params":[]}\n'] * 30, Caps(messages_per_session=20), FailureKind.TOO_MANY_MESSAGES),
        (b'{"id":1010,"result":"' + b"x" * 5_000 + b'"}\n', Caps(bytes_per_probe=4_000), FailureKind.TOO_MANY_BYTES),
        (b'{"id":1010,"result":' + b"[" * 70 + b"]" * 70 + b"}\n", Caps(), FailureKind.NOT_JSON),
        (b'{"id":1010,"result":' + b"9" * 500 + b"}\n", Caps(), FailureKind.NOT_JSON),
        (b"HTTP/1.1 400 Bad Request\n", Caps(), FailureKind.HTTP_REPLY),
    ],
)
def test_the_caps_of_a_session_hold_here_too(answer: Any, caps: Caps, kind: FailureKind) -> None:
    called = Called(PINGED, script=steady(answer), config=ScanConfig(caps=caps))

    attempt = called.by_probe[PINGED.id].attempt
    assert attempt.failure is not None
    assert attempt.failure.kind is kind
    assert called.by_probe["opening"].attempt.status is AttemptStatus.COMPLETED


def test_what_cannot_be_read_is_kept_only_at_its_beginning() -> None:
    called = Called(PINGED, script=steady(b"x" * 500_000 + b"\n"))

    assert [len(one.data) for one in called.by_probe[PINGED.id].witnesses] == [65_536]


def test_an_error_inside_of_a_batch_counts() -> None:
    batch = b'[{"id":1,"result":null},{"id":2,"error":{"code":1,"message":"x"}},5]\n'
    called = Called(PINGED, script=steady(batch))

    assert called.notebook.errors == 1
    assert called.lines(PINGED) == [("ping_without_jsonrpc", [batch])]


def test_a_conversation_that_takes_too_long_is_ended() -> None:
    probe = PingWithPlainIdsProbe()
    config = ScanConfig(deadlines=Deadlines(battery_s=25))
    slow = Called(probe, script=steady(*([Pause(12), NULL % 1] for _ in range(3))), config=config)

    attempt = slow.by_probe[probe.id].attempt
    assert attempt.failure is not None
    assert attempt.failure.kind is FailureKind.SESSION_TIMEOUT
    assert slow.seconds == pytest.approx(25)


@pytest.mark.parametrize("cancel_after_s", [0.0, 1.0, 3.0])
def test_what_was_answered_before_a_visit_was_cut_short_stays(cancel_after_s: float) -> None:
    called = Called(
        PINGED, TIP, script=steady([Pause(2), NULL % 1010], [Pause(2), ERROR % 1040]), cancel_after_s=cancel_after_s
    )

    cut = {probe for probe, one in called.by_probe.items() if one.attempt.failure is not None}
    assert all(called.by_probe[probe].attempt.failure.kind is FailureKind.CANCELLED for probe in cut)  # type: ignore[union-attr]
    assert ("ping_without_jsonrpc" in called.by_probe and "ping_without_jsonrpc" not in cut) == (cancel_after_s == 3.0)
    assert called.seconds == pytest.approx(cancel_after_s)


def test_a_burst_leaves_in_one_breath_and_replies_may_come_in_any_order() -> None:
    probe = BurstOfTwentyProbe()
    waiting: list[bytes] = []

    def backwards(line: bytes) -> Sequence[Any]:
        if b"server.version" in line:
            return [VERSION]
        waiting.insert(0, NULL % int(line.partition(b'"id":')[2][:4]))
        return [Pause(1), *waiting] if len(waiting) == 20 else []

    called = Called(probe, script=backwards)

    assert all(lines == [NULL % (2220 + place)] for place, (_, lines) in enumerate(called.lines(probe)))
    assert called.seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda number: ERROR % (2099 + number), "reply 8 was an error, code -32601"),
        (lambda number: [Pause(2.5), NULL % (2099 + number)], "reply 8 took 2.5 s, the first ones 0.10 s"),
        (lambda _number: [CLOSE], "the conversation was over: eof"),
    ],
)
def test_the_rate_limit_probe_stops_at_the_first_sign_and_says_which(answer: Any, words: str) -> None:
    answers = [[Pause(0.1), NULL % (2099 + number)] for number in range(1, 8)]
    called = put(RateLimitProbe(), *answers, answer(8))

    assert len(question_lines(called)) == 8
    assert called.result(RateLimitProbe()).stopped == words


def test_a_second_of_padding_is_no_sign_of_a_limit() -> None:
    at_once = [NULL % (2100 + number) for number in range(25)]
    padded = [[Pause(1.0), NULL % (2125 + number)] for number in range(95)]
    called = Called(RateLimitProbe(), script=steady(*at_once, *padded), requests=200)

    assert called.result(RateLimitProbe()).stopped is None
    assert len(called.result(RateLimitProbe()).exchanges) == 120


def test_no_json_is_sent_as_the_last_line() -> None:
    called = put(NotJsonProbe(), b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"invalid JSON"},"id":null}\n')

    assert question_lines(called) == [b"hello there\n"]
    assert called.sent[-1].startswith(b'{"jsonrpc":"2.0","id":901,')
