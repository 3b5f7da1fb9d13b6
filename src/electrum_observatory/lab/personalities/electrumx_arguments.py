"""How ElectrumX reads single arguments, and its words for those that it cannot use (``server/session.py``)."""

import re

from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.model.observation import Json

_BAD_REQUEST = 1
_TXID = re.compile(r"^[0-9a-fA-F]{64}$")


def non_negative(value: Json) -> int:
    """Return a height, position or count, read as Python's ``int`` reads strings and fractions. Raises MethodError."""
    try:
        number = int(value)
    except OverflowError as error:  # infinity, which it did not think of
        raise internal_error() from error
    except (ValueError, TypeError):
        number = -1
    if number < 0:
        raise MethodError(_BAD_REQUEST, f"{value} should be a non-negative integer")
    return number


def internal_error() -> MethodError:
    """Return what aiorpcX says of an exception that the handler did not foresee."""
    return MethodError(-32603, "internal server error")


def boolean(value: Json, name: str) -> bool:
    """Return a flag; 0 and 1 are as good. Raises MethodError."""
    if value not in (False, True):
        raise MethodError(_BAD_REQUEST, f'"{name}" must be a boolean')
    return bool(value)


def transaction_hash(value: Json) -> str:
    """Return a transaction id in lower case. Raises MethodError."""
    if not isinstance(value, str) or _TXID.match(value) is None:
        raise MethodError(_BAD_REQUEST, f"{value} should be a transaction hash")
    return value.lower()
