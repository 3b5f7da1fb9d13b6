"""What servers call themselves, and which builds they may mean."""

import pytest

from electrum_observatory.analysis.builds.names import read_claim, self_names
from electrum_observatory.analysis.builds.turns import read_turns
from electrum_observatory.analysis.builds.universe import BUILDS, candidates, version_key
from tests.unit.analysis.builds.scripted import ELECTRUMX, result, talk


@pytest.mark.parametrize(
    ("text", "implementation", "version"),
    [
        ("ElectrumX 1.16.0", "electrumx", "1.16.0"),
        ("ElectrumX 2.0b1", "electrumx", "2.0b1"),
        ("Fulcrum 2.0", "fulcrum", "2.0"),
        ("electrs/0.10.5", "romanz_electrs", "0.10.5"),
        ("electrs-esplora 0.4.1", "blockstream_electrs", "0.4.1"),
        ("mempool-electrs 3.1.0-dev-80758ea", "mempool_electrs", "3.1.0-dev-80758ea"),
        ("ElectrumPersonalServer 0.2.4", "eps", "0.2.4"),
        ("bwt v0.2.4", "bwt", "0.2.4"),
        ("Floresta 0.8.0", "floresta", "0.8.0"),
        ("Frigate 1.0.0", "frigate", "1.0.0"),
        ("my own server", None, None),
        ("atomicals-electrumx 1.5.0", None, None),
        ("nakamoto-electrs/0.9.4", None, None),
        ("", None, None),
    ],
)
def test_a_software_text_is_read(text: str, implementation: str | None, version: str | None) -> None:
    claim = read_claim(text)

    assert (claim.text, claim.implementation, claim.version) == (text, implementation, version)


@pytest.mark.parametrize(
    ("implementation", "version", "keys"),
    [
        ("electrumx", "1.17.0", ["1.17.0", "git-2025-05-29"]),
        ("electrumx", "1.10.0", ["1.15.0"]),
        ("electrumx", "9.9.9", ["2.0.0"]),
        ("fulcrum", "1.5.3", ["1.3"]),
        ("fulcrum", "1.12", ["1.12.0"]),
        ("romanz_electrs", "0.10.9", ["0.10.0"]),
        ("electrumx", "2.0b1", ["git-2026-06-03"]),
        ("mempool_electrs", "3.1.0-dev-80758ea", ["old"]),
    ],
)
def test_a_version_means_the_interval_that_it_labels(implementation: str, version: str, keys: list[str]) -> None:
    assert [build.key for build in candidates(implementation, version)] == keys


def test_1_20_is_said_by_two_programs() -> None:
    assert {build.implementation for build in candidates("electrumx", "1.20.2")} == {"electrumx", "bsv_electrumx"}


def test_without_a_readable_version_every_build_may_be_meant() -> None:
    assert len(candidates("eps", None)) == 1
    assert candidates(None, "1.0") == ()
    assert version_key("none") is None


def test_ids_are_stable_and_unique() -> None:
    ids = [build.build_id for build in BUILDS]

    assert len(set(ids)) == len(ids)
    assert {"electrumx-git-2025-11-07", "fulcrum-2.1.1", "blockstream_electrs-old"} <= set(ids)


def test_a_banner_made_to_be_slow_is_read_in_one_pass() -> None:
    banner = "You are connected to an ElectrumX 1" + "a.-" * 100_000
    (turn,) = read_turns(talk(ELECTRUMX, ("server.banner", [], result(banner)))).turns

    assert list(self_names((turn,))) == []
