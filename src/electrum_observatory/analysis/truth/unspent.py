"""Unspent outputs and balances held against those of other servers that gave the same history.

What is unspent follows from the history, since whatever spends an output stands in it too. So two servers that give the
same history of a script, with nothing waiting and nothing new in it, must give the same outputs and the same balance. A
server that hides a coin in both agrees with itself, and with nobody else.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TypeVar

from electrum_observatory.analysis.truth.backends import Backends, majority
from electrum_observatory.analysis.truth.consistency import OFTEN
from electrum_observatory.analysis.truth.finding import Finding, finding
from electrum_observatory.analysis.truth.header_reading import SETTLED_BLOCKS
from electrum_observatory.analysis.truth.scripts import Coin, Entry, ScriptAnswers

_Key = tuple[str, frozenset[Entry]]
_ValueT = TypeVar("_ValueT")


def judge_unspent(
    scripts: Sequence[ScriptAnswers], *, tips: Mapping[str, int], backends: Backends
) -> tuple[Finding, ...]:
    """Judge the unspent outputs and balances of all servers.

    Args:
        scripts: What all servers answered.
        tips: Server to its newest height, the lowest that it named.
        backends: Who shares a vote.
    """
    judged = [script for script in scripts if script.history and script.settled and _deep(script, tips)]
    given = [(_key(one), one.server, frozenset(one.coins)) for one in judged if one.coins is not None]
    coins = _agreed(given, backends)
    held = _agreed([(_key(one), one.server, one.balance[0]) for one in judged if one.balance is not None], backends)
    found: dict[str, dict[tuple[str, str], Finding]] = {}
    for script in judged:
        words = _differs(script, coins.get(_key(script)), held.get(_key(script)))
        if words is not None:
            one = finding("unspent_differs", script.server, words, script.quote("listunspent", "get_balance"))
            found.setdefault(script.server, {})[script.scripthash, script.visit] = one
    return tuple(_often(found))


def _often(found: Mapping[str, Mapping[tuple[str, str], Finding]]) -> Iterator[Finding]:
    """Yield what was found about several scripts or in several visits: a payment may come between two questions."""
    for of_server in found.values():
        if len(of_server) >= OFTEN:
            yield from of_server.values()


def _deep(script: ScriptAnswers, tips: Mapping[str, int]) -> bool:
    """Whether nothing in the answers is so new that it may have come between two questions."""
    heights = [entry.height for entry in script.history or ()] + [coin.height for coin in script.coins or ()]
    return max(heights) <= tips.get(script.server, -1) - SETTLED_BLOCKS


def _key(script: ScriptAnswers) -> _Key:
    return script.scripthash, frozenset(script.history or ())


def _agreed(given: Sequence[tuple[_Key, str, _ValueT]], backends: Backends) -> Mapping[_Key, _ValueT]:
    """Return what most backends say, of those that gave the same history of a script."""
    votes: dict[_Key, dict[_ValueT, set[str]]] = {}
    for key, server, value in given:
        votes.setdefault(key, {}).setdefault(value, set()).add(server)
    said: dict[_Key, Mapping[_ValueT, Set[str]]] = dict(votes)
    return {key: most for key, of_key in said.items() if (most := majority(of_key, backends)) is not None}


def _differs(script: ScriptAnswers, coins: frozenset[Coin] | None, held: int | None) -> str | None:
    if coins is not None and script.coins is not None and frozenset(script.coins) != coins:
        apart = len(coins ^ frozenset(script.coins))
        return f"{apart} unspent outputs of {script.scripthash} are not those that most give with the same history"
    if held is not None and script.balance is not None and script.balance[0] != held:
        return (
            f"{script.scripthash} is said to hold {script.balance[0]} satoshis; with the same history, most say {held}"
        )
    return None
