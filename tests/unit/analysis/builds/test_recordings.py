"""Recordings of real servers: the answer is right whole, masked, thinned, and from each single connection."""

from dataclasses import replace
from pathlib import Path

import pytest

from electrum_observatory.analysis.builds.evidence import Evidence
from electrum_observatory.analysis.builds.identify import conclude, identify
from electrum_observatory.analysis.builds.names import read_claim
from electrum_observatory.analysis.builds.rules.registry import BY_ASPECT
from electrum_observatory.model.dialogue import Dialogue, Line
from tests.unit.analysis.builds.recorded import TRUTH, read, recorded, thinned

ALLOWED = {
    "ex116-ltc-t": ("1.16.0", "1.16.0"),
    "ex116-ltc-s": ("1.15.0", "1.16.0"),  # no question of the 42 parts these two
    "ex118-ltc-t": ("1.17.0", "1.18.0"),  # a padding checkout of 1.17 behaves alike
    "ex120-ltc-t": ("1.18.0", "1.20.0"),  # the last checkouts of 1.18, 1.19 and 1.20 differ in sizes only
    "ex120-ltc-s": ("1.18.0", "2.0b1"),
    "fulc-ltc-t": ("2.1.0", "2.1.1"),
    "fulc-ltc-s": ("2.1.0", "2.1.1"),
}


@pytest.mark.parametrize("mask_names", [False, True], ids=["names", "masked"])
@pytest.mark.parametrize("name", TRUTH)
def test_a_recorded_server_is_named_with_the_range_that_the_reference_allows(
    shared: Path, name: str, mask_names: bool
) -> None:
    found = identify(recorded(shared, name), mask_names=mask_names)

    assert found.implementation == TRUTH[name].split("-")[0]
    assert (found.version_min, found.version_max) == ALLOWED[name]
    assert TRUTH[name] in found.builds
    assert found.contradictions == ()
    assert found.confidence > 0.99
    assert (found.claimed is None) is mask_names


@pytest.mark.parametrize("name", TRUTH)
def test_no_single_connection_excludes_the_truth_or_raises_a_contradiction(shared: Path, name: str) -> None:
    for number, evidence in enumerate(read(shared, name), start=1):
        found = conclude([evidence])

        assert TRUTH[name] in found.builds, f"line {number}"
        assert found.implementation in (None, TRUTH[name].split("-")[0]), f"line {number}"
        assert found.contradictions == (), f"line {number}"


@pytest.mark.parametrize("name", TRUTH)
def test_a_recorded_server_shows_only_what_the_rules_say_its_build_can_show(shared: Path, name: str) -> None:
    for evidence in read(shared, name):
        for observation in evidence.observations:
            rule = BY_ASPECT.get(observation.aspect)
            shown = None if rule is None else rule.shows.get(TRUTH[name])
            assert shown is None or observation.value in shown, observation


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", TRUTH)
def test_with_a_fifth_of_the_connections_gone_the_answer_is_wider_and_never_wrong(
    shared: Path, name: str, seed: int
) -> None:
    whole = read(shared, name)

    found = conclude(thinned(whole, 0.2, seed), mask_names=True)

    assert set(found.builds) >= set(conclude(whole, mask_names=True).builds)
    assert found.implementation == TRUTH[name].split("-")[0]
    assert found.contradictions == ()


@pytest.mark.parametrize("share", [0.5, 0.8])
@pytest.mark.parametrize("name", TRUTH)
def test_with_most_of_the_connections_gone_the_answer_is_wider_and_never_wrong(
    shared: Path, name: str, share: float
) -> None:
    whole = read(shared, name)
    builds = set(conclude(whole).builds)

    for seed in range(5):
        for masked in (False, True):
            found = conclude(thinned(whole, share, seed), mask_names=masked)

            assert set(found.builds) >= builds
            assert found.implementation in (None, TRUTH[name].split("-")[0])
            assert found.contradictions == ()
            assert not found.several_backends


def test_masking_names_changes_no_build(shared: Path) -> None:
    for name in TRUTH:
        evidence = read(shared, name)

        assert conclude(evidence).builds == conclude(evidence, mask_names=True).builds


@pytest.mark.parametrize("label", ["1.15.0", "1.18.0", "1.20.0", "2.0.0"])
def test_a_version_that_every_second_connection_makes_up_is_found_and_hides_no_program(
    shared: Path, label: str
) -> None:
    """Of two programs that call themselves 1.20 each is out by itself: that is no upgrade from one to the other."""
    forged = [
        renamed(evidence, f"ElectrumX {label}") if number % 2 else evidence
        for number, evidence in enumerate(read(shared, "ex116-ltc-t"))
    ]

    found = conclude(forged)

    assert {"names_differ", "claim_interval"} & {one.contradiction_id for one in found.contradictions}
    assert found.implementation == "electrumx"
    assert "electrumx-1.16.0" in found.builds


def renamed(evidence: Evidence, text: str) -> Evidence:
    return replace(evidence, names=tuple(replace(name, claim=read_claim(text)) for name in evidence.names))


def test_stripped_terminators_widen_the_answer_and_contradict_nothing(shared: Path) -> None:
    found = identify([without_terminators(dialogue) for dialogue in recorded(shared, "fulc-ltc-s")], mask_names=True)

    assert "fulcrum-2.1.1" in found.builds
    assert found.contradictions == ()


def without_terminators(dialogue: Dialogue) -> Dialogue:
    exchanges = tuple(
        replace(exchange, lines=tuple(Line(data=line.data.rstrip(b"\r\n")) for line in exchange.lines))
        for exchange in dialogue.exchanges
    )
    return replace(dialogue, terminators=False, exchanges=exchanges)
