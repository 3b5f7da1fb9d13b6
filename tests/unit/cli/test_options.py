"""What flags, environment and profile come to, and who would be asked."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from electrum_observatory import __version__
from electrum_observatory.cli.main import with_tor_spelled_out
from electrum_observatory.cli.settings import PROFILES, Settings, load_settings
from electrum_observatory.cli.wiring import Selection, prepare
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.net.proxy import TOR_HOST, TOR_PORT
from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign, make_endpoint, make_visit


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["scan", "--tor"], ["scan", "--tor", "127.0.0.1:9050"]),
        (["scan", "--tor", "--json"], ["scan", "--tor", "127.0.0.1:9050", "--json"]),
        (["scan", "--tor", "a.onion"], ["scan", "--tor", "127.0.0.1:9050", "a.onion"]),
        (["scan", "--tor", "a.onion:50001:t"], ["scan", "--tor", "127.0.0.1:9050", "a.onion:50001:t"]),
        (["scan", "--tor", "127.0.0.1:9150", "a.onion"], ["scan", "--tor", "127.0.0.1:9150", "a.onion"]),
        (["scan", "--tor", "[::1]:9050"], ["scan", "--tor", "[::1]:9050"]),
        (["scan", "--tor=box:9050", "a.onion"], ["scan", "--tor=box:9050", "a.onion"]),
        (["scan", "a.example"], ["scan", "a.example"]),
    ],
)
def test_tor_may_stand_alone_or_name_its_port(typed: list[str], meant: list[str]) -> None:
    assert with_tor_spelled_out(typed) == meant
    assert (TOR_HOST, TOR_PORT) == ("127.0.0.1", 9050)


def test_the_default_profile_is_the_defaults_of_the_code() -> None:
    assert load_settings("default") == Settings()


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_opens_and_names_itself(profile: str) -> None:
    assert load_settings(profile).scan.profile == profile


@pytest.mark.parametrize("number", ["-1", ".nan"])
def test_a_pause_below_nought_is_refused_with_its_line(tmp_path: Path, number: str, observatory) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(f"scan:\n  budgets: {{spacing_s: {number}}}\n", "utf-8")

    ended = observatory("scan", "--dry-run", "--profile", mine, "--data", tmp_path)

    assert (ended.code, ended.out) == (2, "")
    assert "mine.yaml, line 2: scan.budgets.spacing_s: not a number of at least 0" in ended.err


@pytest.mark.parametrize("name", ["OBSERVATORY_SCAN__BUDGET__SPACING_S", "OBSERVATORY_SCAN__BUDGETS__SPACING"])
def test_a_mistyped_variable_is_named_and_no_file_is_blamed(
    tmp_path: Path, name: str, observatory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "30")

    ended = observatory("scan", "--dry-run", "--data", tmp_path)

    assert ended.code == 2
    assert f"{name}: unknown setting 'scan.budget" in ended.err
    assert ".yaml" not in ended.err


def test_flags_beat_the_environment_and_the_environment_beats_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text("vantage: file\nscan: {depth: 1, pings: 1, concurrency: 1}\n", "utf-8")
    monkeypatch.setenv("OBSERVATORY_SCAN__DEPTH", "2")
    monkeypatch.setenv("OBSERVATORY_SCAN__CONCURRENCY", "2")

    settings = load_settings(str(tmp_path / "mine.yaml"), scan={"concurrency": 3})

    assert (settings.vantage, settings.scan.pings) == ("file", 1)
    assert (settings.scan.depth, settings.scan.concurrency) == (2, 3)


@pytest.mark.parametrize("words", ['["core", "fees"]', "core,fees", " core, fees "])
def test_lists_are_read_from_the_environment(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As lab.yaml advises, for a profile that puts no questions about behaviour."""
    monkeypatch.setenv("OBSERVATORY_SCAN__BATTERY", words)

    assert load_settings("lab").scan.battery == ("core", "fees")


def test_a_wrong_variable_is_named(observatory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATORY_SCAN__DEPTH", "deep")

    ended = observatory("scan", "--dry-run")

    assert ended.code == 2
    assert "OBSERVATORY_SCAN__DEPTH" in ended.err


def test_the_limits_of_a_lab_are_refused_outside_of_one(observatory) -> None:
    ended = observatory("scan", "8.8.8.8:50002:s", "--profile", "lab", "--dry-run")
    through_tor = observatory("scan", "8.8.8.8:50002:s", "--profile", "lab", "--tor", "127.0.0.1:9050", "--dry-run")

    assert ended.code == through_tor.code == 2
    assert "--overlay" in ended.err


def test_with_the_limits_of_a_lab_only_the_named_networks_are_dialled(observatory) -> None:
    words = ("scan", "8.8.8.8:50002:s", "127.0.0.9:50001:t", "--profile", "lab", "--dry-run", "--json")

    ended = observatory(*words, "--allow-private", "127.0.0.0/8")

    assert [target["host"] for target in ended.json["targets"]] == ["127.0.0.9"]
    assert [one["detail"].split(";")[0] for one in ended.json["refusals"]] == ["outside_the_lab"]


def test_a_dry_run_of_the_bundled_list_names_its_59_endpoints_and_dials_nobody(observatory, tmp_path: Path) -> None:
    ended = observatory("scan", "--dry-run", "--data", tmp_path / "data", "--json")

    assert ended.code == 0
    assert len(ended.json["targets"]) == 59
    assert ended.json["requests_per_visit"] <= 40
    assert "fee_histogram" in ended.json["probes"]
    assert not (tmp_path / "data").exists()


def test_whom_a_testnet_knows_is_enough_to_start_with_and_the_bundled_list_is_none_of_it(
    observatory, tmp_path: Path
) -> None:
    with LiveStore.open(tmp_path, SystemClock()) as store:
        store.begin_campaign(make_campaign(network="testnet4"))
        store.record_many(make_visit())
    words = ("scan", "--network", "testnet4", "--dry-run", "--data", tmp_path, "--json")

    known = observatory(*words, "--known")
    nobody = observatory(*words)

    assert known.code == 0, known.err
    assert [one["host"] for one in known.json["targets"]] == [make_endpoint().host]
    assert nobody.code == 2
    assert "name targets for testnet4" in nobody.err


def test_filters_narrow_whom_a_scan_would_ask(observatory) -> None:
    words = ("scan", "a.org:50002:s", "b.org:50001:t", "c.net:50002:s", "--dry-run", "--json")

    only = observatory(*words, "--only", "ssl").json["targets"]
    without = observatory(*words, "--exclude", "org").json["targets"]
    first = observatory(*words, "--limit", "1").json["targets"]

    assert [target["host"] for target in only] == ["a.org", "c.net"]
    assert [target["host"] for target in without] == ["c.net"]
    assert len(first) == 1


def test_an_excluded_address_is_left_out_under_whatever_name_it_is_told(tmp_path: Path) -> None:
    selection = Selection(targets=("a.example:50001:t",), exclude=("192.0.2.0/24", "b.example"))

    config, rules = load_settings().scan, prepare(load_settings(), selection, tmp_path).rules
    frontier = rules.frontier(config)
    frontier.offer(
        [Sighting(host="a.example", port=50001, transport=Transport.TCP, source="me")], depth=0, trusted=True
    )
    target = frontier.take()
    assert target is not None
    endpoints, refusals = rules.admission(config, frontier).judge(target, ["5.9.1.1"])
    left_out = replace(rules, addresses=AddressPolicy(allow=(ip_network("192.0.2.0/24"),))).admission(config, frontier)

    assert [one.address for one in endpoints] == ["5.9.1.1"]
    assert left_out.judge(target, ["192.0.2.7"]) == ([], [])
    assert left_out.counts == {"skipped_excluded": 1}
    assert refusals == []


def test_an_opted_out_operator_is_not_asked(observatory, tmp_path: Path) -> None:
    (tmp_path / "opt-out.txt").write_text("b.org  # asked us by mail\n", encoding="utf-8")

    plan = observatory("scan", "a.org", "x.b.org", "--opt-out", tmp_path / "opt-out.txt", "--dry-run", "--json").json

    assert {target["host"] for target in plan["targets"]} == {"a.org"}
    assert {refusal["kind"] for refusal in plan["refusals"]} == {"opted_out"}


def test_a_list_file_and_an_electrum_servers_json_are_targets(observatory, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a.org:50001:t\n", encoding="utf-8")
    (tmp_path / "servers.json").write_text('{"b.org": {"s": "50002", "version": "1.4.2"}}', encoding="utf-8")

    plan = observatory("scan", tmp_path / "list.txt", tmp_path / "servers.json", "--dry-run", "--json").json

    assert {(one["host"], one["transport"]) for one in plan["targets"]} == {("a.org", "tcp"), ("b.org", "ssl")}


def test_a_url_is_not_fetched_in_a_dry_run(observatory) -> None:
    plan = observatory("scan", "https://example.org/servers.json", "--dry-run", "--json").json

    assert plan["not_read"] == ["url_list"]


@pytest.mark.parametrize(
    ("address", "overlay", "reason"),
    [
        ("192.168.1.2", None, "private; --allow-private NETWORK allows one of your own"),
        ("5.9.1.2", Overlay(name="lab", sockets={}), "outside_the_lab"),
    ],
)
async def test_a_list_is_fetched_only_from_where_a_server_would_be_dialled(
    tmp_path: Path, address: str, overlay: Overlay | None, reason: str
) -> None:
    scan = prepare(load_settings(), Selection(targets=(f"http://{address}/list",)), tmp_path, overlay=overlay)

    with pytest.raises(InputError, match=f"^http://{address}/list: address refused: {reason}$"):
        _ = [one async for one in scan.sources[0].sightings()]


def test_the_version_is_printed(observatory) -> None:
    assert observatory("--version").out == f"electrum-observatory {__version__}\n"


def test_geo_answers_with_date_and_attribution(observatory) -> None:
    found = observatory("geo", "159.69.244.130", "2600:1900:4080::1", "--json").json
    words = observatory("geo", "159.69.244.130")

    assert [place["country"] for place in found["places"]] == ["DE", "SG"]
    assert found["places"][0]["cloud_provider"] == "Hetzner"
    assert any("DB-IP" in line for line in found["attribution"])
    assert "DB-IP" in words.err


def test_the_doctor_looks_at_everything_it_promises(observatory, tmp_path: Path) -> None:
    found = observatory("doctor", "--resolve", "localhost", "--tor", "127.0.0.1:1", "--data", tmp_path, "--json").json
    checks = {finding["check"]: finding for finding in found}

    assert {"file descriptors", "resolver", "IPv4", "IPv6", "Tor", "clock", "data folder"} <= checks.keys()
    assert checks["resolver"]["ok"] is True
    assert checks["Tor"]["ok"] is None
