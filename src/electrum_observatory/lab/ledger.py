"""What a node knows of transactions and scripts at one moment: the part of its state that wallets ask for.

A personality reads this and orders, limits and words it as its program does. Amounts are satoshis; hashes are in
display order. Where nothing else is said, an unknown script or transaction is simply one without entries.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A transaction of a script's history that stands in a block.

    Attributes:
        txid: Its id.
        height: Height of its block.
    """

    txid: str
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A transaction of a script's history that still waits.

    Attributes:
        txid: Its id.
        fee_sat: Fee in satoshi.
        chained: Whether it spends an output of another waiting transaction (Electrum's height -1).
    """

    txid: str
    fee_sat: int
    chained: bool = False

    @property
    def height(self) -> int:
        """0, or -1 where it is chained: as protocol 1.4 numbers waiting transactions."""
        return -1 if self.chained else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unspent:
    """An output of a script that nothing spends, in the blocks or in the mempool.

    Attributes:
        txid: Its transaction.
        position: Its index there.
        height: Of the block; 0 or -1 where it waits.
        value: Satoshi.
    """

    txid: str
    position: int
    height: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a script holds.

    Attributes:
        confirmed: Sum of what the blocks leave unspent.
        unconfirmed: What the mempool would add; may be negative.
    """

    confirmed: int
    unconfirmed: int


class Ledger(Protocol):
    """The transactions of one node at one moment, as one server in front of it holds them."""

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        """Return a script's history in order of the chain."""

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:
        """Return a script's waiting transactions in the order in which the server's memory holds them: none at all."""

    def unspent(self, scripthash: str) -> Sequence[Unspent]:
        """Return a script's unspent outputs: those of blocks in order of the chain, then waiting ones in no order."""

    def balance(self, scripthash: str) -> Balance:
        """Return what a script holds."""

    def block(self, height: int) -> Sequence[str]:
        """Return the transaction ids of a block, in its order; the height is one that the node has."""

    def transaction(self, txid: str) -> bytes | None:
        """Return the serialised transaction, in a block or waiting; None for one that the node does not have."""

    def height_of(self, txid: str) -> int | None:
        """Return the height of a transaction's block; None where it waits or is unknown."""


class EmptyLedger:
    """A node that has seen no transaction at all, not even in its blocks."""

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:  # noqa: ARG002
        """See :class:`Ledger`."""
        return ()

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:  # noqa: ARG002
        """See :class:`Ledger`."""
        return ()

    def unspent(self, scripthash: str) -> Sequence[Unspent]:  # noqa: ARG002
        """See :class:`Ledger`."""
        return ()

    def balance(self, scripthash: str) -> Balance:  # noqa: ARG002
        """See :class:`Ledger`."""
        return Balance(confirmed=0, unconfirmed=0)

    def block(self, height: int) -> Sequence[str]:  # noqa: ARG002
        """See :class:`Ledger`."""
        return ()

    def transaction(self, txid: str) -> bytes | None:  # noqa: ARG002
        """See :class:`Ledger`."""
        return None

    def height_of(self, txid: str) -> int | None:  # noqa: ARG002
        """See :class:`Ledger`."""
        return None


EMPTY_LEDGER = EmptyLedger()
"""The only one of its kind."""


def in_canonical_order(waiting: Iterable[Unconfirmed]) -> list[Unconfirmed]:
    """Order as protocol 1.6 demands: 0 before -1, then by id ("Status")."""
    return sorted(waiting, key=lambda one: (one.chained, one.txid))


def status(confirmed: Sequence[Confirmed], waiting: Sequence[Unconfirmed]) -> str | None:
    """Return the status hash of a history in the order given; None where it is empty.

    Source: Electrum protocol, "Script Hashes", "Status".
    """
    if not confirmed and not waiting:
        return None
    text = "".join(f"{item.txid}:{item.height}:" for items in (confirmed, waiting) for item in items)
    return hashlib.sha256(text.encode()).hexdigest()
