"""What asking costs a server, as each probe declares it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeCost:
    """What a probe costs a server.

    Attributes:
        requests: Requests at most.
        errors: How many of them may be answered by an error reply from some implementation.
        bytes: What the replies of an honest server come to at most, roughly and without padding.
        pings: Further requests at most, that only tell a silent or closing server from one that went on.
        may_close: Some implementation closes the connection on it.
    """

    requests: int
    errors: int = 0
    bytes: int = 2_048
    pings: int = 0
    may_close: bool = False
