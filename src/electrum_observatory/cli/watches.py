"""``observatory watches``: what has been watched, and the room it takes: list, seal, compact, forget."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from electrum_observatory.analysis.lifecycle.blind_time import blind_us
from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption, StoreOption
from electrum_observatory.cli.times import when
from electrum_observatory.cli.watched import WatchOption, chosen_watch
from electrum_observatory.model.errors import UsageError
from electrum_observatory.store.times import to_iso

if TYPE_CHECKING:
    from electrum_observatory.cli.forgetting import Found
    from electrum_observatory.store.watching.pieces import Piece
    from electrum_observatory.store.watching.summary import WatchSummary

app = typer.Typer(no_args_is_help=True, help="What has been watched: list, query, seal days, compact months, forget.")

_COLUMNS = ("watch", "network", "last sign (UTC)", "stints", "rounds", "readings", "sealed to", "sealed MB", "blind h")
_SPARE = ("network", "stints", "readings", "last sign (UTC)", "blind h")
_NOTHING_TO_COMPACT = "PostgreSQL keeps whole months in tables of their own: there is nothing to compact."
_HOUR_US = 3_600_000_000


@app.command("list")
def list_watches(data: DataOption = DEFAULT_DATA, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List every watch of a data folder or a PostgreSQL database, oldest first, and how much there is of it."""
    from electrum_observatory.cli.watch_stores import watch_summaries

    found = watch_summaries(data, store)
    if as_json:
        emit_json([_summary(one) for one in found])
    elif found:
        emit_table("", _COLUMNS, [_row(one) for one in found], spare=_SPARE)
    else:
        where = data if store is None else "that database"
        say(f"Nothing has been watched in {where} yet: `{command(data, 'monitor')}` begins a watch.")


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
def compact(data: DataOption = DEFAULT_DATA, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Make one piece of the sealed days of each month that is over: a server's month is then read at once.

    With --store those are compacted that were sealed out of a PostgreSQL database; it keeps months itself.
    """
    from electrum_observatory.cli.watch_stores import check_url
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.store.live import LiveStore
    from electrum_observatory.store.watching import pieces

    if store is not None:
        check_url(store)
        if not pieces.read(data):
            _tell([], _NOTHING_TO_COMPACT, as_json=as_json)
            return
    _must_exist(data)
    with LiveStore.open(data, SystemClock()) as live:
        made = live.compact_watches(apart=False, told=_told)
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
    watch: Annotated[
        str | None,
        typer.Option("--watch", metavar="WATCH", help="Only of this watch: its id, the beginning of one, or 'latest'."),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove the readings and the news of days before a day, sealed or not, for good.

    With --store whole months go that are over, out of a PostgreSQL database and what was sealed of it; monitors may go
    on writing.
    """
    from electrum_observatory.cli.forgetting import open_outdated

    with open_outdated(data, store, _day(before), watch) as found:
        for watch_id, month, why in found.kept:
            say(f"{watch_id}: {month} {why}.")
        if not found.is_nothing:
            _confirm(found, yes=yes)
            found.forget()
    if as_json:
        emit_json(_forgotten(found))
    elif found.is_nothing:
        say(f"Nothing is older than {found.before}.")
    else:
        say(f"Forgot {found.words}.")


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


def _confirm(found: "Found", *, yes: bool) -> None:
    question = f"Forget {found.words} from before {found.before} for good?"
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is there to confirm: say --yes")
    if not typer.confirm(question, err=True):
        raise UsageError("nothing was forgotten")


def _mb(count: int) -> float:
    return round(count / 1e6, 1)


def _forgotten(found: "Found") -> dict[str, object]:
    return {
        "before": found.before,
        "pieces": [{"watch_id": one.watch_id, "from_day": one.from_day, "to_day": one.to_day} for one in found.pieces],
        "sealed_readings": found.readings,
        "sealed_bytes": found.sealed_bytes,
        "live_rounds": found.live_rounds,
        "months": found.months,
        "kept_months": [{"watch_id": watch_id, "month": month} for watch_id, month, _ in found.kept],
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
        round(blind_us(one.spells) / _HOUR_US, 1),
    )
