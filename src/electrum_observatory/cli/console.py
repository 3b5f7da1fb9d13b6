"""Where words go: data to stdout, progress and remarks to stderr; colours only for a terminal that wants them."""

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from electrum_observatory.report.sanitise import for_csv, for_log, for_terminal
from electrum_observatory.store.json_text import strict

_BETWEEN = " │ "  # two columns of a table
_HASH = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{52}([0-9a-f]{4})\b")

STDOUT = Console(soft_wrap=True, highlight=False)
STDERR = Console(stderr=True, soft_wrap=True, highlight=False)


def say(text: str) -> None:
    """Tell the person something that is not the data: one line on stderr, a stranger's words in it made harmless."""
    STDERR.print(Text(for_log(text)))


def say_how_far(text: str) -> None:
    """Tell how far it is, each time in the place of the time before, where somebody looks and no data are shown."""
    if STDERR.is_terminal and not sys.stdout.isatty():
        STDERR.print(Text(for_log(text)), end="\r")


@contextmanager
def at_work(words: str) -> Iterator[None]:
    """Show on a terminal what takes a while, for as long as it does; nothing of it stays."""
    if sys.stderr.isatty() and STDERR.is_terminal and not STDERR.is_dumb_terminal:
        with STDERR.status(Text(for_log(words))):
            yield
    else:
        yield


def write(text: str) -> None:
    """Write data to stdout as it is: nothing that a stranger could choose."""
    with reader_may_leave():
        sys.stdout.write(text)


def emit_json(value: Any) -> None:
    """Write one JSON document to stdout; dataclasses, enums and tuples become plain JSON.

    Strangers' words stand in it whole, in printable ASCII, so that they act on no terminal; what strict JSON cannot
    hold is wrapped as in our files (docs/formats.md).
    """
    write(json.dumps(strict(msgspec.to_builtins(value)), indent=2) + "\n")


def emit_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, spare: Sequence[str] = ()
) -> None:
    """Write a table to stdout; without a terminal, tab-separated lines that other programs can read.

    The first column is not folded, so that what names a row can be copied; where a name would take half the screen, the
    column takes what the others leave, and at least a third, which an IPv4 address with its port fits into.
    Where the screen is too narrow, columns of ``spare`` are left out, the first of them first, until nothing folds.
    """
    if not STDOUT.is_terminal:
        write("".join("\t".join(map(_cell, row)) + "\n" for row in (columns, *rows)))
        return
    columns, rows = _fitting(columns, rows, spare)
    table = Table(
        title=for_terminal(title) if title else None,
        title_justify="left",
        header_style="bold",
        show_edge=False,
        pad_edge=False,
    )
    first, *others = _widths(columns, rows)
    whole = first <= STDOUT.width // 2
    room = max(STDOUT.width // 3, STDOUT.width - sum(others) - len(_BETWEEN) * len(others))
    for index, column in enumerate(columns):
        width = None if whole or index else min(first, room)
        table.add_column(column, overflow="fold", no_wrap=whole and index == 0, width=width)
    for row in rows:
        table.add_row(*(for_terminal(_words(value)) for value in row))
    with reader_may_leave():
        STDOUT.print(*([""] if title else []), table, sep="\n")


def _fitting(
    columns: Sequence[str], rows: Sequence[Sequence[object]], spare: Sequence[str]
) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    widths = _widths(columns, rows)
    kept, left_out = [*range(len(columns))], []
    for name in spare:
        if sum(widths[index] for index in kept) + len(_BETWEEN) * (len(kept) - 1) <= STDOUT.width:
            break
        kept.remove(columns.index(name))
        left_out.append(name)
    if left_out:
        say(f"This screen has no room for: {', '.join(left_out)}. --json has everything.")
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _widths(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[int]:
    return [max(for_terminal(_words(row[index])).cell_len for row in (columns, *rows)) for index in range(len(columns))]


def brief(words: str) -> str:
    """Return words with only the ends of each hash on a terminal, and as they are for other programs."""
    return _HASH.sub(r"\1…\2", words) if STDOUT.is_terminal else words


def emit_line(text: str) -> None:
    """Write one line of data that may hold a stranger's words to stdout."""
    with reader_may_leave():
        STDOUT.print(for_terminal(text))


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Write to stdout inside; where whoever reads it has gone (``| head``), end the process in peace."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit finds something to flush to
        raise SystemExit(0) from error


def _cell(value: object) -> str:
    return str(value) if isinstance(value, int | float) else for_csv(_words(value))


def _words(value: object) -> str:
    return "–" if value is None else str(value)
