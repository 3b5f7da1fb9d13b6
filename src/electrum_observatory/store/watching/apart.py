"""Writing a piece in a process of its own, which keeps its memory and its time from whoever measures meanwhile."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from electrum_observatory.model.errors import StoreError
from electrum_observatory.store.watching.pieces import Piece, piece_of

_COMPACTION = "electrum_observatory.store.watching.compaction"


class Child:
    """The process that writes for a store at this moment, if one does; whoever ends the store may end it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_over = False

    def end(self) -> None:
        """End it at once, and let none be started any more; to be called from any thread."""
        with self._lock:
            self._is_over = True
            if self._process is not None:
                self._process.kill()

    @contextmanager
    def started(self, command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
        """Start it, and wait for its end. Raises StoreError where none may be started."""
        pipe = subprocess.PIPE
        with self._lock:
            if self._is_over:
                raise StoreError("nothing is written any more")
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603 (ourselves)
            self._process = process
        try:
            with process:
                yield process
        finally:
            with self._lock:
                self._process = None


def run_apart(child: Child, module: str, *arguments: str) -> Piece | None:
    """Run a module that calls :func:`tell_piece`; returns the piece that it wrote.

    Raises StoreError with its words, or where it was ended.
    """
    with child.started([sys.executable, "-m", module, *arguments]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.read()  # its standard input stays open: it ends when that is closed, and so with us
        words = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise StoreError(f"{' '.join(arguments[1:])} cannot be written: {words.rpartition(chr(10))[2]}")
    return piece_of(json.loads(said)) if said.strip() else None


def write_month_apart(data_dir: Path, old: Sequence[Piece], child: Child) -> Piece:
    """Do as ``compaction.write_month``, which is not loaded here. Raises StoreError as :func:`run_apart`."""
    made = run_apart(child, _COMPACTION, str(data_dir), old[0].watch_id, old[0].from_day[:7])
    assert made is not None
    return made


def tell_piece(work: Callable[[], Piece | None]) -> None:
    """Write a piece and print it for the process that started this one; end where that ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    piece = work()
    if piece is not None:
        sys.stdout.write(json.dumps(asdict(piece)))
        sys.stdout.flush()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)
