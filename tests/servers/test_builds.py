"""What software a real server runs is told from its behaviour, whatever it calls itself."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from packaging.version import Version

from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.battery import DECISIVE
from tests.servers.conversations import RAW_TRANSPORTS, ask_all
from tests.servers.electrumx import VERSIONS, ElectrumX
from tests.servers.lying_relay import Forgery, lying_relay
from tests.servers.widest import assert_is_electrumx_within

DRAWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """A name under which a relay lets a server appear."""

    text: str
    implementation: str
    version: str


def lies_about(version: str) -> tuple[Lie, Lie]:
    """Return a version that behaves otherwise, and another program."""
    other = "1.16.0" if Version(version) >= Version("1.18") else "2.0.0"
    return (
        Lie(text=f"ElectrumX {other}", implementation="electrumx", version=other),
        Lie(text="Fulcrum 2.1.1", implementation="fulcrum", version="2.1.1"),
    )


@pytest.fixture(scope="session")
def forged(
    electrumx_servers: dict[str, ElectrumX], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, Transport, str], list[Dialogue]]:
    """The decisive questions through a lying relay, by version, transport and lie."""
    tls = tmp_path_factory.mktemp("relay")
    certificate = next(iter(electrumx_servers.values())).certificate
    (tls / "cert.pem").write_bytes(certificate.pem)
    (tls / "key.pem").write_bytes(certificate.key_pem)
    return asyncio.run(_ask_through_relays(electrumx_servers, tls))


async def _ask_through_relays(
    servers: Mapping[str, ElectrumX], tls: Path
) -> dict[tuple[str, Transport, str], list[Dialogue]]:
    async with AsyncExitStack() as relays:
        endpoints = {}
        for version, server in servers.items():
            for transport in RAW_TRANSPORTS:
                for lie in lies_about(version):
                    forgery = Forgery(truth=f"ElectrumX {version}".encode(), lie=lie.text.encode())
                    relay = lying_relay(server, transport, forgery, tls)
                    endpoints[await relays.enter_async_context(relay)] = (version, transport, lie.text)
        answered = await ask_all(endpoints, DECISIVE)
    return {who: answered[endpoint] for endpoint, who in endpoints.items()}


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
