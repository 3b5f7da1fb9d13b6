"""Files of a campaign that are written in a process of its own are the same files, and its trouble is told."""

from pathlib import Path

import pytest

from electrum_observatory.model.errors import StoreError
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store import manifest
from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign, make_seal, make_visit


def sealed(data: Path, *, apart: bool) -> dict[str, bytes]:
    with LiveStore.open(data, SystemClock(), files_apart=apart) as store:
        store.begin_campaign(make_campaign())
        store.record_many(make_visit())
        store.end_campaign(make_seal())
    assert manifest.read(data)
    return {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*.json") if path.is_file()}


def test_files_written_apart_are_the_same(tmp_path: Path) -> None:
    here, apart = sealed(tmp_path / "here", apart=False), sealed(tmp_path / "apart", apart=True)

    raw = [name for name in here if name.startswith("raw/")]
    assert raw
    assert {name: apart[name] for name in raw} == {name: here[name] for name in raw}
    assert here.keys() == apart.keys()


def test_what_goes_wrong_there_is_told_here(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("no folder")

    with LiveStore.open(tmp_path, SystemClock(), files_apart=True) as store:
        store.begin_campaign(make_campaign())
        store.record_many(make_visit())
        with pytest.raises(StoreError, match=r"the files of .* cannot be written: .*To make the files of the campaign"):
            store.end_campaign(make_seal())
