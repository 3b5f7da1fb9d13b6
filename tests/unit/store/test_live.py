"""Writing: what is acknowledged is on the disk, in order, under an open campaign, by one writer."""

import asyncio
from pathlib import Path

import apsw
import pytest

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.errors import InputError, StoreError, UsageError
from electrum_observatory.store import manifest
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import (
    CAMPAIGN_ID,
    make_campaign,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_seal,
    make_sighting,
    make_visit,
    make_witness,
)
from tests.unit.store.clock import StillClock


async def test_what_was_recorded_is_read_back_equal(store: LiveStore, data_dir: Path) -> None:
    facts = [
        *make_visit(),
        make_failed_observation(detail="nobody listens"),
        make_observation(witnesses=(make_witness(), make_witness(label="1"))),
        make_observation("banner", {"text": "\x1b[31m\u202e\x00 \ud83d", "error": None}),
        make_observation("mempool_info", {"fields": {"$float": 1, "x": [10**30, -0.0, 1.0]}}, started_at_us=None),
        make_observation("tls_certificate", attempt=Attempt.not_applicable("no TLS")),
    ]
    told = [make_sighting(), make_sighting(host="2001:db8::1", told_by="00" * 8, protocol_claimed="1.4\udcff")]

    await store.record(facts, told)

    with StoreReader.open(data_dir) as reader:
        assert list(reader.observations(CAMPAIGN_ID, with_witnesses=True)) == facts
        sightings = list(reader.sightings(CAMPAIGN_ID))
    assert sightings[1] == told[0]
    assert sightings[0].protocol_claimed == "1.4\\udcff"


async def test_many_batches_at_once_are_all_kept(store: LiveStore, data_dir: Path) -> None:
    async with asyncio.TaskGroup() as group:
        for port in range(1, 601):
            batch = [make_observation(endpoint=make_endpoint(port=port))]
            group.create_task(store.record(batch))

    with StoreReader.open(data_dir) as reader:
        ports = {seen.endpoint.port for seen in reader.observations(CAMPAIGN_ID)}
    assert ports == set(range(1, 601))


def test_thousands_of_rows_from_an_importer(store: LiveStore, data_dir: Path) -> None:
    facts = (make_observation(endpoint=make_endpoint(port=1 + n % 50), started_at_us=n) for n in range(3500))
    told = (make_sighting(port=1 + n) for n in range(2500))

    assert store.record_many(facts, told) == 6000

    with StoreReader.open(data_dir) as reader:
        assert [seen.started_at_us for seen in reader.observations(CAMPAIGN_ID)] == list(range(3500))
        assert len(list(reader.sightings(CAMPAIGN_ID))) == 2500
        stored = reader.campaign()
    assert (stored.observations, stored.sightings, stored.endpoints) == (3500, 2500, 50)


async def test_a_batch_that_breaks_the_rules_fails_alone(store: LiveStore, data_dir: Path) -> None:
    good = store.record([make_observation()])
    bad = store.record([make_observation(), make_observation(campaign_id="20261120T221500Z-local-ffffff")])

    outcomes = []
    for batch in (good, bad):
        try:
            outcomes.append(await batch)
        except ValueError as error:
            outcomes.append(str(error))

    assert outcomes == [None, "campaign 20261120T221500Z-local-ffffff was never opened"]
    with StoreReader.open(data_dir) as reader:
        assert len(list(reader.observations(CAMPAIGN_ID))) == 1


async def test_a_result_that_is_no_json_is_refused_and_the_writer_lives_on(store: LiveStore, data_dir: Path) -> None:
    with pytest.raises(TypeError, match="set is no JSON"):
        await store.record([make_observation("banner", {"text": {"a", "b"}})])

    await store.record([make_observation()])

    with StoreReader.open(data_dir) as reader:
        assert reader.campaign().observations == 1


async def test_a_cancelled_recorder_still_leaves_its_facts(store: LiveStore, data_dir: Path) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(store.record([make_observation()]))
        await asyncio.sleep(0)
        task.cancel()
    await store.record([make_observation("banner", {"text": "x", "error": None})])

    with StoreReader.open(data_dir) as reader:
        assert [seen.probe for seen in reader.observations(CAMPAIGN_ID)] == ["server_version", "banner"]


async def test_nothing_is_added_to_a_sealed_campaign(store: LiveStore, data_dir: Path) -> None:
    await store.record(make_visit())
    await store.seal_campaign(make_seal())

    with pytest.raises(ValueError, match="is sealed"):
        await store.record([make_observation()])
    with pytest.raises(ValueError, match="is sealed"):
        await store.seal_campaign(make_seal())
    with StoreReader.open(data_dir) as reader:
        stored = reader.campaign()
    assert (stored.seal, stored.state, stored.observations) == (make_seal(), CampaignState.COMPLETE, 3)


def test_a_campaign_id_is_used_once_and_has_the_documented_form(store: LiveStore) -> None:
    with pytest.raises(ValueError, match="exists already"):
        store.begin_campaign(make_campaign())
    with pytest.raises(ValueError, match="not a campaign id"):
        store.begin_campaign(make_campaign(campaign_id="../../20261120T221500Z-local-0a1b2c"))


def test_a_second_writer_is_refused_in_one_line_that_says_what_to_do(store: LiveStore, data_dir: Path) -> None:
    with pytest.raises(StoreError, match=r"is being written by process \d+: wait until .* --data") as refused:
        LiveStore.open(data_dir, StillClock())

    assert "\n" not in str(refused.value)


def test_the_folder_is_free_again_once_the_writer_has_closed(store: LiveStore, data_dir: Path) -> None:
    store.close()

    with LiveStore.open(data_dir, StillClock()):
        pass
    with pytest.raises(StoreError, match="closed already"):
        store.record_many([make_observation()])


def test_reading_beside_a_writer_sees_whole_batches(store: LiveStore, data_dir: Path) -> None:
    with StoreReader.open(data_dir) as reader:
        for done in range(1, 4):
            store.record_many(make_visit())
            assert reader.campaign().observations == 3 * done
            assert reader.campaign().state is CampaignState.OPEN


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(StoreError, match=r"cannot write to .*data \(File exists\): .* --data"):
        LiveStore.open(tmp_path / "data", StillClock())


def test_a_database_of_something_else_is_left_alone(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "live.db").write_bytes(b"not a database at all" * 100)

    with pytest.raises(StoreError, match="no database of ours or is damaged"):
        LiveStore.open(data_dir, StillClock())
    with pytest.raises(StoreError, match="no database of ours or is damaged"):
        StoreReader.open(data_dir)


def test_reading_where_nothing_was_stored_says_what_to_run(data_dir: Path) -> None:
    with pytest.raises(InputError, match="observatory demo"):
        StoreReader.open(data_dir)


def test_campaigns_are_found_by_id_beginning_and_latest(store: LiveStore, data_dir: Path) -> None:
    other = "20261121T000000Z-fra-0a1b2c"
    store.begin_campaign(make_campaign(campaign_id=other))

    with StoreReader.open(data_dir) as reader:
        assert [one.campaign.campaign_id for one in reader.campaigns()] == [CAMPAIGN_ID, other]
        assert reader.campaign("latest").campaign.campaign_id == other
        assert reader.campaign(CAMPAIGN_ID).campaign == make_campaign()
        assert reader.campaign("20261121").campaign.campaign_id == other
        with pytest.raises(UsageError, match="give more of the id"):
            reader.campaign("2026")
        with pytest.raises(UsageError, match="no campaign 'x'"):
            reader.campaign("x")


def test_observations_of_chosen_probes(store: LiveStore, data_dir: Path) -> None:
    store.record_many(make_visit())

    with StoreReader.open(data_dir) as reader:
        chosen = [seen.probe for seen in reader.observations(CAMPAIGN_ID, {"genesis", "connection"})]
    assert chosen == ["connection", "genesis"]


def test_deleting_a_campaign_keeps_what_others_refer_to(store: LiveStore, data_dir: Path) -> None:
    other = "20261121T000000Z-fra-0a1b2c"
    mine, shared = make_witness(data=b'{"result":1}\n'), make_witness()
    store.record_many([make_observation(witnesses=(mine, shared))], [make_sighting()])
    store.end_campaign(make_seal())
    store.begin_campaign(make_campaign(campaign_id=other))
    kept = make_observation(campaign_id=other, endpoint=make_endpoint(host="other.example.org"), witnesses=(shared,))
    store.record_many([kept])
    store.end_campaign(make_seal(campaign_id=other))

    deletion = store.delete_campaign(CAMPAIGN_ID)

    assert (deletion.observations, deletion.sightings, deletion.blobs) == (1, 1, 1)
    with StoreReader.open(data_dir) as reader:
        assert [one.campaign.campaign_id for one in reader.campaigns()] == [other]
        assert list(reader.observations(other, with_witnesses=True)) == [kept]
    assert [path.name[:18] for path in (data_dir / "raw").iterdir()] == ["other.example.org-"]
    assert [path.name for path in (data_dir / "obs").rglob(f"*{CAMPAIGN_ID}*")] == []
    with pytest.raises(ValueError, match="not in this data folder"):
        store.delete_campaign(CAMPAIGN_ID)


def test_a_full_database_fails_the_batch_and_keeps_the_rest(store: LiveStore, data_dir: Path) -> None:
    store.record_many(make_visit())
    connection = store._writer._connection
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages + 4)
    big = make_observation(witnesses=(make_witness(data=b"x" * 100_000),))

    with pytest.raises(StoreError, match="is full: free some space"):
        store.record_many([big])

    connection.pragma("max_page_count", 1_000_000)
    store.record_many([big])
    with StoreReader.open(data_dir) as reader:
        assert reader.campaign().observations == 4


def test_the_database_names_its_version_and_its_migrations(store: LiveStore, data_dir: Path) -> None:
    connection = apsw.Connection(str(data_dir / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)

    assert connection.execute("SELECT schema_version, name FROM migrations").fetchall() == [
        (1, "first tables"),
        (2, "sittings and clock steps"),
        (3, "watches"),
        (4, "pending transactions"),
    ]
    connection.close()


def test_a_seal_counts_even_where_its_files_cannot_be_written_and_they_can_be_made_later(
    store: LiveStore, data_dir: Path
) -> None:
    store.record_many(make_visit())
    (data_dir / "obs").write_text("in the way")

    with pytest.raises(StoreError, match=f"cannot write to .* observatory campaigns files {CAMPAIGN_ID} --data "):
        store.end_campaign(make_seal())

    with StoreReader.open(data_dir) as reader:
        assert reader.campaign().state is CampaignState.COMPLETE
    (data_dir / "obs").unlink()
    store.write_files(CAMPAIGN_ID)
    assert [segment.rows for segment in manifest.read(data_dir)] == [3]
    assert len(list((data_dir / "raw").iterdir())) == 1


def test_files_are_made_of_campaigns_that_have_ended(store: LiveStore) -> None:
    with pytest.raises(UsageError, match=f"{CAMPAIGN_ID} has not ended"):
        store.write_files(CAMPAIGN_ID)
    with pytest.raises(UsageError, match="no campaign"):
        store.write_files("20261121T000000Z-fra-0a1b2c")


def test_an_endpoint_seen_again_later_is_the_same_endpoint(store: LiveStore, data_dir: Path, clock: StillClock) -> None:
    known, new = make_endpoint(host="known.example.org"), make_endpoint(host="new.example.org")
    store.record_many([make_observation(endpoint=known), make_observation()])
    store.close()

    with LiveStore.open(data_dir, clock) as again:
        again.record_many([make_observation(endpoint=one) for one in (new, known)])

    with StoreReader.open(data_dir) as reader:
        hosts = reader.hosts(CAMPAIGN_ID)
        seen = [one.endpoint for one in reader.observations_of(CAMPAIGN_ID, hosts["known.example.org"])]
        assert {host: len(keys) for host, keys in hosts.items()}["known.example.org"] == 1
    assert seen == [known, known]
