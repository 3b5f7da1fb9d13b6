"""A campaign over several runs of the scanner: what counts, what was broken off, and what the clock did meanwhile."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.cli.resuming import read_resumed
from electrum_observatory.model.campaign import CampaignState, Sitting
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.earlier import counted
from electrum_observatory.store.interrupted import done_so_far
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import (
    CAMPAIGN_ID,
    STARTED_AT_US,
    make_campaign,
    make_endpoint,
    make_failed_observation,
    make_seal,
    make_sighting,
    make_visit,
)

SAMPLES = Path(__file__).parents[2] / "samples"
SITTING = Sitting(tool_version="0.1.0", config={"profile": "default"}, config_sha256="00" * 32, options={"note": "x"})
A, B, C = (make_endpoint(host=host, address=f"5.9.1.{number}") for number, host in enumerate("abc", start=2))
HOUR_US = 3_600_000_000


class SettableClock:
    """A clock whose two hands are moved by hand."""

    boot_id = "boot-0"

    def __init__(self) -> None:
        self.us, self.ns = STARTED_AT_US, 1_000_000_000

    def now_us(self) -> int:
        return self.us

    def monotonic_ns(self) -> int:
        return self.ns

    def passes(self, us: int) -> None:
        self.us += us
        self.ns += us * 1_000

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the store never sleeps")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


def cut_short(endpoint: Endpoint) -> list[Observation]:
    dial, *_ = make_visit(endpoint)
    broken = make_failed_observation("server_version", Stage.NEGOTIATE, FailureKind.CANCELLED, endpoint=endpoint)
    return [dial, broken]


def counts_of(*visits: Sequence[Observation]) -> dict[str, int]:
    return dict(counted([one for visit in visits for one in visit], NETWORKS["bitcoin"]))


async def test_a_visit_made_anew_replaces_the_one_that_was_broken_off(data_dir: Path, clock: SettableClock) -> None:
    with LiveStore.open(data_dir, clock) as store:
        await store.open_campaign(make_campaign(), SITTING)
        await store.record([*make_visit(A), *cut_short(B)])
        await store.seal_campaign(make_seal(state=CampaignState.CANCELLED))
        await store.go_on_with(CAMPAIGN_ID, SITTING, known_to=5)
        await store.record(make_visit(B))

    with StoreReader.open(data_dir) as reader:
        whole = list(reader.observations(CAMPAIGN_ID, with_witnesses=True, broken_off=True))
        valid = list(reader.observations(CAMPAIGN_ID))
        of_b = list(reader.observations_of(CAMPAIGN_ID, reader.hosts(CAMPAIGN_ID)["b"]))
        done = done_so_far(reader, reader.campaign())
        states = [(one.number, one.state, one.sitting.options) for one in reader.sittings(CAMPAIGN_ID)]
    assert len(whole) == 8
    assert valid == [*make_visit(A), *make_visit(B)]
    assert of_b == make_visit(B)
    assert done.settled == {A.endpoint_id, B.endpoint_id}
    assert states == [(1, "cancelled", {"note": "x"}), (2, "open", {"note": "x"})]


async def test_counts_go_on_over_sittings_and_count_nobody_twice(data_dir: Path, clock: SettableClock) -> None:
    """B is broken off in the first sitting and not come to in the second, which is killed."""
    with LiveStore.open(data_dir, clock) as store:
        await store.open_campaign(make_campaign(), SITTING)
        first = counts_of(make_visit(A), cut_short(B))
        await store.record([*make_visit(A), *cut_short(B)], (), {**first, "requests": 7})
        await store.seal_campaign(make_seal(state=CampaignState.CANCELLED, counts={**first, "requests": 7}))
    begun = read_resumed(data_dir, "latest").earlier
    with LiveStore.open(data_dir, clock) as store:
        await store.go_on_with(CAMPAIGN_ID, SITTING, known_to=5)
        second = counts_of(make_visit(A), make_visit(C))
        await store.record(make_visit(C), (), {**second, "requests": 9})

    again = read_resumed(data_dir, "latest").earlier

    assert (begun.counts["endpoints"], begun.counts["requests"]) == (1, 7)
    assert begun.counts.get("failed_cancelled", 0) == 0
    assert (again.counts["endpoints"], again.counts["answered"], again.counts["requests"]) == (2, 2, 9)
    assert again.settled == {A.endpoint_id, C.endpoint_id}


async def test_a_deleted_campaign_takes_nothing_from_those_that_get_its_keys(
    data_dir: Path, clock: SettableClock
) -> None:
    """The first sitting began behind keys that are given out once more, and came to nobody."""
    with LiveStore.open(data_dir, clock) as store:
        store.begin_campaign(make_campaign(campaign_id="20261101T000000Z-local-000001"))
        await store.record([*make_visit(C, campaign_id="20261101T000000Z-local-000001")[:1]])
        await store.open_campaign(make_campaign(), SITTING)
        store.delete_campaign("20261101T000000Z-local-000001")
        await store.go_on_with(CAMPAIGN_ID, SITTING, known_to=0)
        await store.record([*make_visit(A), *make_visit(B)])

    with StoreReader.open(data_dir) as reader:
        assert list(reader.observations(CAMPAIGN_ID)) == [*make_visit(A), *make_visit(B)]
        assert [one.after_observation_pk for one in reader.sittings(CAMPAIGN_ID)] == [0, 0]


async def test_who_goes_on_with_a_stale_view_is_sent_back(data_dir: Path, clock: SettableClock) -> None:
    with LiveStore.open(data_dir, clock) as store:
        await store.open_campaign(make_campaign(), SITTING)
        await store.record(make_visit(A))

        with pytest.raises(UsageError, match="gone on with by somebody else just now"):
            await store.go_on_with(CAMPAIGN_ID, SITTING, known_to=0)

        await store.seal_campaign(make_seal())
        with pytest.raises(UsageError, match="gone on with by somebody else just now"):
            await store.go_on_with(CAMPAIGN_ID, SITTING, known_to=3)
    with StoreReader.open(data_dir) as reader:
        assert len(reader.sittings(CAMPAIGN_ID)) == 1
        assert reader.campaign().state is CampaignState.COMPLETE


async def test_a_step_of_the_clock_is_kept_and_slow_drift_is_not(data_dir: Path, clock: SettableClock) -> None:
    with LiveStore.open(data_dir, clock) as store:
        await store.open_campaign(make_campaign(), SITTING)
        clock.passes(HOUR_US)
        await store.record([], [make_sighting()])
        clock.us += 900_000
        await store.record([], [make_sighting()])
        clock.us -= HOUR_US
        await store.record([], [make_sighting()])
        clock.passes(HOUR_US)
        await store.seal_campaign(make_seal())

    with StoreReader.open(data_dir) as reader:
        [step] = reader.clock_steps(CAMPAIGN_ID)
    assert step.step_us == 900_000 - HOUR_US
    assert step.noticed.boot_id == "boot-0"


async def test_deleting_takes_the_sittings_along(data_dir: Path, clock: SettableClock) -> None:
    with LiveStore.open(data_dir, clock) as store:
        await store.open_campaign(make_campaign(), SITTING)
        clock.us += HOUR_US
        await store.record(make_visit(A))
        store.delete_campaign(CAMPAIGN_ID)

    with StoreReader.open(data_dir) as reader:
        assert reader.select("SELECT (SELECT count(*) FROM sittings), (SELECT count(*) FROM clock_steps)") == [(0, 0)]


def test_an_old_campaign_has_one_sitting_and_its_files(tmp_path: Path, clock: SettableClock) -> None:
    shutil.copytree(SAMPLES / "v1" / "data", tmp_path / "data")
    with StoreReader.open(tmp_path / "data") as reader:
        assert (reader.sittings(CAMPAIGN_ID), reader.clock_steps(CAMPAIGN_ID), reader.unfinished_files()) == (
            [],
            [],
            [],
        )

    with LiveStore.open(tmp_path / "data", clock):
        pass

    with StoreReader.open(tmp_path / "data") as reader:
        [sitting] = reader.sittings(CAMPAIGN_ID)
        assert (sitting.number, sitting.state, sitting.started_monotonic_ns) == (1, "complete", None)
        assert reader.unfinished_files() == []


def test_a_database_of_version_two_still_opens(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "v2" / "data", tmp_path / "data")

    with StoreReader.open(tmp_path / "data") as reader:
        stored = reader.campaign()
        states = [(one.state, one.counts) for one in reader.sittings(CAMPAIGN_ID)]
        [step] = reader.clock_steps(CAMPAIGN_ID)
        endpoints = [one.endpoint.host for one in reader.observations(CAMPAIGN_ID, {"connection"})]
    assert (stored.state, stored.observations) == (CampaignState.COMPLETE, 8)
    assert states == [(CampaignState.CANCELLED, {"endpoints": 2}), (CampaignState.COMPLETE, {"endpoints": 2})]
    assert step.step_us == HOUR_US
    assert endpoints == ["a", "b"]


def test_a_campaign_from_an_export_is_not_gone_on_with(data_dir: Path, clock: SettableClock) -> None:
    """It comes without sittings; a file does not decide whom we ask, and how gently."""
    with LiveStore.open(data_dir, clock) as store:
        store.begin_campaign(make_campaign())
        store.record_many([*make_visit(A), *cut_short(B)], [make_sighting(host="a")])

    with pytest.raises(UsageError, match="came here by an import"):
        read_resumed(data_dir, "latest")
