"""The processes of the small programs, which share next to nothing between connections.

Each keeps the histogram of its last refresh, and what the world says of it; a session class says the rest.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from electrum_observatory.lab.histograms import Histogram
from electrum_observatory.lab.personalities.base import Conversation, StateSource
from electrum_observatory.lab.personalities.refreshed_histogram import RefreshedHistogram
from electrum_observatory.lab.state import NodeState, ServerState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshing:
    """How a program keeps its fee histogram: which one, and for how many seconds."""

    cut: Histogram
    seconds: float


class PersonalProcess:
    """One running server.

    Attributes:
        version: What it calls itself.
        started_at: World time of its start.
    """

    def __init__(
        self,
        *,
        version: str,
        state: StateSource,
        started_at: float,
        rng: random.Random,
        session: "SessionMaker",
        histogram: Refreshing | None,
    ) -> None:
        self.version = version
        self.started_at = started_at
        self.state = state
        self._session = session
        self._histogram = None
        if histogram is not None:
            self._histogram = RefreshedHistogram(
                cut=histogram.cut,
                state=state,
                started_at=started_at,
                seconds=histogram.seconds / state(started_at).time_scale,
                rng=rng,
                at_blocks=False,
            )

    def connect(self, transport: Transport) -> Conversation:  # noqa: ARG002 - they speak alike on every transport
        """Open one connection."""
        return self._session(self)

    def server(self, at: float) -> ServerState:
        """The world's word on this server."""
        return self.state(at)

    def node(self, at: float) -> NodeState:
        """The bitcoind behind it."""
        return self.state(at).node

    def histogram(self, at: float) -> Json:
        """The histogram of the last refresh; none where the program has no such thing."""
        return [] if self._histogram is None else self._histogram.get(at)


SessionMaker = Callable[[PersonalProcess], Conversation]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalServer:
    """The personality of one such program, in any version of the same line."""

    id: str
    implementation: str
    default_version: str
    session: SessionMaker
    histogram: Refreshing | None = None
    checkout: str | None = None

    def start(self, *, version: str, state: StateSource, started_at: float, rng: random.Random) -> PersonalProcess:
        """Start one server process. Raises ValueError for a version of another line."""
        if version.split(".")[:2] != self.default_version.split(".")[:2]:
            raise ValueError(f"{self.id} is of the line of {self.default_version}, not {version}")
        return PersonalProcess(
            version=version,
            state=state,
            started_at=started_at,
            rng=rng,
            session=self.session,
            histogram=self.histogram,
        )
