"""What a client of the ratio row is to do, as a file: whom to ask, and the bytes to say in which rounds."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

AT_ONCE = 64
"""Conversations that every client holds at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The same for all clients.

    Attributes:
        servers: Loopback address and port of each server, and the host name it is asked by (TLS's server name).
        rounds: Lines to send; those of a round leave together once all of the round before are answered.
        at_once: Conversations at the same time.
    """

    servers: Sequence[tuple[str, int, str]]
    rounds: Sequence[Sequence[str]]
    at_once: int

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what :meth:`write` wrote."""
        return cls(**json.loads(path.read_bytes()))

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


class Costs:
    """What a client process has cost so far; made once its imports are done.

    CPU time is that of the process: user and system, all its threads, its start included.
    """

    def __init__(self) -> None:
        """Take the cost of starting the interpreter and importing."""
        self._startup_s = time.process_time()
        self._began = time.monotonic()

    def report(self, *, servers: int, sent: int, received: int, files_s: float = 0.0) -> None:
        """Print the cost of all that came after the imports, as one line of JSON.

        Args:
            servers: Servers that answered everything.
            sent: Bytes of request lines.
            received: Bytes of reply lines.
            files_s: CPU seconds, among the rest, of writing files once the campaign was sealed.
        """
        spent = time.process_time()
        cost = {
            "startup_s": self._startup_s,
            "work_s": spent - self._startup_s,
            "files_s": files_s,
            "wall_s": time.monotonic() - self._began,
            "peak_bytes": _peak_bytes(),
            "servers": servers,
            "sent": sent,
            "received": received,
        }
        print(json.dumps(cost), flush=True)


def _peak_bytes() -> int:
    """Return the peak resident memory of this process; ``ru_maxrss`` would begin with the parent's own."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_kb = next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]
    return int(peak_kb) * 1024
