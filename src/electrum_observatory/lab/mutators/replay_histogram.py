"""Replays one fee histogram instead of reading its mempool."""

from dataclasses import replace

from electrum_observatory.lab.chance import uniform
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind
from electrum_observatory.lab.state import ServerState

SPAN_S = 600.0


class ReplayHistogram(Mutator):
    """The mempool of the world's first moment, in all ten-minute spans or in some."""

    def state(self, state: ServerState, at: float) -> ServerState:
        """Put the old mempool in place of the present one."""
        place = self.place
        if uniform(place.seed, "replay", place.machine, int(at // SPAN_S)) >= place.dose:
            return state
        return replace(state, node=replace(state.node, mempool=place.state(0.0).node.mempool))


KIND = MutatorKind(
    id="replay_histogram",
    summary="Answers with the fee histogram of the world's first moment.",
    dose_is="Share of the ten-minute spans in which it does.",
    make=ReplayHistogram,
)
