"""The command as forks of a process that has loaded it once: each starts in milliseconds, and dies like any other.

The server forks a keeper, which forks the command, tells its number and, when it is over, how it ended. Nothing of a
scan is done before the fork. What needs another namespace or limits of its own is started anew (``world.Sitting``).
"""

import contextlib
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

_ROOT = Path(__file__).parents[2]
_LARGEST_ORDER = 65_536
_running: list[socket.socket] = []


@contextlib.contextmanager
def running_server() -> Iterator[None]:
    """Let commands be forked for the length of the block."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.durability.forks", str(theirs.fileno())]
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # numpy's threads would not survive a fork
    with (
        ours,
        subprocess.Popen(
            command,
            cwd=_ROOT,
            env=alone,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # no file and no terminal, as that of the forks
            stderr=subprocess.PIPE,
        ),
    ):
        theirs.close()
        _running.append(ours)
        yield
        _running.remove(ours)
        ours.close()  # which ends it


class Forked:
    """A command that was forked; the part of ``subprocess.Popen`` that sittings use."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Start it."""
        (server,) = _running
        self._keeper, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        out, out_there = os.pipe()
        err, err_there = os.pipe()
        self.stdout: TextIO = os.fdopen(out)
        self.stderr: TextIO = os.fdopen(err)
        there = [theirs.fileno(), out_there, err_there]
        socket.send_fds(server, [msgspec.json.encode(list(arguments))], there)
        theirs.close()
        os.close(out_there)
        os.close(err_there)
        self._pid = int(self._keeper.recv(64))

    def send_signal(self, which: int) -> None:
        """Send it a signal, unless it has ended."""
        ended, _, _ = select.select([self._keeper], [], [], 0)
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, which)

    def wait(self, timeout: float) -> int:
        """Return its exit code, negative for a signal. Raises TimeoutError."""
        self._keeper.settimeout(timeout)
        with self._keeper:
            return int(self._keeper.recv(64))


def serve(orders: socket.socket) -> None:
    """Fork a keeper for each order until there are no more."""
    import pandas as pd  # noqa: F401  what sealing loads when it is needed
    import pyarrow.parquet as pq  # noqa: F401

    from bench import killed_scan
    from electrum_observatory.cli import ending, resuming, running, scan, wiring  # noqa: F401  loaded when called

    # pyarrow's allocator keeps a thread of its own, which the forks neither have nor need.
    warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, _LARGEST_ORDER, 3)
        if not order:
            return None
        if os.fork() == 0:
            orders.close()
            keep(descriptors)
            sys.argv[1:] = msgspec.json.decode(order)
            return killed_scan.main()
        for one in descriptors:
            os.close(one)


def keep(descriptors: Sequence[int]) -> None:
    """Return in the process that shall be the command; stay in its keeper until it has ended."""
    keeper, out, err = descriptors
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid:
        os.close(out)
        os.close(err)
        os.write(keeper, str(pid).encode())
        _, status = os.waitpid(pid, 0)
        os.write(keeper, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    for one, place in ((out, sys.stdout.fileno()), (err, sys.stderr.fileno())):
        os.dup2(one, place)
        os.close(one)
    os.close(keeper)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
