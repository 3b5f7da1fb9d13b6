"""What software a real server runs is told from its behaviour, whatever it calls itself."""

from random import Random

import pytest

from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.conversations import RAW_TRANSPORTS
from tests.servers.electrumx import VERSIONS
from tests.servers.lies import lies_about
from tests.servers.widest import assert_is_electrumx_within

DRAWS = 8


@pytest.mark.parametrize("mask_names", [False, True], ids=["named", "masked"])
@pytest.mark.parametrize("transport", RAW_TRANSPORTS)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_real_server_is_identified_as_narrowly_as_the_reference_allows(
    dialogues: dict[tuple[str, Transport], list[Dialogue]], version: str, transport: Transport, mask_names: bool
):
    found = identify(dialogues[version, transport], mask_names=mask_names)

    assert_is_electrumx_within(found, version)
    assert found.contradictions == ()


@pytest.mark.parametrize("kept", [0.8, 0.3, 0.05])
@pytest.mark.parametrize("version", VERSIONS)
def test_with_answers_missing_the_conclusion_widens_and_is_never_wrong(
    dialogues: dict[tuple[str, Transport], list[Dialogue]], version: str, kept: float
):
    chance = Random(f"{version} {kept}")
    everything = dialogues[version, Transport.TCP]
    whole = set(identify(everything, mask_names=True).builds)
    for _ in range(DRAWS):
        found = identify([one for one in everything if chance.random() < kept], mask_names=True)

        assert f"electrumx-{version}" in found.builds
        assert whole <= set(found.builds)
        assert found.implementation in {"electrumx", None}
        assert found.contradictions == ()


@pytest.mark.parametrize("lie", [0, 1], ids=["another version", "another program"])
@pytest.mark.parametrize("transport", RAW_TRANSPORTS)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_forged_name_changes_no_conclusion_and_is_reported(
    forged: dict[tuple[str, Transport, str], list[Dialogue]], version: str, transport: Transport, lie: int
):
    told = lies_about(version)[lie]

    found = identify(forged[version, transport, told.text])

    assert_is_electrumx_within(found, version)
    assert found.claimed is not None
    assert (found.claimed.text, found.claimed.implementation, found.claimed.version) == (
        told.text,
        told.implementation,
        told.version,
    )
    named = {one.name for dialogue in forged[version, transport, told.text] for one in dialogue.exchanges}
    assert any(set(one.exchanges) <= named for one in found.contradictions)
    assert all(told.text in one.words for one in found.contradictions)


def test_a_relay_leaves_all_but_the_name_as_it_is(
    dialogues: dict[tuple[str, Transport], list[Dialogue]], forged: dict[tuple[str, Transport, str], list[Dialogue]]
):
    for (version, transport, lie), relayed in forged.items():
        direct = {one.name: one for dialogue in dialogues[version, transport] for one in dialogue.exchanges}
        name = f"ElectrumX {version}".encode()
        for exchange in (one for dialogue in relayed for one in dialogue.exchanges):
            ours = [line.data for line in exchange.lines]
            theirs = [line.data for line in direct[exchange.name].lines]
            assert not any(name in data for data in ours)
            assert [data.replace(b" ", b"") for data in ours] == [
                data.replace(name, lie.encode()).replace(b" ", b"") for data in theirs
            ]
            assert [len(data) for data in ours if len(data) >= 1024] == [
                len(data) for data in theirs if len(data) >= 1024
            ]
