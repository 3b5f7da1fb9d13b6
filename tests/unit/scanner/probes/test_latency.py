import pytest

from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.latency import MAX_PINGS, LatencyProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import CLOSE, Pause, error_reply, reply

WARM_UP_BYTES = 1024
HANDSHAKE = b'{"jsonrpc":"2.0","result":["ElectrumX 1.20.0","1.6"],"id":0}\n'


def test_pings_are_put_one_after_the_other_and_timed() -> None:
    delays = iter([0.05, 0.03, 0.2])

    put = Put(LatencyProbe(pings=3), lambda message: [Pause(next(delays)), reply(message["id"], None)])

    assert put.result.pings_ms == pytest.approx((50, 30, 200))
    assert put.result.min_ms == pytest.approx(30)
    assert put.result.median_ms == pytest.approx(50)
    assert [message["id"] for message in put.sent] == [10, 11, 12]


def test_an_error_reply_took_as_long_as_any_other() -> None:
    put = Put(LatencyProbe(pings=1), lambda message: [Pause(0.1), error_reply(message["id"], 1, "no")])

    assert put.result.pings_ms == pytest.approx((100,))


def test_a_server_that_goes_silent_has_no_latency() -> None:
    put = Put(LatencyProbe(), lambda _message: [])

    assert put.failure == (Stage.REQUEST, FailureKind.READ_TIMEOUT)
    assert put.seconds == pytest.approx(20)


def test_a_close_is_a_failure() -> None:
    assert Put(LatencyProbe(), lambda _message: [CLOSE]).failure == (Stage.REQUEST, FailureKind.EOF)


def test_the_most_pings_stay_inside_the_first_kilobyte_of_replies() -> None:
    pongs = sum(len(b'{"jsonrpc":"2.0","result":null,"id":%d}\n' % (10 + place)) for place in range(MAX_PINGS))

    assert len(HANDSHAKE) + pongs < WARM_UP_BYTES


@pytest.mark.parametrize("pings", [0, MAX_PINGS + 1])
def test_other_numbers_of_pings_are_refused(pings: int) -> None:
    with pytest.raises(ValueError, match="pings is"):
        LatencyProbe(pings=pings)
