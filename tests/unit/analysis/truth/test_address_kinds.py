"""One kind of address, refused or emptied, against servers that answer little or throttle."""

import pytest

from electrum_observatory.analysis.truth.finding import Finding, flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.address import AddressKind
from tests.unit.analysis.truth.chain import HASHES, Asked, Server, error, honest, reference, result

TAPROOT = AddressKind.P2TR
METHODS = ("get_history", "get_balance", "listunspent", "subscribe")


def visit(number: int, bad: Asked | None, kinds: tuple[AddressKind, ...], *, last: bool = False) -> Heard:
    """Ask each method of each kind; what is about ``kinds`` gets the bad answer. ``last`` asks Taproot at the end."""
    server = Server(name="subject")
    asked: list[Asked] = []
    order = [*AddressKind] if last else [TAPROOT, *(kind for kind in AddressKind if kind is not TAPROOT)]
    for kind in order:
        for method, truthful in zip(METHODS, server.script(kind), strict=True):
            name = f"blockchain.scripthash.{method}"
            asked.append((name, [HASHES[kind]], bad[2]) if bad is not None and kind in kinds else truthful)
    return server.heard(*asked, visit=f"v{number}", at_s=600.0 * number)


def kind_findings(*heard: Heard) -> tuple[Finding, ...]:
    return tuple(one for one in flags(judge(heard, reference()).findings) if one.id == "kind_of_address_refused")


LIMITED = error("", [], "excessive resource usage", -101)
REFUSED = error("", [], "unsupported script", 1)


@pytest.mark.parametrize("bad", [LIMITED, REFUSED])
def test_a_kind_that_always_fails_while_others_are_answered_is_named(bad: Asked) -> None:
    (one,) = kind_findings(visit(1, bad, (TAPROOT,)), visit(2, bad, (TAPROOT,)))

    assert "p2tr" in one.words
    assert len(one.witnesses) == 8


@pytest.mark.parametrize(
    "bad", [error("", [], "Too many history transactions (>500). Contact support."), error("", [], "history too large")]
)
def test_a_script_that_is_too_long_for_a_limit_says_nothing_of_its_kind(bad: Asked) -> None:
    """Only one script of that kind is known, and it was used often: programs with limits refuse it every time."""
    refused = [visit(n, bad, (TAPROOT,)) for n in (1, 2, 3)]
    emptied = [visit(n, result("", [], []), (TAPROOT,)) for n in (1, 2, 3, 4)]
    many = [{"tx_hash": f"{n:064x}", "height": 40} for n in range(600)]
    others = [server.heard(*server.script(TAPROOT)) for server in honest(3)]
    long = [
        server.heard(result(f"blockchain.scripthash.{METHODS[0]}", [HASHES[TAPROOT]], many)) for server in honest(3)
    ]

    assert kind_findings(*refused) == ()
    assert kind_findings(*emptied, *long) == ()
    assert len(kind_findings(*refused, *others)) == 1  # known to be short: no limit can be meant


def test_histories_emptied_for_one_kind_are_named_as_such_too() -> None:
    empty = result("", [], None)
    heard = [visit(n, empty, (TAPROOT,)) for n in (1, 2, 3, 4)]

    (one,) = kind_findings(*heard)
    assert "empty" in one.words


def test_a_script_counts_as_used_where_three_backends_give_it_a_history() -> None:
    blind = [visit(n, LIMITED, (TAPROOT,)) for n in (1, 2)]
    asked = [asked for kind in AddressKind for asked in Server(name="x").script(kind)]
    others = [server.heard(*asked) for server in honest(3)]

    def named(*heard: Heard, backends: dict[str, str] | None = None) -> list[str]:
        return [one.id for one in flags(judge(heard, reference(known=False), backends=backends).findings)]

    assert named(*blind, *others) == ["kind_of_address_refused"]
    assert named(*blind, *others[:2]) == []
    assert named(*blind, *others, backends=dict.fromkeys(("server-0", "server-1"), "one machine")) == []


def test_one_visit_is_not_enough_and_one_good_answer_acquits() -> None:
    assert kind_findings(visit(1, LIMITED, (TAPROOT,))) == ()
    assert kind_findings(visit(1, LIMITED, (TAPROOT,)), visit(2, LIMITED, (TAPROOT,)), visit(3, None, ())) == ()


def test_a_session_that_is_throttled_to_its_end_says_nothing_of_the_kind_asked_last() -> None:
    """Everything after some question is refused, and Taproot happens to come last."""
    assert kind_findings(*(visit(n, LIMITED, (TAPROOT,), last=True) for n in (1, 2, 3))) == ()


def test_a_server_that_refuses_everything_refuses_no_kind() -> None:
    assert kind_findings(*(visit(n, REFUSED, tuple(AddressKind)) for n in (1, 2, 3))) == ()
