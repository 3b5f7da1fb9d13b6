"""The record of one visit: every outcome is noted with its times and witnesses the moment it is known."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation, Witness
from electrum_observatory.model.ports import Clock
from electrum_observatory.scanner.attempts import JsonAttempt, attempted
from electrum_observatory.scanner.loop_lag import LoopLag


class Moment(NamedTuple):
    """When something began, on all clocks."""

    at_us: int
    monotonic_ns: int
    loop_time: float


@dataclass(slots=True, kw_only=True, eq=False)
class Notebook:
    """What one visit learned. Owned by the engine, filled by the visit; whole at every moment.

    Attributes:
        campaign: Under which everything is noted.
        endpoint: Who is visited.
        clock: For stamps.
        lag: For the lateness of our own loop.
        observations: Outcomes in the order in which they were known.
        requests: Requests sent.
        errors: Error replies received.
        notifications: Messages without id received.
        tolerant: Replies that only the tolerant parser accepted.
        tls_refused: TLS failed as an old server's does: worth one more connection with old versions allowed.
        range_refused: The server closed on the range of versions: worth one more connection with a plain version.
        ended: How the conversation ended where we did not end it ourselves.
        replies_heard: Returns how many requests were replied to so far; None before the conversation.
    """

    campaign: Campaign
    endpoint: Endpoint
    clock: Clock
    lag: LoopLag
    observations: list[Observation] = field(default_factory=list)
    requests: int = 0
    errors: int = 0
    notifications: int = 0
    tolerant: int = 0
    tls_refused: bool = False
    range_refused: bool = False
    ended: FailureKind | None = None
    replies_heard: Callable[[], int] | None = None

    def heard(self) -> int:
        """Return a number that grows whenever the visit gets on: a dial that ends, and each reply to a request.

        Anybody can send lines that nobody asked for; they hold no seat.
        """
        return len(self.observations) if self.replies_heard is None else 1 + self.replies_heard()

    async def observe(
        self,
        probe: str,
        version: int,
        work: Awaitable[Any],
        *,
        seconds: float,
        stage: Stage,
        on_timeout: FailureKind,
        witnesses: Sequence[Witness] = (),
    ) -> JsonAttempt:
        """Await a probe's work and note how it ended; ``witnesses`` may grow meanwhile. Cancellation is noted too."""
        began = self.moment()
        try:
            attempt = await attempted(work, seconds=seconds, stage=stage, on_timeout=on_timeout)
        except asyncio.CancelledError:
            self.conclude(probe, version, Attempt.failed(stage, FailureKind.CANCELLED), began, witnesses)
            raise
        self.conclude(probe, version, attempt, began, witnesses)
        return attempt

    def note(self, probe: str, version: int, attempt: JsonAttempt) -> None:
        """Note an outcome that took no time."""
        self.conclude(probe, version, attempt, self.moment())

    def add_witnesses(self, probe: str, witnesses: Sequence[Witness]) -> None:
        """Add bytes that were seen after the outcome was noted."""
        if not witnesses:
            return
        self.observations[:] = [
            replace(one, witnesses=(*one.witnesses, *witnesses)) if one.probe == probe else one
            for one in self.observations
        ]

    def explain_silence(self, words: str) -> None:
        """Add what was learned afterwards to the requests that were left unanswered."""
        self.observations[:] = [
            replace(one, attempt=Attempt.failed(failure.stage, failure.kind, f"{failure.detail}; {words}"))
            if (failure := one.attempt.failure) is not None
            and (failure.stage, failure.kind) == (Stage.REQUEST, FailureKind.READ_TIMEOUT)
            else one
            for one in self.observations
        ]

    @property
    def witnessed_bytes(self) -> int:
        """Bytes of everything that is kept of what the server sent."""
        return sum(len(witness.data) for one in self.observations for witness in one.witnesses)

    def attempt_of(self, probe: str) -> JsonAttempt | None:
        """Return the outcome of a probe, or None where there is none."""
        return next((one.attempt for one in self.observations if one.probe == probe), None)

    def moment(self) -> Moment:
        """Return the present moment."""
        return Moment(self.clock.now_us(), self.clock.monotonic_ns(), asyncio.get_running_loop().time())

    def conclude(
        self, probe: str, version: int, attempt: JsonAttempt, began: Moment, witnesses: Sequence[Witness] = ()
    ) -> None:
        """Note how a probe ended that began at a moment."""
        self.observations.append(
            Observation(
                campaign_id=self.campaign.campaign_id,
                vantage=self.campaign.vantage,
                endpoint=self.endpoint,
                probe=probe,
                probe_version=version,
                started_at_us=began.at_us,
                started_monotonic_ns=began.monotonic_ns,
                boot_id=self.clock.boot_id,
                duration_us=(self.clock.monotonic_ns() - began.monotonic_ns) // 1_000,
                loop_lag_us=self.lag.worst_since(began.loop_time),
                attempt=attempt,
                witnesses=tuple(witnesses),
            )
        )
