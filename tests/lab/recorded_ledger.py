"""The ledger that a recording's own replies tell of: balances, histories and unspent outputs of the scripts asked for.

Every recorded server told of the same scripts, in its own order where the order means nothing. Which transactions stand
in a block was asked of block 1 only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from electrum_observatory.lab.ledger import Balance, Confirmed, EmptyLedger, Unconfirmed, Unspent
from tests.lab.recorded_servers import RecordedProbe

_ASKED = "[1.4] blockchain.transaction.id_from_pos:[1, 0]"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedScript:
    """What one server said of one script."""

    balance: Balance
    confirmed: tuple[Confirmed, ...]
    unconfirmed: tuple[Unconfirmed, ...]
    unspent: tuple[Unspent, ...]


class RecordedLedger(EmptyLedger):
    """The ledger of one recording."""

    def __init__(self, scripts: Mapping[str, RecordedScript], first_block: Sequence[str]) -> None:
        self._scripts = scripts
        self._first_block = first_block

    def confirmed(self, scripthash: str) -> Sequence[Confirmed]:
        return self._scripts[scripthash].confirmed if scripthash in self._scripts else ()

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:
        return self._scripts[scripthash].unconfirmed if scripthash in self._scripts else ()

    def unspent(self, scripthash: str) -> Sequence[Unspent]:
        return self._scripts[scripthash].unspent if scripthash in self._scripts else ()

    def balance(self, scripthash: str) -> Balance:
        return self._scripts[scripthash].balance if scripthash in self._scripts else super().balance(scripthash)

    def block(self, height: int) -> Sequence[str]:
        return self._first_block if height == 1 else ()


def ledger_of(probes: Sequence[RecordedProbe]) -> RecordedLedger:
    """Read the ledger from the replies to the questions about scripts with a name."""
    by_name = {probe.name: probe for probe in probes}
    names = [name.rpartition("-")[2] for name in by_name if name.startswith("[1.4] scripthash.get_balance-")]
    scripts = dict(_script(by_name, name) for name in names)
    return RecordedLedger(scripts, [_result(by_name[_ASKED])])


def _script(by_name: Mapping[str, RecordedProbe], name: str) -> tuple[str, RecordedScript]:
    asked = by_name[f"[1.4] scripthash.get_balance-{name}"]
    told = {
        method: _result(by_name[f"[1.4] scripthash.{method}-{name}"])
        for method in ("get_balance", "get_history", "get_mempool", "listunspent")
    }
    script = RecordedScript(
        balance=Balance(**told["get_balance"]),
        confirmed=tuple(
            Confirmed(txid=item["tx_hash"], height=item["height"]) for item in told["get_history"] if item["height"] > 0
        ),
        unconfirmed=tuple(
            Unconfirmed(txid=item["tx_hash"], fee_sat=item["fee"], chained=item["height"] < 0)
            for item in told["get_mempool"]
        ),
        unspent=tuple(
            Unspent(txid=item["tx_hash"], position=item["tx_pos"], height=item["height"], value=item["value"])
            for item in told["listunspent"]
        ),
    )
    return json.loads(asked.steps[1].send)["params"][0], script


def _result(probe: RecordedProbe) -> Any:
    return json.loads(b"".join(data for _, data in probe.steps[1].received))["result"]
