"""One world of known truth, rendered, studied and scored: by the evidence, and by the published method beside it."""

import resource
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from electrum_observatory.analysis.backends.published_links import published_links
from electrum_observatory.analysis.backends.scoring import Score, reliability, score, truth_matrix
from electrum_observatory.analysis.backends.study import BackendStudy, study
from electrum_observatory.datasets.watch.histograms import histograms_of
from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.plans import Cell, FeeRegime, Overlap, UptimeSpread, WorldPlan
from electrum_observatory.lab.time.rendering import render
from electrum_observatory.lab.time.truth import TimeTruth, truth_of
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.store.watching.columns import joined, joined_news

CELLS = tuple(
    Cell(regime=regime, overlap=overlap, uptimes=uptimes)
    for regime in FeeRegime
    for overlap in Overlap
    for uptimes in UptimeSpread
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a world is."""

    days: float = 7
    servers: int = 300
    nodes: int = 120
    shared: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldResult:
    """What one world gave.

    Attributes:
        cell: Its conditions, as words.
        seed: Its chance.
        evidence: Score of the evidence.
        published: Score of links at a divergence of 0.5.
        calibration: Posterior said, share of true pairs, pairs, by bin.
        cases: By kind of hard case: declared and all of its pairs on one node, then on two.
        rendering_s: Seconds of making the world.
        studying_s: Seconds of the analysis, reading included.
        peak_gb: Largest memory of the process so far.
        scripts: For how many public scripts the watch asked what is pending.
    """

    cell: str
    seed: int
    evidence: Score
    published: Score
    calibration: list[tuple[float, float, int]]
    cases: Mapping[str, tuple[int, int, int, int]]
    rendering_s: float
    studying_s: float
    peak_gb: float
    scripts: int = 0


def name_of(cell: Cell) -> str:
    """Return the conditions as words."""
    return f"{cell.regime} / {cell.overlap} / {cell.uptimes}"


def run_world(cell: Cell, seed: int, size: Size, processes: int = 1, *, scripts: int = 0) -> WorldResult:
    """Render a world, study it, and score both methods."""
    began = perf_counter()
    plan = draw_plan(
        cell, seed, days=size.days, servers=size.servers, nodes=size.nodes, shared=size.shared, scripts=scripts
    )
    table = rendered(plan, processes)
    rendering_s = perf_counter() - began
    began = perf_counter()
    found = study(table)
    studying_s = perf_counter() - began
    truth = {one.endpoint: frozenset(one.backends) for one in truth_of(plan).servers}
    nodes = [truth[one.endpoint.canonical] for one in found.material.facts]
    grouping = found.groups()
    published, links, groups = published_links(histograms_of(table), found.material.servers)
    return WorldResult(
        cell=name_of(cell),
        seed=seed,
        evidence=score(
            found.bits,
            grouping.links,
            _labels(found),
            nodes,
            sufficient=found.sufficient,
            expected_false=grouping.false_discovery,
        ),
        published=score(published, links, groups, nodes),
        calibration=reliability([found.posterior()], [truth_matrix(nodes)]),
        cases=_cases(truth_of(plan), found, nodes),
        rendering_s=rendering_s,
        studying_s=studying_s,
        peak_gb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        scripts=scripts,
    )


def rendered(plan: WorldPlan, processes: int = 1) -> WatchTable:
    """Render a whole world as a table."""
    parts = list(render(plan, processes=processes))
    news = [part.news for part in parts]
    order = np.argsort(np.concatenate([one.received_at_us for one in news]), kind="stable")
    return table_of(joined([part.readings for part in parts]), joined_news(news, order))


def _labels(found: BackendStudy) -> Numbers:
    labels = np.full(found.machines, NOTHING, dtype=np.int64)
    for number, group in enumerate(found.groups().groups):
        labels[list(group.members)] = number
    return labels


def _cases(truth: TimeTruth, found: BackendStudy, nodes: list[frozenset[str]]) -> dict[str, tuple[int, int, int, int]]:
    """Count declared pairs within hard cases, apart by whether a link is right."""
    links, same = found.groups().links, truth_matrix(nodes)
    place = {one.endpoint.canonical: machine for machine, one in enumerate(found.material.facts)}
    of_server = {one.server: place.get(one.endpoint) for one in truth.servers}
    counts: dict[str, tuple[int, int, int, int]] = {}
    for case in truth.cases:
        members = [machine for server in case.servers if (machine := of_server.get(server)) is not None]
        upper = np.triu_indices(len(members), 1)
        declared, right = (matrix[np.ix_(members, members)][upper] for matrix in (links, same))
        seen = (int((declared & right).sum()), int(right.sum()), int((declared & ~right).sum()), int((~right).sum()))
        before = counts.get(str(case.kind), (0, 0, 0, 0))
        counts[str(case.kind)] = (before[0] + seen[0], before[1] + seen[1], before[2] + seen[2], before[3] + seen[3])
    return counts
