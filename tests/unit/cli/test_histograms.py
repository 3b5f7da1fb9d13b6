"""``observatory histograms``: a stored watch, compared as the published study does, and what explains its clusters."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from electrum_observatory.analysis.behaviour import behaviours
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING, ReadingColumns
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.unit.analysis.histograms.programs import answer, mempool
from tests.unit.datasets.watch.worlds import columns_of, histogram_text
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import WATCH_ID, make_stint, make_watch

MOMENTS = 3
SERVERS = 14


def floors(relay: float) -> bytes:
    return f'{{"id":22,"jsonrpc":"2.0","result":{relay}}}\n'.encode()


def answers(moment: int) -> list[bytes | None]:
    """Five Fulcrums that relay below 1 sat/vB and five that do not, two ElectrumX, one without bins, one silent."""
    below = [histogram_text([(0, 40_000 + 7 * server + moment)]) for server in range(5)]
    above = [histogram_text([(1, 90_000 + 7 * server + moment)]) for server in range(5)]
    pool = mempool(30 + moment, transactions=4_000, median=20, spread=0.4, lowest=5)
    return [*below, *above, answer("ELECTRUMX_1_20", pool), answer("ELECTRUMX_1_19", pool), histogram_text([]), None]


def watched() -> ReadingColumns:
    columns = columns_of([answers(moment) for moment in range(MOMENTS)])
    relay = [floors(1e-6)] * 5 + [floors(1e-5)] * 8 + [None]
    told = columns_of([relay] * MOMENTS, Question.FEE_FLOOR)
    place = len(columns.texts)
    told_at = told.text_at[Question.FEE_FLOOR]
    return ReadingColumns(
        rounds=columns.rounds,
        endpoints=columns.endpoints,
        texts=[*columns.texts, *told.texts],
        failures=(),
        round_at=columns.round_at,
        endpoint_at=columns.endpoint_at,
        availability=columns.availability,
        failure_at=columns.failure_at,
        sent_us=columns.sent_us,
        lag_us=columns.lag_us,
        text_at={**columns.text_at, Question.FEE_FLOOR: np.where(told_at == NOTHING, NOTHING, told_at + place)},
        after_us={**columns.after_us, **told.after_us},
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched") / "data"
    with LiveStore.open(folder, StillClock()) as store:
        sink = store.watching()
        sink.begin_stint_now(make_watch(), make_stint(0))
        sink.record_columns(watched())
    return folder


def test_a_moment_is_compared_and_names_its_unit_and_window(data, observatory):
    ended = observatory("histograms", "matrix", "--data", data, "--json")

    told = ended.json
    assert ended.code == 0
    assert (told["unit"], told["statistic"], told["moments"]) == ("divergence in bits", "at one moment", 1)
    assert (told["vantage"], told["window_s"]) == ("local", 0.02)
    assert told["matrix"][0][1] == 0
    assert told["matrix"][0][5] == 1
    assert told["matrix"][12] == [None] * SERVERS
    assert [one["state"] for one in told["servers"]][-2:] == ["empty", "no answer"]


def test_one_bin_of_any_size_is_at_0_and_not_counted_as_equal(data, observatory):
    shown = observatory("histograms", "matrix", "--data", data)
    told = observatory("histograms", "matrix", "--data", data, "--json").json

    assert "at 0: equal after normalising, whatever the sizes\t20\n" in shown.out
    assert "equal histograms, sizes too\t0\n" in shown.out
    assert told["pairs_of_equal_histograms"] == 0


def test_clusters_are_told_by_their_sizes(data, observatory):
    assert "sizes of clusters of two and more\t5, 5" in observatory("histograms", "matrix", "--data", data).out


def test_states_over_a_span_are_said_to_be_of_its_last_moment(data, observatory):
    span = observatory("histograms", "matrix", "--data", data, "--from", "1970-01-01").out
    moment = observatory("histograms", "matrix", "--data", data).out

    assert "\nservers at the last moment: no answer\t1\n" in span
    assert "\nservers: no answer\t1\n" in moment


@pytest.mark.parametrize("command", ["matrix", "clusters", "stability", "explained", "algorithms"])
def test_every_figure_says_of_which_watch_and_time_it_is(data, observatory, command):
    told = observatory("histograms", command, "--data", data, "--json").json
    ended = observatory("histograms", command, "--data", data)

    words = ended.out + ended.err
    assert (told["watch_id"], told["vantage"]) == (WATCH_ID, "local")
    assert WATCH_ID in words
    assert "1970-01-01 00:10:00" in words
    assert "local" in words.replace(WATCH_ID, "")


def test_one_host_at_two_addresses_has_two_names(tmp_path, observatory):
    columns = columns_of([[histogram_text([(1, 9)])] * 3])
    both = [Endpoint(host="s.example", port=1, transport=Transport.SSL, address=one) for one in ("192.0.2.1", "::1")]
    alone = Endpoint(host="t.example", port=1, transport=Transport.SSL, address="192.0.2.2")
    with LiveStore.open(tmp_path, StillClock()) as store:
        sink = store.watching()
        sink.begin_stint_now(make_watch(), make_stint(0))
        sink.record_columns(replace(columns, endpoints=[*both, alone]))

    told = observatory("histograms", "matrix", "--data", tmp_path, "--json").json

    names = {one["server"] for one in told["servers"]}
    assert names == {"ssl://s.example:1@192.0.2.1", "ssl://s.example:1@[::1]", "ssl://t.example:1"}


def test_another_moment_is_found_by_its_time(data, observatory):
    told = observatory("histograms", "matrix", "--data", data, "--at", "1970-01-01T00:04", "--json").json

    assert told["from"].startswith("1970-01-01T00:05:00")


def test_a_moment_at_which_nobody_watched_is_told_or_refused(data, observatory):
    after = observatory("histograms", "matrix", "--data", data, "--at", "1970-01-01T01:00")
    never = observatory("histograms", "matrix", "--data", data, "--at", "1980-01-01")

    assert (after.code, "The nearest round was at 1970-01-01 00:10:00." in after.err) == (0, True)
    assert (never.code, never.out) == (3, "")
    assert "nobody watched then" in never.err


def test_a_span_has_means_and_quantiles_in_each_unit(data, observatory, tmp_path):
    span = ("--from", "1970-01-01", "--to", "1970-01-01")
    mean = observatory("histograms", "matrix", "--data", data, *span, "--json").json
    path = tmp_path / "matrix.csv"
    ended = observatory(
        "histograms", "matrix", "--data", data, *span, "--quantile", "0.9", "--unit", "root-nats", "--csv", path
    )

    assert (mean["statistic"], mean["moments"]) == ("mean", MOMENTS)
    assert "distance, square root of nats" in ended.out
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[0][0] == "distance, square root of nats"
    assert float(rows[1][6]) == pytest.approx(np.sqrt(np.log(2)))
    assert rows[13][1:] == [""] * SERVERS


def test_clusters_are_listed_with_what_their_servers_have_in_common(data, observatory):
    told = observatory("histograms", "clusters", "--data", data, "--json").json
    shown = observatory("histograms", "clusters", "--data", data).out

    first = told["clusters"][0]
    assert (len(first["servers"]), first["machines"]) == (5, 5)
    assert first["policies"] == {"relays from 0.1 sat/vB": 5}
    assert "5 × relays from 1 sat/vB" in shown


def test_clusters_that_last_are_said_to(data, observatory):
    told = observatory("histograms", "stability", "--data", data, "--json").json

    assert len(told["with_the_one_before"]) == MOMENTS - 1
    assert told["together"][0][4] == 1
    assert told["together"][0][5] == 0
    assert told["together"][0][12] is None
    assert told["clusters"] == [4] * MOMENTS
    assert "same clusters\t2 of 2\n" in observatory("histograms", "stability", "--data", data).out


def test_program_and_policy_explain_the_clusters_of_unrelated_nodes(data, observatory):
    ended = observatory("histograms", "explained", "--data", data, "--json")

    found = ended.json["explained"]
    assert found["factors"]["policy"]["p"] < 0.01
    assert found["factors"]["program × policy"]["share"] > found["factors"]["policy"]["share"] > 0.5
    assert (found["machines"], found["sufficient"]) == (12, True)
    words = observatory("histograms", "explained", "--data", data)
    assert "program × policy" in words.out
    assert "linked pairs" in words.err


def test_builds_come_from_conversations_where_a_campaign_has_them(measured, observatory, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(measured, data)
    with StoreReader.open(data) as reader:
        campaign = reader.campaigns()[-1].campaign
        told = list(behaviours(reader, campaign.campaign_id))
        by_id = {row.endpoint.endpoint_id: row.endpoint for row in reader.observations(campaign.campaign_id)}
    columns = columns_of([[histogram_text([(number % 2, 9)]) for number in range(len(told))]])
    columns = replace(columns, endpoints=[by_id[one] for one in told])
    with LiveStore.open(data, StillClock()) as store:
        sink = store.watching()
        sink.begin_stint_now(make_watch(network=campaign.network, overlay=campaign.overlay), make_stint(0))
        sink.record_columns(columns)

    found = observatory("histograms", "explained", "--builds", "--data", data, "--json")

    assert found.code == 0, found.err
    assert found.json["programs_from"] == "conversations"
    assert found.json["explained"]["factors"]["program"]["values"] > 2
    assert found.json["explained"]["machines"] < len(told)


def test_builds_without_a_campaign_are_refused(data, observatory):
    ended = observatory("histograms", "explained", "--builds", "--data", data)

    assert ended.code == 3
    assert "observatory scan" in ended.err


def test_algorithms_come_from_the_shape(data, observatory):
    told = observatory("histograms", "algorithms", "--data", data, "--json").json["servers"]

    assert "Fulcrum" in told[0]["algorithms"]
    assert told[10]["algorithms"] == told[11]["algorithms"] == "ElectrumX 1.16–1.19, ≥1.20"
    assert told[13] == {"server": "ssl://s13.example:50002", "algorithms": "no bins seen", "histograms": 0}


def test_pictures_are_drawn(data, observatory, tmp_path):
    for name, beginning in (("m.png", b"\x89PNG"), ("m.svg", b"<?xml")):
        ended = observatory("histograms", "matrix", "--data", data, "--image", tmp_path / name)

        assert ended.code == 0, ended.err
        assert Path(tmp_path / name).read_bytes().startswith(beginning)


@pytest.mark.parametrize(
    ("option", "name", "reason"),
    [
        ("--csv", "nowhere/m.csv", "there is no folder"),
        ("--image", "nowhere/m.png", "there is no folder"),
        ("--csv", "file/m.csv", "there is no folder"),
        ("--csv", "folder", "name a file in it"),
        ("--csv", "m" * 300, "cannot be written (File name too long)"),
        ("--csv", "full.csv", "cannot be written (No space left on device)"),
        ("--image", "full.svg", "cannot be written (No space left on device)"),
    ],
)
def test_a_file_that_cannot_be_written_is_wrong_use(data, observatory, tmp_path, option, name, reason):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for full in ("full.csv", "full.svg"):
        (tmp_path / full).symlink_to("/dev/full")

    ended = observatory("histograms", "matrix", "--data", data, option, tmp_path / name)

    assert (ended.code, ended.out) == (2, "")
    assert f"{option} {tmp_path / name}: " in ended.err
    assert reason in ended.err


def test_a_place_for_a_file_is_looked_at_before_the_watch(observatory, tmp_path):
    ended = observatory("histograms", "matrix", "--data", tmp_path, "--csv", tmp_path / "nowhere" / "m.csv")

    assert ended.code == 2


@pytest.mark.parametrize("command", ["matrix", "clusters", "explained"])
@pytest.mark.parametrize("option", [("--every", "2"), ("--quantile", "0.9")])
@pytest.mark.parametrize("moment", [(), ("--at", "1970-01-01")])
def test_what_is_of_a_span_is_refused_for_a_moment(data, observatory, command, option, moment):
    ended = observatory("histograms", command, *option, *moment, "--data", data)

    assert (ended.code, ended.out) == (2, "")
    assert option[0] in ended.err
    assert "add --from, --to" in ended.err


def test_a_moment_that_cannot_be_read_is_called_by_its_option(data, observatory):
    assert "--at nonsense: not a day" in observatory("histograms", "matrix", "--at", "nonsense", "--data", data).err


@pytest.mark.parametrize(
    "wrong",
    [
        ("matrix", "--at", "1970-01-01", "--from", "1970-01-01"),
        ("matrix", "--image", "m.pdf"),
        ("matrix", "--unit", "furlongs"),
        ("clusters", "--at", "yesterday"),
    ],
)
def test_wrong_use_is_said(data, observatory, wrong):
    assert observatory("histograms", *wrong, "--data", data).code == 2


def test_a_matrix_of_nobody_is_told_and_not_drawn(tmp_path, observatory):
    with LiveStore.open(tmp_path, StillClock()) as store:
        sink = store.watching()
        sink.begin_stint_now(make_watch(), make_stint(0))
        sink.record_columns(columns_of([[None, histogram_text([])]]))

    assert observatory("histograms", "matrix", "--data", tmp_path).code == 0
    assert observatory("histograms", "explained", "--data", tmp_path).code == 0
    assert observatory("histograms", "clusters", "--data", tmp_path).code == 0
    assert observatory("histograms", "matrix", "--data", tmp_path, "--image", tmp_path / "m.png").code == 3


def test_an_empty_folder_is_unreadable_input(tmp_path, observatory):
    assert observatory("histograms", "matrix", "--data", tmp_path).code == 3
