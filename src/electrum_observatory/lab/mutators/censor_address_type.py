"""Has never heard of some scripts of one type of address: no history, no balance, nothing unspent."""

from collections.abc import Sequence

from electrum_observatory.lab.ledger import Balance, Confirmed, Ledger, Unconfirmed, Unspent
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Place
from electrum_observatory.lab.mutators.ledgers import BentLedger, address_type, with_ledger
from electrum_observatory.lab.state import ServerState

DEFAULT_TYPE = "p2tr"


class _Deaf(BentLedger):
    def __init__(self, true: Ledger, place: Place) -> None:
        super().__init__(true)
        self._place = place

    def _censored(self, scripthash: str) -> bool:
        wanted = self._place.text or DEFAULT_TYPE
        return self._place.hits("script", scripthash) and address_type(self.true, scripthash) == wanted

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        """Return nothing for a censored script."""
        return () if self._censored(scripthash) else self.true.confirmed(scripthash)

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:
        """Return nothing for a censored script."""
        return () if self._censored(scripthash) else self.true.unconfirmed(scripthash)

    def unspent(self, scripthash: str) -> Sequence[Unspent]:
        """Return nothing for a censored script."""
        return () if self._censored(scripthash) else self.true.unspent(scripthash)

    def balance(self, scripthash: str) -> Balance:
        """Return nothing for a censored script."""
        return Balance(confirmed=0, unconfirmed=0) if self._censored(scripthash) else self.true.balance(scripthash)


class CensorAddressType(Mutator):
    """Scripts of one type do not exist for this server; their transactions do."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Empty the scripts that were chosen."""
        return with_ledger(state, lambda true: _Deaf(true, self.place))


KIND = MutatorKind(
    id="censor_address_type",
    summary="Answers as if scripts of one type of address had never been used (`text`: p2pkh, p2sh, p2wpkh, p2wsh "
    "or p2tr, which is the default).",
    dose_is="Share of the scripts of that type.",
    make=CensorAddressType,
)
