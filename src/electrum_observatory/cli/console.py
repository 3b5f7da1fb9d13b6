"""Where words go: data to stdout, progress and remarks to stderr; colours only for a terminal that wants them."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from electrum_observatory.report.sanitise import for_terminal, sanitise

STDOUT = Console(soft_wrap=True, highlight=False)
STDERR = Console(stderr=True, soft_wrap=True, highlight=False)


def say(text: str) -> None:
    """Tell the person something that is not the data: stderr, a stranger's words made harmless."""
    for line in text.splitlines():
        STDERR.print(for_terminal(line))


def emit_json(value: Any) -> None:
    """Write one JSON document to stdout; dataclasses, enums and tuples become plain JSON."""
    sys.stdout.write(json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False) + "\n")


def emit_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table to stdout; without a terminal, tab-separated lines that other programs can read."""
    if not STDOUT.is_terminal:
        for row in (columns, *rows):
            sys.stdout.write("\t".join(sanitise(_words(value)) for value in row) + "\n")
        return
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(for_terminal(_words(value)) for value in row))
    STDOUT.print(table)


def emit(value: Any, *, as_json: bool, human: Callable[[], None]) -> None:
    """Write ``value`` as JSON where asked, or let ``human`` print it."""
    if as_json:
        emit_json(value)
    else:
        human()


def _words(value: object) -> str:
    return "–" if value is None else str(value)
