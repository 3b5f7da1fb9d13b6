"""``observatory identify FILE…``: which software answered, by recorded bytes alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from electrum_observatory.cli.console import say
from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.identified import Identified, emit_identified
from electrum_observatory.cli.options import JsonOption
from electrum_observatory.model.campaign import CampaignKind
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import InputError

if TYPE_CHECKING:
    from electrum_observatory.model.dialogue import Dialogue
    from electrum_observatory.model.observation import Json, Observation

_WANTED = (
    "a recording (JSONL, plain or xz), a file of data/raw, or a scan in our JSONL form; docs/formats.md shows all three"
)

MaskNamesOption = Annotated[
    bool, typer.Option("--mask-names", help="Leave out every name that a server gives itself; judge the rest.")
]


def identify(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Recordings, files of data/raw, or scans in our JSONL form."),
    ],
    mask_names: MaskNamesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say what software answered in recorded conversations, whatever it calls itself.

    A file that cannot be read is named, and the others are told of all the same.
    """
    found, unread = [], []
    for file in files:
        try:
            found += _identified(file, mask_names=mask_names)
        except InputError as error:
            unread.append(error)
    if found:
        emit_identified(found, as_json=as_json)
    for why in unread:
        say(f"observatory: {why}")
    if unread:
        raise typer.Exit(Exit.UNREADABLE_INPUT)


def _identified(file: Path, *, mask_names: bool) -> list[Identified]:
    """Judge every server of a file; raises InputError for the whole of it."""
    from electrum_observatory.analysis.behaviour import judge

    found = []
    for one in conversations(file):
        behaviour = judge(one.dialogues, mask_names=mask_names, seen_on=one.seen_on)
        found.append(
            Identified(
                file=str(file),
                server=one.server,
                transport=one.transport.value,
                dialogues=len(one.dialogues),
                identification=behaviour.identification,
                fingerprint=behaviour.fingerprint,
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a file holds of one server.

    Attributes:
        server: What the recording calls it, or its endpoint.
        transport: What was dialled.
        dialogues: The conversations with it.
        seen_on: The day of them, where the file says so.
    """

    server: str
    transport: Transport
    dialogues: "tuple[Dialogue, ...]"
    seen_on: date | None = None


def conversations(path: Path) -> Iterator[Recorded]:
    """Yield what a file holds of each server.

    Raises:
        InputError: It cannot be read, is of no format that we know, or holds no reply.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: name the files in it, as {path / '*'} does")
    first = _first_value(path)
    empty = True
    for found in _of_kind(path, first):
        empty = False
        yield found
    if empty:
        raise InputError(f"{path} holds no reply of any server, so nothing can be said of one")


def _of_kind(path: Path, first: "Json") -> Iterable[Recorded]:
    from electrum_observatory.store.importers.recordings import is_recording_row, read_recording
    from electrum_observatory.store.raw_text import FORMAT as SERVER_FORMAT
    from electrum_observatory.store.scan_format import FORMAT as SCAN_FORMAT

    named = first.get("format") if isinstance(first, dict) else None
    if named == SCAN_FORMAT:
        return _of_scan(path)
    if named == SERVER_FORMAT:
        return _of_raw_server(path, first)
    if is_recording_row(first):
        recording = read_recording(path)
        return [
            Recorded(server=server, transport=transport, dialogues=dialogues)
            for (server, transport), dialogues in recording.items()
        ]
    raise InputError(f"{path}: not a file that we can identify servers from: give {_WANTED}")


def _of_scan(path: Path) -> Iterator[Recorded]:
    from electrum_observatory import __version__
    from electrum_observatory.datasets.dialogues import default_client_name
    from electrum_observatory.store.importers.jsonl import read_scan

    header, observations = read_scan(path)
    told = header.campaign
    name = None if told is None else told.config.get("client_name")
    if not isinstance(name, str):
        name = default_client_name(__version__ if told is None else told.tool_version)
    seen_on = None if told is None or told.kind is not CampaignKind.SCAN else told.started_at.astimezone(UTC).date()
    return _of_observations(observations, name, seen_on)


def _of_raw_server(path: Path, value: "Json") -> Iterator[Recorded]:
    from electrum_observatory.datasets.dialogues import default_client_name
    from electrum_observatory.store.importers.raw_server import read_raw_server

    server = read_raw_server(path, value)
    return _of_observations(server.observations, default_client_name(server.campaign.tool_version), server.seen_on)


def _of_observations(
    observations: "Iterable[Observation]", client_name: str, seen_on: date | None
) -> Iterator[Recorded]:
    from electrum_observatory.datasets.dialogues import dialogues_by_endpoint

    for endpoint, dialogues in dialogues_by_endpoint(observations, client_name=client_name).items():
        yield Recorded(server=endpoint.canonical, transport=endpoint.transport, dialogues=dialogues, seen_on=seen_on)


def _first_value(path: Path) -> "Json":
    """Return what the first line says, or the whole file where it is one document over many lines."""
    from electrum_observatory.store.importers.unpacking import unpacked_lines
    from electrum_observatory.store.json_text import from_json_text

    lines = (line for _, line in unpacked_lines(path) if line.strip())
    first = next(lines, None)
    if first is None:
        raise InputError(f"{path} is empty: give {_WANTED}")
    try:
        return from_json_text(first.decode("utf-8"))
    except ValueError as error:
        if first.strip() not in (b"{", b"["):
            raise InputError(f"{path} line 1: not JSON ({error}): give {_WANTED}") from error
    try:
        return from_json_text(b"".join((first, *lines)).decode("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}): give {_WANTED}") from error
