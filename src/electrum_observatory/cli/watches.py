"""``observatory watches``: what has been watched, and the room it takes: list, seal, compact, forget."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption, StoreOption
from electrum_observatory.cli.times import when
from electrum_observatory.cli.watched import WatchOption, chosen_watch
from electrum_observatory.model.errors import UsageError
from electrum_observatory.report.words import many
from electrum_observatory.store.times import to_iso

if TYPE_CHECKING:
    from electrum_observatory.store.watching.outdated import Outdated
    from electrum_observatory.store.watching.pieces import Piece
    from electrum_observatory.store.watching.summary import WatchSummary

app = typer.Typer(no_args_is_help=True, help="What has been watched: list, query, seal days, compact months, forget.")

_COLUMNS = ("watch", "network", "last sign (UTC)", "stints", "rounds", "readings", "sealed to", "sealed MB", "blind h")
_SPARE = ("network", "stints", "readings", "last sign (UTC)", "blind h")
_HOUR_US = 3_600_000_000


@app.command("list")
def list_watches(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """List every watch of a data folder, oldest first, and how much there is of it."""
    from electrum_observatory.store.watching.source import WatchReader

    with WatchReader.open(data) as reader:
        found = reader.summaries()
    if as_json:
        emit_json([_summary(one) for one in found])
    elif found:
        emit_table("", _COLUMNS, [_row(one) for one in found], spare=_SPARE)
    else:
        say(f"Nothing has been watched in {data} yet: `{command(data, 'monitor')}` begins a watch.")


@app.command()
def seal(data: DataOption = DEFAULT_DATA, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Move the finished UTC days of every watch from the live database into Parquet; the monitor does so by itself.

    With --store the days of a PostgreSQL database are written, and stay in it.
    """
    from electrum_observatory.cli.watch_stores import seal_postgres
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.store.live import LiveStore

    if store is not None:
        _tell(seal_postgres(data, store, SystemClock()), "No finished day is left to seal.", as_json=as_json)
        return
    _must_exist(data)
    with LiveStore.open(data, SystemClock()) as live:
        made = live.seal_watches(apart=False, told=_told)  # nobody measures here meanwhile
    _tell(made, "No finished day is left to seal.", as_json=as_json)


@app.command()
def compact(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Make one piece of the sealed days of each month that is over: a server's month is then read at once."""
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.store.live import LiveStore

    _must_exist(data)
    with LiveStore.open(data, SystemClock()) as store:
        made = store.compact_watches(apart=False, told=_told)
    _tell(made, "No month that is over is left to compact.", as_json=as_json)


@app.command()
def query(
    statement: Annotated[
        str, typer.Argument(metavar="SQL", help="One SELECT over the views; docs/formats.md has them.")
    ],
    watch: WatchOption = "latest",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask a watch in SQL: rounds, readings, news, histograms, texts and spells, live and sealed together."""
    from electrum_observatory.store.watching.source import WatchReader
    from electrum_observatory.store.watching.sql import open_sql, selected

    with WatchReader.open(data) as reader:
        names, rows = selected(open_sql(reader, chosen_watch(reader, watch).watch_id), statement)
    if as_json:
        emit_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        emit_table("", names, rows)


@app.command()
def forget(
    before: Annotated[str, typer.Option("--before", metavar="DAY", help="Forget all UTC days before this one.")],
    data: DataOption = DEFAULT_DATA,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove the readings and the news of days before a day, sealed or not, for good."""
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.store.live import LiveStore
    from electrum_observatory.store.watching.outdated import outdated

    day = _day(before)
    _must_exist(data)
    with LiveStore.open(data, SystemClock()) as store:
        found = outdated(data, day)
        for piece in found.kept:
            say(f"{piece.watch_id}: {piece.from_day[:7]} is compacted, and stays until {piece.to_day} is older too.")
        if not found.is_nothing:
            _confirm(found, day, yes=yes)
            store.forget_watched(found)
    if as_json:
        emit_json(_forgotten(found, day))
    elif found.is_nothing:
        say(f"Nothing is older than {day}.")
    else:
        say(f"Forgot {_words(found)}.")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"--before {text}: not a day such as 2026-11-20") from error


def _must_exist(data: Path) -> None:
    """Refuse a folder without a database, which opening for writing would make. Raises InputError."""
    from electrum_observatory.store.watching.source import WatchReader

    WatchReader.open(data).close()


def _told(step: str) -> None:
    """Show the steps that take long; what a step is called ends with its day or month."""
    what, _, of = step.partition(" ")
    if what == "written":
        say(f"Wrote {of}.")


def _confirm(found: "Outdated", day: str, *, yes: bool) -> None:
    question = f"Forget {_words(found)} from before {day} for good?"
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is there to confirm: say --yes")
    if not typer.confirm(question, err=True):
        raise UsageError("nothing was forgotten")


def _words(found: "Outdated") -> str:
    sealed = (
        f"{many(len(found.pieces), 'sealed piece')} with {found.readings:,} readings ({_mb(found.sealed_bytes)} MB)"
    )
    return f"{sealed} and {many(found.live_rounds, 'live round')}"


def _mb(count: int) -> float:
    return round(count / 1e6, 1)


def _forgotten(found: "Outdated", day: str) -> dict[str, object]:
    return {
        "before": day,
        "pieces": [{"watch_id": one.watch_id, "from_day": one.from_day, "to_day": one.to_day} for one in found.pieces],
        "sealed_readings": found.readings,
        "sealed_bytes": found.sealed_bytes,
        "live_rounds": found.live_rounds,
        "kept_months": [{"watch_id": one.watch_id, "month": one.from_day[:7]} for one in found.kept],
    }


def _tell(made: "list[Piece]", nothing: str, *, as_json: bool) -> None:
    if as_json:
        emit_json(made)
        return
    for piece in made:
        span = piece.from_day if piece.from_day == piece.to_day else f"{piece.from_day} to {piece.to_day}"
        rows = {file.table: file.rows for file in piece.files}
        size = _mb(sum(file.bytes for file in piece.files))
        say(f"{piece.watch_id}: {span}, {rows['rounds']} rounds, {rows.get('readings', 0):,} readings, {size} MB.")
    if not made:
        say(nothing)


def _summary(one: "WatchSummary") -> dict[str, object]:
    watch = one.watch
    return {
        "watch_id": watch.watch_id,
        "vantage": watch.vantage,
        "network": watch.network,
        "started_at": to_iso(watch.started_at_us),
        "last_sign_at": to_iso(one.alive_at_us),
        "stints": one.stints,
        "live": {"rounds": one.live_rounds, "readings": one.live_readings},
        "sealed": {
            **{table: one.sealed_rows(table) for table in ("rounds", "readings", "news")},
            "bytes": one.sealed_bytes,
            "pieces": [{"from_day": piece.from_day, "to_day": piece.to_day} for piece in one.pieces],
        },
        "blind_spells": [
            {"why": spell.why, "from": to_iso(spell.from_us), "to": to_iso(spell.to_us), "step_us": spell.step_us}
            for spell in one.spells
        ],
        "note": watch.note,
    }


def _row(one: "WatchSummary") -> tuple[object, ...]:
    return (
        one.watch.watch_id,
        one.watch.network,
        when(one.alive_at_us),
        one.stints,
        one.live_rounds + one.sealed_rows("rounds"),
        one.live_readings + one.sealed_rows("readings"),
        max((piece.to_day for piece in one.pieces), default=None),
        _mb(one.sealed_bytes),
        round(sum(spell.to_us - spell.from_us for spell in one.spells) / _HOUR_US, 1),
    )
