"""What the programs' parsers make of a line, where they differ: depth, NaN, surrogates, big integers."""

import json
import re
from typing import Any, NoReturn

from electrum_observatory.model.observation import Json

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SERDE_INTEGERS = range(-(2**63), 2**64)


class NotJsonError(Exception):
    """The parser refuses the line."""


class NotTextError(NotJsonError):
    """The line is not even UTF-8."""


class TooDeepError(NotJsonError):
    """The line nests deeper than the parser goes, or holds what breaks it otherwise."""


def read_python(line: bytes, *, max_depth: int) -> Json:
    """Read a line as Python's ``json`` does: NaN passes, and integers up to Python's limit of 4,300 digits.

    Raises NotTextError, NotJsonError, or TooDeepError also where an integer is longer: both are exceptions that no
    program foresees.
    """
    return _read(line, max_depth, parse_int=_python_integer)


def read_strict(line: bytes, *, max_depth: int, integers: range | None = None) -> Json:
    """Read a line as serde_json and simdjson do: no NaN, no infinity, no lone surrogate. Raises as above.

    Where ``integers`` is given, one beyond it is no JSON (simdjson); else it becomes a float (serde_json).
    """

    def read_integer(text: str) -> int | float:
        number = int(text)
        if number in (_SERDE_INTEGERS if integers is None else integers):
            return number
        if integers is not None:
            raise ValueError(f"{text} is out of range")
        return _finite(text)

    value = _read(line, max_depth, parse_constant=_refuse, parse_float=_finite, parse_int=read_integer)
    if b"\\u" in line and _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise NotJsonError
    return value


def _read(line: bytes, max_depth: int, **hooks: Any) -> Json:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotTextError from error
    if depth_of(line, max_depth) > max_depth:
        raise TooDeepError
    try:
        return json.loads(text, **hooks)
    except RecursionError as error:
        raise TooDeepError from error
    except ValueError as error:
        raise NotJsonError from error


def depth_of(line: bytes, enough: int) -> int:
    """How deep the brackets outside strings go; where no more than ``enough`` are opened at all, just their count."""
    opened = line.count(b"[") + line.count(b"{")
    if opened <= enough:
        return opened
    depth = deepest = 0
    for match in _TOKEN.finditer(line):
        token = match.group()
        if token in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (b"]", b"}"):
            depth -= 1
    return deepest


def _python_integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise TooDeepError from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is out of range")
    return number
