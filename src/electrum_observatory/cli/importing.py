"""``observatory import``: other people's measurements, into the same chain."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from electrum_observatory import __version__
from electrum_observatory.cli.console import emit_json, say
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from electrum_observatory.store.importers.campaigns import Importer
    from electrum_observatory.store.importers.counts import ImportCounts
    from electrum_observatory.store.live import LiveStore

app = typer.Typer(no_args_is_help=True, help="Read other people's measurements into the same chain as our own.")


@app.command("crawl-2025-12")
def crawl_2025_12(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with peers.json, online_peers.json and the other files.")
    ],
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Read the public crawl of December 2025. What it did not record stays unknown."""
    from electrum_observatory.store.importers.crawl_2025_12 import import_crawl

    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: give the one that holds peers.json and online_peers.json")
    _announce(_import(data, lambda store, importer: import_crawl(store, folder, importer)), data, as_json=as_json)


@app.command("jsonl")
def jsonl(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scan in our JSONL form (docs/formats.md).")],
    network: Annotated[
        str | None, typer.Option("--network", help="Network of the scan, where the file does not say.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Read anybody's scan: one JSON object per endpoint, as docs/formats.md describes."""
    from electrum_observatory.store.importers.jsonl import import_jsonl

    counts = _import(data, lambda store, importer: import_jsonl(store, file, importer, network=network))
    _announce(counts, data, as_json=as_json)


def _import(data: Path, read: "Callable[[LiveStore, Importer], ImportCounts]") -> "ImportCounts":
    from electrum_observatory.net.clock import SystemClock
    from electrum_observatory.store.importers.campaigns import Importer
    from electrum_observatory.store.live import LiveStore

    clock = SystemClock()
    nonce = f"{random.SystemRandom().getrandbits(24):06x}"
    with LiveStore.open(data, clock) as store:
        return read(store, Importer(now_us=clock.now_us(), nonce=nonce, tool_version=__version__))


def _announce(counts: "ImportCounts", data: Path, *, as_json: bool) -> None:
    if as_json:
        emit_json(counts)
        return
    say(f"Imported {counts.rows} rows as campaign {counts.campaign_id}.")
    say(
        f"{counts.hosts} hosts, {counts.asked_hosts} of them asked at {counts.endpoints} endpoints; "
        f"{counts.certificates} certificates, {counts.shared_certificates} of them shown by several hosts."
    )
    say(f"To read it: {command(data, 'report', counts.campaign_id)}")
