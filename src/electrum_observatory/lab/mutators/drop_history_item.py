"""Leaves transactions out of histories, and forgets nothing else: balances and unspent outputs tell of them still."""

from collections.abc import Sequence

from electrum_observatory.lab.ledger import Confirmed, Ledger
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Place
from electrum_observatory.lab.mutators.ledgers import BentLedger, with_ledger
from electrum_observatory.lab.state import ServerState


class _Shortened(BentLedger):
    def __init__(self, true: Ledger, place: Place) -> None:
        super().__init__(true)
        self._place = place

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        """Return what is not left out."""
        history = self.true.confirmed(scripthash)
        return [item for item in history if not self._place.hits("item", scripthash, item.txid)]


class DropHistoryItem(Mutator):
    """Some items of confirmed histories are missing, and with them from the status hash."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Shorten the histories."""
        return with_ledger(state, lambda true: _Shortened(true, self.place))


KIND = MutatorKind(
    id="drop_history_item",
    summary="Leaves confirmed transactions out of histories and status; balance and unspent outputs still count them.",
    dose_is="Share of the items of all histories.",
    make=DropHistoryItem,
)
