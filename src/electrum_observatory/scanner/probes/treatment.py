"""The same few questions in one of several ways: as a current wallet, as a bare client, after a burst of scripts.

One connection, one way of asking (an *arm*, see ``scanner.arms``). Which comes when, ``scanner.treatment`` draws; what
a difference means, ``analysis.differential`` says. Asked only where a person wants it: an arm bears a wallet's name.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.arms import ArmSteps
from electrum_observatory.scanner.behaviour import BehaviourProbe, BehaviourResult, Group, Opening, Step, Subject
from electrum_observatory.scanner.costs import ProbeCost

PROBE_ID = "treatment"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentResult(BehaviourResult):
    """What was sent and what came of it, byte for byte. The witnesses are the lines.

    Attributes:
        visit: Number of the visit of the endpoint in its campaign; 1 follows the routine visit.
        connection: Number of the connection within the visit, from 0.
        place: Place of the first exchange within the connection, from 0.
        opening: How the connection began: always bare, for the handshake is the arm's own.
        negotiated: Null; the handshake is the first exchange.
        exchanges: In the order sent.
        stopped: Why messages were left out, in words; null where all were sent.
        arm: The way of asking: wallet, bare_client or after_burst.
        batch: Number of the batch, from 0: what one batch shows, an independent one has to repeat.
        round: Number of the round, from 0, over all batches; in each round every arm comes once.
        order: Which arm of its round it was, from 0; drawn by chance.
        seed: What the chance of all orders of this endpoint came from: campaign and endpoint.
    """

    arm: str
    batch: int
    round: int
    order: int
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentProbe(BehaviourProbe):
    """One arm of one round.

    Attributes:
        said: What the arm sends.
        batch: As in :class:`TreatmentResult`.
        round: Likewise.
        order: Likewise.
        seed: Likewise.
    """

    id: ClassVar[str] = PROBE_ID
    group: ClassVar[Group] = Group.SWEEPS
    opening: ClassVar[Opening] = Opening.BARE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=14, errors=1, bytes=65536, pings=6)
    first_id: ClassVar[int] = 0
    in_flight: ClassVar[int] = 10
    result_type: ClassVar[type[BehaviourResult]] = TreatmentResult
    said: ArmSteps
    batch: int
    round: int
    order: int
    seed: str

    @property
    def key(self) -> str:
        """Which arm of which round: it is put once in a campaign."""
        return key_of(self.round, self.said.arm.id)

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        return self.said.all

    def told(self, result: BehaviourResult) -> TreatmentResult:
        """Add which arm it was, and when it came."""
        plain = {one.name: getattr(result, one.name) for one in dataclasses.fields(BehaviourResult)}
        return TreatmentResult(
            **plain, arm=self.said.arm.id, batch=self.batch, round=self.round, order=self.order, seed=self.seed
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BareTreatmentProbe(TreatmentProbe):
    """The arm that asks nothing beforehand."""

    cost: ClassVar[ProbeCost] = ProbeCost(requests=6, bytes=65536, pings=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstTreatmentProbe(TreatmentProbe):
    """The arm that asks for twenty scripts beforehand."""

    cost: ClassVar[ProbeCost] = ProbeCost(requests=34, errors=1, bytes=65536, pings=6)


def key_of(number: int, arm: str) -> str:
    """Return what tells one arm of one round from all others."""
    return f"{PROBE_ID}/{number}/{arm}"


def arms_put(observations: Iterable[Observation]) -> Mapping[str, frozenset[str]]:
    """Return endpoint id to the keys of what was put to it, from stored results."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in observations:
        result = one.attempt.result
        if result is not None:
            found[one.endpoint.endpoint_id].add(key_of(result["round"], result["arm"]))
    return {endpoint: frozenset(keys) for endpoint, keys in found.items()}
