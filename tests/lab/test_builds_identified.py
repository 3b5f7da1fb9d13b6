"""Every program that the lab can play is named from behaviour alone, and nothing is said against it.

Personalities answer to recordings and rules to the field reference: where both agree, both are likely right.
"""

import pytest

from bench.fleet import Fleet
from bench.rows import ROWS
from bench.running import run_row
from electrum_observatory.analysis.builds.evidence import read_dialogue
from electrum_observatory.analysis.builds.identify import conclude, identify
from electrum_observatory.analysis.builds.universe import candidates
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.world_options import Modification
from electrum_observatory.model.endpoint import Transport
from tests.lab.builds_left import builds_left
from tests.lab.interviews import interview
from tests.lab.mutated_worlds import world_of


def builds_of(personality: str) -> set[str]:
    """Return the ids of the builds that a personality may be: for a checkout the one of its day."""
    played = PERSONALITIES[personality]
    if played.checkout is not None and played.implementation == "electrumx":
        return {f"electrumx-git-{played.checkout}"}
    return {
        build.build_id
        for build in candidates(played.implementation, played.default_version)
        if build.implementation == played.implementation and not build.key.startswith("git")
    }


@pytest.mark.parametrize("personality", sorted(PERSONALITIES))
def test_each_program_is_named_without_its_name(personality: str) -> None:
    dialogues = interview(personality)
    evidence = [read_dialogue(dialogue) for dialogue in dialogues]

    found = conclude(evidence, mask_names=True)

    assert found.implementation == PERSONALITIES[personality].implementation
    assert builds_of(personality) & set(found.builds)
    assert set(found.builds) == builds_left(personality)
    assert found.contradictions == ()
    assert conclude(evidence).contradictions == ()
    for dialogue, alone in zip(dialogues, evidence, strict=True):
        told = conclude([alone])
        assert builds_of(personality) & set(told.builds), dialogue.exchanges[-1].name
        assert told.contradictions == (), dialogue.exchanges[-1].name


@pytest.mark.parametrize("personality", ["electrumx_1_19", "electrumx_1_16", "fulcrum_2"])
def test_frames_without_terminators_and_padding_are_enough(personality: str) -> None:
    found = identify(interview(personality, transport=Transport.WS), mask_names=True)

    assert found.implementation == PERSONALITIES[personality].implementation
    assert builds_of(personality) & set(found.builds)
    assert found.contradictions == ()


async def test_the_small_twin_of_the_bench_is_never_wrong_about_recordings() -> None:
    (row,) = (row for row in ROWS if row.name == "identification")

    outcome = await run_row(row, small=True)

    assert not outcome.error, outcome.error
    assert outcome.missed() == []


@pytest.mark.parametrize("personality", ["electrumx_1_19", "fulcrum_1_12", "electrs_romanz_0_10"])
def test_behind_a_relay_that_writes_json_anew_the_words_still_name_the_program(personality: str) -> None:
    world = world_of(personality, Modification(mutator="reserialise_json", dose=1.0, text=None))

    found = identify(Fleet(world).visit("subject", 0, 100.0).dialogues)

    assert found.implementation == PERSONALITIES[personality].implementation
    assert builds_of(personality) & set(found.builds)
    assert [one.contradiction_id for one in found.contradictions] == ["rewriting_relay"]
