"""Numbers as Fulcrum reads them from parameters: Qt's conversions, 32-bit heights, protocol versions."""

import math

from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.model.observation import Json

Version = tuple[int, ...]

_BAD_REQUEST = 1
_MAX_HEIGHT = 1_000_000_000


def rounded(value: Json) -> int | None:
    """``QVariant::toLongLong``: strings are read, fractions rounded half up; None for what is no number."""
    if isinstance(value, float):
        return math.floor(value + 0.5)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return int(value) if isinstance(value, int) else None


def int32(value: Json, what: str) -> int:
    """Read a height or a count, cut to 32 bits so that 2^32 is 0. Raises MethodError."""
    number = rounded(value)
    wrapped = None if number is None else (number + 2**31) % 2**32 - 2**31
    if wrapped is None or not 0 <= wrapped < _MAX_HEIGHT:
        raise MethodError(_BAD_REQUEST, f"Invalid {what}")
    return wrapped


def protocol_version(value: Json) -> Version | None:
    """Read a protocol version; a JSON number counts as its text, a third part of zero is dropped; None for junk."""
    parts = str(value).split(".") if isinstance(value, str | int | float) else []
    if not parts or len(parts) > 3 or not all(part.isdecimal() for part in parts):
        return None
    numbers = tuple(int(part) for part in parts)
    return numbers[:2] if len(numbers) == 3 and numbers[2] == 0 else numbers


def negotiate(asked: Json, server_min: Version, server_max: Version) -> Version:
    """Return the highest version that both speak. Raises MethodError, after which Fulcrum hangs up."""
    if isinstance(asked, list):
        bounds = [protocol_version(part) for part in asked]
        low, high = (bounds[0], bounds[1]) if len(bounds) == 2 else (None, None)
        if low is None or high is None or low > high:
            text = ", ".join(str(part) for part in asked)
            raise MethodError(_BAD_REQUEST, f"Bad version tuple: {text}", disconnect=True)
    else:
        low = high = protocol_version(asked)
    if low is None or high is None or min(high, server_max) < max(low, server_min):
        raise MethodError(_BAD_REQUEST, "Unsupported protocol version", disconnect=True)
    return min(high, server_max)
