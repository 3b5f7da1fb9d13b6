"""Parameters as romanz electrs reads them: serde converts a list to the tuple that a method wants, or nothing.

``src/electrum.rs`` (``Params::parse``, ``convert``). Whatever does not convert is "invalid params".
"""

import re

from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.model.observation import Json

_INVALID_PARAMS = -32602
_HASH = re.compile(r"^[0-9a-fA-F]{64}$")


def invalid_params() -> MethodError:
    """Return the one refusal of parameters."""
    return MethodError(_INVALID_PARAMS, "invalid params")


def tuple_of(params: Json, length: int) -> list[Json]:
    """Return as many parameters as the method takes. Raises MethodError."""
    if not isinstance(params, list) or len(params) != length:
        raise invalid_params()
    return params


def unsigned(value: Json, *, below: int = 2**64) -> int:
    """Return an unsigned integer. Raises MethodError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < below:
        raise invalid_params()
    return value


def hash_of(value: Json) -> str:
    """Return a script hash or a transaction id in lower case. Raises MethodError."""
    if not isinstance(value, str) or _HASH.match(value) is None:
        raise invalid_params()
    return value.lower()


def boolean(value: Json) -> bool:
    """Return a flag. Raises MethodError."""
    if not isinstance(value, bool):
        raise invalid_params()
    return value


def text(value: Json) -> str:
    """Return a string. Raises MethodError."""
    if not isinstance(value, str):
        raise invalid_params()
    return value
