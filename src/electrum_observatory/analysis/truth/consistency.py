"""Whether a server's answers about one script agree with each other: history, unspent outputs, balance and status.

Only scripts of which nothing waits in the mempool are judged: the order of waiting transactions differs between
programs, balances and unspent outputs count them differently, and they come and go between two questions. A history
beyond a server's limit is given as empty by some programs, so an empty one is judged only where it is known short.
What arrives between two questions cannot be told from a contradiction, so one alone is none.
"""

from collections.abc import Iterator, Mapping, Sequence

from electrum_observatory.analysis.truth.finding import Finding, finding
from electrum_observatory.analysis.truth.scripts import ScriptAnswers, status_of

OFTEN = 2
"""Scripts or visits in which a status or a balance must not fit: a payment may come in the midst of a visit."""

SHORT = 500
"""No program limits histories of fewer entries (esplora refuses more; Fulcrum, ElectrumX and others allow more)."""


def judge_consistency(
    scripts: Sequence[ScriptAnswers], *, tip: int | None, longest: Mapping[str, int], settled_blocks: int
) -> tuple[Finding, ...]:
    """Judge the answers of one server.

    Args:
        scripts: Its answers.
        tip: Its newest height; entries close to it may have come between two answers. None where it is not known.
        longest: Scripthash to the length of history that others gave for it.
        settled_blocks: How many blocks below the tip nothing changes any more.
    """
    judged = [
        script
        for script in scripts
        if script.settled and _deep(script, tip, settled_blocks) and _complete(script, longest)
    ]
    return (
        *(found for script in judged for found in _unspent(script)),
        *_repeated({(script.scripthash, script.visit): tuple(_status(script)) for script in judged}),
        *_repeated({(script.scripthash, script.visit): tuple(_balance(script)) for script in judged}),
    )


def _repeated(found: Mapping[tuple[str, str], Sequence[Finding]]) -> Sequence[Finding]:
    """Return what was found about several scripts or in several visits, and nothing of what was found but once."""
    every = [one for findings in found.values() for one in findings]
    return every if len(every) >= OFTEN else ()


def _deep(script: ScriptAnswers, tip: int | None, settled_blocks: int) -> bool:
    """Whether no entry is so new that it may have come between two questions."""
    heights = [entry.height for entry in script.history or ()] + [coin.height for coin in script.coins or ()]
    return tip is not None and all(height <= tip - settled_blocks for height in heights)


def _complete(script: ScriptAnswers, longest: Mapping[str, int]) -> bool:
    """Whether no limit can have emptied the history: some programs answer nothing for a long one."""
    return bool(script.history) or 0 < longest.get(script.scripthash, 0) <= SHORT


def _status(script: ScriptAnswers) -> Iterator[Finding]:
    if script.history is None or not script.has_status or script.status == status_of(script.history):
        return
    words = (
        f"the status of {script.scripthash} is {script.status!r}; its history of {len(script.history)} gives another"
    )
    yield finding("status_not_of_history", script.server, words, script.quote("subscribe", "get_history"))


def _unspent(script: ScriptAnswers) -> Iterator[Finding]:
    if script.history is None or script.coins is None:
        return
    known = {(entry.txid, entry.height) for entry in script.history}
    strange = [coin for coin in script.coins if (coin.txid, coin.height) not in known]
    if strange:
        words = f"{len(strange)} of the unspent outputs of {script.scripthash} belong to no transaction of its history"
        yield finding("unspent_not_in_history", script.server, words, script.quote("listunspent", "get_history"))


def _balance(script: ScriptAnswers) -> Iterator[Finding]:
    if script.coins is None or script.balance is None:
        return
    total = sum(coin.value for coin in script.coins)
    if total != script.balance[0]:
        words = f"{script.scripthash} is said to hold {script.balance[0]} satoshis; its unspent outputs sum to {total}"
        yield finding("balance_not_of_unspent", script.server, words, script.quote("get_balance", "listunspent"))
