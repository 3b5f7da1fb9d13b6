"""What a modified server does to its index: a ledger in front of the true one, and what it can tell of a script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from types import MappingProxyType

from embit.transaction import Transaction

from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.lab.ledger import Balance, Confirmed, Ledger, Unconfirmed, Unspent
from electrum_observatory.lab.script_text import script_type
from electrum_observatory.lab.state import ServerState

ADDRESS_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "pubkeyhash": "p2pkh",
        "scripthash": "p2sh",
        "witness_v0_keyhash": "p2wpkh",
        "witness_v0_scripthash": "p2wsh",
        "witness_v1_taproot": "p2tr",
    }
)
"""bitcoind's name of an output type to that of its addresses."""


class BentLedger:
    """The ledger of a modified server: here the true one, for others to override what they bend."""

    def __init__(self, true: Ledger) -> None:
        self.true = true

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        """See ``Ledger``."""
        return self.true.confirmed(scripthash)

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:
        """See ``Ledger``."""
        return self.true.unconfirmed(scripthash)

    def unspent(self, scripthash: str) -> Sequence[Unspent]:
        """See ``Ledger``."""
        return self.true.unspent(scripthash)

    def balance(self, scripthash: str) -> Balance:
        """See ``Ledger``."""
        return self.true.balance(scripthash)

    def block(self, height: int) -> Sequence[str]:
        """See ``Ledger``."""
        return self.true.block(height)

    def transaction(self, txid: str) -> bytes | None:
        """See ``Ledger``."""
        return self.true.transaction(txid)

    def height_of(self, txid: str) -> int | None:
        """See ``Ledger``."""
        return self.true.height_of(txid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What a transaction moves.

    Attributes:
        spends: Outputs that it spends, as (txid, position).
        pays: Its outputs, as (scripthash, satoshis, type of address; "" for none).
    """

    spends: tuple[tuple[str, int], ...]
    pays: tuple[tuple[str, int, str], ...]


@lru_cache(maxsize=20_000)
def moves(raw: bytes) -> Moves:
    """Read a serialised transaction."""
    transaction = Transaction.read_from(BytesIO(raw))
    scripts = [bytes(output.script_pubkey.data) for output in transaction.vout]
    return Moves(
        spends=tuple((spent.txid.hex(), spent.vout) for spent in transaction.vin),
        pays=tuple(
            (scripthash(script), output.value, ADDRESS_TYPES.get(script_type(script), ""))
            for script, output in zip(scripts, transaction.vout, strict=True)
        ),
    )


class WithoutSome(BentLedger):
    """What a script would look like had the hidden transactions never been made. Blocks keep them: headers say so."""

    def __init__(self, true: Ledger, hidden: Callable[[str], bool]) -> None:
        """Take the true ledger, and what tells of a transaction id whether it is hidden."""
        super().__init__(true)
        self.hidden = hidden

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        """Return what is not hidden."""
        return [item for item in self.true.confirmed(scripthash) if not self.hidden(item.txid)]

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:
        """Return what is not hidden."""
        return [item for item in self.true.unconfirmed(scripthash) if not self.hidden(item.txid)]

    def transaction(self, txid: str) -> bytes | None:
        """Know nothing of a hidden one."""
        return None if self.hidden(txid) else self.true.transaction(txid)

    def height_of(self, txid: str) -> int | None:
        """Know nothing of a hidden one."""
        return None if self.hidden(txid) else self.true.height_of(txid)

    def unspent(self, scripthash: str) -> Sequence[Unspent]:
        """Count again what the visible transactions leave."""
        if self._all_visible(scripthash):
            return self.true.unspent(scripthash)
        return [one for one, spent_in_block, spent in self._outputs(scripthash) if not (spent_in_block or spent)]

    def balance(self, scripthash: str) -> Balance:
        """Add up what the visible transactions leave."""
        if self._all_visible(scripthash):
            return self.true.balance(scripthash)
        outputs = self._outputs(scripthash)
        confirmed = sum(one.value for one, spent_in_block, _ in outputs if one.height > 0 and not spent_in_block)
        total = sum(one.value for one, spent_in_block, spent in outputs if not (spent_in_block or spent))
        return Balance(confirmed=confirmed, unconfirmed=total - confirmed)

    def _all_visible(self, scripthash: str) -> bool:
        history = [item.txid for item in self.true.confirmed(scripthash)]
        waiting = [item.txid for item in self.true.unconfirmed(scripthash)]
        return not any(map(self.hidden, (*history, *waiting)))

    def _outputs(self, scripthash: str) -> list[tuple[Unspent, bool, bool]]:
        """Return each visible output of a script, and whether it is spent in a block and in the mempool."""
        heights = {item.txid: item.height for item in self.confirmed(scripthash)}
        heights |= {item.txid: item.height for item in self.unconfirmed(scripthash)}
        raw = {txid: self.true.transaction(txid) or b"" for txid in heights}
        spent = {place: heights[txid] > 0 for txid, data in raw.items() if data for place in moves(data).spends}
        return [
            (
                Unspent(txid=txid, position=position, height=heights[txid], value=value),
                spent.get((txid, position)) is True,
                spent.get((txid, position)) is False,
            )
            for txid, data in raw.items()
            if data
            for position, (paid, value, _kind) in enumerate(moves(data).pays)
            if paid == scripthash
        ]


def with_ledger(state: ServerState, bend: Callable[[Ledger], Ledger]) -> ServerState:
    """Return what a server says where its index is bent."""
    return replace(state, node=replace(state.node, ledger=bend(state.node.ledger)))


def address_type(ledger: Ledger, script: str) -> str:
    """Return the type of address of a script that was ever paid to ("p2tr"); "" for every other."""
    history = [item.txid for item in ledger.confirmed(script)]
    for txid in (*history, *(item.txid for item in ledger.unconfirmed(script))):
        raw = ledger.transaction(txid)
        for paid, _value, kind in () if raw is None else moves(raw).pays:
            if paid == script:
                return kind
    return ""
