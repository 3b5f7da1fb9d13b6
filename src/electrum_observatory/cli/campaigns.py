"""``observatory campaigns``: list, show, delete, and the room they take."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.options import DEFAULT_DATA, CampaignArgument, DataOption, JsonOption
from electrum_observatory.cli.partial import standing
from electrum_observatory.cli.peace import say_if_in_peace
from electrum_observatory.cli.refusals import refusals
from electrum_observatory.cli.times import when
from electrum_observatory.model.errors import UsageError
from electrum_observatory.scanner.causes import cause_of_count
from electrum_observatory.store.times import to_iso

if TYPE_CHECKING:
    from electrum_observatory.store.reader import StoredCampaign, StoreReader
    from electrum_observatory.store.sittings import StoredSitting

app = typer.Typer(no_args_is_help=True, help="What has been measured: list, show, refusals, files, delete, disk use.")
app.command("refusals")(refusals)

_COLUMNS = ("campaign", "kind", "state", "network", "started (UTC)", "endpoints", "answered", "observations")
_LEFT_OUT_WHERE_NARROW = ("observations", "kind", "network", "started (UTC)")  # the id begins with the time


@app.command("list")
def list_campaigns(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """List every campaign of a data folder, oldest first."""
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaigns()
        if as_json:
            emit_json([_summary(reader, one) for one in stored])
            return
        rows = [_row(reader, one) for one in stored]
    if rows:
        emit_table("", _COLUMNS, rows, spare=_LEFT_OUT_WHERE_NARROW)
    else:
        say(f"No campaign is in {data}.")


@app.command()
def show(campaign: CampaignArgument = "latest", data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show one campaign: configuration, counts, how it ended."""
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        name = stored.campaign.campaign_id
        sittings, steps = reader.sittings(name), reader.clock_steps(name)
        unfinished = name in reader.unfinished_files()
        summary, counts, how_far = _summary(reader, stored), reader.counts(stored), standing(reader, stored)
        if not as_json:
            say_if_in_peace(reader, stored)
    if as_json:
        more = {
            "config": stored.campaign.config,
            "overlay": stored.campaign.overlay,
            "sittings": [_sitting(one) for one in sittings],
            "clock_steps": [{"noticed_at": to_iso(one.noticed.at_us), "step_us": one.step_us} for one in steps],
            "files_finished": stored.seal is not None and not unfinished,
        }
        emit_json({**summary, **more})
        return
    one = stored.campaign
    facts: list[tuple[str, object]] = [
        ("campaign", one.campaign_id),
        ("kind", one.kind),
        ("state", how_far.words),
        ("network", one.network),
        ("vantage", one.vantage),
        ("started (UTC)", when(one.started_at_us)),
        ("sealed (UTC)", when(stored.seal.sealed_at_us) if stored.seal else None),
        ("made with", f"electrum-observatory {one.tool_version}"),
        ("configuration", f"{one.config.get('profile', '–')}, sha256 {one.config_sha256[:16]}…"),
        ("limits", one.config.get("limits", "default")),
        ("endpoints", stored.endpoints),
        ("observations", stored.observations),
        ("sightings", stored.sightings),
        ("note", one.note or None),
        *(("clock set", f"{step.step_us / 1e6:+.1f} s, noticed {when(step.noticed.at_us)}") for step in steps),
    ]
    emit_table("", ("fact", "value"), facts)
    if len(sittings) > 1:
        columns = ("sitting", "started (UTC)", "ended (UTC)", "how", "configuration", "made with")
        emit_table("Sittings", columns, [_sitting_row(one) for one in sittings], spare=("configuration", "made with"))
    _show_counts(name, counts, data)
    if how_far.go_on is not None:
        say(f"To go on: {how_far.go_on}")
    if unfinished:
        say(f"Its files were not written to the end. To make them: {command(data, 'campaigns', 'files', name)}")


def _show_counts(name: str, counts: Mapping[str, int], data: Path) -> None:
    if not counts:
        return
    shown = [(count, number) for count, number in sorted(counts.items()) if cause_of_count(count) is None]
    emit_table("Counts", ("count", "number"), shown)
    if any(count.startswith(("refused_", "overflow_")) for count in counts):
        say(f"Who told of what was refused or left out: {command(data, 'campaigns', 'refusals', name)}")


@app.command()
def delete(
    campaign: CampaignArgument,
    data: DataOption = DEFAULT_DATA,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete one campaign for good: observations, sightings, the bytes only it refers to, its tables and its report."""
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.report.forgetting import forget
    from electrum_observatory.store.database import explain
    from electrum_observatory.store.live import LiveStore
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
    name = stored.campaign.campaign_id
    if not yes:
        _confirm(f"Delete {name} with {stored.observations} observations, its tables and its report for good?")
    with LiveStore.open(data, SystemClock()) as store:
        try:
            removed = forget(name, data / "processed", data / "reports" / name)  # first: they can be made again
        except OSError as error:
            raise explain(error, data) from error
        deletion = store.delete_campaign(name)
    if as_json:
        emit_json({**msgspec.to_builtins(deletion), "removed": [str(path) for path in removed]})
        return
    gone = f"{deletion.observations} observations, {deletion.sightings} sightings, {deletion.blobs} blobs"
    say(f"Deleted {name}: {gone}.")
    for path in removed:
        say(f"Removed: {path}")


@app.command()
def files(campaign: CampaignArgument = "latest", data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Write the raw JSON and Parquet files of a sealed campaign again, from the live database."""
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.store.live import LiveStore
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        name, how_far = stored.campaign.campaign_id, standing(reader, stored)
    if stored.seal is None:
        raise UsageError(f"{name} is {how_far.words}, and files are made of what has ended.{how_far.how_to_go_on}")
    with LiveStore.open(data, SystemClock()) as store:
        store.write_files(name)
    if as_json:
        where = {"raw": str(data / "raw"), "segments": str(data / "obs")}
        emit_json({"campaign_id": name, **how_far.as_json(), **where})
    else:
        say(f"Wrote the files of {name} in {data / 'raw'} and {data / 'obs'}.")
        if how_far.go_on is not None:
            say(f"It is {how_far.words}.{how_far.how_to_go_on}")


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm: say --yes")
    try:
        wanted = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D, on the line of the question
        say("")
        say("Nothing was deleted.")
        raise KeyboardInterrupt from None
    if not wanted:
        raise UsageError("nothing was deleted")


@app.command("disk-use")
def disk_use(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Say how much room a data folder takes, and for what."""
    from electrum_observatory.store.files import disk_use as measure

    use = measure(data)
    if as_json:
        emit_json(use)
        return
    emit_table("", ("part", "bytes"), list(msgspec.to_builtins(use).items()))


def _sitting(one: "StoredSitting") -> dict[str, object]:
    return {
        "number": one.number,
        "started_at": to_iso(one.started_at_us),
        "ended_at": to_iso(one.ended_at_us),
        "state": one.state,
        "boot_id": one.boot_id,
        "tool_version": one.sitting.tool_version,
        "config": one.sitting.config,
        "config_sha256": one.sitting.config_sha256,
        "options": one.sitting.options,
        "counts": one.counts,
    }


def _sitting_row(one: "StoredSitting") -> tuple[object, ...]:
    how = "broken off" if one.ended_at_us is None else one.state
    config = f"{one.sitting.config.get('profile', '–')}, sha256 {one.sitting.config_sha256[:16]}…"
    return one.number, when(one.started_at_us), when(one.ended_at_us), how, config, one.sitting.tool_version


def _row(reader: "StoreReader", stored: "StoredCampaign") -> tuple[object, ...]:
    one = stored.campaign
    return (
        one.campaign_id,
        one.kind,
        standing(reader, stored).brief,
        one.network,
        when(one.started_at_us),
        stored.endpoints,
        reader.counts(stored).get("answered"),
        stored.observations,
    )


def _summary(reader: "StoreReader", stored: "StoredCampaign") -> dict[str, object]:
    one = stored.campaign
    return {
        "campaign_id": one.campaign_id,
        "kind": one.kind,
        **standing(reader, stored).as_json(),
        "network": one.network,
        "vantage": one.vantage,
        "started_at": to_iso(one.started_at_us),
        "sealed_at": to_iso(stored.seal.sealed_at_us) if stored.seal else None,
        "tool_version": one.tool_version,
        "config_sha256": one.config_sha256,
        "endpoints": stored.endpoints,
        "observations": stored.observations,
        "sightings": stored.sightings,
        "counts": dict(reader.counts(stored)),
        "note": one.note,
    }
