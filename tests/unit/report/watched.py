"""Watches made up for tests of their pages."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from electrum_observatory.analysis.lifecycle.events import EventKind, LifeEvent
from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Availability, Blindness, BlindSpell
from electrum_observatory.model.watch_ports import AVAILABILITIES, ReadingColumns
from electrum_observatory.report.watch_findings import Watched
from tests.unit.analysis.backends.planted import Planted, nodes_of, plant
from tests.unit.analysis.backends.told import told_columns
from tests.unit.store.watching.facts import make_stint, make_watch

NODES = nodes_of(32, 4, 3)
SPELLED = "s7.example"


def planted_columns(*, rounds: int = 80, nodes: Sequence[int] = NODES, **drawn: float | bool) -> ReadingColumns:
    """Servers on planted nodes, three of which fall silent for a while; the last is another port of the first."""
    columns = told_columns(plant(Planted(nodes=tuple(nodes), rounds=rounds, told=1.0, **drawn), 1))
    availability = columns.availability.copy()
    silent = np.isin(columns.endpoint_at, (5, 6)) & (columns.round_at > 20) & (columns.round_at < 50)
    refused = (columns.endpoint_at == 9) & (columns.round_at == 30)
    availability[silent] = AVAILABILITIES.index(Availability.UNKNOWN)
    availability[refused] = AVAILABILITIES.index(Availability.REFUSED)
    return replace(columns, availability=availability)


def spell(table: WatchTable) -> BlindSpell:
    """A gap of ours between the sixtieth round and the next."""
    return BlindSpell(why=Blindness.NOT_RUNNING, from_us=int(table.at_us[60]) + 1, to_us=int(table.at_us[61]) - 1)


def change(text: str) -> LifeEvent:
    """A server that calls itself something else."""
    return LifeEvent(service=text, kind=EventKind.SOFTWARE, before=text, after=text, after_us=1, by_us=2)


def watched(
    columns: ReadingColumns,
    *,
    spells: Sequence[BlindSpell] = (),
    changes: Sequence[LifeEvent] = (),
    builds: dict[Endpoint, str] | None = None,
    machines: dict[str, str] | None = None,
) -> Watched:
    """What a command would have read."""
    return Watched(
        watch=make_watch(),
        stints=[make_stint()],
        table=table_of(columns, spells=spells),
        span_words="",
        machines=machines or {},
        builds=builds or {},
        changes=changes,
    )


def balanced_columns(*, rounds: int = 120) -> ReadingColumns:
    """Servers of which the first stands on two nodes by turns."""
    material = plant(Planted(nodes=(*[0] * 4, *[1] * 4, *range(2, 26)), rounds=rounds, told=1.0), 9)
    turns = np.random.default_rng(1).random(rounds) < 0.5
    curves, estimates = material.curves.copy(), material.estimates.copy()
    curves[turns, 0], estimates[:, turns, 0] = material.curves[turns, 4], material.estimates[:, turns, 4]
    return told_columns(replace(material, curves=curves, estimates=estimates))
