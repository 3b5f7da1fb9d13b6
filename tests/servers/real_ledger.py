"""The ledger of a real node, read over its RPC, in the shape in which a lab's servers read theirs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.lab.ledger import Balance, Confirmed, Unconfirmed, Unspent
from tests.servers.litecoin_node import LitecoinNode

_SATOSHIS = 100_000_000


class RealLedger:
    """See :class:`electrum_observatory.lab.ledger.Ledger`; the node stands still."""

    def __init__(self, node: LitecoinNode) -> None:
        """Read the whole chain and the whole mempool."""
        self.waiting: dict[str, int] = {}
        self._blocks: list[list[str]] = []
        self._raw: dict[str, bytes] = {}
        self._heights: dict[str, int] = {}
        self._histories: dict[str, list[str]] = defaultdict(list)
        self._outputs: dict[tuple[str, int], tuple[str, int]] = {}
        self._spent: dict[tuple[str, int], str] = {}
        for height in range(node.rpc("getblockcount") + 1):
            block = node.rpc("getblock", node.rpc("getblockhash", height), 2)
            self._blocks.append([transaction["txid"] for transaction in block["tx"]])
            for transaction in block["tx"]:
                self._heights[transaction["txid"]] = height
                self._read(transaction)
        for txid, row in node.rpc("getrawmempool", True).items():
            self.waiting[txid] = round(row["fees"]["base"] * _SATOSHIS)
            self._read(node.rpc("getrawtransaction", txid, True))

    def _read(self, transaction: dict[str, Any]) -> None:
        txid = transaction["txid"]
        self._raw[txid] = bytes.fromhex(transaction["hex"])
        touched = []
        for spent in transaction["vin"]:
            if "txid" in spent:
                self._spent[spent["txid"], spent["vout"]] = txid
                touched.append(self._outputs[spent["txid"], spent["vout"]][0])
        for output in transaction["vout"]:
            owner = scripthash(bytes.fromhex(output["scriptPubKey"]["hex"]))
            self._outputs[txid, output["n"]] = (owner, round(output["value"] * _SATOSHIS))
            touched.append(owner)
        for owner in dict.fromkeys(touched):
            self._histories[owner].append(txid)

    def scripts(self) -> list[str]:
        """Return every script that occurs, the one with the longest history first."""
        return sorted(self._histories, key=lambda owner: -len(self._histories[owner]))

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        """See Ledger."""
        found = [(txid, self.height_of(txid)) for txid in self._histories.get(scripthash, ())]
        return [Confirmed(txid=txid, height=height) for txid, height in found if height is not None]

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:
        """See Ledger."""
        history = self._histories.get(scripthash, ())
        return [Unconfirmed(txid=txid, fee_sat=self.waiting[txid]) for txid in history if txid in self.waiting]

    def unspent(self, scripthash: str) -> Sequence[Unspent]:
        """See Ledger."""
        return [
            Unspent(txid=txid, position=position, height=self.height_of(txid) or 0, value=value)
            for (txid, position), (owner, value) in self._outputs.items()
            if owner == scripthash and (txid, position) not in self._spent
        ]

    def balance(self, scripthash: str) -> Balance:
        """See Ledger."""
        confirmed = sum(
            value
            for (txid, position), (owner, value) in self._outputs.items()
            if owner == scripthash
            and self.height_of(txid) is not None
            and self._spent.get((txid, position)) not in self._heights
        )
        left = sum(one.value for one in self.unspent(scripthash))
        return Balance(confirmed=confirmed, unconfirmed=left - confirmed)

    def block(self, height: int) -> Sequence[str]:
        """See Ledger."""
        return self._blocks[height]

    def transaction(self, txid: str) -> bytes | None:
        """See Ledger."""
        return self._raw.get(txid)

    def height_of(self, txid: str) -> int | None:
        """See Ledger."""
        return self._heights.get(txid)
