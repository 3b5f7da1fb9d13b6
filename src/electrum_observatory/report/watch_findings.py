"""What the pages of a watch show, put together from its readings and from analysis. Nothing is concluded here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.material import material_of
from electrum_observatory.analysis.backends.published_links import published_links
from electrum_observatory.analysis.backends.study import BackendStudy, study_material
from electrum_observatory.analysis.histograms.algorithms import algorithms_of, classes_of
from electrum_observatory.analysis.histograms.explained import ExplainedClusters, explain_clusters, policies_of
from electrum_observatory.analysis.histograms.measures import with_measures
from electrum_observatory.analysis.lifecycle.churn import DayOfChurn, Stay, churn, stay
from electrum_observatory.analysis.lifecycle.events import LifeEvent
from electrum_observatory.analysis.lifecycle.presence import Presence, presence_of
from electrum_observatory.analysis.lifecycle.similarity import by_similarity
from electrum_observatory.analysis.lifecycle.stability import Stability, stability
from electrum_observatory.analysis.lifecycle.uptime import Uptime, uptimes
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.fees_and_tips import fee_floors_of
from electrum_observatory.datasets.watch.histograms import HistogramTable, histograms_of
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Stint, Watch
from electrum_observatory.model.watch_ports import NOTHING, Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was read of a watch.

    Attributes:
        watch: The watch.
        stints: Its stints.
        table: Its readings of the span.
        span_words: The options that name the span on a command line; "" for all of it.
        machines: Endpoint id to machine id, as campaigns know them.
        builds: What servers called their programs in a campaign.
        changes: What campaigns saw change within the span.
    """

    watch: Watch
    stints: Sequence[Stint]
    table: WatchTable
    span_words: str
    machines: Mapping[str, str]
    builds: Mapping[Endpoint, str]
    changes: Sequence[LifeEvent]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PublishedAnswer:
    """What the published rule says of the same machines.

    Attributes:
        divergence: Mean divergence over the span, bits; NaN without data; shape (N, N).
        links: Whether two machines are in one connected part at 0.5; shape (N, N).
        groups: Number of each machine's part, ``NOTHING`` without data; shape (N,).
        programs: Whose histograms each machine's could be.
        policies: Each machine's relay fee in words.
        explained: How much of the parts needs no shared node.
    """

    divergence: Floats
    links: NDArray[np.bool_]
    groups: Numbers
    programs: tuple[str, ...]
    policies: tuple[str, ...]
    explained: ExplainedClusters

    def clusters(self) -> list[tuple[int, Counter[str], Counter[str], tuple[int, ...]]]:
        """Return its parts of two machines and more: number, programs, policies, members."""
        found = []
        for number in range(int(self.groups.max(initial=NOTHING)) + 1):
            members = tuple(np.flatnonzero(self.groups == number).tolist())
            if len(members) > 1:
                programs = Counter(self.programs[one] for one in members)
                policies = Counter(self.policies[one] for one in members)
                found.append((number + 1, programs, policies, members))
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WatchFindings:
    """Everything the pages of one watch need.

    Attributes:
        read: What was read.
        presence: Who was there, our blind rounds left out.
        order: Servers in the order of the uptime image.
        times: Time of each server.
        steady: Round trips of each server.
        days: Who came and left.
        stays: How long servers stay; None where nobody appeared.
        study: Which machines are consistent with one node.
        published: What the published rule says of the same machines.
    """

    read: Watched
    presence: Presence
    order: tuple[int, ...]
    times: tuple[Uptime, ...]
    steady: tuple[Stability, ...]
    days: tuple[DayOfChurn, ...]
    stays: Stay | None
    study: BackendStudy
    published: PublishedAnswer


def watch_findings(read: Watched) -> WatchFindings:
    """Put the findings of one watch together."""
    presence = presence_of(read.table)
    histograms = histograms_of(read.table)
    found = study_material(material_of(read.table, read.machines, histograms))
    return WatchFindings(
        read=read,
        presence=presence,
        order=tuple(by_similarity(presence)),
        times=uptimes(presence),
        steady=stability(read.table, read.builds),
        days=churn(presence),
        stays=stay(presence),
        study=found,
        published=_published(read.table, histograms, found),
    )


def _published(table: WatchTable, histograms: HistogramTable, found: BackendStudy) -> PublishedAnswer:
    """Apply the published rule to the servers that stand for the machines."""
    columns = found.material.servers
    similarity, links, groups = published_links(histograms, columns)
    every_program = classes_of(with_measures(histograms, algorithms_of(histograms)))
    every_policy = policies_of(fee_floors_of(table).relay)
    programs = tuple(every_program[one] for one in columns)
    policies = tuple(every_policy[one] for one in columns)
    known = groups != NOTHING
    return PublishedAnswer(
        divergence=np.where(known[:, None] & known[None, :], 1 - similarity, np.nan),
        links=links,
        groups=groups,
        programs=programs,
        policies=policies,
        explained=explain_clusters(groups, programs, policies, [one.machine for one in found.material.facts]),
    )
