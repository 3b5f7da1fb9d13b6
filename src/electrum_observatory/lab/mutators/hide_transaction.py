"""Hides transactions from every answer about a script, consistently: only the block itself gives them away."""

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind
from electrum_observatory.lab.mutators.ledgers import WithoutSome, with_ledger
from electrum_observatory.lab.state import ServerState


class HideTransaction(Mutator):
    """Some transactions do not exist for this server, whatever it is asked about scripts."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Hide them."""

        def hidden(txid: str) -> bool:
            return self.place.hits("transaction", txid)

        return with_ledger(state, lambda true: WithoutSome(true, hidden))


KIND = MutatorKind(
    id="hide_transaction",
    summary="Hides transactions from history, status, unspent outputs, balance and `transaction.get` alike.",
    dose_is="Share of all transactions.",
    make=HideTransaction,
)
