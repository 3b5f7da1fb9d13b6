"""`scan --tor` through a real SOCKS5 server: everything goes through it, onion names included."""

from pathlib import Path

import pytest

from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Selection, prepare
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.store.reader import StoreReader
from tests.unit.cli.lab_process import Lab
from tests.unit.net.servers import free_port

ONION = "b" * 56 + ".onion"


def test_servers_are_asked_through_the_proxy_and_onions_are_its_matter(
    observatory, quick_lab: Lab, tmp_path: Path, socks_port: int
) -> None:
    data = tmp_path / "data"
    (tmp_path / "alone.yaml").write_text("scan: {depth: 0, budgets: {spacing_s: 0.1}}\n", encoding="utf-8")
    target = next(f"{address}:{port}:t" for address, port in quick_lab.real_sockets("tcp"))
    through = ("--tor", f"127.0.0.1:{socks_port}", "--allow-private", "127.0.0.0/8")
    how = ("--profile", tmp_path / "alone.yaml", "--data", data, "--json")

    ended = observatory("scan", target, f"{ONION}:50001:t", *through, *how)

    seen = _connections(data, ended.json["campaign_id"])
    assert ended.code == 0
    assert seen[target.split(":")[0]].result["via_proxy"] is True
    assert seen[ONION].failure.kind == "proxy_refused"


@pytest.mark.parametrize("way", ["flag", "environment", "file"])
def test_however_a_proxy_is_set_no_name_is_looked_up_here(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text("tor: 127.0.0.1:9050\n" if way == "file" else "{}\n", encoding="utf-8")
    if way == "environment":
        monkeypatch.setenv("OBSERVATORY_TOR", "127.0.0.1:9050")
    given = {"tor": "127.0.0.1:9050"} if way == "flag" else {}

    scan = prepare(load_settings(str(tmp_path / "mine.yaml"), **given), Selection(targets=("a.example",)), tmp_path)

    assert scan.settings.scan.resolve_here is False
    assert "reverse_dns" not in scan.settings.scan.probes
    assert scan.settings.scan.deadlines.dial_s > scan.settings.dialling.proxy + scan.settings.dialling.tls
    assert scan.campaign.config["resolve_here"] is False


def test_a_list_that_would_be_fetched_past_the_proxy_is_refused(observatory, tmp_path: Path) -> None:
    ended = observatory("scan", "--tor", "--dry-run", "https://example.org/list", "--data", tmp_path)

    assert ended.code == 2
    assert "would be fetched without the proxy" in ended.err


def test_without_a_proxy_an_onion_is_left_out_and_says_why(observatory, tmp_path: Path) -> None:
    ended = observatory("scan", f"{ONION}:50001:t", "--data", tmp_path, "--json")

    assert ended.code == 4
    assert _connections(tmp_path, ended.json["campaign_id"])[ONION].failure.kind == "needs_tor"


def test_a_proxy_that_is_not_there_is_our_trouble_not_the_servers(observatory, tmp_path: Path) -> None:
    ended = observatory("scan", f"{ONION}:50001:t", "--tor", f"127.0.0.1:{free_port()}", "--data", tmp_path, "--json")
    failure = _connections(tmp_path, ended.json["campaign_id"])[ONION].failure

    assert ended.code == 4
    assert (failure.kind, failure.kind.side) == ("proxy_unreachable", "ours")


def _connections(data: Path, campaign_id: str):
    with StoreReader.open(data) as reader:
        observations = list(reader.observations(campaign_id, probes=("connection",)))
    assert all(isinstance(one.endpoint, Endpoint) for one in observations)
    return {one.endpoint.host: one.attempt for one in observations}
