"""What reaches a screen without passing the console: what libraries log, and tracebacks. Both can quote a stranger."""

import io
import logging
import sys
import textwrap
import threading
import traceback
from types import TracebackType
from typing import Any

from electrum_observatory.report.sanitise import for_log, sanitise

_LIMIT = 20_000


def guard_output() -> None:
    """Have log records of libraries (warnings and worse) and tracebacks written with strangers' words made harmless.

    What a screen's encoding cannot hold is spelled out: no server can end a command by sending a letter.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    handler = logging.StreamHandler()
    handler.setFormatter(HarmlessFormatter("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    sys.excepthook = _print_traceback
    threading.excepthook = lambda ended: _print_traceback(ended.exc_type, ended.exc_value, ended.exc_traceback)


class HarmlessFormatter(logging.Formatter):
    """One line for the message, then the lines of the traceback if there is one."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        """Return the line."""
        return for_log(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the library's name)
        """Return the traceback."""
        return _set_off(super().formatException(ei))


def _print_traceback(kind: type[BaseException], error: BaseException | None, at: TracebackType | None) -> None:
    sys.stderr.write(_set_off("".join(traceback.format_exception(kind, error, at))) + "\n")


def _set_off(words: str) -> str:
    """Return lines that begin with a bar, so that none of them can pass for another record."""
    return textwrap.indent(sanitise(words.rstrip("\n"), limit=_LIMIT, multiline=True), "| ", lambda _: True)
