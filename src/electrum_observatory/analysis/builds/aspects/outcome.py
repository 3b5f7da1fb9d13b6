"""How a server took a request, as one comparable text: "result", an error's code and words, silence, or a closed line.

What the client sent and the server echoes becomes H (and ``H,H`` where a number came back with commas), the method M.
Refusals that come from load or trouble say nothing about the question and are no outcome.
"""

import json
import re
from typing import Any

from electrum_observatory.analysis.builds.requests import ABSENT
from electrum_observatory.analysis.builds.turns import Turn

RESULT = "result"
SILENT = "silent"
CLOSED = "closed"

_BUSY_CODES = frozenset({-101, -102, 3, 4})
_SHORT, _LONG = 2, 200
_MOST_ECHOES = 32
"""More parameters than any method has; a list without end would be looked for without end."""
_BUSY_WORDS = re.compile(
    r"excessive|server busy|internal (server )?error|timed? ?out|throttle|warming up|loading"
    r"|rate.?limit|too many requests|try again|unavailable|overload",
    re.IGNORECASE,
)


def outcome(turn: Turn) -> str | None:
    """Return how the request was taken; None where nothing is known or where the server was merely busy."""
    if turn.reply is None:
        if turn.silent:
            return SILENT
        return CLOSED if turn.closed and turn.alone and not turn.lines else None
    value = turn.reply.value
    if isinstance(value, list):
        return "batch"
    error = value.get("error")
    if error is None:
        return RESULT if "result" in value else None
    return error_text(error, turn)


def error_text(error: Any, turn: Turn) -> str | None:
    """Return an error's code and words with echoes taken out; None for the refusals of a busy server."""
    if isinstance(error, str):
        return None if _BUSY_WORDS.search(error) else f"string {_without_echo(error, turn)}"
    if not isinstance(error, dict):
        return None
    code, message = error.get("code"), error.get("message")
    words = message if isinstance(message, str) else json.dumps(message)
    if is_busy(code, words):
        return None
    return f"{'no code' if code is None else code} {_without_echo(words, turn)}"


def is_busy(code: Any, words: str) -> bool:
    """Whether an error tells of load or trouble, not of the question."""
    return (type(code) is int and code in _BUSY_CODES) or (
        _BUSY_WORDS.search(words) is not None and "JSON-RPC" not in words
    )


def _without_echo(words: str, turn: Turn) -> str:
    method = turn.request.method
    if method and len(method) > _SHORT:
        words = words.replace(method, "M")
    for echo in _echoes(turn.request.params):
        mark = "H,H" if "," in echo and echo.replace(",", "").isdigit() else "H"
        if len(echo) > _LONG:
            words = words.replace(echo, mark)
        else:
            words = re.sub(rf"(?<!\w){re.escape(echo)}(?!\w)", mark, words)
    return words


def _echoes(params: Any) -> list[str]:
    """Return the spellings in which a server may repeat a parameter, longest first."""
    if params is ABSENT:
        return []
    found: set[str] = set()
    for value in params[:_MOST_ECHOES] if isinstance(params, list) else [params]:
        found |= _spellings(value)
    return sorted(found, key=len, reverse=True)


def _spellings(value: Any) -> set[str]:
    if type(value) is int:
        return {f"{value:,}", str(value)}
    if isinstance(value, str):
        return {value, value.upper()} if value else set()
    return {repr(value), json.dumps(value)} if value is not None and not isinstance(value, bool) else {repr(value)}
