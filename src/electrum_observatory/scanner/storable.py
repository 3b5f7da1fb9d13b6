"""A result as plain JSON that every JSON library can write, whatever a stranger put into it."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.model.observation import Json
from electrum_observatory.scanner.json_spelling import ENCODER, is_spelled_alike
from electrum_observatory.scanner.peers_text import spell_peers
from electrum_observatory.scanner.probes.peers import PeersResult

_INT64 = 2**63
_DIGIT_OR_NOT = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_LONG_DIGITS = b"0" * 19
_DECODER = msgspec.json.Decoder()


def storable(result: Any) -> Mapping[str, Json]:
    """Return a result dataclass as JSON, where possible as the text that it is stored as.

    What JSON libraries disagree about is made harmless; the raw bytes of the witness keep it as it was: lone
    surrogates become U+FFFD, NaN and infinities null, integers beyond 64 bits their decimal text. The values themselves
    take many times the memory of their text, and are let go of.
    """
    if isinstance(result, PeersResult) and (spelled := spell_peers(result)) is not None:
        return spelled
    try:
        text = ENCODER.encode(result)  # writes NaN and infinities as null
    except (UnicodeEncodeError, OverflowError):
        text = b""
    if text and is_spelled_alike(text):
        return JsonObject(text.decode("ascii"), of=None)
    if not text or _LONG_DIGITS in text.translate(_DIGIT_OR_NOT):
        careful: dict[str, Json] = _plain(msgspec.to_builtins(result))
        return careful
    value: dict[str, Json] = _DECODER.decode(text)
    return value


def _plain(value: Any) -> Json:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_plain(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool) and not -_INT64 <= value < _INT64:
        return str(value)
    return value
