"""Reading a number of a decoded reply with suspicion."""

from electrum_observatory.model.observation import Json

_LARGEST = 2.0**63


def finite_number(value: Json) -> float | None:
    """Return a JSON number as it is (int stays int); None for booleans, NaN, infinities and all else.

    Numbers beyond 64 bits are none either: no program counts so far, and sums of them would leave the floats.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -_LARGEST <= value <= _LARGEST else None
