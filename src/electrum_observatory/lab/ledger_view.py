"""A chain's transactions by script and by id, and what one server sees of them at one moment."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from electrum_observatory.lab.blocks import Blocks
from electrum_observatory.lab.ledger import Balance, Confirmed, Unconfirmed, Unspent
from electrum_observatory.lab.transactions import Coin, Transaction


@dataclass(slots=True, kw_only=True)
class _Funded:
    """One output that a block made, and the height at which a block spent it."""

    coin: Coin
    height: int
    spent: int | None = None


class LedgerIndex:
    """The blocks of a chain, looked up by script and by transaction id. It grows with what is asked of it."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self._indexed = 0
        self._places: dict[str, tuple[Transaction, int]] = {}
        self._histories: dict[str, list[Confirmed]] = defaultdict(list)
        self._funded: dict[str, list[_Funded]] = defaultdict(list)
        self._by_coin: dict[tuple[bytes, int], _Funded] = {}

    def place(self, txid: str, height: int) -> tuple[Transaction, int] | None:
        """Return a transaction of the blocks up to a height, and the height of its own."""
        self._index(height)
        found = self._places.get(txid)
        return found if found is not None and found[1] <= height else None

    def history(self, scripthash: str, height: int) -> list[Confirmed]:
        """Return the entries of a script in the blocks up to a height, in order."""
        self._index(height)
        return [entry for entry in self._histories.get(scripthash, ()) if entry.height <= height]

    def unspent(self, scripthash: str, height: int) -> list[tuple[Coin, int]]:
        """Return the coins of a script that the blocks up to a height leave, with their heights, in order."""
        self._index(height)
        return [
            (one.coin, one.height)
            for one in self._funded.get(scripthash, ())
            if one.height <= height and (one.spent is None or one.spent > height)
        ]

    def _index(self, height: int) -> None:
        while self._indexed < height:
            self._indexed += 1
            for transaction in self.blocks.block(self._indexed):
                self._add(transaction, self._indexed)

    def _add(self, transaction: Transaction, height: int) -> None:
        txid = transaction.display
        self._places[txid] = (transaction, height)
        for coin in transaction.spent:
            self._by_coin[coin.txid, coin.position].spent = height
        for position, output in enumerate(transaction.outputs):
            funded = _Funded(coin=transaction.coin(position), height=height)
            self._funded[output.owner.scripthash].append(funded)
            self._by_coin[transaction.txid, position] = funded
        for scripthash in touched(transaction):
            self._histories[scripthash].append(Confirmed(txid=txid, height=height))


class LedgerView:
    """See :class:`electrum_observatory.lab.ledger.Ledger`: one node at one height, behind one server."""

    def __init__(
        self, index: LedgerIndex, *, height: int, waiting: Callable[[], Sequence[Transaction]], shelf: str
    ) -> None:
        """Take the chain's index, the node's height and mempool, and whose memory orders the latter."""
        self._index = index
        self._height = height
        self._find_waiting = waiting
        self._shelf = shelf

    @cached_property
    def _waiting(self) -> tuple[Transaction, ...]:
        """The waiting transactions, in an order that is the server's own and means nothing."""

        def place(transaction: Transaction) -> bytes:
            return hashlib.blake2b(transaction.txid, key=self._shelf.encode()[:64], digest_size=8).digest()

        return tuple(sorted(self._find_waiting(), key=place))

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        """See :class:`electrum_observatory.lab.ledger.Ledger`."""
        return self._index.history(scripthash, self._height)

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:
        """See :class:`electrum_observatory.lab.ledger.Ledger`."""
        return [
            Unconfirmed(txid=one.display, fee_sat=one.fee, chained=self._is_chained(one))
            for one in self._waiting
            if scripthash in touched(one)
        ]

    def unspent(self, scripthash: str) -> Sequence[Unspent]:
        """See :class:`electrum_observatory.lab.ledger.Ledger`."""
        taken = self._taken()
        deep = self._index.unspent(scripthash, self._height)
        found = [_unspent(coin, height) for coin, height in deep if (coin.txid, coin.position) not in taken]
        for one in self._waiting:
            height = -1 if self._is_chained(one) else 0
            found += [
                _unspent(coin, height) for coin in _coins(one, scripthash) if (coin.txid, coin.position) not in taken
            ]
        return found

    def balance(self, scripthash: str) -> Balance:
        """See :class:`electrum_observatory.lab.ledger.Ledger`."""
        confirmed = sum(coin.output.value for coin, _ in self._index.unspent(scripthash, self._height))
        left = sum(one.value for one in self.unspent(scripthash))
        return Balance(confirmed=confirmed, unconfirmed=left - confirmed)

    def block(self, height: int) -> Sequence[str]:
        """See :class:`electrum_observatory.lab.ledger.Ledger`."""
        return [transaction.display for transaction in self._index.blocks.block(height)]

    def transaction(self, txid: str) -> bytes | None:
        """See :class:`electrum_observatory.lab.ledger.Ledger`."""
        place = self._index.place(txid, self._height)
        if place is not None:
            return place[0].serialise()
        return next((one.serialise() for one in self._waiting if one.display == txid), None)

    def height_of(self, txid: str) -> int | None:
        """See :class:`electrum_observatory.lab.ledger.Ledger`."""
        place = self._index.place(txid, self._height)
        return None if place is None else place[1]

    def _taken(self) -> set[tuple[bytes, int]]:
        return {(coin.txid, coin.position) for one in self._waiting for coin in one.spent}

    def _is_chained(self, transaction: Transaction) -> bool:
        ids = {one.txid for one in self._waiting}
        return any(coin.txid in ids for coin in transaction.spent)


def touched(transaction: Transaction) -> frozenset[str]:
    """Return the script hashes that a transaction spends from or pays to."""
    spent = {coin.output.owner.scripthash for coin in transaction.spent}
    return frozenset(spent | {output.owner.scripthash for output in transaction.outputs})


def _coins(transaction: Transaction, scripthash: str) -> list[Coin]:
    coins = (transaction.coin(position) for position in range(len(transaction.outputs)))
    return [coin for coin in coins if coin.output.owner.scripthash == scripthash]


def _unspent(coin: Coin, height: int) -> Unspent:
    return Unspent(txid=coin.txid[::-1].hex(), position=coin.position, height=height, value=coin.output.value)
