"""Whether a server treats one kind of address otherwise than all others.

A server that answers little, or throttles, does so whatever is asked. So a kind counts as refused only where its
questions failed in several visits although a question about another kind, asked *after* them on the same connection,
was answered; an empty answer is no throttling and counts as it is. Which kind a script has is known from the reference:
a server is only ever told its hash.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb

from electrum_observatory.analysis.truth.backends import FEWEST, Backends, backend_of
from electrum_observatory.analysis.truth.consistency import SHORT
from electrum_observatory.analysis.truth.finding import Finding, Quote, finding
from electrum_observatory.analysis.truth.header_reading import SETTLED_BLOCKS
from electrum_observatory.analysis.truth.histories import longest_histories
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.analysis.truth.scripts import ScriptAnswers
from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.reference import ChainReference

VISITS = 2
"""Visits in which the kind must fail, and in which none of its questions may succeed."""

SURE = 1e-3
"""Chance, over all kinds, that failures fall on one kind alone by accident; more than that says nothing."""

_ASKED = ("get_history", "get_balance", "listunspent", "subscribe")
_SIZE = ("too large", "too many history", "too many utxo", "popular")
"""How programs refuse a script that was used too often for their limit."""

_LIMITED = ("too large", "too many", "limit", "excessive", "busy", "timed out", "throttle", "flood")


class Outcome(StrEnum):
    """What came of one question about a script that has a history."""

    ANSWERED = "answered"
    NEITHER = "neither"  # a balance or unspent outputs: what is spent has none, so nothing follows from nothing
    EMPTY = "empty"
    REFUSED = "refused"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOutcome:
    """One question about a script of a known kind.

    Attributes:
        server: Who was asked.
        visit: In which visit.
        connection: On which connection.
        place: When on that connection.
        kind: Kind of the script.
        outcome: See :class:`Outcome`.
        quote: The reply.
    """

    server: str
    visit: str
    connection: str
    place: int
    kind: AddressKind
    outcome: Outcome
    quote: Quote


def read_outcomes(
    answers: Iterable[Answer],
    scripts: Sequence[ScriptAnswers],
    reference: ChainReference,
    backends: Backends,
    *,
    tips: Mapping[str, int],
) -> tuple[KindOutcome, ...]:
    """Return what came of the questions about scripts that have a history: a known one, or one that backends give.

    Three backends must give one, so that nobody can make a script look used and all others look as if they hid it. Who
    still syncs is asked nothing about scripts that were first used above its tip (``tips``, by server, the lowest).
    """
    used, longest = _first_used(scripts, reference, backends), longest_histories(scripts, backends)
    kinds = {script.scripthash: script.kind for script in reference.frozen_scripts if script.scripthash in used}
    return tuple(
        KindOutcome(
            server=answer.server,
            visit=answer.visit,
            connection=answer.connection,
            place=answer.place,
            kind=kind,
            outcome=outcome,
            quote=answer.quote,
        )
        for answer in answers
        if answer.params
        and isinstance(answer.params[0], str)
        and (kind := kinds.get(answer.params[0])) is not None
        and used[answer.params[0]] <= tips.get(answer.server, -1) - SETTLED_BLOCKS
        and (outcome := _outcome(answer)) is not None
        and not _too_long(answer, outcome, longest.get(answer.params[0]))
    )


def _first_used(scripts: Iterable[ScriptAnswers], reference: ChainReference, backends: Backends) -> Mapping[str, int]:
    """Return script to the height of its first transaction, as known, or as three backends say at most."""
    given: dict[str, dict[str, int]] = {}
    for script in scripts:
        heights = [entry.height for entry in script.history or () if entry.height > 0]
        if heights:
            of_script, backend = given.setdefault(script.scripthash, {}), backend_of(script.server, backends)
            of_script[backend] = min(of_script.get(backend, heights[0]), *heights)
    used = {name: sorted(firsts.values())[FEWEST - 1] for name, firsts in given.items() if len(firsts) >= FEWEST}
    known = {
        script.scripthash: min(height for _, height in script.history)
        for script in reference.frozen_scripts
        if script.history
    }
    return used | known


def judge_address_kinds(outcomes: Sequence[KindOutcome]) -> tuple[Finding, ...]:
    """Judge all servers."""
    by_server: dict[str, list[KindOutcome]] = {}
    for one in outcomes:
        by_server.setdefault(one.server, []).append(one)
    return tuple(found for _, own in sorted(by_server.items()) for found in _judge(own))


def _judge(own: Sequence[KindOutcome]) -> Iterator[Finding]:
    kinds = sorted({one.kind for one in own})
    telling = [one for one in own if one.outcome is not Outcome.NEITHER]
    for kind in kinds:
        of_kind = [one for one in telling if one.kind is kind]
        last = _last_answered(one for one in own if one.kind is not kind)
        failed = [one for one in of_kind if one.outcome is Outcome.EMPTY or last.get(one.connection, -1) > one.place]
        others = [one for one in telling if one.kind is not kind]
        if any(one.outcome is Outcome.ANSWERED for one in of_kind) or len({one.visit for one in failed}) < VISITS:
            continue
        bad_others = sum(one.outcome is not Outcome.ANSWERED for one in others)
        if len(kinds) * _chance(len(failed), bad_others, len(others)) > SURE:
            continue
        said = ", ".join(sorted({one.outcome for one in failed}))
        words = (
            f"all {len(failed)} questions about {kind} failed ({said}) in {len({one.visit for one in failed})} visits; "
            f"of {len(others)} about other kinds {bad_others} did"
        )
        yield finding("kind_of_address_refused", failed[0].server, words, [one.quote for one in failed])


def _last_answered(outcomes: Iterable[KindOutcome]) -> Mapping[str, int]:
    """Return connection to the place of its last answer: what failed before it met no limit of the session."""
    last: dict[str, int] = {}
    for one in outcomes:
        if one.outcome in (Outcome.ANSWERED, Outcome.NEITHER):
            last[one.connection] = max(last.get(one.connection, -1), one.place)
    return last


def _chance(failed: int, failed_others: int, asked_others: int) -> float:
    """Return how likely failures, thrown on all questions by lot, are to hit every one of a kind (hypergeometric)."""
    return comb(asked_others, failed_others) / comb(failed + asked_others, failed + failed_others)


def _too_long(answer: Answer, outcome: Outcome, longest: int | None) -> bool:
    """Whether a limit on the length of histories explains an answer: then it says nothing of the kind.

    Beyond it Fulcrum answers with nothing, and others with an error.
    """
    if outcome is Outcome.EMPTY:
        return longest is not None and longest > SHORT
    by_size = answer.error is not None and any(word in answer.error.message.lower() for word in _SIZE)
    return by_size and (longest is None or longest > SHORT)


def _outcome(answer: Answer) -> Outcome | None:
    if answer.method.rpartition(".")[2] not in _ASKED or not answer.method.startswith("blockchain.scripthash."):
        return None
    if answer.error is not None:
        text = answer.error.message.lower()
        return Outcome.LIMITED if any(word in text for word in _LIMITED) else Outcome.REFUSED
    if answer.method.endswith(("get_balance", "listunspent")):
        return Outcome.NEITHER
    return Outcome.ANSWERED if answer.result else Outcome.EMPTY
