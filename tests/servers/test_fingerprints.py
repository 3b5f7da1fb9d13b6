"""The fingerprint of real servers: one per behaviour, whatever the transport; the lab's stand-ins have it too."""

from collections import defaultdict

import pytest

from electrum_observatory.analysis.builds.fingerprint import fingerprint
from electrum_observatory.lab.driving import Message, drive
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.fingerprints import differing
from tests.servers.electrumx import VERSIONS, ElectrumX
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.played import APART_S, stand_in, state_of

ALIKE = {"1.19.0", "1.20.0"}
"""They differ in how they cut a fee histogram, which is no part of the hash."""


def asked_on_both(dialogues: dict[tuple[str, Transport], list[Dialogue]], version: str) -> list[Dialogue]:
    """Return what was put over TCP to a version and over TLS too."""
    both = {dialogue.exchanges[-1].name for dialogue in dialogues[version, Transport.SSL]}
    return [one for one in dialogues[version, Transport.TCP] if one.exchanges[-1].name in both]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_real_server_behaves_alike_over_tcp_and_tls(
    dialogues: dict[tuple[str, Transport], list[Dialogue]], version: str
) -> None:
    over_tcp = fingerprint(asked_on_both(dialogues, version))
    over_tls = fingerprint(dialogues[version, Transport.SSL])

    assert differing(over_tcp, over_tls) == {}
    assert (over_tcp.behaviour, over_tcp.coverage) == (over_tls.behaviour, over_tls.coverage)


def test_real_releases_that_behave_differently_have_different_hashes(
    dialogues: dict[tuple[str, Transport], list[Dialogue]],
) -> None:
    alike = defaultdict(set)
    for version in VERSIONS:
        alike[fingerprint(dialogues[version, Transport.TCP]).behaviour].add(version)

    assert sorted(map(sorted, alike.values())) == sorted(
        [sorted(ALIKE), *([version] for version in VERSIONS if version not in ALIKE)]
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_the_stand_in_of_the_lab_has_the_hash_of_the_real_server(
    electrumx_servers: dict[str, ElectrumX],
    node: LitecoinNode,
    dialogues: dict[tuple[str, Transport], list[Dialogue]],
    version: str,
) -> None:
    program = stand_in(electrumx_servers[version], state_of(node))
    real = dialogues[version, Transport.TCP]

    played = [
        drive(program, [Message(name=one.name, sent=one.sent) for one in dialogue.exchanges], at=number * APART_S)[0]
        for number, dialogue in enumerate(real, start=1)
    ]

    assert differing(fingerprint(real), fingerprint(played)) == {}
    assert fingerprint(real).behaviour == fingerprint(played).behaviour
