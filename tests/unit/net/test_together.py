"""Many connections that each keep to their caps must not fill the memory together."""

import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.net.together import SPARED_BYTES, Together
from tests.unit.net.conftest import endpoint_of
from tests.unit.net.servers import greeting

MEGABYTE = 1_000_000


class Bringer:
    def __init__(self, together: Together) -> None:
        self.together = together
        self.dropped: list[tuple[FailureKind, str]] = []

    def drop(self, kind: FailureKind, detail: str) -> None:
        self.dropped.append((kind, detail))
        self.together.leave(self)


def test_whoever_brought_most_is_dropped_first_and_only_as_many_as_it_takes() -> None:
    together = Together(10 * MEGABYTE)
    small, greedy, late = (Bringer(together) for _ in range(3))

    together.add(small, MEGABYTE)
    together.add(greedy, 8 * MEGABYTE)
    together.add(late, 2 * MEGABYTE)

    assert [one.dropped != [] for one in (small, greedy, late)] == [False, True, False]
    assert greedy.dropped[0][0] is FailureKind.TOO_MANY_BYTES
    assert "the most of all, 8000000" in greedy.dropped[0][1]
    assert together.total == 3 * MEGABYTE


def test_whoever_brings_too_much_may_be_the_one_that_is_dropped() -> None:
    together = Together(10 * MEGABYTE)
    others = [Bringer(together) for _ in range(3)]
    for one in others:
        together.add(one, 2 * MEGABYTE)
    greedy = Bringer(together)

    together.add(greedy, 5 * MEGABYTE)

    assert greedy.dropped
    assert not any(one.dropped for one in others)


def test_what_an_honest_server_brings_never_costs_it_the_connection() -> None:
    together = Together(10 * MEGABYTE)
    crowd = [Bringer(together) for _ in range(100)]

    for one in crowd:
        together.add(one, SPARED_BYTES)

    assert not any(one.dropped for one in crowd)


def test_a_connection_that_is_over_no_longer_counts() -> None:
    together = Together(10 * MEGABYTE)
    over, next_one = Bringer(together), Bringer(together)

    together.add(over, 9 * MEGABYTE)
    together.leave(over)
    together.leave(over)
    together.add(next_one, 9 * MEGABYTE)

    assert together.total == 9 * MEGABYTE
    assert not next_one.dropped


async def test_a_dialler_drops_the_greediest_of_its_connections_and_keeps_the_rest(listen, make_dialer):
    """Dropped before its last line is handed out or after: what came whole stays, and then comes the reason."""
    dialer = make_dialer(limits=ConnectionLimits(max_bytes_together=3 * MEGABYTE))
    line = b"x" * 899_999 + b"\n"
    modest = await dialer.connect(endpoint_of(await listen()))
    greedy = await dialer.connect(endpoint_of(await listen(factory=greeting(line * 2))))
    assert len((await greedy.receive()).data) == len((await greedy.receive()).data) == len(line)
    late = await dialer.connect(endpoint_of(await listen(factory=greeting(line + line))))

    with pytest.raises(VisitError) as caught:
        await greedy.receive()
    assert caught.value.failure.kind is FailureKind.TOO_MANY_BYTES
    assert len((await late.receive()).data) == len((await late.receive()).data) == len(line)
    modest.send(b"still here\n")
    assert (await modest.receive()).data == b"still here\n"
    for one in (modest, late):
        one.abort()
