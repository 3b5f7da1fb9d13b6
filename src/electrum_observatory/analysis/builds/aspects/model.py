"""An observation: one aspect of behaviour read off one exchange."""

from typing import NamedTuple


class Observation(NamedTuple):
    """One reading.

    Attributes:
        aspect: What was looked at; stable.
        value: What was seen, echoed values taken out.
        exchange: Name of the exchange that shows it.
    """

    aspect: str
    value: str
    exchange: str
