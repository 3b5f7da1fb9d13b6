"""Files made of a campaign once it is sealed; they hold nothing the database does not, and can be made again.

``python -m electrum_observatory.store.sealing DIR CAMPAIGN`` makes them in a process of its own, which keeps its memory
and its time from whoever measures meanwhile; it ends with its parent.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

from electrum_observatory.model.errors import StoreError, UsageError
from electrum_observatory.store import manifest
from electrum_observatory.store.reader import StoreReader


def write_files(data_dir: Path, campaign_id: str) -> None:
    """Write ``raw/<server>.json`` and the Parquet segments of a sealed campaign, replacing what was there.

    The caller holds the folder's lock: see ``LiveStore.write_files``.

    Raises:
        UsageError: The campaign is unknown, or was never sealed.
        OSError: The folder is full or cannot be written; files that were there stay whole.
        StoreError: The database cannot be read.
    """
    from electrum_observatory.store import parquet, raw_json  # pyarrow and pydantic are slow to load

    with StoreReader.open(data_dir) as reader:
        stored = reader.campaign(campaign_id)
        if stored.seal is None:
            raise UsageError(f"campaign {campaign_id} has not ended: files are made of campaigns that have")
        raw_json.write(reader, stored, data_dir)
        parquet.write(reader, stored, data_dir)


def write_files_apart(data_dir: Path, campaign_id: str) -> None:
    """Do as :func:`write_files` in a process of its own. Raises StoreError with its words where it fails."""
    command = [sys.executable, "-m", __name__, str(data_dir), campaign_id]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stderr=pipe) as process:  # noqa: S603 (ourselves)
        assert process.stderr is not None
        words = process.stderr.read().decode(errors="replace").strip()  # it ends when its standard input is closed
    if process.returncode:
        raise StoreError(f"the files of {campaign_id} cannot be written: {''.join(words.splitlines()[-1:])}")


def remove_files(data_dir: Path, campaign_id: str) -> None:
    """Remove the files of a campaign that was deleted from the database. Raises OSError."""
    from electrum_observatory.store import raw_json

    with StoreReader.open(data_dir) as reader:
        raw_json.remove(reader, data_dir, campaign_id)
    manifest.remove(data_dir, campaign_id)


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def main() -> None:
    """Write the files of one campaign."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    data_dir, campaign_id = sys.argv[1:]
    write_files(Path(data_dir), campaign_id)


if __name__ == "__main__":
    main()
