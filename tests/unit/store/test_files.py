"""Files made at seal: raw JSON per server, Parquet segments, and names that no server chooses."""

import errno
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.store import manifest, parquet, sealing
from electrum_observatory.store.database import explain
from electrum_observatory.store.file_schemas import file_schemas
from electrum_observatory.store.files import disk_use, file_stem, replacing, write_small
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from electrum_observatory.store.records import observation_json
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

DAY_US = 86_400_000_000


@contextmanager
def limited(limit: int, value: int) -> Iterator[None]:
    """Lower a limit of this process for a while."""
    before = resource.getrlimit(limit)
    resource.setrlimit(limit, (value, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(limit, before)


@example("con.example")
@example("lpt1")
@given(
    host=st.text(st.characters(), max_size=300) | st.sampled_from(["../../etc/passwd", "..", ".", "", "con", "a\x00b"])
)
def test_whatever_a_host_is_called_its_file_stays_in_the_folder(host: str) -> None:
    stem = file_stem(host)

    assert Path(stem).name == stem
    assert len(stem) <= 69
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert stem[0] not in ".-"
    assert stem[-9] == "-"
    assert stem.split(".")[0] not in {"con", "prn", "aux", "nul", *(f"{port}1" for port in ("com", "lpt"))}


def test_hosts_of_one_slug_keep_files_of_their_own() -> None:
    assert file_stem("electrum.example.org").startswith("electrum.example.org-")
    assert file_stem("2001:db8::1") != file_stem("2001-db8-1")


def test_a_raw_file_holds_everything_about_one_host(store: LiveStore, data_dir: Path) -> None:
    strange = make_witness(data=b'{"result":"\xff\xfe"}\r\n', label="9")
    terminal = make_observation("banner", {"text": "\x1b[2J\u202e<script>", "error": None}, witnesses=(strange,))
    other = make_endpoint(port=50001, transport=Transport.TCP)
    store.record_many([*make_visit(), make_observation(witnesses=(make_witness(),)), terminal], [make_sighting()])
    store.record_many([make_failed_observation(endpoint=make_endpoint(host="other.example.org")), *make_visit(other)])

    store.end_campaign(make_seal())

    names = sorted(path.name for path in (data_dir / "raw").iterdir())
    assert names == [f"{file_stem(host)}.json" for host in ("electrum.example.org", "other.example.org")]
    text = (data_dir / "raw" / names[0]).read_text()
    content = json.loads(text)
    assert text.isascii()
    assert "\x1b" not in text
    jsonschema.validate(content, file_schemas()["raw_server"])
    assert content["campaign"]["campaign_id"] == CAMPAIGN_ID
    assert {one["port"] for one in content["endpoints"]} == {50001, 50002}
    tls = next(one for one in content["endpoints"] if one["port"] == 50002)
    assert [one["probe"] for one in tls["observations"]][-1] == "banner"
    witness = tls["observations"][-1]["witnesses"][0]
    assert witness["base64"] == "eyJyZXN1bHQiOiL//iJ9DQo="
    assert tls["observations"][-2]["witnesses"][0]["text"] == make_witness().data.decode()


ODD = '\x00\x1f\x7f\x80\u202e€🦊\\"/<script>\n'


def test_a_raw_file_spells_facts_as_other_files_of_ours_do(store: LiveStore, data_dir: Path) -> None:
    lines = [ODD.encode(), b"plain}" + 9 * b" ", b"\xff", b'{"id":0,"result":[1]     }\n']
    told = make_observation(
        "banner", {"text": ODD, "$odd": [float("nan"), "\ud800"]}, witnesses=tuple(make_witness(data=d) for d in lines)
    )
    labelled = replace(make_witness(), label=ODD, received_monotonic_ns=None)
    seen = [
        told,
        replace(told, vantage=ODD, boot_id="", loop_lag_us=None, duration_us=None, witnesses=(labelled,)),
        replace(make_failed_observation(), started_at_us=None, started_monotonic_ns=None),
        replace(told, attempt=Attempt.failed(Stage.REQUEST, FailureKind.EOF, ODD), boot_id=ODD),
        replace(told, attempt=Attempt.not_scheduled(ODD), witnesses=()),
    ]
    store.record_many(seen)
    store.end_campaign(make_seal())

    (path,) = (data_dir / "raw").iterdir()
    text = path.read_text(encoding="ascii")

    spelled = ",".join(to_json_text(observation_json(one)) for one in seen)
    assert text.endswith(f'"transport":"ssl","observations":[{spelled}]}}]}}\n')


LATER = "20261121T221500Z-local-0a1b2c"


@pytest.fixture
def two_campaigns(store: LiveStore) -> LiveStore:
    """The same host in two sealed campaigns, and one host in the earlier only."""
    store.record_many([*make_visit(), make_observation(endpoint=make_endpoint(host="gone.example.org"))])
    store.end_campaign(make_seal())
    store.begin_campaign(make_campaign(campaign_id=LATER))
    store.record_many([make_observation(campaign_id=LATER)])
    store.end_campaign(make_seal(campaign_id=LATER))
    return store


def _raw_campaigns(data_dir: Path) -> dict[str, str]:
    contents = [json.loads(path.read_text()) for path in (data_dir / "raw").iterdir()]
    return {one["host"]: one["campaign"]["campaign_id"] for one in contents}


def test_the_latest_sealed_campaign_of_a_host_has_the_raw_file(two_campaigns: LiveStore, data_dir: Path) -> None:
    expected = {"electrum.example.org": LATER, "gone.example.org": CAMPAIGN_ID}
    assert _raw_campaigns(data_dir) == expected

    two_campaigns.write_files(CAMPAIGN_ID)

    assert _raw_campaigns(data_dir) == expected


def test_deleting_the_latest_campaign_brings_the_raw_file_of_the_one_before_back(
    two_campaigns: LiveStore, data_dir: Path
) -> None:
    two_campaigns.begin_campaign(make_campaign(campaign_id="20261122T221500Z-local-0a1b2c"))  # never sealed

    two_campaigns.delete_campaign(LATER)

    assert _raw_campaigns(data_dir) == {"electrum.example.org": CAMPAIGN_ID, "gone.example.org": CAMPAIGN_ID}
    two_campaigns.delete_campaign(CAMPAIGN_ID)
    assert _raw_campaigns(data_dir) == {}


def test_segments_hold_the_facts_of_each_day(store: LiveStore, data_dir: Path) -> None:
    start = make_campaign().started_at_us
    store.record_many(
        [
            make_observation(witnesses=(make_witness(data=b'{"id":0,"result":[1]     }\n'),)),
            make_observation(started_at_us=start + DAY_US),
            make_observation(started_at_us=None),
            make_failed_observation(endpoint=make_endpoint(host="a.example.org")),
        ],
        [make_sighting(), make_sighting(seen_at_us=None)],
    )

    store.end_campaign(make_seal())

    segments = {segment.path: segment for segment in manifest.read(data_dir)}
    assert {path: segment.rows for path, segment in segments.items()} == {
        f"day=2026-11-20/observations-{CAMPAIGN_ID}.parquet": 3,
        f"day=2026-11-21/observations-{CAMPAIGN_ID}.parquet": 1,
        f"day=2026-11-20/witnesses-{CAMPAIGN_ID}.parquet": 1,
        f"day=2026-11-20/sightings-{CAMPAIGN_ID}.parquet": 2,
    }
    table = pq.ParquetFile(data_dir / "obs" / f"day=2026-11-20/observations-{CAMPAIGN_ID}.parquet").read()
    assert table.column("host").to_pylist() == ["a.example.org", "electrum.example.org", "electrum.example.org"]
    assert json.loads(table.column("result").to_pylist()[2])["software"] == "ElectrumX 1.16.0"
    assert table.schema.metadata[b"electrum_observatory_schema_version"] == b"1"
    (witness,) = pq.ParquetFile(data_dir / "obs" / f"day=2026-11-20/witnesses-{CAMPAIGN_ID}.parquet").read().to_pylist()
    assert (witness["pad_at"], witness["pad_length"], witness["size"]) == (20, 5, 27)
    jsonschema.validate(json.loads((data_dir / "obs/manifest.json").read_text()), file_schemas()["segments_manifest"])


def test_a_campaign_of_many_days_needs_few_descriptors(store: LiveStore, data_dir: Path) -> None:
    start = make_campaign().started_at_us
    days = [start + number * DAY_US for number in range(60)]
    store.record_many(
        [make_observation(started_at_us=day, witnesses=(make_witness(),)) for day in days],
        [make_sighting(seen_at_us=day) for day in days],
    )

    with limited(resource.RLIMIT_NOFILE, max(map(int, os.listdir("/dev/fd"))) + 20):
        store.end_campaign(make_seal())

    assert [segment.rows for segment in manifest.read(data_dir)] == [1] * 180


def test_segments_that_cannot_be_written_leave_what_was_there_and_nothing_else(
    store: LiveStore, data_dir: Path
) -> None:
    store.record_many(make_visit(), [make_sighting(seen_at_us=make_campaign().started_at_us + DAY_US)])
    with StoreReader.open(data_dir) as reader:
        with limited(resource.RLIMIT_FSIZE, 100), pytest.raises(OSError, match="File too large"):
            parquet.write(reader, reader.campaign(), data_dir)
        assert list((data_dir / "obs").iterdir()) == []
        before = parquet.write(reader, reader.campaign(), data_dir)

        with limited(resource.RLIMIT_FSIZE, 100), pytest.raises(OSError, match="File too large"):
            parquet.write(reader, reader.campaign(), data_dir)

    assert manifest.read(data_dir) == before
    assert {str(path.relative_to(data_dir / "obs")) for path in (data_dir / "obs").glob("*/*")} == {
        segment.path for segment in before
    }


def test_out_of_descriptors_has_words_of_its_own(data_dir: Path) -> None:
    words = str(explain(OSError(errno.EMFILE, "Too many open files"), data_dir))

    assert "ulimit -n" in words
    assert "permissions" not in words


def test_segments_of_a_killed_writer_go_with_their_campaign(store: LiveStore, data_dir: Path) -> None:
    half = data_dir / "obs" / "day=2026-11-19"
    half.mkdir(parents=True)
    (half / f"sightings-{CAMPAIGN_ID}.parquet").write_bytes(b"whole, and never named")
    (half / f"witnesses-{CAMPAIGN_ID}.parquet.part").write_bytes(b"half")

    store.delete_campaign(CAMPAIGN_ID)

    assert not half.exists()


def test_files_can_be_made_again_and_leftovers_go(store: LiveStore, data_dir: Path) -> None:
    store.record_many(make_visit())
    store.end_campaign(make_seal())
    before = manifest.read(data_dir)
    leftover = data_dir / "obs" / "day=2026-11-20" / "observations-x.parquet.part"
    leftover.write_bytes(b"half")

    sealing.write_files(data_dir, CAMPAIGN_ID)

    assert manifest.read(data_dir) == before
    assert not leftover.exists()


def test_a_file_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def break_off() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()

    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "old"


def test_a_small_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    with limited(resource.RLIMIT_FSIZE, 100), pytest.raises(OSError, match="File too large"):
        write_small(str(path), bytes(300_000))

    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "old"
    write_small(str(path), b"new")
    assert path.read_text() == "new"


def test_the_room_a_folder_takes(store: LiveStore, data_dir: Path) -> None:
    store.record_many(make_visit())
    store.end_campaign(make_seal())
    (data_dir / "processed").mkdir()
    (data_dir / "processed" / "servers.csv").write_text("12345")

    use = disk_use(data_dir)

    assert use.processed == 5
    assert min(use.database, use.raw, use.segments, use.free) > 0
    assert use.total == use.database + use.raw + use.segments + use.processed
    assert disk_use(data_dir / "nowhere").total == 0
