"""What the truth tests are about, and how much each had to go by: a finding that is absent says little without that.

An area *held* where its answers were judged and nothing did not fit. It is *insufficient* where nothing was heard, or
too few visits were made for the test to be able to say anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from electrum_observatory.analysis.truth.finding import Finding, Severity
from electrum_observatory.analysis.truth.reading import Answer


class Area(StrEnum):
    """A group of truth tests, as docs/truth.md has them."""

    HEADERS = "headers"
    PROOFS = "proofs"
    HISTORIES = "histories"
    TIPS = "tips"
    FEES = "fees"
    HISTOGRAMS = "histograms"
    TEXTS = "texts"
    ADDRESS_KINDS = "address_kinds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one area goes by.

    Attributes:
        methods: Beginnings of the methods whose answers it reads.
        findings: The findings that belong to it.
        visits: Visits to one server below which nothing could be found.
    """

    methods: tuple[str, ...]
    findings: frozenset[str]
    visits: int = 1


_TIP = "blockchain.headers.subscribe"
SCOPES: Mapping[Area, Scope] = MappingProxyType(
    {
        Area.HEADERS: Scope(
            methods=("blockchain.block.header", _TIP),
            findings=frozenset(
                {
                    *("header_malformed", "header_without_work", "header_of_other_block", "foreign_chain"),
                    *("headers_not_linked", "header_changed", "target_impossible"),
                }
            ),
        ),
        Area.PROOFS: Scope(
            methods=("blockchain.transaction.get", "blockchain.transaction.id_from_pos"),
            findings=frozenset(
                {
                    *("header_proof_broken", "header_root_differs", "merkle_proof_broken", "transaction_misplaced"),
                    *("transaction_altered", "transaction_denied", "transactions_unknown"),
                }
            ),
        ),
        Area.HISTORIES: Scope(
            methods=("blockchain.scripthash.",),
            findings=frozenset(
                {
                    *("history_omits", "history_differs", "history_knows_nothing", "status_not_of_history"),
                    *("unspent_not_in_history", "balance_not_of_unspent", "unspent_differs"),
                }
            ),
        ),
        Area.TIPS: Scope(
            methods=(_TIP,),
            findings=frozenset({"tip_lags", "tip_stale", "tip_on_a_fork", "tips_not_comparable"}),
            visits=2,
        ),
        Area.FEES: Scope(
            methods=("blockchain.estimatefee",),
            findings=frozenset({"fees_far_from_equals", "fees_not_comparable"}),
            visits=2,
        ),
        Area.HISTOGRAMS: Scope(
            methods=("mempool.get_fee_histogram",),
            findings=frozenset({"histogram_replayed", "histograms_not_comparable"}),
            visits=3,
        ),
        Area.TEXTS: Scope(
            methods=("server.banner",),
            findings=frozenset(
                {"text_with_controls", "text_with_markup", "error_with_address", "rejection_gives_orders"}
            ),
        ),
        Area.ADDRESS_KINDS: Scope(
            methods=("blockchain.scripthash.", "blockchain.address."),
            findings=frozenset({"kind_of_address_refused"}),
            visits=2,
        ),
    }
)
"""Every area; a test holds the table to the findings that there are."""

AREA_OF: Mapping[str, Area] = MappingProxyType(
    {finding: area for area, scope in SCOPES.items() for finding in scope.findings}
)
"""Finding to its area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the answers of one server stand in one area.

    Attributes:
        area: See :class:`Area`.
        answers: How many of its answers were read for it.
        visits: In how many visits they came.
        severity: The strongest of the findings; None where there is none.
    """

    area: Area
    answers: int
    visits: int
    severity: Severity | None

    @property
    def insufficient(self) -> bool:
        """Whether nothing could be judged."""
        if self.severity is not None:
            return self.severity is Severity.INSUFFICIENT
        return self.visits < SCOPES[self.area].visits

    @property
    def held(self) -> bool:
        """Whether its answers were judged and nothing did not fit."""
        return self.severity is None and not self.insufficient


def standings(answers: Iterable[Answer], findings: Iterable[Finding]) -> dict[str, tuple[Standing, ...]]:
    """Return server to how it stands in every area that it was asked about."""
    heard: dict[tuple[str, Area], list[str]] = {}
    for answer in answers:
        for area in _areas_of(answer):
            heard.setdefault((answer.server, area), []).append(answer.visit)
    strongest: dict[tuple[str, Area], Severity] = {}
    for one in findings:
        key = one.subject, AREA_OF[one.id]
        strongest[key] = max(strongest.get(key, one.severity), one.severity, key=strength)
    found: dict[str, list[Standing]] = {}
    for server, area in sorted(heard.keys() | strongest.keys(), key=lambda key: (key[0], list(Area).index(key[1]))):
        visits = heard.get((server, area), [])
        found.setdefault(server, []).append(
            Standing(area=area, answers=len(visits), visits=len(set(visits)), severity=strongest.get((server, area)))
        )
    return {server: tuple(of_server) for server, of_server in found.items()}


def strength(severity: Severity) -> int:
    """Return a number that is the greater, the stronger a finding is."""
    return _BY_STRENGTH.index(severity)


_BY_STRENGTH: Sequence[Severity] = list(Severity)


def _areas_of(answer: Answer) -> tuple[Area, ...]:
    """Return the areas that an answer says something about: an error is a text, and perhaps a refusal."""
    if answer.method == "server.banner":
        return (Area.TEXTS,)
    asked = [area for area, scope in SCOPES.items() if answer.method.startswith(scope.methods)]
    if answer.error is None:
        return tuple(asked)
    return (Area.TEXTS, *(area for area in asked if area is Area.ADDRESS_KINDS))
