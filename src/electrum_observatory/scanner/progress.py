"""What can be watched while a scan runs, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from electrum_observatory.model.campaign import CampaignState


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state of a scan at one moment.

    Attributes:
        targets: Distinct (host, port, transport) taken up so far.
        resolving: Targets whose host is being looked up or waits for it.
        waiting: Endpoints that wait for their machine's turn.
        in_flight: Conversations under way.
        done: Endpoints with an outcome.
        answered: Of those, how many completed a handshake.
        verified: Of those, how many serve the expected genesis block.
        failed: Endpoints that were dialled and did not complete a handshake.
        refused: Endpoints that our own rules kept us from dialling.
        elapsed_s: Seconds since the scan started.
        busiest_queue: Endpoints that wait for the busiest machine.
        spacing_s: Seconds between two connections to one machine, as they last took; a lab's clock shortens them.
        stopping: Whether a polite stop was asked for.
        visits_waiting: Further visits of endpoints that wait until their machine has rested.
        visits_until_s: Seconds until the last of them may begin, at the earliest; None where none waits.
    """

    targets: int
    resolving: int
    waiting: int
    in_flight: int
    done: int
    answered: int
    verified: int
    failed: int
    refused: int
    elapsed_s: float
    busiest_queue: int
    spacing_s: float
    stopping: bool
    visits_waiting: int = 0
    visits_until_s: float | None = None

    @property
    def eta_s(self) -> float | None:
        """Seconds until what is known by now is done; None before the first outcome. Discovery may add more.

        The largest of three bounds: the pace so far, the turns that the busiest machine waits for, and the rests
        between visits.
        """
        if self.done == 0:
            return None
        left = self.resolving + self.waiting + self.in_flight
        turns_s = self.busiest_queue * self.spacing_s
        return max(left * self.elapsed_s / self.done, turns_s, self.visits_until_s or 0.0)


class ScanObserver(Protocol):
    """Watches a scan. Called by the engine's only owner, so it must return at once."""

    def progressed(self, progress: Progress) -> None:
        """Take the state after something changed."""


class NoObserver:
    """Watches nothing."""

    def progressed(self, progress: Progress) -> None:
        """Look away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOutcome:
    """How a scan ended.

    Attributes:
        state: As sealed.
        counts: As sealed.
        source_errors: Sources that could not be read, one line each; the others were used.
    """

    state: CampaignState
    counts: Mapping[str, int]
    source_errors: tuple[str, ...]
