"""Scanner children at little cost: a server that has loaded everything once and forks a child for each order.

    python -m tests.hostile.children        one order's JSON per line in, one record's JSON per line out

The server never runs anything itself and has no threads of its own, so that the children start clean; each is bounded
by the system (see scanning.py), so the server simply waits for it. The end of its input ends it.
"""

import gc
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tests.hostile.orders import Order, Record

_ROOT = Path(__file__).parents[2]
_LAST_WORDS = 4_000


class Children:
    """The parent's end: gives orders and takes records."""

    def __enter__(self) -> Self:
        """Start the server."""
        command = [sys.executable, "-m", "tests.hostile.children"]
        alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # numpy's threads would not survive a fork
        self._server = subprocess.Popen(command, cwd=_ROOT, env=alone, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """End it; a child that still runs has at most its own deadline left."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait(timeout=60)

    def scan(self, order: Order) -> Record:
        """Let a child scan."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(msgspec.json.encode(order) + b"\n")
        self._server.stdin.flush()
        line = self._server.stdout.readline()
        assert line, "the server of the scanner children died; its last words are above"
        return msgspec.json.decode(line, type=Record)


def serve() -> None:
    """Take orders until the input ends."""
    from tests.hostile.scanning import obey

    # pyarrow's allocator keeps a thread of its own, which the children neither have nor need.
    warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
    gc.collect()
    gc.freeze()
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        pid = os.fork()
        if pid == 0:
            child(obey, order)
        _, status = os.waitpid(pid, 0)
        sys.stdout.buffer.write(outcome(Path(order.folder), status) + b"\n")
        sys.stdout.buffer.flush()


def child(obey: Callable[[Order], None], order: Order) -> None:
    """Obey and go, without whatever the server would do at its own end."""
    words = os.open(Path(order.folder, "words.txt"), os.O_WRONLY | os.O_CREAT)
    os.dup2(words, sys.stderr.fileno())
    try:
        obey(order)
    except BaseException:  # noqa: BLE001  whatever it was, it ends this process and is told by its last words
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def outcome(folder: Path, status: int) -> bytes:
    """Return the record that a child left, or one that says how it died."""
    record = folder / "record.json"
    if status == 0 and record.is_file():
        return record.read_bytes()
    code = os.waitstatus_to_exitcode(status)
    words = (folder / "words.txt").read_text(errors="replace")[-_LAST_WORDS:]
    return msgspec.json.encode(Record(died=f"{code}: {words}"))


if __name__ == "__main__":
    serve()
