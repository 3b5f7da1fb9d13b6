"""Starts ``tests.servers.wired.watched`` in namespaces that end with it, and reads what the watch found."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from electrum_observatory.analysis.backends.block import Signal
from electrum_observatory.analysis.backends.published_links import published_links
from electrum_observatory.analysis.backends.study import DEFAULT_THRESHOLD, study
from electrum_observatory.cli.watch_stores import open_watch_source
from electrum_observatory.cli.watched import chosen_watch, read_table
from electrum_observatory.datasets.watch.histograms import histograms_of
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING
from tests.servers.guests import namespaces

_SET_UP_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WiredWatch:
    """What came of the watch.

    Attributes:
        exit_code: Of the command.
        said: What it told a person.
        wiring: The node of each server, by ``address:port``.
        refreshes: How many different histograms the server with the fewest showed.
        heights: How many heights were seen.
        rounds: How many rounds there were.
        groups: Servers that the analysis puts on one node, by address and port.
        published: Servers that the published rule (divergence ≤ 0.5) puts together.
        bits: Bits of each pair.
        contested: Bits of each pair by contested transactions.
        expected_false: Share of false links that the analysis expects.
        alone: Transactions that one node only was given, and which.
        listed: By transaction, who ever listed it as pending.
    """

    exit_code: int
    said: str
    wiring: Mapping[str, str]
    refreshes: int
    heights: int
    rounds: int
    groups: Sequence[frozenset[str]]
    published: Sequence[frozenset[str]]
    bits: Mapping[frozenset[str], float]
    contested: Mapping[frozenset[str], float]
    expected_false: float
    alone: Mapping[str, str]
    listed: Mapping[str, frozenset[str]]

    @property
    def strangers(self) -> set[str]:
        """Transactions that one node only was given, and that a server of the other listed."""
        return {
            txid
            for txid, node in self.alone.items()
            if {self.wiring[one] for one in self.listed.get(txid, ())} - {node}
        }

    @property
    def true_groups(self) -> set[frozenset[str]]:
        """The servers of each node."""
        nodes = set(self.wiring.values())
        return {frozenset(name for name, own in self.wiring.items() if own == node) for node in nodes}


def start_wired_watch(
    folder: Path, *, refresh_s: float, every_s: float, seconds: float, seed: int
) -> subprocess.Popen[str]:
    """Start nodes, servers, traffic and the watch in an empty folder; returns at once."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [str(number) for number in (refresh_s, every_s, seconds, seed)]
    return subprocess.Popen(
        [*namespaces(), sys.executable, "-m", "tests.servers.wired.watched", str(folder), *numbers],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_wired_watch(process: subprocess.Popen[str], *, seconds: float) -> WiredWatch:
    """Wait for its end and analyse what it kept. Raises RuntimeError with its own words where it broke."""
    printed, complaints = process.communicate(timeout=seconds + _SET_UP_S)
    if process.returncode != 0:
        raise RuntimeError(f"the wired watch ended with {process.returncode}:\n{complaints}")
    return judged(json.loads(printed))


def judged(report: Mapping[str, Any]) -> WiredWatch:
    """Analyse the data folder that a watch left behind."""
    with open_watch_source(Path(report["data"])) as source:
        table = read_table(source, chosen_watch(source, "latest"), (None, None))
    found = study(table)
    material = found.material
    names = [f"{one.endpoint.host}:{one.endpoint.port}" for one in material.facts]
    grouping = found.groups(DEFAULT_THRESHOLD)
    _, _, published = published_links(histograms_of(table), material.servers)
    pairs = [(one, other) for one in range(len(names)) for other in range(one)]
    return WiredWatch(
        exit_code=report["exit_code"],
        said=report["said"],
        wiring=report["wiring"],
        refreshes=_fewest_histograms(table),
        heights=len(set(material.height[material.height != NOTHING].tolist())),
        rounds=len(table.rounds),
        groups=[frozenset(names[member] for member in group.members) for group in grouping.groups],
        published=_grouped(names, published.tolist()),
        bits={frozenset((names[one], names[other])): float(found.bits[one, other]) for one, other in pairs},
        contested={
            frozenset((names[one], names[other])): float(found.weighed[Signal.CONTESTED].bits[one, other])
            for one, other in pairs
        },
        expected_false=grouping.false_discovery,
        alone=report["alone"],
        listed=_listed(table),
    )


def _fewest_histograms(table: WatchTable) -> int:
    return min(len(set(column[column != NOTHING].tolist())) for column in table.text_at[Question.HISTOGRAM].T)


def _listed(table: WatchTable) -> dict[str, frozenset[str]]:
    """Read the stored answers as they came: no part of the analysis is asked."""
    found: dict[str, set[str]] = {}
    for endpoint, answers in zip(table.endpoints, table.text_at[Question.PENDING].T, strict=True):
        for text in {table.texts[at] for at in answers.tolist() if at != NOTHING}:
            for line in text.splitlines():
                for one in json.loads(line).get("result", ()):
                    found.setdefault(one["tx_hash"], set()).add(f"{endpoint.host}:{endpoint.port}")
    return {txid: frozenset(servers) for txid, servers in found.items()}


def _grouped(names: Sequence[str], labels: Sequence[int]) -> list[frozenset[str]]:
    members: dict[int, set[str]] = {}
    for name, label in zip(names, labels, strict=True):
        if label != NOTHING:
            members.setdefault(label, set()).add(name)
    return [frozenset(one) for one in members.values() if len(one) > 1]
