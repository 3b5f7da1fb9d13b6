"""What the demo says it found, against what is true of its world."""

from dataclasses import replace
from pathlib import Path

from electrum_observatory.cli.demo import _found
from electrum_observatory.lab.truth import EndpointTruth, Fate, MachineTruth, Truth
from electrum_observatory.store.reader import StoreReader

_WORLD = Truth(world="w", seed=1, machines=(), operators={}, families={}, nodes={}, onions=())


def _machine(endpoints: list[str], fate: Fate) -> MachineTruth:
    return MachineTruth(
        machine=fate.value,
        operator="o",
        family=None,
        node="n",
        personality="fulcrum_2",
        version=None,
        build=None,
        balanced=(),
        modified=(),
        certificate_key=None,
        certificate_sha256=None,
        endpoints=tuple(EndpointTruth(endpoint=one, fate=fate, announced=True) for one in endpoints),
    )


def test_only_what_is_alive_counts_as_found_and_hostile_endpoints_are_told_apart(measured: Path) -> None:
    with StoreReader.open(measured) as reader:
        campaign_id = reader.campaign().campaign.campaign_id
        handshakes = list(reader.observations(campaign_id, probes=("server_version",)))
    answered = sorted({one.endpoint.canonical for one in handshakes if one.attempt.result is not None})
    hostile, strangers, honest = answered[:3], answered[3:5], answered[5:]
    world = replace(
        _WORLD,
        machines=(
            _machine([*honest, "tcp://missed.example:50001@88.1.2.3"], Fate.ANSWERS),
            _machine(strangers, Fate.ANSWERS_FOR_ANOTHER_CHAIN),
            _machine(hostile, Fate.PLAYS_FOUL),
        ),
    )

    assert _found(measured, campaign_id, world) == (len(honest), len(honest) + 1, 3)
