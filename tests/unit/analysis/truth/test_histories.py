"""Histories of scripts: omissions that can be proven, mere differences, and answers that contradict each other."""

import hashlib
from typing import Any

import pytest

from electrum_observatory.analysis.truth.finding import Finding, Severity, flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.address import AddressKind
from tests.unit.analysis.truth.chain import HASHES, TIP, Server, error, history, honest, reference, result, status

KIND = AddressKind.P2WPKH
BLIND = reference(known=False)
"""The same chain, of whose scripts nothing is known beforehand."""


def without(height: int, kind: AddressKind = KIND) -> list[dict[str, Any]]:
    return [entry for entry in history(kind) if entry["height"] != height]


def all_of(server: Server, *more: Any, **at: Any) -> Heard:
    return server.heard(*(asked for kind in AddressKind for asked in server.script(kind)), *more, **at)


def found(*heard: Heard, known: bool = True, backends: dict[str, str] | None = None) -> tuple[Finding, ...]:
    return flags(judge(heard, reference() if known else BLIND, backends=backends).findings)


def test_ten_honest_servers_agree() -> None:
    assert found(*(server.heard(*server.everything()) for server in honest(10))) == ()


def test_what_the_reference_names_is_provably_left_out_even_alone() -> None:
    liar = Server(name="subject", histories={KIND: without(20)})

    (one,) = found(all_of(liar))

    assert (one.id, one.severity) == ("history_omits", Severity.DISPROVEN)
    assert history(KIND)[1]["tx_hash"] in one.words
    assert one.witnesses[0].exchange.startswith("blockchain.scripthash.get_history")


def test_a_proof_by_another_server_and_bytes_that_pay_the_script_prove_an_omission() -> None:
    liar = Server(name="subject", histories={KIND: without(20)})
    (witness,) = honest(1)
    place = list(AddressKind).index(KIND)
    proof = witness.heard(witness.header(20), witness.merkle(20, place), witness.raw(20, place))
    voters = [server.heard(server.header(20)) for server in honest(3)[1:]]

    (one,) = found(all_of(liar), proof, *voters, known=False)

    assert (one.id, one.subject) == ("history_omits", "subject")
    assert {quote.server for quote in one.witnesses} == {"subject", "server-0"}


def test_a_proof_of_a_transaction_that_pays_somebody_else_proves_nothing() -> None:
    liar = Server(name="subject", histories={KIND: without(20)})
    (witness,) = honest(1)
    another = (list(AddressKind).index(KIND) + 1) % 5
    proof = witness.heard(witness.header(20), witness.merkle(20, another), witness.raw(20, another))

    assert found(all_of(liar), proof, known=False) == ()


def test_missing_what_most_backends_list_is_a_difference_until_somebody_proves_it() -> None:
    liar = Server(name="subject", histories={KIND: without(20)})
    others = honest(4)
    place = list(AddressKind).index(KIND)
    headers = [server.heard(server.header(20), server.merkle(20, place)) for server in others]

    assert [one.id for one in found(all_of(liar), *map(all_of, others), known=False)] == ["history_differs"]
    assert [one.id for one in found(all_of(liar), *map(all_of, others), *headers, known=False)] == ["history_omits"]


def test_many_endpoints_of_one_machine_have_one_vote() -> None:
    liars = [Server(name=f"liar-{number}", histories={KIND: without(20)}) for number in range(9)]
    heard = [all_of(server) for server in (*honest(3), *liars)]

    machine = {server.name: "m-1" for server in liars}
    assert {one.subject for one in found(*heard, known=False, backends=machine)} == {server.name for server in liars}
    assert {one.subject for one in found(*heard, known=False)} == {"server-0", "server-1", "server-2"}


def test_an_entry_that_most_lack_is_a_difference() -> None:
    invented = [*history(KIND), {"tx_hash": "ab" * 32, "height": 41}]
    liar = Server(name="subject", histories={KIND: invented})

    (one,) = found(all_of(liar), *map(all_of, honest(3)), known=False)

    assert (one.id, one.severity, one.subject) == ("history_differs", Severity.UNUSUAL, "subject")


def test_one_endless_history_neither_hides_an_omission_nor_costs_time() -> None:
    endless = [{"tx_hash": f"{n:064x}", "height": 5} for n in range(3_000)]
    accomplice = Server(name="accomplice", histories={KIND: [*history(KIND), *endless]})
    liar = Server(name="liar", histories={KIND: []})

    named = found(all_of(liar), all_of(accomplice), *map(all_of, honest(4)), known=False)

    assert {(one.subject, one.id) for one in named} == {("liar", "history_differs"), ("accomplice", "history_differs")}
    assert sum(one.subject == "accomplice" for one in named) == 1


def test_new_entries_close_to_the_tip_are_nobodys_omission() -> None:
    newer = [*history(KIND), {"tx_hash": "cd" * 32, "height": TIP}]
    ahead = [Server(name=f"ahead-{number}", histories={KIND: newer}) for number in range(4)]
    behind = Server(name="subject", blocks=Server(name="x").blocks[:55])

    assert found(all_of(behind), *map(all_of, ahead)) == ()


def test_of_two_servers_nobody_is_the_majority() -> None:
    liar = Server(name="subject", histories={KIND: without(20)})

    assert found(all_of(liar), *map(all_of, honest(1)), known=False) == ()


def test_the_status_must_be_the_hash_of_the_history() -> None:
    (server,) = honest(1)
    wrong = result("blockchain.scripthash.subscribe", [HASHES[KIND]], hashlib.sha256(b"x").hexdigest())

    assert found(server.heard(*server.script(KIND))) == ()
    once, again = (server.heard(server.history(KIND), wrong, visit=visit) for visit in ("v1", "v2"))
    assert found(once) == ()
    (one,) = found(once, again)
    assert (one.id, one.severity) == ("status_not_of_history", Severity.CONTRADICTED)
    assert len(one.witnesses) == 2


def test_unspent_outputs_must_come_from_the_history_and_sum_to_the_balance() -> None:
    (server,) = honest(1)
    strange = [{"tx_hash": "ef" * 32, "height": 5, "tx_pos": 0, "value": 3000}]
    coins = result("blockchain.scripthash.listunspent", [HASHES[KIND]], strange)
    balance = result("blockchain.scripthash.get_balance", [HASHES[KIND]], {"confirmed": 2999, "unconfirmed": 0})

    assert [one.id for one in found(server.heard(server.history(KIND), coins))] == ["unspent_not_in_history"]
    once, again = (
        server.heard(server.history(KIND), server.script(KIND)[1], balance, visit=visit) for visit in ("v1", "v2")
    )
    assert found(once) == ()
    assert [one.id for one in found(once, again)] == ["balance_not_of_unspent"]


@pytest.mark.parametrize("height", [0, -1, TIP - 3])
def test_what_waits_or_is_new_may_change_between_two_questions(height: int) -> None:
    (server,) = honest(1)
    moving = [*history(KIND), {"tx_hash": "ab" * 32, "height": height, "fee": 200}]
    asked = result("blockchain.scripthash.get_history", [HASHES[KIND]], moving)

    assert found(server.heard(asked, *server.script(KIND)[1:])) == ()


def test_rounds_of_the_same_question_are_kept_apart() -> None:
    (server,) = honest(1)
    later = [*history(KIND), {"tx_hash": "ab" * 32, "height": 0, "fee": 200}]
    again = result("blockchain.scripthash.get_history", [HASHES[KIND]], later)
    changed = result("blockchain.scripthash.subscribe", [HASHES[KIND]], status(later))

    assert found(server.heard(*server.script(KIND), again, changed)) == ()


def test_errors_and_unreadable_answers_omit_nothing() -> None:
    (server,) = honest(1)
    refused = error("blockchain.scripthash.get_history", [HASHES[KIND]], "history too large")
    odd = result("blockchain.scripthash.get_history", [HASHES[KIND]], "everything")

    assert found(server.heard(refused), server.heard(odd), *map(all_of, honest(4)[1:])) == ()


@pytest.mark.parametrize("height", [True, 5.0, "5", 1 << 70, None])
def test_what_is_no_height_makes_an_answer_unreadable(height: object) -> None:
    kind = AddressKind.P2PKH
    odd = result("blockchain.scripthash.get_history", [HASHES[kind]], [{"tx_hash": "ab" * 32, "height": height}])
    others = [server.heard(server.history(kind)) for server in honest(3)]

    assert flags(judge([Server(name="subject").heard(odd), *others], reference()).findings) == ()


def test_half_a_letter_in_a_history_breaks_no_status() -> None:
    odd = result("blockchain.scripthash.get_history", [HASHES[AddressKind.P2PKH]], [{"tx_hash": "\ud800", "height": 5}])
    status = result("blockchain.scripthash.subscribe", [HASHES[AddressKind.P2PKH]], "ab" * 32)
    others = [server.heard(server.history(AddressKind.P2PKH)) for server in honest(3)]

    found = judge([Server(name="subject").heard(odd, status), *others], reference()).findings
    assert {one.id for one in flags(found)} == {"history_differs", "history_omits"}


def test_personal_servers_outvote_nobody() -> None:
    """They know the scripts of their own wallet only, and answer about all others with nothing."""
    empty = [result("blockchain.scripthash.get_history", [HASHES[kind]], []) for kind in AddressKind]
    personal = [Server(name=f"personal-{n}").heard(*empty) for n in range(4)]
    others = [server.heard(*(server.history(kind) for kind in AddressKind)) for server in honest(2)]

    assert found(*others, *personal, known=False) == ()
    liar = Server(name="liar").heard(*empty[1:], Server(name="liar").history(next(iter(AddressKind))))
    three = [server.heard(*(server.history(kind) for kind in AddressKind)) for server in honest(3)]
    assert {one.subject for one in found(*three, liar, *personal, known=False)} == {"liar"}


def test_who_has_no_limit_is_not_held_against_those_that_have_one() -> None:
    many = [{"tx_hash": f"{n:064x}", "height": 40} for n in range(600)]
    cut = {KIND: []}
    limited = [all_of(Server(name=f"limited-{n}", histories=cut)) for n in range(3)]

    assert found(all_of(Server(name="unlimited", histories={KIND: many})), *limited, known=False) == ()


@pytest.mark.parametrize("known", [True, False])
def test_two_that_invent_a_long_history_hide_nobodys_omission(known: bool) -> None:
    """Three give a short one: so no limit explains that the liar gives none."""
    many = [*history(KIND), *({"tx_hash": f"{n:064x}", "height": 40} for n in range(600))]
    helpers = [all_of(Server(name=f"helper-{n}", histories={KIND: many})) for n in range(2)]
    liar = all_of(Server(name="liar", histories={KIND: []}))

    named = found(liar, *helpers, *(all_of(server) for server in honest(3)), known=known)
    assert {one.subject for one in named} == {"liar", "helper-0", "helper-1"}
