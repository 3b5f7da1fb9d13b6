"""Tells wrong fee estimates."""

from dataclasses import replace

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind
from electrum_observatory.lab.state import ServerState

LARGEST_FACTOR = 10.0


class AlterFee(Mutator):
    """Every estimate of the bitcoind behind is multiplied, all targets alike."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Multiply the estimates."""
        honest = state.node.estimate
        factor = LARGEST_FACTOR**self.place.dose

        def estimate(target: int) -> float | None:
            value = honest(target)
            return None if value is None else round(value * factor, 8)

        return replace(state, node=replace(state.node, estimate=estimate))


KIND = MutatorKind(
    id="alter_fee",
    summary="Multiplies every fee estimate.",
    dose_is="Power of ten of the factor: 0.3 doubles, 1 multiplies by ten.",
    make=AlterFee,
)
