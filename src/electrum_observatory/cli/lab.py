"""``observatory lab``: a simulated network of one's own."""

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.model.errors import InputError

if TYPE_CHECKING:
    from electrum_observatory.lab.world_file import WorldFile

app = typer.Typer(no_args_is_help=True, help="Run a simulated network on loopback, whose truth is known.")


@app.command("run")
def run_world(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A world file, or the name of a bundled world.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where overlay.json, truth.json and bootstrap.txt go.")
    ] = Path("lab"),
    seed: Annotated[int | None, typer.Option("--seed", help="Instead of the file's.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that share the machines.")] = 2,
) -> None:
    """Run a world until Ctrl-C. Scan it from another terminal; its page is docs/lab/world-files.md."""
    from electrum_observatory.net.loop import run

    run(_hold(load(file), out, seed, workers))


@app.command("list")
def list_worlds(as_json: JsonOption = False) -> None:
    """List the bundled worlds."""
    from electrum_observatory.lab.scenarios import Scenario, load_scenario

    worlds = [(scenario.value, load_scenario(scenario).description) for scenario in Scenario]
    if as_json:
        emit_json([{"name": name, "description": description} for name, description in worlds])
    else:
        emit_table("", ("world", "what it is"), worlds)


@app.command("render")
def render_world(
    data: DataOption = DEFAULT_DATA,
    days: Annotated[float, typer.Option("--days", min=0.05, max=400, help="How long it is watched.")] = 30,
    regime: Annotated[str, typer.Option("--regime", help="Fees: quiet, calm, busy, or mixed: taking turns.")] = "mixed",
    overlap: Annotated[
        str, typer.Option("--overlap", help="How alike independent mempools are: low, moderate or high.")
    ] = "moderate",
    uptimes: Annotated[str, typer.Option("--uptimes", help="Of the nodes: wide or narrow.")] = "wide",
    seed: Annotated[int, typer.Option("--seed", help="Its chance.")] = 1,
    servers: Annotated[
        int, typer.Option("--servers", min=2, help="How many there are, on 2 nodes for 5 of them.")
    ] = 300,
    every: Annotated[float, typer.Option("--every", min=10, help="Seconds from one round to the next.")] = 300,
    scripts: Annotated[
        int, typer.Option("--scripts", min=0, max=8, help="Public scripts whose pending transactions are asked hourly.")
    ] = 0,
    processes: Annotated[int, typer.Option("--processes", min=1, help="That share the days.")] = 2,
    truth: Annotated[Path | None, typer.Option("--truth", metavar="FILE", help="Where its truth goes.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a watch of a network whose truth is known into the data folder: weeks in minutes (docs/lab/time.md)."""
    from electrum_observatory.cli.virtual_watch import draw_world, virtual_watch, write_truth, write_virtual_watch
    from electrum_observatory.cli.watch_stores import check_not_written, open_watch_sink
    from electrum_observatory.net.clock import SystemClock

    plan = draw_world(regime, overlap, uptimes, seed=seed, days=days, servers=servers, scripts=scripts)
    check_not_written(data, virtual_watch(plan, every).watch_id)
    if truth is not None:
        write_truth(plan, truth)
    with open_watch_sink(data, None, SystemClock()) as sink:
        watch_id, kept = write_virtual_watch(
            plan,
            sink,
            every_s=every,
            processes=processes,
            progress=lambda done, readings: say(f"{done:.1f} of {days:g} days, {readings:,} readings"),
        )
    if as_json:
        emit_json({"world": plan.name, "watch_id": watch_id, "readings": kept})
        return
    say(f"{plan.name}: watch {watch_id}, {kept:,} readings of {servers} servers in {data}.")


@app.command("replay")
def replay_nodes(
    recording: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A recording of node outputs; without one, the bundled one.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    seed: Annotated[int, typer.Option("--seed", help="Chance of phases and paths.")] = 1,
    every: Annotated[float, typer.Option("--every", min=1, help="Seconds from one round to the next.")] = 5,
    hasten: Annotated[
        float, typer.Option("--hasten", min=1, help="What the servers' periods (ElectrumX: 120 s) are divided by.")
    ] = 12,
    as_json: JsonOption = False,
) -> None:
    """Write a watch of simulated servers in front of recorded, real nodes into the data folder (docs/lab/time.md)."""
    from electrum_observatory.cli.replayed_watch import plan_replay, replayed_watch, write_replayed_watch
    from electrum_observatory.cli.watch_stores import check_not_written, open_watch_sink
    from electrum_observatory.net.clock import SystemClock

    asked = plan_replay(recording, seed=seed, every_s=every, hasten=hasten)
    check_not_written(data, replayed_watch(asked).watch_id)
    with open_watch_sink(data, None, SystemClock()) as sink:
        told = write_replayed_watch(asked, sink)
    if as_json:
        emit_json(told)
        return
    say(f"{told.program}: watch {told.watch_id}, {told.readings:,} readings of {len(told.nodes)} servers in {data}.")
    emit_table("Who stands on which node", ("server", "node", "build"), told.nodes)


def load(name_or_path: str) -> "WorldFile":
    """Return a bundled world by name, or anybody's by path."""
    from electrum_observatory.lab.scenarios import Scenario, load_scenario
    from electrum_observatory.lab.world_yaml import load_world

    if name_or_path in set(Scenario):
        return load_scenario(Scenario(name_or_path))
    if not Path(name_or_path).exists():
        raise InputError(f"{name_or_path}: no such file, and no bundled world ({', '.join(Scenario)})")
    return load_world(Path(name_or_path))


async def _hold(file: "WorldFile", out: Path, seed: int | None, workers: int) -> None:
    from electrum_observatory.lab.process import run_lab
    from electrum_observatory.net.descriptors import raise_descriptor_limit

    raise_descriptor_limit()
    async with run_lab(file, now=present(), seed=seed, workers=workers, folder=out) as lab:
        say(f"{file.name}: {len(lab.world.machines)} machines, {len(lab.overlay.sockets)} sockets on loopback.")
        say(f"Scan it: observatory scan {out / 'bootstrap.txt'} --overlay {out / 'overlay.json'}{_network(file)}")
        say(f"The truth of it: {out / 'truth.json'}. Ctrl-C ends it.")
        stop = asyncio.Event()
        for one in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(lab.wait())
            await stop.wait()
            watch.cancel()


def present() -> datetime:
    """Return the present, for worlds without a start of their own."""
    from electrum_observatory.net.clock import SystemClock

    return datetime.fromtimestamp(SystemClock().now_us() / 1_000_000, tz=UTC)


def _network(file: "WorldFile") -> str:
    return "" if file.network == "bitcoin" else f" --network {file.network}"
