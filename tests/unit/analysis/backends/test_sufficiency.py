"""Whether data could tell: of a watch, of a machine and of a pair."""

from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.analysis.backends.material import Material
from electrum_observatory.analysis.backends.study import BackendStudy, study_material
from electrum_observatory.analysis.backends.words import Verdict, verdict_of, verdict_of_machine
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.backends.planted import Planted, nodes_of, plant

NODES = nodes_of(40, 5, 3)
SILENT, ALONE = 39, 38


def _silenced(material: Material, machine: int) -> Material:
    curves, content, estimates = material.curves.copy(), material.content.copy(), material.estimates.copy()
    curves[:, machine], content[:, machine], estimates[:, :, machine] = np.nan, NOTHING, NOTHING
    return replace(material, curves=curves, content=content, estimates=estimates)


@pytest.fixture(scope="module")
def study() -> BackendStudy:
    return study_material(_silenced(plant(Planted(nodes=NODES), 21), SILENT))


def test_of_a_machine_that_said_next_to_nothing_nothing_can_be_told_and_of_the_others_it_can(
    study: BackendStudy,
) -> None:
    assert study.sufficient
    assert not study.can_tell_of(SILENT)
    assert verdict_of(study, SILENT, 0) is Verdict.INSUFFICIENT
    assert verdict_of_machine(study, SILENT) is Verdict.INSUFFICIENT
    assert verdict_of(study, ALONE, 0) is Verdict.NOTHING_UNUSUAL
    assert verdict_of_machine(study, ALONE) is Verdict.NOTHING_UNUSUAL
    assert verdict_of_machine(study, 0) in (Verdict.STRONG, Verdict.CONSISTENT)


def test_the_share_that_could_be_found_is_that_of_pairs(study: BackendStudy) -> None:
    pairs = np.triu_indices(len(NODES), 1)

    assert study.voters.all()
    assert study.reachable_share == pytest.approx(study.reachable[pairs].mean())
    assert study.reachable_share == pytest.approx(1 - 2 / len(NODES), abs=1e-6)


def test_where_most_could_not_be_found_links_stand_for_themselves_and_no_link_says_nothing(study: BackendStudy) -> None:
    poor = replace(study, reachable_share=0.49)

    assert not poor.sufficient
    assert poor.groups().declared == study.groups().declared > 0
    assert verdict_of_machine(poor, 0) is verdict_of_machine(study, 0)
    assert verdict_of_machine(poor, ALONE) is Verdict.INSUFFICIENT
    assert verdict_of(poor, ALONE, 0) is Verdict.INSUFFICIENT


def test_of_a_few_machines_nothing_is_declared_where_most_could_not_be_found() -> None:
    few = study_material(plant(Planted(nodes=nodes_of(8, 2, 3)), 22))
    poor = replace(few, reachable_share=0.49)

    assert few.sufficient
    assert few.groups().declared > 0
    assert poor.groups().declared == 0
    assert verdict_of(poor, 0, 1) is Verdict.INSUFFICIENT
