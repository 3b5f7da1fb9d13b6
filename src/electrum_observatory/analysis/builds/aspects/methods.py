"""Which methods exist: whether a request is refused as unknown, and the words where they are a program's own."""

from collections.abc import Iterator

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.outcome import CLOSED, RESULT, SILENT, outcome
from electrum_observatory.analysis.builds.turns import Turn
from electrum_observatory.protocol.versions import parse_version

ABSENT_WORDS = frozenset(
    {
        '-32601 unknown method "M"',
        "-32601 Unsupported request: M",
        "-32601 method not found",
        "-32601 unknown method M",
        "-32601 Method M not found",
        "-32601 Method not found",
    }
)
_ASKED = frozenset(
    {
        "blockchain.headers.get_tip",
        "blockchain.headers.unsubscribe",
        "blockchain.header.get",
        "blockchain.scripthash.get_first_use",
        "blockchain.scripthash.get_status",
        "blockchain.scripthash.get_balance",
        "blockchain.scripthash.get_mempool",
        "blockchain.scripthash.unsubscribe",
        "blockchain.transaction.get_confirmed_blockhash",
        "blockchain.transaction.get_height",
        "blockchain.transaction.get_tsc_merkle",
        "blockchain.transaction.broadcast_package",
        "blockchain.transaction.testmempoolaccept",
        "blockchain.transaction.dsproof.list",
        "blockchain.utxo.get_info",
        "blockchain.relayfee",
        "blockchain.silentpayments.subscribe",
        "blockchain.block.stats",
        "blockchain.reusable.get_history",
        "blockchain.address.get_balance",
        "blockchain.address.get_history",
        "daemon.passthrough",
        "mempool.get_info",
        "mempool.get_fee_histogram",
        "mempool.recent",
        "server.donation_address",
        "server.features",
    }
)
_AT_1_6 = (1, 6)
_GATED = frozenset({"mempool.get_info", "blockchain.relayfee", "blockchain.transaction.broadcast_package"})
_GATED_AT_1_4_2 = "blockchain.scripthash.unsubscribe"


def methods(turns: tuple[Turn, ...]) -> Iterator[Observation]:
    """Read whether each method that was asked exists; where the protocol version matters, it is part of the aspect."""
    for turn in turns:
        method = turn.request.method
        if not turn.request.plain or method is None or not turn.ready:
            continue
        taken = outcome(turn) or _busy_but_known(turn)
        if taken is None:
            continue
        if taken in ABSENT_WORDS:
            yield Observation("absent_method_words", taken, turn.exchange)
        if method in _ASKED:
            yield Observation(_aspect(method, turn.negotiated or ""), _presence(taken), turn.exchange)


def _busy_but_known(turn: Turn) -> str | None:
    """An internal error is no answer, yet a server has the method on which it stumbles."""
    error = turn.reply.value.get("error") if turn.reply and isinstance(turn.reply.value, dict) else None
    return "stumbled" if isinstance(error, dict) and error.get("code") == -32603 else None


def _aspect(method: str, negotiated: str) -> str:
    version = parse_version(negotiated) or (0,)
    if method in _GATED:
        return f"has_{method}_at_1.6" if version >= _AT_1_6 else f"has_{method}_below_1.6"
    if method == _GATED_AT_1_4_2:
        return f"has_{method}_from_1.4.2" if version >= (1, 4, 2) else f"has_{method}_at_1.4"
    return f"has_{method}"


def _presence(taken: str) -> str:
    if taken in ABSENT_WORDS:
        return "absent"
    if taken in (SILENT, CLOSED):
        return taken
    if taken.startswith(("-32601", "1 M RPC error: unknown method", "-32000 Internal JSON-RPC", "string ")):
        return taken
    return "present" if taken != RESULT else RESULT
