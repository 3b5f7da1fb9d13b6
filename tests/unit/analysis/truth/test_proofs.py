"""Merkle proofs and places of transactions."""

import dataclasses
from typing import Any

from electrum_observatory.analysis.truth.backends import majority
from electrum_observatory.analysis.truth.finding import Severity, flags
from electrum_observatory.analysis.truth.judge import judge
from tests.unit.analysis.truth.chain import Asked, Server, chain, error, heard, honest, reference, result


def ids(*asked: Asked) -> list[str]:
    return [one.id for one in flags(judge([heard("subject", *asked)], reference()).findings)]


def changed(asked: Asked, **members: Any) -> Asked:
    method, params, reply = asked
    return method, params, {"result": {**reply["result"], **members}}


SUBJECT = Server(name="subject")


def test_a_proof_that_leads_elsewhere_is_disproven_where_the_header_is_known() -> None:
    proof = SUBJECT.merkle(10, 2)
    wrong = changed(proof, pos=3)

    assert ids(SUBJECT.header(10), proof) == []
    assert ids(SUBJECT.header(10), wrong) == ["merkle_proof_broken", "transaction_misplaced"]
    assert ids(SUBJECT.header(10), changed(proof, merkle=["zz"])) == ["merkle_proof_broken"]
    assert ids(wrong) == ["transaction_misplaced"]  # nobody gave the header of that block


def test_a_header_that_most_backends_give_is_good_enough_to_judge_a_proof() -> None:
    fork = Server(name="subject", blocks=chain(fork_at=45))
    wrong = changed(SUBJECT.merkle(50, 1), pos=0)
    others = [server.heard(server.header(50)) for server in honest(3)]

    found = judge([*others, heard("subject", wrong)], reference()).findings

    assert [one.id for one in flags(found)] == ["merkle_proof_broken"]
    assert flags(judge([*others[:2], heard("subject", wrong)], reference()).findings) == ()
    assert flags(judge([heard("subject", fork.header(50), wrong)], reference()).findings) == ()


def test_places_of_frozen_transactions() -> None:
    assert ids(SUBJECT.id_from_pos(10, 2), SUBJECT.id_from_pos(11, 2)) == []
    right = SUBJECT.id_from_pos(10, 2)[2]["result"]
    for said in ({"tx_hash": right, "merkle": []}, {"tx_id": right}):
        assert ids(result("blockchain.transaction.id_from_pos", [10, 2, True], said)) == []
    other = result("blockchain.transaction.id_from_pos", [10, 2], SUBJECT.blocks[10].txids[1])
    assert ids(other) == ["transaction_misplaced"]
    shouted = result("blockchain.transaction.id_from_pos", [10, 2], right.upper())
    assert ids(shouted) == []


def test_a_known_transaction_lies_where_it_lies() -> None:
    """A proof in another block, or of the copy that fills an odd row (CVE-2012-2459), is of another place."""
    elsewhere = changed(SUBJECT.merkle(10, 2), block_height=11)
    copied = changed(SUBJECT.merkle(10, 4), pos=5)

    assert ids(elsewhere) == ["transaction_misplaced"]
    assert ids(SUBJECT.header(10), copied) == ["transaction_misplaced"]
    assert ids(SUBJECT.header(11), SUBJECT.merkle(11, 4)) == []


def test_the_bytes_of_a_transaction_must_have_its_id() -> None:
    method, params, reply = SUBJECT.raw(10, 2)
    altered = reply["result"].replace("e803", "e903")

    assert ids(SUBJECT.raw(10, 2)) == []
    assert ids(result(method, params, altered)) == ["transaction_altered"]
    assert ids(result(method, params, "zz")) == ["transaction_altered"]
    assert ids(result(method, [params[0], True], {"hex": altered})) == ["transaction_altered"]
    assert ids(result(method, [params[0], True], {"hex": reply["result"].upper(), "vsize": 1})) == []
    assert ids(result(method, [params[0], True], {"txid": "ab" * 32})) == []  # bitcoind's own words, not judged


def test_whoever_lacks_one_frozen_transaction_and_has_another_denies_it() -> None:
    frozen = SUBJECT.blocks[10].txids[2]
    missing = "daemon error: DaemonError({'code': -5, 'message': 'No such mempool or blockchain transaction.'})"
    denied = error("blockchain.transaction.get", [frozen], missing, 2)
    unplaced = error("blockchain.transaction.get_merkle", [frozen, 10], f"tx {frozen} not in block at height 10")

    assert ids(SUBJECT.raw(10, 1), denied) == ["transaction_denied"]
    assert ids(SUBJECT.merkle(10, 1), unplaced) == ["transaction_denied"]


def test_whoever_has_no_frozen_transaction_at_all_is_no_liar() -> None:
    frozen = SUBJECT.blocks[10].txids[2]
    denied = error("blockchain.transaction.get", [frozen], "txid not found")

    (one,) = judge([heard("subject", denied, SUBJECT.merkle(10, 1))], reference()).findings

    assert (one.id, one.severity) == ("transactions_unknown", Severity.INSUFFICIENT)


def test_other_errors_deny_nothing() -> None:
    frozen = SUBJECT.blocks[10].txids[2]
    missing = "No such mempool or blockchain transaction."

    assert ids(SUBJECT.raw(10, 1), error("blockchain.transaction.get", ["00" * 32], missing, 2)) == []
    assert (
        ids(SUBJECT.raw(10, 1), error("blockchain.transaction.get", [frozen], "excessive resource usage", -101)) == []
    )
    for method in ("blockchain.transaction.get_merkle", "blockchain.transaction.get"):
        unknown = error(method, [frozen], "method not found", -32601)
        assert ids(SUBJECT.raw(10, 1), SUBJECT.merkle(10, 1), unknown) == []


def test_proofs_of_headers_end_at_the_root_that_is_known() -> None:
    proof = SUBJECT.proven_header(5, 8)
    other = Server(name="subject", blocks=chain(fork_at=7))

    assert ids(proof) == []
    assert ids(changed(proof, root="ab" * 32)) == ["header_proof_broken", "header_root_differs"]
    assert ids(other.proven_header(5, 8)) == ["header_root_differs"]


def test_unknown_roots_are_compared_among_backends() -> None:
    others = [server.heard(server.proven_header(5, 40)) for server in honest(3)]
    other = Server(name="subject", blocks=chain(fork_at=35))

    (found,) = flags(judge([*others, other.heard(other.proven_header(5, 40))], reference()).findings)

    assert (found.id, found.subject, found.severity) == ("header_root_differs", "subject", Severity.CONTRADICTED)
    shared = dict.fromkeys((server.name for server in honest(3)), "one machine")
    again = judge([*others, other.heard(other.proven_header(5, 40))], reference(), backends=shared)
    assert flags(again.findings) == ()


def test_a_majority_is_of_backends_and_needs_three_that_are_clear() -> None:
    assert majority({"a": {"1", "2", "3"}, "b": {"4"}}, {}) == "a"
    assert majority({"a": {"1", "2"}}, {}) is None
    assert majority({"a": {"1", "2", "3"}, "b": {"4", "5", "6"}}, {}) is None
    assert majority({"a": {"1", "2", "3"}, "b": {"4", "5"}}, {"1": "m", "2": "m"}) is None
    assert majority({"a": {"1", "2", "3", "5"}, "b": {"4", "5"}}, {}) == "a"  # 5 says both and has no vote


def test_findings_carry_the_bytes_and_an_innocent_reading() -> None:
    wrong = changed(SUBJECT.merkle(10, 2), merkle=["ab" * 32] * 3)

    (found,) = judge([heard("subject", SUBJECT.header(10), wrong)], reference()).findings

    assert dataclasses.asdict(found.witnesses[0])["exchange"] == "blockchain.transaction.get_merkle#1"
    assert b'"pos": 2' in found.witnesses[0].line
    assert found.innocent
