"""The clock, the loop, the descriptors, and the caps of bare lines."""

import asyncio
import resource

import pytest

from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.descriptors import descriptor_limit, raise_descriptor_limit
from electrum_observatory.net.lines import LineFraming
from electrum_observatory.net.loop import loop_factory, run


def test_the_clock_tells_utc_and_a_monotonic_time_of_a_named_boot():
    clock = SystemClock()

    first, second = clock.monotonic_ns(), clock.monotonic_ns()

    assert second >= first
    assert clock.now_us() > 1_700_000_000_000_000
    assert clock.boot_id
    assert SystemClock().boot_id == clock.boot_id


async def test_a_time_scale_divides_waits():
    await SystemClock(time_scale=1e9).sleep(3600)


@pytest.mark.parametrize("scale", [0, -1])
def test_a_time_scale_is_positive(scale):
    with pytest.raises(ValueError, match="time scale"):
        SystemClock(time_scale=scale)


def test_coroutines_run_on_uvloop_where_it_is_installed():
    async def name_of_the_loop() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(name_of_the_loop()) == "uvloop"
    assert loop_factory().__module__ == "uvloop"


def test_the_soft_limit_of_descriptors_is_raised_to_the_hard_one():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard // 2, hard))
    try:
        raised = raise_descriptor_limit()
        after = descriptor_limit()
        again = raise_descriptor_limit()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert (raised.before, raised.now, raised.hard) == (hard // 2, hard, hard)
    assert (after.now, again.before, again.now) == (hard, hard, hard)


@pytest.mark.parametrize("packets", [[b"one\ntwo\n" + b"x" * 30], [b"one\n", b"two\nxxx", b"x" * 30 + b"\n"]])
def test_lines_before_one_that_is_too_long_are_not_lost_with_it(packets):
    framing = LineFraming(20)

    lines = [line for packet in packets for line in framing.feed(packet)]

    assert lines == [b"one\n", b"two\n"]
    assert framing.error.failure.kind is FailureKind.LINE_TOO_LONG


def test_only_the_first_line_can_be_that_of_a_web_server():
    framing = LineFraming(1000, recognise_http=True)

    assert framing.feed(b'{"id":0}\nHTTP/1.1 200 OK\n') == [b'{"id":0}\n', b"HTTP/1.1 200 OK\n"]
    assert framing.error is None
