"""JSON text that every program can read and that still brings back what a strange server sent.

Python's own JSON writes NaN, infinities and lone surrogates in ways that strict parsers refuse, so one odd server would
make a whole file unreadable. Such values are wrapped: ``{"$float": "nan"}``, ``{"$text": "<base64>"}`` (UTF-8 with lone
surrogates passed through), and ``{"$object": [[key, value], …]}`` for an object with such a key or one that starts
with ``$``. The text is ASCII: control characters, escapes for terminals and bidi marks are spelled out.
Text in which one of these wrappings holds something else is refused.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping

from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.model.observation import Json

_FLOATS = ("nan", "inf", "-inf")


def to_json_text(value: Json) -> str:
    """Return compact ASCII JSON; ``from_json_text`` brings the value back (mappings as dict, sequences as list)."""
    if type(value) is JsonObject:  # isinstance asks an abstract class, which takes longer than all the rest
        return value.text
    try:
        text = _dump(value)
    except ValueError:  # a float that JSON cannot spell
        return _dump(_wrap(value))
    return _dump(_wrap(value)) if "\\ud" in text or '"$' in text else text


def from_json_text(text: str | bytes) -> Json:
    """Read what :func:`to_json_text` wrote, or any JSON. Raises ValueError where it is none or a wrapping is broken."""
    mark = b'"$' if isinstance(text, bytes) else '"$'
    try:
        value = json.loads(text)
        return _unwrap(value) if mark in text else value  # type: ignore[operator]  # the mark has the type of the text
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def strict(value: Json) -> Json:
    """Return the value with everything wrapped that strict JSON cannot hold, for writers that dump it themselves."""
    return json.loads(to_json_text(value))


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


_dump = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=_plain).encode


def _wrap(value: Json) -> Json:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, str) and not _is_utf8(value):
        return {"$text": base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()}
    if isinstance(value, list | tuple):
        return [_wrap(item) for item in value]
    if isinstance(value, Mapping):
        if any(key.startswith("$") or not _is_utf8(key) for key in value):
            return {"$object": [[_wrap(key), _wrap(item)] for key, item in value.items()]}
        return {key: _wrap(item) for key, item in value.items()}
    return value


def _unwrap(value: Json) -> Json:
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$float": str(spelled)} if len(value) == 1:
            return _unwrap_float(spelled)
        case {"$text": str(encoded)} if len(value) == 1:
            return _unwrap_text(encoded)
        case {"$object": list(pairs)} if len(value) == 1:
            return dict(_unwrap_pair(pair) for pair in pairs)
    return {key: _unwrap(item) for key, item in value.items()}


def _unwrap_float(spelled: str) -> float:
    if spelled not in _FLOATS:
        raise ValueError(f'"$float" is {spelled[:40]!r}, not one of {", ".join(_FLOATS)}')
    return float(spelled)


def _unwrap_text(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError) as error:
        raise ValueError(f'"$text" is not base64 of UTF-8: {error}') from error


def _unwrap_pair(pair: Json) -> tuple[str, Json]:
    match pair:
        case [key, item] if isinstance(key := _unwrap(key), str):
            return key, _unwrap(item)
    raise ValueError('"$object" is not a list of [key, value] with text for keys')


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
