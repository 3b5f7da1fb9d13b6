"""Merkle proofs of transactions, their bytes, and whether they lie where everybody knows.

A proof is judged by hashing. Where it must end is known from the reference or, for a transaction, from the merkle root
of a header whose block is known beforehand or that most backends give for that height.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from electrum_observatory.analysis.truth.backends import Backends, majority
from electrum_observatory.analysis.truth.finding import Finding, finding
from electrum_observatory.analysis.truth.header_reading import HeaderSeen, is_deep, is_height, settled, settled_blocks
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.bitcoin.header import HEADER_BYTES, parse_header
from electrum_observatory.bitcoin.merkle import root_of_branch
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.bitcoin.transaction import ParsedTransaction, parse_transaction
from electrum_observatory.model.observation import Json

_ABSENT_WORDS = ("not in block", "missing", "not found", "no transaction", "no such", "unconfirmed")
"""How programs say that they do not have a transaction; other errors (limits, unknown methods) deny nothing."""

_UNKNOWN_METHOD = -32601
"""Some say "method not found" with it (JSON-RPC 2.0)."""

_BY_ID = ("blockchain.transaction.get", "blockchain.transaction.get_merkle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A transaction whose place in the chain was proven to us.

    Attributes:
        txid: Its id.
        height: Height of its block.
        position: Its place there.
        answer: The answer with the proof.
    """

    txid: str
    height: int
    position: int
    answer: Answer


def known_roots(headers: Iterable[HeaderSeen], reference: ChainReference, backends: Backends) -> Mapping[int, str]:
    """Return height to the merkle root of its transactions, from headers that are known or that most backends give.

    Only what lay deep below the tips is counted: another block may have been there when a transaction was proven.
    """
    headers = tuple(headers)
    deep = frozenset(settled(headers, settled_blocks(reference)))
    by_height: dict[int, dict[str, set[str]]] = {}
    for seen in headers:
        if len(seen.raw) == HEADER_BYTES and (seen in deep or seen.height in reference.checkpoints):
            by_height.setdefault(seen.height, {}).setdefault(seen.raw.hex(), set()).add(seen.server)
    roots: dict[int, str] = {}
    for height, votes in by_height.items():
        known = reference.checkpoints.get(height)
        parsed = {raw: parse_header(bytes.fromhex(raw)) for raw in votes}
        agreed = (
            majority(votes, backends)
            if known is None
            else next((raw for raw, header in parsed.items() if header.block_hash == known), None)
        )
        if agreed is not None:
            roots[height] = parsed[agreed].merkle_root
    return roots


def judge_transactions(
    answers: Sequence[Answer], roots: Mapping[int, str], *, tips: Mapping[str, int], reference: ChainReference
) -> tuple[tuple[Placed, ...], tuple[Finding, ...]]:
    """Return the transactions that were proven, and what does not fit, of all servers.

    Judged are merkle proofs wherever the root of the block is known, places of the frozen transactions, and the bytes
    of every transaction against the id by which it was asked for.
    """
    placed: list[Placed] = []
    findings: list[Finding] = []
    for answer in answers:
        match answer.method, answer.params:
            case "blockchain.transaction.get_merkle", (str(txid), *_):
                findings += _judge_known_place(answer, txid, reference)
                _judge_proof(answer, txid, answer.result, roots, placed, findings)
            case "blockchain.transaction.id_from_pos", (height, position, *_) if is_height(height):
                findings += _judge_place(answer, height, position, reference)
            case "blockchain.transaction.get", (str(txid), *_) if (text := _digits_of(answer)) is not None:
                findings += _judge_bytes(answer, txid, text)
    return tuple(placed), (*findings, *_denials(answers, tips, reference))


def transaction_of(answer: Answer) -> ParsedTransaction | None:
    """Return the transaction that an answer to ``blockchain.transaction.get`` holds; None where it holds none."""
    text = _digits_of(answer)
    try:
        return None if text is None else _parsed(text)
    except ValueError:
        return None


@lru_cache(maxsize=1000)
def _parsed(text: str) -> ParsedTransaction:
    """Most servers give the same few transactions."""
    return parse_transaction(bytes.fromhex(text))


def _digits_of(answer: Answer) -> str | None:
    """Return the bytes of a transaction as the server spells them: alone, or among the members of a verbose result."""
    if answer.method != "blockchain.transaction.get":
        return None
    text = answer.result.get("hex") if isinstance(answer.result, dict) else answer.result
    return text if isinstance(text, str) else None


def _judge_proof(
    answer: Answer,
    txid: str,
    result: Json,
    roots: Mapping[int, str],
    placed: list[Placed],
    findings: list[Finding],
) -> None:
    match result:
        case {"block_height": int(height), "merkle": list(branch), "pos": int(position)} if height in roots:
            try:
                computed = root_of_branch(txid, branch, position)
            except (ValueError, TypeError):
                computed = "nothing that is a hash"
            if computed == roots[height]:
                placed.append(Placed(txid=txid, height=height, position=position, answer=answer))
                return
            words = f"the proof of {txid} in block {height} leads to {computed}, not to the block's {roots[height]}"
            findings.append(finding("merkle_proof_broken", answer.server, words, [answer.quote]))


def _denials(answers: Iterable[Answer], tips: Mapping[str, int], reference: ChainReference) -> Iterator[Finding]:
    """Judge who says that it lacks frozen transactions: some of them, or all that it was asked for by that method.

    Who still syncs lacks those of blocks that it has not reached: its tip and what it gives tell how far it is.
    """
    frozen = {item.txid: item for item in reference.frozen_transactions}
    given: dict[tuple[str, str], int] = {}
    lacking: dict[tuple[str, str], dict[str, Answer]] = {}
    for answer in answers:
        txid = answer.params[0] if answer.params and isinstance(answer.params[0], str) else None
        if answer.method not in _BY_ID or txid not in frozen:
            continue
        key = (answer.server, answer.method)
        if answer.error is None:
            given[key] = max(given.get(key, 0), frozen[txid].height)
        elif answer.error.code != _UNKNOWN_METHOD and any(
            word in answer.error.message.lower() for word in _ABSENT_WORDS
        ):
            lacking.setdefault(key, {}).setdefault(txid, answer)
    for (server, method), denied in sorted(lacking.items()):
        quotes = [answer.quote for answer in denied.values()]
        if (server, method) not in given:
            words = f"it says that it has none of {len(denied)} transactions that lie deep in the chain ({method})"
            yield finding("transactions_unknown", server, words, quotes)
            continue
        for txid, answer in denied.items():
            if frozen[txid].height > given[server, method] and not is_deep(answer, frozen[txid].height, tips):
                continue
            said = answer.error.message if answer.error is not None else ""
            words = f"it says that it does not have {txid} of block {frozen[txid].height}, but has others: {said!r}"
            yield finding("transaction_denied", server, words, [answer.quote])


def _judge_place(answer: Answer, height: int, position: Json, reference: ChainReference) -> Iterator[Finding]:
    wanted = next(
        (item.txid for item in reference.frozen_transactions if (item.height, item.position) == (height, position)),
        None,
    )
    given = answer.result
    if isinstance(given, dict):  # with a proof, or as old builds wrap it
        given = given.get("tx_hash", given.get("tx_id"))
    if wanted is not None and isinstance(given, str) and given.lower() != wanted:
        words = f"at place {position} of block {height} lies {wanted}, not {given!r}"
        yield finding("transaction_misplaced", answer.server, words, [answer.quote])


def _judge_known_place(answer: Answer, txid: str, reference: ChainReference) -> Iterator[Finding]:
    known = {item.txid: (item.height, item.position) for item in reference.frozen_transactions}.get(txid.lower())
    match answer.result:
        case {"block_height": int(height), "pos": int(position)} if known is not None and (height, position) != known:
            words = f"{txid} lies at place {known[1]} of block {known[0]}, not at {position} of {height}"
            yield finding("transaction_misplaced", answer.server, words, [answer.quote])


def _judge_bytes(answer: Answer, txid: str, text: str) -> Iterator[Finding]:
    transaction = transaction_of(answer)
    found = None if transaction is None else transaction.txid
    if found != txid.lower():
        words = f"the bytes given for {txid!r} are those of {found or 'no transaction'} ({len(text)} digits)"
        yield finding("transaction_altered", answer.server, words, [answer.quote])
