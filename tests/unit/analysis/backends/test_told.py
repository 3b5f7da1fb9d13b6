"""From texts to groups: machines instead of endpoints, and witnesses for each link."""

from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.analysis.backends.block import Signal
from electrum_observatory.analysis.backends.material import material_of
from electrum_observatory.analysis.backends.published_links import published_links
from electrum_observatory.analysis.backends.study import study
from electrum_observatory.analysis.backends.witnesses import witnesses_of
from electrum_observatory.datasets.watch.histograms import histograms_of
from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.model.watch_ports import ReadingColumns
from tests.unit.analysis.backends.planted import Planted, nodes_of, plant
from tests.unit.analysis.backends.told import endpoint_of, told_columns

NODES = nodes_of(32, 4, 3)


@pytest.fixture(scope="module")
def columns() -> ReadingColumns:
    return told_columns(plant(Planted(nodes=NODES, rounds=80, told=1.0), 1))


@pytest.fixture(scope="module")
def table(columns: ReadingColumns) -> WatchTable:
    return table_of(columns)


def test_endpoints_of_one_address_are_one_machine(table: WatchTable) -> None:
    material = material_of(table)

    assert len(material.facts) == 32
    assert [one.endpoint.host for one in material.aliases[0]] == ["s0.example", "alias.example"]


def test_machines_that_campaigns_know_are_taken_over(table: WatchTable) -> None:
    known = {endpoint_of(column).endpoint_id: "m-1" for column in (3, 4)}

    assert len(material_of(table, known).facts) == 31


def test_values_are_read_as_they_were_told(table: WatchTable) -> None:
    planted, read = plant(Planted(nodes=NODES, rounds=80, told=1.0), 1), material_of(table)

    assert read.feerates.tolist() == planted.feerates.tolist()
    np.testing.assert_allclose(read.curves, planted.curves, rtol=1e-4)
    assert (read.window == planted.window).all()
    assert {one.relay for one in read.facts} == {1000}
    same = planted.estimates[:, :, 0] == planted.estimates[:, :, 1]
    assert ((read.estimates[:, :, 0] == read.estimates[:, :, 1]) == same).all()


def test_texts_lead_to_groups_and_links_to_witnesses(table: WatchTable) -> None:
    found = study(table)

    told = witnesses_of(found, table, 0, 1)

    assert sorted(group.members for group in found.groups().groups) == [(0, 1, 2), (3, 4, 5), (6, 7, 8), (9, 10, 11)]
    assert {Signal.CHANGE, Signal.ESTIMATES, Signal.POLICY} <= {one.signal for one in told}
    digests = [one.texts for one in told if one.signal is Signal.ESTIMATES]
    assert all(len(digest) == 16 for pair in digests for digest in pair)


def test_the_published_method_cannot_tell(table: WatchTable) -> None:
    histograms = histograms_of(table)

    _, links, groups = published_links(histograms, np.arange(32))

    assert set(groups.tolist()) == {0}
    assert links[0, 31]
    assert not links[0, 0]


def test_no_answers_at_all_are_insufficient(columns: ReadingColumns) -> None:
    nothing = replace(columns, text_at={}, after_us={})

    found = study(table_of(nothing))

    assert not found.sufficient
