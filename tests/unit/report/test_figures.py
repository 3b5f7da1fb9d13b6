from dataclasses import astuple

from electrum_observatory.analysis.machines import assign
from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.servers import build
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.place import Place
from electrum_observatory.report.figures import latency_bins, reachability, save
from electrum_observatory.report.palette import DARK, LIGHT
from electrum_observatory.report.rendering import milliseconds, percent, window
from electrum_observatory.report.world_map import spots, world_map
from tests.factories import STARTED_AT_US, make_campaign, make_endpoint, make_failed_observation, make_visit
from tests.unit.report.campaigns import Places

JAKARTA = Place(country="ID", city="Jakarta", latitude=-6.21, longitude=106.85)


def machines_of(*observations, places=None):
    return assign(build(gather(make_campaign(), None, observations, ()), places or Places()))


def test_bins_hold_every_value_once_and_have_equal_width_on_the_log_scale():
    bins = latency_bins((0.01, 5.0, 10.0, 10.1, 900.0))

    assert sum(line["machines"] for line in bins) == 5
    assert {round(line["to"] / line["from"], 6) for line in bins} == {round(10 ** (1 / 6), 6)}
    assert [line["machines"] for line in bins if line["from"] <= 10.0 < line["to"]] == [2]


def test_every_endpoint_is_once_in_transports_and_once_in_families():
    onion = make_endpoint(host="a" * 56 + ".onion", address=None, port=50001, transport=Transport.TCP)
    v6 = make_endpoint(host="six.example.org", address="2a01:4f8::1")

    rows = reachability(machines_of(*make_visit(), make_failed_observation(endpoint=onion), *make_visit(v6)))

    count = {(row["group"], row["state"]): row["endpoints"] for row in rows}
    assert count == {
        ("ssl", "answered"): 2,
        ("tcp", "no connection"): 1,
        ("IPv4", "answered"): 1,
        ("IPv6", "answered"): 1,
        ("onion", "no connection"): 1,
    }


def test_a_machine_is_on_the_map_once_and_only_if_it_answered():
    tcp = make_endpoint(port=50001, transport=Transport.TCP)
    silent = make_endpoint(host="silent.example.org", address="5.9.1.3")

    [spot] = spots(
        machines_of(
            *make_visit(), *make_visit(tcp), make_failed_observation(endpoint=silent), places=Places(default=JAKARTA)
        )
    )

    assert (spot.city, spot.machines, spot.latitude) == ("Jakarta", 1, -6.21)


def test_the_map_is_drawn_in_both_dresses_without_text_of_servers(tmp_path):
    hostile = Place(country="ID", city="<script>", org="<script>", latitude=-6.21, longitude=106.85)
    places = spots(machines_of(*make_visit(), places=Places(default=hostile)))

    save(world_map(places), tmp_path, "world")

    light, dark = ((tmp_path / name).read_text() for name in ("world.svg", "world-dark.svg"))
    assert LIGHT.land in light
    assert DARK.land in dark
    assert not set(astuple(LIGHT)) & {colour for colour in astuple(LIGHT) if colour in dark}
    assert "<script" not in light
    assert "http" not in light.replace("http://www.w3.org/", "")


def test_numbers_are_written_for_people():
    assert [percent(share) for share in (0, 0.003, 0.0994, 0.1, 1)] == ["0 %", "0.3 %", "9.9 %", "10 %", "100 %"]
    assert [milliseconds(value) for value in (None, 0.234, 2.34, 23.4, 2340)] == [
        None,
        "0.23 ms",
        "2.3 ms",
        "23 ms",
        "2,340 ms",
    ]


def test_times_are_told_once():
    minute, day = 60_000_000, 86_400_000_000

    assert window(STARTED_AT_US, STARTED_AT_US) == "on 20 November 2026, 22:15 UTC"
    assert window(STARTED_AT_US, STARTED_AT_US + minute) == "on 20 November 2026 between 22:15 and 22:16 UTC"
    assert window(STARTED_AT_US, STARTED_AT_US + day) == (
        "between 20 November 2026, 22:15 UTC and 21 November 2026, 22:15 UTC"
    )
    assert window(None, None) == "at a time that is not recorded"
