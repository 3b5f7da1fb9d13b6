"""A name is held against the connections that tell it: a false one is found anywhere, a true one of before is kept."""

from itertools import permutations

import pytest

from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.model.dialogue import Dialogue
from tests.unit.analysis.builds.scripted import (
    ELECTRUMX,
    ELECTRUMX_PADDED,
    ELECTRUMX_SPACED,
    FULCRUM,
    RUST,
    error,
    hello,
    result,
    talk,
)

PING = ("server.ping", [], result(None))
NEW_PING = ("server.ping", ["x"], result(None))
STATUS = ("blockchain.scripthash.get_status", ["00" * 32], result(None))
TRUE = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.19.0", "1.6"), PING)
FALSE = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.16.0", "1.6"), PING)


def kinds(*dialogues: Dialogue) -> set[str]:
    return {one.contradiction_id for one in identify(dialogues).contradictions}


@pytest.mark.parametrize("place", range(4))
def test_a_false_version_is_found_on_whichever_connection_it_is_told(place: int) -> None:
    dialogues = [TRUE, TRUE, TRUE]
    dialogues.insert(place, FALSE)

    found = identify(dialogues)

    assert {one.contradiction_id for one in found.contradictions} == {"names_differ", "claim_interval", "claim_padding"}
    assert "electrumx-1.19.0" in found.builds
    assert found.builds == identify([TRUE, FALSE], mask_names=True).builds
    assert not found.several_backends
    (differ,) = (one for one in found.contradictions if one.contradiction_id == "names_differ")
    assert "1.16.0" in differ.words
    assert "1.19.0" in differ.words


def test_a_false_version_told_everywhere_is_no_difference_of_names() -> None:
    assert kinds(FALSE, FALSE) == {"claim_interval", "claim_padding"}


@pytest.mark.parametrize(
    ("before", "after", "builds"),
    [
        (
            TRUE,
            talk(ELECTRUMX_PADDED, hello("ElectrumX 2.0.0", "1.6"), NEW_PING),
            {"electrumx-1.19.0", "electrumx-2.0.0"},
        ),
        (
            talk(FULCRUM, hello("Fulcrum 2.1.0", "1.6"), PING),
            talk(FULCRUM, hello("Fulcrum 2.1.1", "1.6"), STATUS),
            {"fulcrum-2.1.0", "fulcrum-2.1.1"},
        ),
    ],
)
def test_an_upgrade_that_one_build_would_explain_keeps_both_versions_in_the_range(
    before: Dialogue, after: Dialogue, builds: set[str]
) -> None:
    for dialogues in permutations([before, before, after]):
        found = identify(dialogues)

        assert found.contradictions == ()
        assert found.several_backends
        assert builds <= set(found.builds)
        assert found.confidence > 0.95
        assert identify(dialogues, mask_names=True).contradictions == ()


def test_an_upgrade_within_a_version_is_not_taken_for_a_rare_program_that_fits_both_sides() -> None:
    refused = ("blockchain.transaction.get", ["00" * 32])
    old = talk(RUST, hello("electrs-esplora 0.4.1", "1.4"), (*refused, ("error", "of the node")))
    new = talk(RUST, hello("electrs-esplora 0.4.1", "1.4"), (*refused, error(2, "of the node")))

    found = identify([old, new])

    assert {"blockstream_electrs-old", "blockstream_electrs-new"} <= set(found.builds)
    assert found.contradictions == ()


def test_connections_without_a_name_are_not_held_against_the_name_of_others() -> None:
    plain = talk(ELECTRUMX_SPACED, hello("ElectrumX 1.15.0", "1.4.2"), PING)
    nameless = talk(ELECTRUMX, PING)

    found = identify([plain, nameless])

    assert "electrumx-1.15.0" in found.builds
    assert found.contradictions == ()


def test_behind_a_balancer_each_machine_is_held_to_its_own_name() -> None:
    other = talk(ELECTRUMX_SPACED, hello("ElectrumX 1.16.0", "1.4.2"), PING)
    forged = talk(ELECTRUMX_SPACED, hello("ElectrumX 1.20.0", "1.4.2"), PING, PING)

    assert kinds(TRUE, other) == set()
    assert "claim_padding" in kinds(talk(ELECTRUMX_PADDED, hello("ElectrumX 1.16.0", "1.6"), PING), other)
    assert identify([TRUE, forged]).several_backends


def test_the_word_of_one_machine_does_not_name_the_program_of_another() -> None:
    fulcrum = talk(FULCRUM, hello("Fulcrum 2.1.1", "1.6"), PING)

    for dialogues in ([fulcrum, TRUE], [TRUE, fulcrum]):
        found = identify(dialogues)

        assert found.several_backends
        assert found.implementation is None
        assert found.contradictions == ()
        assert {"fulcrum-2.1.1", "electrumx-1.19.0"} <= set(found.builds)


def test_few_connections_of_another_program_are_not_outvoted() -> None:
    fulcrum = talk(FULCRUM, hello("Fulcrum 2.1.1", "1.6"), PING)
    rust = [talk(RUST, hello(name, "1.4"), PING) for name in ("electrs/0.11.1", "bwt v0.2.4")]

    for dialogues in ([TRUE] * 30 + [fulcrum], rust * 2):
        for masked in (False, True):
            found = identify(dialogues, mask_names=masked)

            assert found.implementation is None
            assert found.contradictions == ()


def test_of_many_names_few_are_repeated() -> None:
    told = [talk(ELECTRUMX_PADDED, hello(f"ElectrumX 1.16.{number}", "1.6")) for number in range(20)]

    found = identify([TRUE, *told])

    assert max(len(one.words) for one in found.contradictions) < 1_000
    assert max(len(one.exchanges) for one in found.contradictions) <= 5
