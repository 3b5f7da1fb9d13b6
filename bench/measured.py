"""``python -m bench.measured FILE COMMAND…``: the real command ``observatory COMMAND…``, and what it cost this process.

The cost is written by the process itself as it ends, because the peak memory that a parent is told of its child
(``ru_maxrss``) begins with the parent's own.
"""

import json
import os
import sys
from pathlib import Path

from electrum_observatory.cli.main import run


def usage() -> dict[str, float]:
    """Return the peak resident memory of this process in bytes, and its CPU time so far in seconds."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_kb = next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]
    times = os.times()
    return {"peak_bytes": int(peak_kb) * 1024, "cpu_s": times.user + times.system}


def main() -> None:
    """Run the command, write the cost, and end as the command ended."""
    try:
        run(sys.argv[2:])
    finally:
        Path(sys.argv[1]).write_text(json.dumps(usage()), encoding="utf-8")


if __name__ == "__main__":
    main()
