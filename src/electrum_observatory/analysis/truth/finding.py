"""What a truth test may say: a finding with its witnesses and with what would explain it innocently.

A test that finds nothing returns nothing; one that lacks data says *insufficient*, which is no reproach. Ids are
stable for ever: another meaning is another id. docs/truth.md explains each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """How strong a finding is."""

    INSUFFICIENT = "insufficient"  # too little was heard to say anything
    UNUSUAL = "unusual"  # differs from what most others say
    CONTRADICTED = "contradicted"  # the server contradicts itself, or steadily most others
    DISPROVEN = "disproven"  # cannot be true: a hash or a proof says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The bytes behind a finding.

    Attributes:
        server: Who sent them.
        exchange: The exchange in which they came.
        line: The line as it came; empty where silence is what is quoted.
    """

    server: str
    exchange: str
    line: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not fit.

    Attributes:
        id: Which test found it.
        severity: How strong it is.
        subject: Whom it is about.
        words: What does not fit, for a person; values from servers stand in it as ``repr`` or hex only.
        witnesses: The bytes it was read from, the subject's first.
        innocent: What would explain it without any intent.
    """

    id: str
    severity: Severity
    subject: str
    words: str
    witnesses: tuple[Quote, ...]
    innocent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What all findings of one id have in common."""

    severity: Severity
    innocent: str


_REORGANISED = "the chain was reorganised between two answers"
_BROKEN = "damaged data on the server's disk, or a relay that damages answers"
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "header_malformed": Kind(
            severity=Severity.CONTRADICTED, innocent="a chain whose headers are longer, or a relay that damages answers"
        ),
        "header_without_work": Kind(severity=Severity.DISPROVEN, innocent=_BROKEN),
        "header_of_other_block": Kind(
            severity=Severity.DISPROVEN,
            innocent="a server of another chain that split off earlier and is not known here",
        ),
        "foreign_chain": Kind(
            severity=Severity.DISPROVEN,
            innocent="a server of another coin with the same genesis block, listed among the wrong servers",
        ),
        "headers_not_linked": Kind(severity=Severity.DISPROVEN, innocent=_BROKEN),
        "header_changed": Kind(severity=Severity.CONTRADICTED, innocent="several backends behind one name"),
        "target_impossible": Kind(
            severity=Severity.DISPROVEN, innocent="another coin of the same first blocks, or " + _BROKEN
        ),
        "header_proof_broken": Kind(severity=Severity.DISPROVEN, innocent=_BROKEN),
        "header_root_differs": Kind(severity=Severity.CONTRADICTED, innocent=_BROKEN),
        "merkle_proof_broken": Kind(severity=Severity.DISPROVEN, innocent=_BROKEN),
        "transaction_misplaced": Kind(severity=Severity.DISPROVEN, innocent=_BROKEN),
        "transaction_altered": Kind(severity=Severity.DISPROVEN, innocent=_BROKEN),
        "transaction_denied": Kind(
            severity=Severity.UNUSUAL,
            innocent="a node that is pruned or has no whole transaction index, or one that still syncs",
        ),
        "transactions_unknown": Kind(
            severity=Severity.INSUFFICIENT,
            innocent="a personal server, or one whose node is pruned or has no transaction index",
        ),
        "history_omits": Kind(
            severity=Severity.DISPROVEN, innocent="an index that broke or is still being built; a limit set very low"
        ),
        "history_differs": Kind(
            severity=Severity.UNUSUAL, innocent="an index that broke or is still being built; " + _REORGANISED
        ),
        "history_knows_nothing": Kind(
            severity=Severity.INSUFFICIENT,
            innocent="a personal server, which knows the scripts of its own wallet only, or an index just begun",
        ),
        "status_not_of_history": Kind(
            severity=Severity.CONTRADICTED, innocent="several backends behind one name, or a stale cache"
        ),
        "unspent_not_in_history": Kind(
            severity=Severity.CONTRADICTED, innocent="several backends behind one name, or a stale cache"
        ),
        "balance_not_of_unspent": Kind(
            severity=Severity.CONTRADICTED, innocent="several backends behind one name, or a stale cache"
        ),
        "unspent_differs": Kind(
            severity=Severity.CONTRADICTED, innocent="an index that broke, or several backends behind one name"
        ),
        "tip_lags": Kind(
            severity=Severity.UNUSUAL,
            innocent="a node that is badly connected, overloaded, slow to index blocks or still syncing",
        ),
        "tip_stale": Kind(severity=Severity.UNUSUAL, innocent="a node that stopped, hangs, or is still syncing"),
        "tip_on_a_fork": Kind(
            severity=Severity.CONTRADICTED,
            innocent="an unattended node that took a dead branch for valid, or another coin of the same first blocks",
        ),
        "tips_not_comparable": Kind(severity=Severity.INSUFFICIENT, innocent="too few servers were asked together"),
        "fees_far_from_equals": Kind(
            severity=Severity.UNUSUAL,
            innocent="a node just started, badly connected, or with policies that it does not tell of",
        ),
        "fees_not_comparable": Kind(
            severity=Severity.INSUFFICIENT, innocent="too few servers of one policy, or quiet times"
        ),
        "histogram_replayed": Kind(severity=Severity.UNUSUAL, innocent="a mempool refresh that hangs"),
        "histograms_not_comparable": Kind(
            severity=Severity.INSUFFICIENT, innocent="quiet times, or visits that lie close together"
        ),
        "text_with_controls": Kind(severity=Severity.UNUSUAL, innocent="a banner file in another encoding"),
        "text_with_markup": Kind(severity=Severity.UNUSUAL, innocent="a banner written as a web page"),
        "error_with_address": Kind(
            severity=Severity.UNUSUAL, innocent="a commercial front end that tells where to ask for more"
        ),
        "rejection_gives_orders": Kind(
            severity=Severity.CONTRADICTED, innocent="a patched server whose operator warns of something"
        ),
        "kind_of_address_refused": Kind(
            severity=Severity.CONTRADICTED, innocent="an index built before that kind of script was known"
        ),
    }
)
"""Every finding there is."""


def finding(identity: str, subject: str, words: str, witnesses: Iterable[Quote]) -> Finding:
    """Return a finding of a known kind."""
    kind = KINDS[identity]
    return Finding(
        id=identity,
        severity=kind.severity,
        subject=subject,
        words=words,
        witnesses=tuple(witnesses),
        innocent=kind.innocent,
    )


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings ordered by subject and id; what was found again and again is one, with all its witnesses."""
    found: dict[tuple[str, str, str], Finding] = {}
    for one in sorted(findings, key=lambda finding: (finding.subject, finding.id)):
        key = (one.subject, one.id, one.words)
        known = found.get(key)
        witnesses = dict.fromkeys((*known.witnesses, *one.witnesses)) if known is not None else one.witnesses
        found[key] = replace(one, witnesses=tuple(witnesses))
    return tuple(found.values())


def flags(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are more than a want of data."""
    return tuple(one for one in findings if one.severity is not Severity.INSUFFICIENT)
