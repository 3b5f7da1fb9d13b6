"""Lags behind the chain by some blocks, always the same number."""

from dataclasses import replace

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind
from electrum_observatory.lab.state import ServerState

MOST_BLOCKS = 100


class StaleTip(Mutator):
    """Knows no block of the last few."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Lower the height."""
        behind = round(MOST_BLOCKS * self.place.dose)
        return replace(state, node=replace(state.node, height=max(0, state.node.height - behind)))


KIND = MutatorKind(
    id="stale_tip",
    summary="Stays a number of blocks behind, and tells of each as if it were new.",
    dose_is="Blocks behind, in units of a hundred.",
    make=StaleTip,
)
