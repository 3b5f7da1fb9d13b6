"""All truth tests over everything that was heard: the one call for whoever wants findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.truth.address_kinds import judge_address_kinds, read_outcomes
from electrum_observatory.analysis.truth.backends import Backends
from electrum_observatory.analysis.truth.consistency import judge_consistency
from electrum_observatory.analysis.truth.fee_reading import read_fees, read_histograms
from electrum_observatory.analysis.truth.fees import judge_fees
from electrum_observatory.analysis.truth.finding import Finding, merged
from electrum_observatory.analysis.truth.header_proofs import judge_header_proofs
from electrum_observatory.analysis.truth.header_reading import SETTLED_BLOCKS, HeaderSeen, read_headers, settled_blocks
from electrum_observatory.analysis.truth.headers import credible, judge_headers
from electrum_observatory.analysis.truth.histograms import judge_histograms
from electrum_observatory.analysis.truth.histories import judge_histories, longest_histories
from electrum_observatory.analysis.truth.proofs import judge_transactions, known_roots
from electrum_observatory.analysis.truth.reading import Answer, Heard, read_answers
from electrum_observatory.analysis.truth.scripts import ScriptAnswers, read_scripts
from electrum_observatory.analysis.truth.texts import judge_rejections, judge_texts, read_texts
from electrum_observatory.analysis.truth.tips import judge_tips, read_tips
from electrum_observatory.analysis.truth.unspent import judge_unspent
from electrum_observatory.bitcoin.header import HEADER_BYTES
from electrum_observatory.bitcoin.reference import ChainReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the truth tests say of a network.

    Attributes:
        findings: Ordered by subject and id; what was found in several visits is one finding.
        servers: Who was heard at all.
        foreign: Servers of another chain; they were compared with nobody.
    """

    findings: tuple[Finding, ...]
    servers: frozenset[str]
    foreign: frozenset[str]


def judge(
    heard: Sequence[Heard],
    reference: ChainReference,
    *,
    backends: Backends | None = None,
    own: frozenset[str] = frozenset(),
) -> Judgement:
    """Run every truth test.

    Args:
        heard: Connections to all servers of one network, over as many visits as there are.
        reference: What is known of the network's chain.
        backends: Server to backend (or machine): who shares a vote. Whoever is not named votes alone.
        own: Servers that we run or that a lab runs; only their rejections are judged.
    """
    servers = frozenset(one.server for one in heard)
    return judge_answers(read_answers(heard), reference, servers=servers, backends=backends, own=own)


def judge_answers(
    answers: Sequence[Answer],
    reference: ChainReference,
    *,
    servers: frozenset[str],
    backends: Backends | None = None,
    own: frozenset[str] = frozenset(),
) -> Judgement:
    """Do the same with answers that were read before; ``servers`` is who was heard at all."""
    backends = backends or {}
    headers = _by_server(read_headers(answers))
    findings = [found for of_server in headers.values() for found in judge_headers(of_server, reference)]
    foreign = frozenset(found.subject for found in findings if found.id == "foreign_chain")
    foreign |= {server for server, seen in headers.items() if _has_another_genesis(seen, reference)}
    ours = [answer for answer in answers if answer.server not in foreign]
    of_ours = [seen for server, of_server in headers.items() if server not in foreign for seen in of_server]
    findings += _compared(ours, of_ours, reference, backends)
    findings += judge_texts(read_texts(answers))
    findings += judge_rejections(answers, own)
    return Judgement(
        findings=merged(findings),
        servers=servers,
        foreign=foreign,
    )


def _compared(
    answers: Sequence[Answer], headers: Sequence[HeaderSeen], reference: ChainReference, backends: Backends
) -> list[Finding]:
    """Run the tests that compare servers of one chain with each other, or need their tips."""
    scripts, tips = read_scripts(answers), _settled_tips(headers, reference)
    believed = credible(headers, reference)
    roots = known_roots(believed, reference, backends)
    placed, findings = judge_transactions(answers, roots, tips=tips, reference=reference)
    return [
        *findings,
        *judge_header_proofs(answers, reference, backends, tips=tips),
        *judge_histories(scripts, tips=tips, reference=reference, backends=backends, placed=placed, answers=answers),
        *_consistent(scripts, tips, backends),
        *judge_unspent(scripts, tips=tips, backends=backends),
        *judge_tips(read_tips(believed), believed, backends, reference),
        *judge_fees(read_fees(answers, headers), backends),
        *judge_histograms(read_histograms(answers), backends),
        *judge_address_kinds(read_outcomes(answers, scripts, reference, backends, tips=tips)),
    ]


def _consistent(scripts: Sequence[ScriptAnswers], tips: Mapping[str, int], backends: Backends) -> list[Finding]:
    longest = longest_histories(scripts, backends)
    by_server: dict[str, list[ScriptAnswers]] = {}
    for script in scripts:
        by_server.setdefault(script.server, []).append(script)
    return [
        found
        for server, own in by_server.items()
        for found in judge_consistency(own, tip=tips.get(server), longest=longest, settled_blocks=SETTLED_BLOCKS)
    ]


def _settled_tips(headers: Sequence[HeaderSeen], reference: ChainReference) -> Mapping[str, int]:
    """Return server to the *lowest* tip it named: what lies well below that was settled in all of its visits.

    Where blocks are replaced more deeply than elsewhere, it is taken to be as much lower.
    """
    deeper = settled_blocks(reference) - SETTLED_BLOCKS
    tips: dict[str, int] = {}
    for seen in headers:
        if seen.from_tip:
            tips[seen.server] = min(tips.get(seen.server, seen.height), seen.height)
    return {server: height - deeper for server, height in tips.items()}


def _has_another_genesis(headers: Sequence[HeaderSeen], reference: ChainReference) -> bool:
    known = reference.checkpoints.get(0)
    first = {seen.header.block_hash for seen in headers if seen.height == 0 and len(seen.raw) == HEADER_BYTES}
    return known is not None and bool(first) and known not in first


def _by_server(headers: Sequence[HeaderSeen]) -> Mapping[str, list[HeaderSeen]]:
    by_server: dict[str, list[HeaderSeen]] = {}
    for seen in headers:
        by_server.setdefault(seen.server, []).append(seen)
    return by_server
