"""``observatory campaigns``: list, show, delete, and the room they take."""

import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.options import DEFAULT_DATA, CampaignArgument, DataOption, JsonOption
from electrum_observatory.cli.partial import folder_option, say_if_partial, state_words
from electrum_observatory.cli.refusals import refusals
from electrum_observatory.cli.times import when
from electrum_observatory.scanner.causes import cause_of_count
from electrum_observatory.store.times import to_iso

if TYPE_CHECKING:
    from electrum_observatory.store.reader import StoredCampaign
    from electrum_observatory.store.sittings import StoredSitting

app = typer.Typer(no_args_is_help=True, help="What has been measured: list, show, delete, disk use.")
app.command("refusals")(refusals)


@app.command("list")
def list_campaigns(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """List every campaign of a data folder, oldest first."""
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaigns()
    if as_json:
        emit_json([_summary(one) for one in stored])
        return
    emit_table(
        "",
        ("campaign", "kind", "state", "network", "started (UTC)", "endpoints", "answered", "observations"),
        [
            (
                one.campaign.campaign_id,
                one.campaign.kind,
                f"partial ({one.state})" if one.state.partial else one.state,
                one.campaign.network,
                when(one.campaign.started_at_us),
                one.endpoints,
                None if one.seal is None else one.seal.counts.get("answered"),
                one.observations,
            )
            for one in stored
        ],
    )


@app.command()
def show(campaign: CampaignArgument = "latest", data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show one campaign: configuration, counts, how it ended."""
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        name = stored.campaign.campaign_id
        sittings, steps = reader.sittings(name), reader.clock_steps(name)
        unfinished = name in reader.unfinished_files()
    if as_json:
        more = {
            "config": stored.campaign.config,
            "overlay": stored.campaign.overlay,
            "sittings": [_sitting(one) for one in sittings],
            "clock_steps": [{"noticed_at": to_iso(one.noticed.at_us), "step_us": one.step_us} for one in steps],
            "files_finished": stored.seal is not None and not unfinished,
        }
        emit_json({**_summary(stored), **more})
        return
    one = stored.campaign
    facts: list[tuple[str, object]] = [
        ("campaign", one.campaign_id),
        ("kind", one.kind),
        ("state", state_words(stored.state)),
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
        emit_table("Sittings", columns, [_sitting_row(one) for one in sittings])
    if stored.seal:
        causes = {name for name in stored.seal.counts if cause_of_count(name) is not None}
        rows = [(name, number) for name, number in sorted(stored.seal.counts.items()) if name not in causes]
        emit_table("Counts", ("count", "number"), rows)
        if any(name.startswith(("refused_", "overflow_")) for name in stored.seal.counts):
            say(f"Who told of what was refused or left out: observatory campaigns refusals {one.campaign_id}")
    say_if_partial(stored, data)
    if unfinished:
        again = shlex.join(["observatory", "campaigns", "files", name, *folder_option(data)])
        say(f"Its files were not written to the end. To make them: {again}")


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
        name = reader.campaign(campaign).campaign.campaign_id
    with LiveStore.open(data, SystemClock()) as store:
        store.write_files(name)
    if as_json:
        emit_json({"campaign_id": name, "raw": str(data / "raw"), "segments": str(data / "obs")})
    else:
        say(f"Wrote the files of {name} in {data / 'raw'} and {data / 'obs'}.")


def _confirm(question: str) -> None:
    from electrum_observatory.model.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm: say --yes")
    if not typer.confirm(question, err=True):
        raise UsageError("nothing was deleted")


@app.command("disk-use")
def disk_use(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Say how much room a data folder takes, and for what."""
    from electrum_observatory.store.files import disk_use as measure

    use = measure(data)
    if as_json:
        emit_json(use)
        return
    emit_table("", ("part", "bytes"), sorted(msgspec.to_builtins(use).items()))


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


def _summary(stored: "StoredCampaign") -> dict[str, object]:
    one = stored.campaign
    return {
        "campaign_id": one.campaign_id,
        "kind": one.kind,
        "state": stored.state,
        "partial": stored.state.partial,
        "network": one.network,
        "vantage": one.vantage,
        "started_at": to_iso(one.started_at_us),
        "sealed_at": to_iso(stored.seal.sealed_at_us) if stored.seal else None,
        "tool_version": one.tool_version,
        "config_sha256": one.config_sha256,
        "endpoints": stored.endpoints,
        "observations": stored.observations,
        "sightings": stored.sightings,
        "counts": dict(stored.seal.counts) if stored.seal else {},
        "note": one.note,
    }
