"""Work that is shared among processes: it comes back in order, and nobody waits for what was broken off."""

import gc
import signal
from multiprocessing import active_children

import pytest

from electrum_observatory.lab.time.forked import forked


def test_work_is_shared_among_processes_that_inherit_what_there_is() -> None:
    with forked(2, gc.collect) as pool:
        assert list(pool.map(abs, (-1, -2, -3))) == [1, 2, 3]


def test_processes_end_with_work_that_is_broken_off() -> None:
    def broken_off() -> None:
        with forked(2, gc.collect) as pool:
            for _ in range(4):
                pool.submit(signal.pause)
            raise KeyboardInterrupt

    before = set(active_children())

    with pytest.raises(KeyboardInterrupt):
        broken_off()

    assert set(active_children()) <= before
