"""``observatory demo``: the whole chain on the embedded network, in less than a minute, without any real network."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from electrum_observatory.cli.console import emit_json, say
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.options import DataOption, JsonOption
from electrum_observatory.cli.partial import Standing
from electrum_observatory.cli.scan_options import DryRunOption
from electrum_observatory.model.campaign import CampaignState

if TYPE_CHECKING:
    from electrum_observatory.lab.truth import Truth
    from electrum_observatory.scanner.progress import ScanOutcome

_DEMO_DATA = Path("data/demo")


def demo(
    world: Annotated[str, typer.Option("--world", metavar="NAME|FILE", help="Another world to run it on.")] = "demo",
    data: DataOption = _DEMO_DATA,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run a simulated network on loopback, scan it, tabulate it and draw it; nothing leaves this machine."""
    import asyncio

    from electrum_observatory.cli.ending import exit_of
    from electrum_observatory.cli.report import write_report
    from electrum_observatory.net.loop import run

    try:
        outcome, campaign_id, truth = run(_scan_world(world, data, dry_run=dry_run, as_json=as_json))
    except asyncio.CancelledError as error:  # a second Ctrl-C
        say("Aborted. The campaign stays open; what was recorded stays.")
        raise KeyboardInterrupt from error
    if outcome is None:
        return
    if outcome.state is CampaignState.CANCELLED:
        say("Interrupted: what follows is of the part that was scanned.")
    say("Writing tables and pages …")
    written = write_report(data, campaign_id)
    found, alive, foul = _found(data, campaign_id, truth)
    if as_json:
        emit_json(
            {
                "campaign_id": campaign_id,
                **Standing(state=outcome.state).as_json(),  # its network is gone, so nobody can go on with it
                "counts": dict(outcome.counts),
                "live_endpoints": alive,
                "found_endpoints": found,
                "tables": written.tables,
                "report": written.report,
            }
        )
    else:
        strangers = outcome.counts.get("wrong_network", 0)
        say(f"Found {found} of the {alive} endpoints that are alive in this world, and {strangers} of another chain.")
        if foul:
            say(f"{foul} endpoints answered as well that hostile machines of this world announce.")
        say(f"Tables: {data / 'processed'}")
        say(f"Report: {written.report}")
        say(f"Its counts: {command(data, 'campaigns', 'show', campaign_id)}")
    raise typer.Exit(exit_of(outcome))


def _found(data: Path, campaign_id: str, truth: "Truth") -> tuple[int, int, int]:
    """Return how many announced live endpoints answered, how many there are, and how many others did."""
    from electrum_observatory.lab.truth import Fate
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        handshakes = reader.observations(campaign_id, probes=("server_version",))
        answered = {one.endpoint.canonical for one in handshakes if one.attempt.result is not None}
    alive = truth.endpoints()
    others = (Fate.ANSWERS, Fate.ANSWERS_FOR_ANOTHER_CHAIN)
    honest = frozenset[str]().union(*(truth.endpoints(fate, announced_only=False) for fate in others))
    return len(answered & alive), len(alive), len(answered - honest)


async def _scan_world(
    world: str, data: Path, *, dry_run: bool, as_json: bool
) -> "tuple[ScanOutcome | None, str, Truth]":
    """Run the world and scan it from its own bootstrap list; also return what is true of it."""
    from electrum_observatory.cli import lab, running
    from electrum_observatory.cli.settings import load_settings
    from electrum_observatory.cli.wiring import Selection, prepare
    from electrum_observatory.lab.process import run_lab

    file = lab.load(world)
    say(f"Starting the simulated network {file.name!r} on loopback …")
    with tempfile.TemporaryDirectory() as folder:
        async with run_lab(file, now=lab.present(), folder=Path(folder)) as alive:
            say(f"{len(alive.world.machines)} machines run. Scanning them from their bootstrap list …")
            scan = prepare(
                load_settings(scan={"network": file.network}),
                Selection(targets=(str(Path(folder) / "bootstrap.txt"),), again=True),
                data,
                overlay=alive.overlay,
                note=f"the simulated network {file.name}",
            )
            if dry_run:
                await running.plan_aloud(scan, as_json=as_json)
                return None, "", alive.truth
            outcome = await running.scan_into(scan, data)
            return outcome, scan.campaign.campaign_id, alive.truth
