import random

import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.scanner.campaign import config_sha256, new_campaign
from electrum_observatory.scanner.config import Budgets, Deadlines, ScanConfig
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually


def test_the_defaults_are_those_of_a_polite_guest() -> None:
    config = ScanConfig()

    assert (config.budgets.spacing_s, config.budgets.connections_at_once) == (10, 2)
    assert (config.budgets.requests, config.budgets.errors) == (40, 6)
    assert config.client_name.startswith("electrum-observatory/")
    assert config.network in NETWORKS


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"probes": ("banner", "no_such")}, "unknown probes no_such; known are server_version"),
        ({"pings": 21}, "pings is 21"),
        ({"depth": -1}, "depth is -1"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"budgets": Budgets(errors=0)}, "budgets.errors is 0"),
        ({"network": "dogecoin"}, "unknown network dogecoin; known are bitcoin"),
    ],
)
def test_a_scan_that_could_not_run_is_refused_in_words(overrides: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ScanConfig(**overrides)


def test_through_a_proxy_the_dialler_s_own_deadlines_come_first_and_replies_have_half_a_minute() -> None:
    config = ScanConfig().through_proxy(dial_s=90)

    assert config.deadlines.dial_s > 90
    assert (config.deadlines.request_s, config.resolve_here) == (30, False)


def test_a_proxy_shortens_no_deadline_that_a_person_set() -> None:
    config = ScanConfig(deadlines=Deadlines(dial_s=300, request_s=50)).through_proxy(dial_s=90)

    assert (config.deadlines.dial_s, config.deadlines.request_s) == (300, 50)


def test_the_digest_follows_every_setting() -> None:
    digests = {
        config_sha256(config)
        for config in (ScanConfig(), ScanConfig(depth=3), ScanConfig(budgets=Budgets(spacing_s=11)))
    }

    assert len(digests) == 3
    assert config_sha256(ScanConfig()) == config_sha256(ScanConfig())


def test_a_campaign_records_what_decides_its_run() -> None:
    async def make():
        overlay = Overlay(name="farm", sockets={})
        return new_campaign(config=ScanConfig(), clock=VirtualClock(), rng=random.Random(7), overlay=overlay)

    campaign = run_virtually(make())

    assert campaign.campaign_id == "20261120T221500Z-local-" + f"{random.Random(7).getrandbits(24):06x}"
    assert campaign.config["budgets"]["spacing_s"] == 10
    assert campaign.config["probes"][0] == "server_version"
    assert campaign.config_sha256 == config_sha256(ScanConfig())
    assert campaign.overlay["name"] == "farm"
