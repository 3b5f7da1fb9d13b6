"""Lags behind the chain by some blocks, always the same number."""

from dataclasses import replace

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind
from electrum_observatory.lab.mutators.ledgers import WithoutSome
from electrum_observatory.lab.state import ServerState

MOST_BLOCKS = 100


class StaleTip(Mutator):
    """Knows no block of the last few."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Lower the height, and forget what stands above it, and what waits."""
        behind = round(MOST_BLOCKS * self.place.dose)
        if not behind:
            return state
        node = state.node
        height, ledger = max(0, node.height - behind), node.ledger

        def unknown(txid: str) -> bool:
            stands = ledger.height_of(txid)
            return stands is None or stands > height

        return replace(state, node=replace(node, height=height, ledger=WithoutSome(ledger, unknown)))


KIND = MutatorKind(
    id="stale_tip",
    summary="Stays a number of blocks behind, and tells of each as if it were new.",
    dose_is="Blocks behind, in units of a hundred.",
    make=StaleTip,
)
