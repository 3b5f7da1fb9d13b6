"""Who writes in a data folder, and at which campaign: what the lock and the sittings know."""

import asyncio
import os
from pathlib import Path

import pytest

from electrum_observatory.model.campaign import CampaignKind, CampaignState, Sitting
from electrum_observatory.model.errors import StoreError
from electrum_observatory.store import lock
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.lock import FolderLock, writing_process
from electrum_observatory.store.reader import StoreReader
from tests.factories import CAMPAIGN_ID, make_campaign, make_seal, make_visit
from tests.unit.store.clock import StillClock

SITTING = Sitting(tool_version="0.1.0", config={"profile": "default"}, config_sha256="00" * 32)
OTHER_ID = "20261121T120000Z-local-000001"


def test_the_lock_names_its_holder_and_looking_takes_nothing_from_him(tmp_path: Path) -> None:
    before = writing_process(tmp_path)
    held = FolderLock.take(tmp_path)
    meanwhile = writing_process(tmp_path)
    with pytest.raises(StoreError, match=f"is being written by process {os.getpid()}"):
        FolderLock.take(tmp_path)
    held.release()

    assert (before, meanwhile, writing_process(tmp_path)) == (None, str(os.getpid()), None)


def test_a_writer_is_not_sent_away_by_somebody_who_only_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looker = os.open(tmp_path / lock.LOCK_NAME, os.O_RDONLY | os.O_CREAT)
    lock.fcntl.flock(looker, lock.fcntl.LOCK_SH)
    monkeypatch.setattr(lock.time, "sleep", lambda _seconds: os.close(looker))

    FolderLock.take(tmp_path).release()


def _open(store: LiveStore, campaign_id: str = CAMPAIGN_ID) -> None:
    asyncio.run(store.open_campaign(make_campaign(campaign_id=campaign_id), SITTING))
    store.record_many(make_visit(campaign_id=campaign_id))


def _processes(data: Path) -> list[str | None]:
    with StoreReader.open(data) as reader:
        return [reader.process_at(one) for one in reader.campaigns()]


def test_of_two_open_campaigns_the_one_that_was_begun_last_is_being_made(tmp_path: Path) -> None:
    ours = str(os.getpid())
    with LiveStore.open(tmp_path, StillClock()) as store:
        _open(store)
        first = _processes(tmp_path)
        _open(store, OTHER_ID)
        second = _processes(tmp_path)
        asyncio.run(store.go_on_with(CAMPAIGN_ID, SITTING, known_to=3))
        gone_on = _processes(tmp_path)

    assert (first, second, gone_on) == ([ours], [None, ours], [ours, None])
    assert _processes(tmp_path) == [None, None]


def test_an_import_under_way_is_being_made_and_a_sealed_campaign_never_is(tmp_path: Path) -> None:
    with LiveStore.open(tmp_path, StillClock()) as store:
        _open(store)
        asyncio.run(store.seal_campaign(make_seal(state=CampaignState.CANCELLED)))
        sealed = _processes(tmp_path)
        store.begin_campaign(make_campaign(campaign_id=OTHER_ID, kind=CampaignKind.IMPORT))
        store.record_many(make_visit(campaign_id=OTHER_ID))

        assert (sealed, _processes(tmp_path)) == ([None], [None, str(os.getpid())])


def test_a_killed_campaign_has_the_counts_of_its_last_commit(tmp_path: Path) -> None:
    with LiveStore.open(tmp_path, StillClock()) as store:
        asyncio.run(store.open_campaign(make_campaign(), SITTING))
        none = _counts(tmp_path)
        asyncio.run(store.record(make_visit(), (), {"answered": 1}))
        asyncio.run(store.go_on_with(CAMPAIGN_ID, SITTING, known_to=3))
        some = _counts(tmp_path)
        asyncio.run(store.seal_campaign(make_seal(counts={"answered": 2})))

    assert (none, some, _counts(tmp_path)) == ({}, {"answered": 1}, {"answered": 2})


def _counts(data: Path) -> dict[str, int]:
    with StoreReader.open(data) as reader:
        return dict(reader.counts(reader.campaign()))
