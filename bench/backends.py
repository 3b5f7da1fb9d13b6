"""How well nodes are found behind servers, over fee regime × overlap of mempools × spread of uptimes.

``python -m bench.backends [--seeds 1000-1009] [--cells calm/moderate] [--worlds FILE] [--json FILE]`` prints the whole
table, hours of work; with ``--worlds`` each world is kept as soon as it is judged, and not made again. With ``--scripts
N`` each world is judged a second time, in a line of its own: with what is pending for N public scripts asked every
hour. The bench's row of the same name does a few worlds. Development used seeds 1 to 99; reports use seeds from 1000
on, which nobody had looked at.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench.backend_worlds import CELLS, Size, WorldResult, name_of, run_world
from bench.frame import Bench, Figure, RowResult
from electrum_observatory.analysis.backends.scoring import Spread, spreads
from electrum_observatory.lab.time.plans import Cell, FeeRegime, Overlap, UptimeSpread

FIRST_SEED, LAST_DEVELOPED = 1000, 20
SMALL = Size(days=0.5, servers=30, nodes=14, shared=5)
MODERATE = Cell(regime=FeeRegime.CALM, overlap=Overlap.MODERATE, uptimes=UptimeSpread.WIDE)
QUIET = Cell(regime=FeeRegime.QUIET, overlap=Overlap.MODERATE, uptimes=UptimeSpread.WIDE)
ALIKE = Cell(regime=FeeRegime.CALM, overlap=Overlap.HIGH, uptimes=UptimeSpread.WIDE)
_COLUMNS = (
    "cell (fees / overlap / uptimes)",
    "method",
    "sufficient",
    "average precision",
    "recall at 0.98",
    "precision",
    "recall macro",
    "false links",
    "ARI",
)
_FIGURES = (
    "sufficient",
    "average_precision",
    "recall_at_precision",
    "precision",
    "recall_macro",
    "false_links",
    "adjusted_rand",
)


async def run(bench: Bench) -> RowResult:
    """Run a moderate, a quiet and an alike world (full size: two of each), and judge what is asked of them."""
    size, worlds = (SMALL, 1) if bench.small else (Size(), 2)
    first = LAST_DEVELOPED if bench.small else FIRST_SEED
    seeds = range(first, first + worlds)
    results = {
        cell: [await asyncio.to_thread(run_world, cell, seed, size, bench.workers) for seed in seeds]
        for cell in (MODERATE, QUIET, ALIKE)
    }
    every = [result for of_cell in results.values() for result in of_cell]
    moderate = spreads([one.evidence for one in results[MODERATE]])
    figures = [
        Figure(name="precision in the moderate cell", measured=moderate["precision"].mean, at_least=0.98),
        Figure(name="recall over nodes there", measured=moderate["recall_macro"].mean, at_least=0.9),
        Figure(name="average precision there", measured=moderate["average_precision"].mean),
        Figure(
            name="average precision there of JSD at most 0.5",
            measured=spreads([one.published for one in results[MODERATE]])["average_precision"].mean,
        ),
        *(
            Figure(
                name=f"false links, {name_of(cell)}",
                measured=spreads([one.evidence for one in of_cell])["false_links"].worst,
                at_most=0.02,
                always=True,
            )
            for cell, of_cell in results.items()
        ),
        Figure(name="analysis of a world", measured=max(one.studying_s for one in every), unit="s", at_most=60),
        Figure(name="memory at most", measured=max(one.peak_gb for one in every), unit="GB"),
        Figure(name="making of a world", measured=max(one.rendering_s for one in every), unit="s"),
    ]
    return RowResult(
        figures=tuple(figures),
        facts={
            "seeds": list(seeds),
            "size": asdict(size),
            "table": [_plain(rows) for rows in _by_arm(every)],
        },
    )


def _by_arm(results: Sequence[WorldResult]) -> Iterator[list[WorldResult]]:
    """Yield the worlds of each cell, those without scripts first."""
    for cell in dict.fromkeys(one.cell for one in results):
        rows = [one for one in results if one.cell == cell]
        for scripts in sorted({one.scripts for one in rows}):
            yield [one for one in rows if one.scripts == scripts]


def _plain(results: Sequence[WorldResult]) -> dict[str, object]:
    return {
        "cell": results[0].cell,
        "scripts": results[0].scripts,
        "seeds": [one.seed for one in results],
        "evidence": {name: asdict(one) for name, one in spreads([each.evidence for each in results]).items()},
        "published": {name: asdict(one) for name, one in spreads([each.published for each in results]).items()},
        "calibration": [one.calibration for one in results],
        "cases": [dict(one.cases) for one in results],
    }


def table_of_cells(results: Sequence[WorldResult]) -> Table:
    """Return the printed table: mean, 95 % interval over seeds, and the worst seed."""
    table = Table(*_COLUMNS, title="Groups of servers against the nodes behind them: mean [95 % interval] worst")
    for rows in _by_arm(results):
        _add_row(table, rows, "evidence", f"evidence, {rows[0].scripts} scripts" if rows[0].scripts else "evidence")
        if not rows[0].scripts:  # the published method looks at histograms only
            _add_row(table, rows, "published", "published")
    return table


def _add_row(table: Table, rows: Sequence[WorldResult], method: str, words: str) -> None:
    figures = spreads([getattr(one, method) for one in rows])
    table.add_row(rows[0].cell, words, *(_words(figures[name]) for name in _FIGURES))


def _words(one: Spread) -> str:
    return f"{one.mean:.3f} [{one.low:.3f}, {one.high:.3f}] {one.worst:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the whole table, and keep what came after each world."""
    asked = _parser().parse_args(arguments)
    first, _, last = asked.seeds.partition("-")
    size = SMALL if asked.small else Size(days=asked.days)
    console = Console(width=200, highlight=False)
    results = _kept(asked.worlds)
    made = {(one.cell, one.seed, one.scripts) for one in results}
    cells = [one for one in CELLS if asked.cells in name_of(one).replace(" ", "")]
    seeds = range(int(first), int(last or first) + 1)
    for cell, scripts, seed in product(cells, dict.fromkeys((0, asked.scripts)), seeds):
        if (name_of(cell), seed, scripts) in made:
            continue
        results.append(run_world(cell, seed, size, asked.processes, scripts=scripts))
        _keep(asked.worlds, results[-1])
        console.print(_told(results[-1]))
    if asked.json:
        asked.json.write_text(json.dumps([_plain(one) for one in _by_arm(results)], indent=1) + "\n")
    console.print(table_of_cells(results))


def _told(done: WorldResult) -> str:
    scripts = f", {done.scripts} scripts" if done.scripts else ""
    return (
        f"{done.cell}, seed {done.seed}{scripts}: sufficient {done.evidence.sufficient:.0f}, AP "
        f"{done.evidence.average_precision:.3f} (JSD {done.published.average_precision:.3f}), false links "
        f"{done.evidence.false_links:.3f}, recall {done.evidence.recall_macro:.3f}, made in "
        f"{done.rendering_s:.0f} s, studied in {done.studying_s:.0f} s, {done.peak_gb:.1f} GB"
    )


def _kept(worlds: Path | None) -> list[WorldResult]:
    if worlds is None or not worlds.exists():
        return []
    return [msgspec.convert(json.loads(line), WorldResult) for line in worlds.read_text().splitlines()]


def _keep(worlds: Path | None, result: WorldResult) -> None:
    """Append a line; several of us may write to one file, each its own cells."""
    if worlds is not None:
        with worlds.open("ab", buffering=0) as lines:
            lines.write(json.dumps(asdict(result)).encode() + b"\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.backends", description="Find nodes in worlds of known truth."
    )
    parser.add_argument("--seeds", default=f"{FIRST_SEED}-{FIRST_SEED + 9}", help="first-last")
    parser.add_argument("--cells", default="", help="part of a cell's name, as in calm/moderate; default: all")
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--scripts", type=int, default=0, help="public scripts of a second run of each world")
    parser.add_argument("--small", action="store_true", help="small worlds of a day")
    parser.add_argument("--processes", type=int, default=2, help="that make a world")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to keep the table's figures")
    parser.add_argument("--worlds", type=Path, metavar="FILE", help="where worlds are kept, and not made again")
    return parser


if __name__ == "__main__":
    main()
