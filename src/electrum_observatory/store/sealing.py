"""Files made of a campaign once it is sealed; they hold nothing the database does not, and can be made again."""

from pathlib import Path

from electrum_observatory.model.errors import UsageError
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


def remove_files(data_dir: Path, campaign_id: str) -> None:
    """Remove the files of a campaign that was deleted from the database. Raises OSError."""
    from electrum_observatory.store import raw_json

    with StoreReader.open(data_dir) as reader:
        raw_json.remove(reader, data_dir, campaign_id)
    manifest.remove(data_dir, campaign_id)
