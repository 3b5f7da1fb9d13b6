"""Tells wrong balances, while history and unspent outputs stay what they are."""

from dataclasses import replace

from electrum_observatory.lab.ledger import Balance, Ledger
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Place
from electrum_observatory.lab.mutators.ledgers import BentLedger, with_ledger
from electrum_observatory.lab.state import ServerState


class _Richer(BentLedger):
    def __init__(self, true: Ledger, place: Place) -> None:
        super().__init__(true)
        self._place = place

    def balance(self, scripthash: str) -> Balance:
        """Add a tenth; what is empty stays empty."""
        balance = self.true.balance(scripthash)
        if not balance.confirmed or not self._place.hits("balance", scripthash):
            return balance
        return replace(balance, confirmed=balance.confirmed + balance.confirmed // 10 + 1)


class AlterBalance(Mutator):
    """Some scripts hold a tenth more than they do."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Alter the balances."""
        return with_ledger(state, lambda true: _Richer(true, self.place))


KIND = MutatorKind(
    id="alter_balance",
    summary="Tells a tenth more than there is as the confirmed balance of a script.",
    dose_is="Share of the scripts.",
    make=AlterBalance,
)
