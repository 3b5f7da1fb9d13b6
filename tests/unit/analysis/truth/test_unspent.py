"""Unspent outputs beside those of others with the same history: what is hidden in both lists shows, payments do not."""

from typing import Any

from electrum_observatory.analysis.truth.finding import Finding, flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.address import AddressKind
from tests.unit.analysis.truth.chain import HASHES, TIP, Asked, Server, coins, history, honest, reference, result

KIND = AddressKind.P2WPKH
BLIND = reference(known=False)


def asked(given: list[dict[str, Any]] | None, held: int | None, *, entries: list[dict[str, Any]] | None = None) -> Any:
    def about(name: str, value: Any) -> Asked:
        return result(f"blockchain.scripthash.{name}", [HASHES[KIND]], value)

    answers = [about("get_history", history(KIND) if entries is None else entries)]
    answers += [about("listunspent", given)] if given is not None else []
    return answers + ([about("get_balance", {"confirmed": held, "unconfirmed": 0})] if held is not None else [])


def found(answers: list[Asked], *, visits: int = 2, others: int = 3, backends: dict[str, str] | None = None) -> Any:
    subject = [Server(name="subject").heard(*answers, visit=f"v{n}") for n in range(visits)]
    beside: list[Heard] = [server.heard(*asked(coins(KIND), 3000)) for server in honest(others)]
    named: tuple[Finding, ...] = flags(judge([*subject, *beside], BLIND, backends=backends).findings)
    return {(one.id, one.subject) for one in named}


HIDDEN = {("unspent_differs", "subject")}


def test_a_coin_that_is_hidden_from_outputs_and_balance_alike_shows_beside_others() -> None:
    assert found(asked(coins(KIND)[:1], 1000)) == HIDDEN
    assert found(asked([{**coin, "value": 10**9} for coin in coins(KIND)], 3 * 10**9)) == HIDDEN
    assert found(asked(None, 1)) == HIDDEN
    assert found(asked(coins(KIND), 3000)) == set()


def test_who_differs_once_or_beside_too_few_is_not_named() -> None:
    assert found(asked(coins(KIND)[:1], 1000), visits=1) == set()
    assert found(asked(coins(KIND)[:1], 1000), others=2) == set()
    shared = dict.fromkeys((server.name for server in honest(3)), "one machine")
    assert found(asked(coins(KIND)[:1], 1000), backends=shared) == set()


def test_a_later_history_has_other_outputs_and_what_waits_or_is_new_says_nothing() -> None:
    """The coin was spent since, in a block, just now, or not yet: each stands in the history too."""
    for height in (45, TIP, 0):
        spent = [*history(KIND), {"tx_hash": "cd" * 32, "height": height}]
        assert "unspent_differs" not in {name for name, _ in found(asked(coins(KIND)[:2], 2000, entries=spent))}
