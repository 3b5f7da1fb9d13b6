"""Merkle proofs that a header is part of the chain up to a checkpoint (``cp_height``), judged by hashing.

Where they must end is known from the reference or, deep below the tips, from what most backends give.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.truth.backends import Backends, majority
from electrum_observatory.analysis.truth.finding import Finding, finding
from electrum_observatory.analysis.truth.header_reading import is_deep, is_height
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.merkle import root_of_branch
from electrum_observatory.bitcoin.reference import ChainReference


def judge_header_proofs(
    answers: Sequence[Answer], reference: ChainReference, backends: Backends, *, tips: Mapping[str, int]
) -> tuple[Finding, ...]:
    """Judge the proofs of all servers that a header is part of the chain up to a checkpoint (``cp_height``).

    Roots that are not known are compared only where the checkpoint lay deep below the tips of those who gave them
    (``tips``, by server, the lowest).
    """
    proofs = [proof for answer in answers if (proof := _header_proof(answer)) is not None]
    broken = [proof for proof in proofs if proof.computed != proof.root]
    return (
        *(
            finding(
                "header_proof_broken",
                proof.answer.server,
                f"the branch of header {proof.height} leads to {proof.computed}, not to the root given with it",
                [proof.answer.quote],
            )
            for proof in broken
        ),
        *_other_roots(proofs, reference, backends, tips),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeaderProof:
    height: int
    cp_height: int
    root: str
    computed: str
    answer: Answer


def _header_proof(answer: Answer) -> _HeaderProof | None:
    match answer.method, answer.params, answer.result:
        case "blockchain.block.header", (height, cp_height), {
            "branch": list(branch),
            "header": str(text),
            "root": str(root),
        } if is_height(height) and is_height(cp_height):
            try:
                leaf = parse_header(bytes.fromhex(text)).block_hash
                computed = root_of_branch(leaf, branch, height)
            except (ValueError, TypeError):
                computed = "nothing that is a hash"
            return _HeaderProof(height=height, cp_height=cp_height, root=root.lower(), computed=computed, answer=answer)
    return None


def _other_roots(
    proofs: Sequence[_HeaderProof], reference: ChainReference, backends: Backends, tips: Mapping[str, int]
) -> Iterator[Finding]:
    known = reference.header_roots
    comparable = [one for one in proofs if one.cp_height in known or is_deep(one.answer, one.cp_height, tips)]
    votes: dict[int, dict[str, set[str]]] = {}
    for proof in comparable:
        said = votes.setdefault(proof.cp_height, {}).setdefault(proof.root, set())
        if proof.computed == proof.root:
            said.add(proof.answer.server)
    for proof in comparable:
        wanted = known.get(proof.cp_height) or majority(votes[proof.cp_height], backends)
        if wanted is not None and proof.root != wanted:
            words = f"the root over the headers up to {proof.cp_height} should be {wanted}, and is {proof.root!r}"
            yield finding("header_root_differs", proof.answer.server, words, [proof.answer.quote])
