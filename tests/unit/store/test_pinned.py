"""Three promises of the store: facts stay with their campaign, commits reach the disk, the result is the result."""

from pathlib import Path

from electrum_observatory.store.blobs import result_span
from electrum_observatory.store.database import open_for_writing
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import CAMPAIGN_ID, STARTED_AT_US, make_campaign, make_observation, make_sighting

SECOND_ID = "20261121T221500Z-local-3d4e5f"
SYNCHRONOUS_FULL = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous


async def test_sightings_and_observations_stay_with_their_own_campaign(store: LiveStore, data_dir: Path) -> None:
    await store.open_campaign(make_campaign(campaign_id=SECOND_ID, started_at_us=STARTED_AT_US + 86_400_000_000))
    await store.record([make_observation(campaign_id=SECOND_ID)], [make_sighting(host="second.example.org")])
    await store.record([make_observation()], [make_sighting(host="first.example.org")])
    await store.record([], [make_sighting(host="latest.example.org")])
    store.record_many([], [make_sighting(host="named.example.org")], campaign_id=CAMPAIGN_ID)

    with StoreReader.open(data_dir) as reader:
        hosts = {one: {told.host for told in reader.sightings(one)} for one in (CAMPAIGN_ID, SECOND_ID)}
        seen = {one: [fact.campaign_id for fact in reader.observations(one)] for one in (CAMPAIGN_ID, SECOND_ID)}
    assert hosts == {
        CAMPAIGN_ID: {"first.example.org", "named.example.org"},
        SECOND_ID: {"second.example.org", "latest.example.org"},
    }
    assert seen == {CAMPAIGN_ID: [CAMPAIGN_ID], SECOND_ID: [SECOND_ID]}


def test_acknowledged_means_on_the_disk_power_cut_included(tmp_path: Path) -> None:
    connection = open_for_writing(tmp_path, STARTED_AT_US)
    try:
        assert connection.execute("PRAGMA synchronous").fetchall() == [(SYNCHRONOUS_FULL,)]
        assert connection.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    finally:
        connection.close()


def test_a_result_nested_in_an_earlier_member_is_not_the_result() -> None:
    line = b'{"id":1,"note":{"result":[1,2]},"result":"yes"}\n'
    start, end = result_span(line)

    assert line[start:end] == b'"yes"'
