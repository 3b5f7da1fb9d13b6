"""What a process has cost so far, told by itself.

The peak memory that a parent is told of its child (``ru_maxrss``) begins with the parent's own, so it would be of no
use here.
"""

import os
from pathlib import Path


def usage() -> dict[str, float]:
    """Return this process's peak and present resident memory in bytes, and its CPU time so far in seconds."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("Vm")}
    times = os.times()
    return {
        "peak_bytes": sizes["VmHWM:"],
        "resident_bytes": sizes["VmRSS:"],
        "cpu_s": times.user + times.system,
    }
