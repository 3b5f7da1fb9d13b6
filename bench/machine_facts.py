"""What the figures were measured on, for whoever wants to compare them."""

import os
import platform
import ssl
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("uvloop", "apsw", "msgspec", "pyarrow", "cryptography")


def machine_facts() -> dict[str, object]:
    """Return cores, memory, versions, the load at this moment and the commit that is measured."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION,
        "packages": {name: version(name) for name in _PACKAGES},
        "load": [round(one, 2) for one in os.getloadavg()],
        "commit": _commit(),
    }


def _commit() -> str:
    """Return the commit, with a plus sign where the working tree differs; "" where this is no checkout."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--abbrev=10", "--dirty=+"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()
