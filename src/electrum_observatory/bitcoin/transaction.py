"""Serialised transactions, as far as servers can be held to them: which id they hash to, and which scripts they pay.

Thin over embit.
"""

from dataclasses import dataclass

from embit.transaction import Transaction

from electrum_observatory.bitcoin.scripthash import scripthash


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedTransaction:
    """What a transaction's bytes say.

    Attributes:
        txid: Its id, display order; witnesses do not count.
        spends: Ids of the transactions whose outputs it spends, in the order of its inputs.
        pays: Scripthashes of its outputs, in their order.
    """

    txid: str
    spends: tuple[str, ...]
    pays: tuple[str, ...]


def parse_transaction(raw: bytes) -> ParsedTransaction:
    """Read a serialised transaction, with or without witnesses.

    Raises:
        ValueError: It is something else, or something follows it.
    """
    try:
        transaction = Transaction.parse(raw)
        again = transaction.serialize()
    except Exception as error:  # embit raises whatever it trips over
        raise ValueError(f"not a transaction: {error}") from error
    if again != raw:
        raise ValueError("not a transaction: bytes are left over")
    return ParsedTransaction(
        txid=transaction.txid().hex(),
        spends=tuple(spent.txid.hex() for spent in transaction.vin),
        pays=tuple(scripthash(bytes(output.script_pubkey.data)) for output in transaction.vout),
    )
