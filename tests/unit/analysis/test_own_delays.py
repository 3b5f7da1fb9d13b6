"""A second is the program's own only beside padding: traps T1 and T2."""

from electrum_observatory.analysis.own_delays import own_delay

PLAIN = b'{"jsonrpc":"2.0","result":null,"id":1}\n'
PADDED = b'{"jsonrpc":"2.0","result":null,"id":1' + b" " * 985 + b"}\n"


def test_seconds_beside_padding_are_the_programs() -> None:
    found = own_delay([1002.0, 30.0, 998.5], [PADDED])

    assert (found.padded, found.kept_back, found.free_ms) == (True, 2, (30.0,))
    assert found.words == "2 replies kept back a second by the program"


def test_a_program_that_keeps_everything_back_tells_no_distance() -> None:
    assert "no distance" in own_delay([1000.0], [PLAIN, PADDED]).words


def test_a_slow_way_without_padding_is_a_slow_way() -> None:
    found = own_delay([1000.0, 990.0], [PLAIN])

    assert (found.padded, found.kept_back, found.free_ms, found.words) == (False, 0, (1000.0, 990.0), "")


def test_without_bytes_nothing_is_said_of_padding() -> None:
    assert own_delay([1000.0], []).padded is None


def test_a_slow_way_to_a_padding_program_stays_a_slow_way() -> None:
    assert own_delay([2400.0], [PADDED]).free_ms == (2400.0,)
