"""``python -m bench [ROW …] [--small] [--json FILE]``: measure, print, keep; the exit code says if anything missed."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.frame import Row
from bench.machine_facts import machine_facts
from bench.rows import ROWS
from bench.running import SEED, Outcome, run_row
from bench.showing import as_json, show
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.loop import run

RESULTS = Path(__file__).parent / "results"
MISSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that are named (all, if none is); return 0 where all met what is asked, 1 otherwise."""
    asked = _parser().parse_args(arguments)
    rows = _named(asked.rows)
    raise_descriptor_limit()
    facts = machine_facts()
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    console.print(f"limits: {', '.join(dict.fromkeys(row.limits for row in rows))} · seed {asked.seed}")
    console.print(_spoken(facts), markup=False)
    outcomes: list[Outcome] = []
    for row in rows:
        console.print(f"{row.name}: {row.asks} (limits: {row.limits}) …", markup=False)
        outcomes.append(run(run_row(row, small=asked.small, seed=asked.seed)))
        console.print(f"  {'met' if outcomes[-1].met else 'MISSED'} in {outcomes[-1].seconds:.0f} s")
    console.print()
    show(outcomes, console)
    path = asked.json or RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(outcomes, facts), indent=1) + "\n", encoding="utf-8")
    console.print(f"\nKept in {path}", markup=False)
    return 0 if all(one.met for one in outcomes) else MISSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the observatory promises.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(row.name for row in ROWS)}; none: all")
    parser.add_argument("--small", action="store_true", help="the small twins: same code, smaller worlds")
    parser.add_argument("--seed", type=int, default=SEED, help="chance of worlds and moments")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to keep the results instead of bench/results")
    return parser


def _named(names: Sequence[str]) -> Sequence[Row]:
    known = {row.name: row for row in ROWS}
    unknown = [name for name in names if name not in known]
    if unknown:
        _parser().error(f"no row {', '.join(unknown)}; known are {', '.join(known)}")
    return [known[name] for name in names] or ROWS


def _spoken(facts: dict[str, object]) -> str:
    return " · ".join(f"{name} {value}" for name, value in facts.items())


if __name__ == "__main__":
    sys.exit(main())
