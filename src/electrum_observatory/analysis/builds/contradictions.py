"""What does not go together: a claim with the behaviour, the spelling with the content, one name with another.

Each is a pattern that no unmodified program shows (field reference §9.a, "impossible combinations"). None is a verdict
on a person: relays, edited builds and misconfigured balancers are among the causes. What was not recorded raises none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.questions import REFUSED_ON_FIRST
from electrum_observatory.analysis.builds.claims import Told, version_of
from electrum_observatory.analysis.builds.evidence import Evidence
from electrum_observatory.analysis.builds.gathering import Gathered
from electrum_observatory.analysis.builds.inference import deciding
from electrum_observatory.analysis.builds.names import SelfName
from electrum_observatory.analysis.builds.rules.model import Rule
from electrum_observatory.analysis.builds.rules.registry import SPELLING
from electrum_observatory.analysis.builds.universe import candidates, version_key

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two things that no unmodified program shows together.

    Attributes:
        contradiction_id: Stable; see ``KINDS``.
        words: For a person.
        exchanges: Names of the exchanges that show it.
    """

    contradiction_id: str
    words: str
    exchanges: tuple[str, ...]


KINDS = {
    "claim_key_order": "the order of keys is not that of the software it names, as where somebody on the way writes "
    "anew",
    "claim_terminator": "lines end otherwise than those of the software it names, as behind a relay or under another "
    "name",
    "claim_padding": "replies are padded, or never padded, otherwise than those of the version it names, as of an "
    "edited build or behind a relay",
    "claim_interval": "it behaves outside the interval that the version it names covers, as an edited build does, or "
    "one with another version text",
    "claim_words": "it answers in the words of another program than it names, as under another name or behind a "
    "balancer of two programs",
    "version_member_on_first": (
        'it answered a first message with "jsonrpc" is not "2.0", as on a connection that was used before'
    ),
    "names_differ": "it names different versions of itself, on one connection or where it behaves as one build, as in "
    "a banner kept from before an upgrade, or where somebody on the way writes names anew",
    "claim_histogram": "its fee histogram is cut otherwise than by the software it names, as of an edited build or "
    "under another name",
    "claim_methods": "it has, or lacks, methods that the software it names lacks, or has, as of an edited build or "
    "under another name",
    "claim_estimates": "it estimates fees otherwise than the software it names, as of an edited build or behind a "
    "cache",
    "rewriting_relay": "what it says is of builds that never spell it so, as when somebody on the way writes it anew",
    "mixed_connection": "one connection shows what no single program does, as of an edited build or behind a balancer "
    "that mixes answers",
    "claim_date": "it names a version that was not released yet, as an edited version text or a wrong clock would",
    "claim_spelling": "its lines are spaced or escaped, or its numbers and errors written, otherwise than those of the "
    "software it names, as where somebody on the way writes anew",
}
"""Stable id → what it says, an innocent cause included. The first ten are the impossible combinations of the field
reference, in its order."""

_OF_PROGRAM = (
    ("keys_", "claim_key_order"),
    ("terminator", "claim_terminator"),
    ("histogram_", "claim_histogram"),
    ("has_", "claim_methods"),
    ("estimate_", "claim_estimates"),
    ("agreed_", "claim_interval"),
    ("protocol_max", "claim_interval"),
)
_OF_VERSION = (("padding", "claim_padding"), ("estimate_repeated", "claim_estimates"))


def contradictions(
    evidence: Sequence[Evidence],
    gathered: Gathered,
    told: Sequence[Told],
    *,
    masked: bool,
    seen_on: date | None,
) -> tuple[Contradiction, ...]:
    """Return every contradiction, each kind once."""
    found: dict[str, Contradiction] = {}
    for one in (
        *_of_dialogues(evidence, gathered),
        *([] if masked else _of_names(evidence)),
        *_of_connections(gathered, told),
        *(one for name in told for one in _of_claim(name, seen_on)),
    ):
        before = found.get(one.contradiction_id)
        exchanges = one.exchanges if before is None else (*before.exchanges, *one.exchanges)
        found[one.contradiction_id] = _contradiction(
            one.contradiction_id, one.words if before is None else before.words, exchanges
        )
    return tuple(found.values())


def _contradiction(kind: str, words: str, exchanges: Sequence[str]) -> Contradiction:
    return Contradiction(contradiction_id=kind, words=words, exchanges=tuple(dict.fromkeys(exchanges))[:_SHOWN])


def _of_dialogues(evidence: Sequence[Evidence], gathered: Gathered) -> Iterator[Contradiction]:
    for one in evidence:
        for observation in one.observations:
            if observation.aspect == REFUSED_ON_FIRST:
                yield _contradiction(
                    "version_member_on_first", KINDS["version_member_on_first"], [observation.exchange]
                )
    for kind, holds in (("rewriting_relay", gathered.relay), ("mixed_connection", gathered.mixed)):
        if holds:
            shown = [observation for observation, _ in deciding(gathered.exclusions, frozenset())]
            yield _contradiction(kind, f"{KINDS[kind]}: {_listed(shown)}", [one.exchange for one in shown])


def _of_names(evidence: Sequence[Evidence]) -> Iterator[Contradiction]:
    """Names are compared within a connection: behind one address there may be machines of different versions."""
    for one in evidence:
        versions = {(name.claim.implementation, version_key(name.claim.version or "")) for name in one.names}
        if len(versions) > 1 and None not in {version for _, version in versions}:
            yield _differing(one.names)


def _of_connections(gathered: Gathered, told: Sequence[Told]) -> Iterator[Contradiction]:
    """Names of different connections may both be true; not where all behave as one build and not as one of them."""
    versions = {version_of(one.name) for one in told if one.meant}
    if gathered.several_backends or gathered.nearest or len(versions) < 2 or not any(one.refuted for one in told):
        return
    yield _differing([one.name for one in told if one.meant])


def _differing(names: Sequence[SelfName]) -> Contradiction:
    said = dict.fromkeys(f"{name.claim.text!r} ({name.place})" for name in names)
    words = f"{KINDS['names_differ']}: {', '.join(tuple(said)[:_SHOWN])}"
    return _contradiction("names_differ", words, [name.exchange for name in names])


def _of_claim(told: Told, seen_on: date | None) -> Iterator[Contradiction]:
    claim = told.name.claim
    days = [build.since for build in candidates(claim.implementation, claim.version) if build.since is not None]
    if seen_on is not None and days and min(days) > seen_on:
        yield _contradiction(
            "claim_date", f"{KINDS['claim_date']}: {claim.text!r}, released on {min(days)}", [told.name.exchange]
        )
    if told.refuted:
        yield from _refuting(told.gathered, told.name, told.meant)


def _refuting(gathered: Gathered, name: SelfName, ids: frozenset[str]) -> Iterator[Contradiction]:
    """Return what speaks against a claim: single observations that refute it whole, or else those that do together."""
    exclusions = gathered.exclusions
    whole = [(observation, rule) for observation, rule, excluded in exclusions if ids <= excluded]
    said = f"in its {name.place} it says {name.claim.text!r}"
    kinds: dict[str, list[Observation]] = {}
    for observation, rule in whole:
        kinds.setdefault(_kind(rule, observation.value, name.claim.implementation or ""), []).append(observation)
    for kind, shown in kinds.items():
        words = f"{KINDS[kind]}: {said}, and it showed {_listed(shown)}"
        yield _contradiction(kind, words, [one.exchange for one in shown])
    if not whole and not gathered.nearest:
        parts = [observation for observation, _, excluded in exclusions if ids & excluded]
        words = f"{KINDS['claim_interval']}: {said}, which never showed {_listed(parts)} together"
        yield _contradiction("claim_interval", words, [part.exchange for part in parts])


def _listed(observations: Sequence[Observation]) -> str:
    return ", ".join(f"{one.aspect} {one.value!r}" for one in observations[:_SHOWN])


def _kind(rule: Rule, value: str, named: str) -> str:
    """Name the contradiction: with the program named or, where other versions of it do so, with the version."""
    for start, kind in _OF_VERSION:
        if rule.aspect.startswith(start):
            return kind
    if value in rule.shown_by(f"{named}-"):
        return "claim_interval"
    for start, kind in _OF_PROGRAM:
        if rule.aspect.startswith(start):
            return kind
    return "claim_spelling" if rule.aspect in SPELLING else "claim_words"
