"""How each program's JSON library writes: separators, escapes, float texts and key order, to the byte.

Four writers: Python's ``json`` (ElectrumX, EPS), Fulcrum's own serializer, Rust's ``serde_json`` (electrs and kin) and
Java's Jackson (Frigate). Keys of the second and third are sorted at every level. A ``numpy.float32`` is written as Rust
writes an ``f32``.
"""

import json
import math
from collections.abc import Callable

import numpy as np

from electrum_observatory.model.observation import Json

_WriteFloat = Callable[[float | np.float32], str]


def python_json(value: Json, *, compact: bool) -> bytes:
    r"""Write as ``json.dumps`` does: insertion order, ``\uXXXX`` for all that is not ASCII, ``1e-05``.

    ``compact`` is aiorpcX 0.22 and later (``separators=(",", ":")``).
    """
    return json.dumps(value, separators=(",", ":") if compact else None).encode()


def fulcrum_json(value: Json) -> bytes:
    """Write as Fulcrum's ``Json.cpp``: sorted keys, raw UTF-8, ``%.16g`` floats, U+007F escaped."""
    return _sorted_json(value, lambda number: f"{number:.16g}", _fulcrum_string).encode()


def serde_json(value: Json, *, signed_exponent: bool = False) -> bytes:
    """Write as ``serde_json``: sorted keys, raw UTF-8, shortest floats that keep a point (``0.00001``, ``1e-6``).

    ``signed_exponent`` is serde_json 1.0.149 and later, which prints ``1e+16`` where ryu printed ``1e16``.
    """
    return _sorted_json(
        value, lambda number: rust_float(number, signed_exponent=signed_exponent), _plain_string
    ).encode()


def java_json(value: Json) -> bytes:
    """Write as Jackson: insertion order, no spaces, raw UTF-8, ``Double.toString`` floats (``1.0E-5``)."""
    if isinstance(value, dict):
        return b"{" + b",".join(_plain_string(key).encode() + b":" + java_json(value[key]) for key in value) + b"}"
    if isinstance(value, list | tuple):
        return b"[" + b",".join(java_json(element) for element in value) + b"]"
    if isinstance(value, float):
        return java_float(value).encode()
    return json.dumps(value, ensure_ascii=False).encode()


def java_float(number: float) -> str:
    """Write one double as ``Double.toString`` of Java 19 and later: an exponent below 0.001 and from ten million on."""
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return np.format_float_positional(number, unique=True, trim="0")
    digits, power = _shortest(number)
    exponent = len(digits) - 1 + power
    return f"{'-' if number < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def rust_float(number: float | np.float32, *, signed_exponent: bool = False) -> str:
    """Write one f64 (or ``numpy.float32`` as f32) as ryu's ``format_finite`` does (ryu/src/pretty/mod.rs)."""
    if number == 0:
        return "-0.0" if math.copysign(1.0, float(number)) < 0 else "0.0"
    single = isinstance(number, np.float32)
    digits, power = _shortest(number)
    sign = "-" if number < 0 else ""
    point = len(digits) + power
    if power >= 0 and point <= (13 if single else 16):
        return f"{sign}{digits}{'0' * power}.0"
    if 0 < point <= (13 if single else 16):
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if (-6 if single else -5) < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    plus = "+" if signed_exponent and point > 0 else ""
    return f"{sign}{mantissa}e{plus}{point - 1}"


def _shortest(number: float | np.float32) -> tuple[str, int]:
    """The shortest digits that read back as the number, and the power of ten of the last one."""
    text = np.format_float_scientific(number, unique=True, trim="-", exp_digits=1)
    mantissa, exponent = text.lstrip("-").split("e")
    whole, _, fraction = mantissa.partition(".")
    return whole + fraction, int(exponent) - len(fraction)


def _sorted_json(value: Json, write_float: _WriteFloat, write_string: Callable[[str], str]) -> str:
    if isinstance(value, dict):
        members = (
            f"{write_string(key)}:{_sorted_json(value[key], write_float, write_string)}" for key in sorted(value)
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_sorted_json(element, write_float, write_string) for element in value) + "]"
    if isinstance(value, str):
        return write_string(value)
    if isinstance(value, float | np.float32):
        return write_float(value)
    return str(value) if type(value) is int else json.dumps(value)


_write_text = json.JSONEncoder(ensure_ascii=False).encode


def _plain_string(text: str) -> str:
    return _write_text(text)


def _fulcrum_string(text: str) -> str:
    written = _plain_string(text)
    return written.replace("\x7f", "\\u007f") if "\x7f" in written else written
