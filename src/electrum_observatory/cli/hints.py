"""Commands that we advise to run: as a person can copy them, for the same data folder."""

import shlex
from pathlib import Path

from electrum_observatory.cli.options import DEFAULT_DATA


def command(data: Path, *words: str) -> str:
    """Return a command line of ours; the data folder is named where it is not the usual one."""
    folder = [] if data == DEFAULT_DATA else ["--data", str(data)]
    return shlex.join(["observatory", *words, *folder])
