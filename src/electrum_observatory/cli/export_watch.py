"""``observatory export watch``, which ``observatory export --from DAY --to DAY`` is short for: readings as one file."""

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from electrum_observatory.cli.console import emit_json, reader_may_leave, say, say_how_far
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption, StoreOption
from electrum_observatory.cli.watched import FromOption, ToOption, WatchOption, chosen_watch, span_of
from electrum_observatory.model.errors import StoreError, UsageError
from electrum_observatory.model.watch import Question
from electrum_observatory.report.sanitise import for_csv

if TYPE_CHECKING:
    from electrum_observatory.model.watch_ports import ReadingColumns


class Format(StrEnum):
    """What the file is to be."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


FormatOption = Annotated[Format, typer.Option("--format", help="What to write; Parquet needs --output.")]
QuestionOption = Annotated[
    list[Question] | None,
    typer.Option("--question", help="Answers to this question only; may be given several times."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write here instead of stdout.")
]
_LONGEST_CELL = 1_000_000


def watch(
    watch: WatchOption = "latest",
    from_: FromOption = None,
    to: ToOption = None,
    form: FormatOption = Format.CSV,
    question: QuestionOption = None,
    output: OutputOption = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the readings of a watch, one row for each server of each round, live and sealed days alike."""
    export_watch(watch, (from_, to), form, question, output, data, store, as_json=as_json)


def export_watch(
    wanted: str,
    days: tuple[str | None, str | None],
    form: Format,
    question: Sequence[Question] | None,
    output: Path | None,
    data: Path,
    store: str | None,
    *,
    as_json: bool,
) -> None:
    """Do what the command says. Raises UsageError where options contradict each other."""
    from electrum_observatory.cli.watch_stores import open_watch_source
    from electrum_observatory.store.exports import watch as exports

    if output is None and (form is Format.PARQUET or as_json):
        raise UsageError(f"{'--json tells of a file' if as_json else 'Parquet is no text'}: name one with --output")
    span, questions = span_of(*days), tuple(question or Question)
    with open_watch_source(data, store) as source:
        chosen = chosen_watch(source, wanted).watch_id
        found = exports.parts(source, chosen, span, questions)
        rows = _write(found, questions, form, output)
    if as_json:
        about = {"watch_id": chosen, "from": days[0], "to": days[1], "format": form, "rows": rows, "file": str(output)}
        emit_json(about)
    elif output is not None:
        say(f"{rows:,} readings of {chosen} in {output}")


def _write(found: Iterator["ReadingColumns"], questions: Sequence[Question], form: Format, output: Path | None) -> int:
    """Write to a file, which is there whole or not at all, or to stdout; returns the number of rows."""
    from electrum_observatory.store.exports.watch import write_parquet
    from electrum_observatory.store.files import replacing

    if output is None:
        with reader_may_leave():
            return _write_text(found, questions, form, sys.stdout)
    try:
        with replacing(output) as part:
            if form is Format.PARQUET:
                return write_parquet(found, questions, part, _told)
            with part.open("w", encoding="utf-8", newline="") as file:
                return _write_text(found, questions, form, file)
    except OSError as error:
        raise StoreError(f"{output}: {error.strerror}") from error


def _write_text(found: Iterator["ReadingColumns"], questions: Sequence[Question], form: Format, out: IO[str]) -> int:
    from electrum_observatory.store.exports.watch import write_csv, write_jsonl

    if form is Format.JSONL:
        return write_jsonl(found, questions, out, _told)
    return write_csv(found, questions, out, _told, lambda text: for_csv(text, limit=_LONGEST_CELL))


def _told(rows: int) -> None:
    say_how_far(f"{rows:,} readings …")
