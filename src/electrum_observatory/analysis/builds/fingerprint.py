"""The behaviour fingerprint: one digest for what a program does, and one for what its operator chose.

Canonical form v1 (docs/fingerprint.md): of a closed list of aspects, those that were observed, each with all the values
seen, as sorted lines; SHA-256 of them. Nothing enters that changes by itself (heights, fees, times, peers), that an
operator writes, or that a server says of itself. Aspects that were not observed don't enter either, so two hashes can
only be compared where the same aspects were observed: ``coverage`` says whether.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.outcome import CLOSED
from electrum_observatory.analysis.builds.aspects.wire import RAW_TRANSPORTS
from electrum_observatory.analysis.builds.evidence import observe
from electrum_observatory.analysis.builds.fingerprint_aspects import ASPECTS_V1, PADDING
from electrum_observatory.analysis.builds.operator_choices import choices
from electrum_observatory.analysis.builds.turns import Conversation, read_turns
from electrum_observatory.model.dialogue import Dialogue

_DIGITS = 16
_COVERAGE_DIGITS = 8
_FEWEST_LINES = 3
_DAEMON = "2 daemon error"
"""What follows is the node's own text, which its releases change."""
_REFUSED = frozenset({CLOSED, "1 unsupported protocol version: H"})
"""Whether ElectrumX 1.18 says the words before it closes is a matter of time: within a second of what it sent last, it
loses them."""
_OPERATOR_TEXTS = frozenset(
    {"server.banner", "server.features", "server.donation_address", "server.peers.subscribe", "server.version"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The digests of one server's behaviour.

    Attributes:
        behaviour: "f1-" and 16 hex digits; None where none of the aspects was observed.
        coverage: "c1-" and 8 hex digits: which aspects were observed. Behaviour hashes compare where it is equal.
        operator: "o1-" and 16 hex digits of what the operator chose; None where only defaults were seen, or nothing.
        aspects: Aspect and value, sorted: what ``behaviour`` is the digest of.
        choices: Name and template of each choice, sorted: what ``operator`` is the digest of.
    """

    behaviour: str | None
    coverage: str | None
    operator: str | None
    aspects: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]


def fingerprint(dialogues: Sequence[Dialogue]) -> Fingerprint:
    """Return the fingerprint of the conversations with one server."""
    read = [read_turns(dialogue) for dialogue in dialogues]
    return fingerprint_of(read, [observe(one) for one in read])


def fingerprint_of(conversations: Sequence[Conversation], observed: Sequence[Sequence[Observation]]) -> Fingerprint:
    """Do the same from conversations that were read before, and from what each of them shows."""
    aspects = canonical(conversations, observed)
    chosen = tuple(sorted({choice for one in conversations for choice in choices(one.turns)}))
    return Fingerprint(
        behaviour=f"f1-{_digest(aspects, _DIGITS)}" if aspects else None,
        coverage=f"c1-{_digest([(name, '') for name, _ in aspects], _COVERAGE_DIGITS)}" if aspects else None,
        operator=f"o1-{_digest(chosen, _DIGITS)}" if chosen else None,
        aspects=aspects,
        choices=chosen,
    )


def canonical(
    conversations: Sequence[Conversation], observed: Sequence[Sequence[Observation]]
) -> tuple[tuple[str, str], ...]:
    """Return the canonical form: the aspects of version 1 that were observed, each with its values, sorted."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for conversation, shown in zip(conversations, observed, strict=True):
        for aspect, value in _readings(conversation, shown):
            seen[aspect].add(_normal(aspect, value))
    padding = _padding(conversations, seen.pop(PADDING, set()))
    if padding is not None:
        seen[PADDING] = {padding}
    return tuple(sorted((aspect, " | ".join(sorted(values))) for aspect, values in seen.items()))


def _readings(conversation: Conversation, shown: Sequence[Observation]) -> Iterator[tuple[str, str]]:
    texts = {turn.exchange for turn in conversation.turns if turn.request.method in _OPERATOR_TEXTS}
    for one in shown:
        if one.aspect in ASPECTS_V1 and not (one.aspect == "escaping" and one.exchange in texts):
            yield one.aspect, one.value


def _normal(aspect: str, value: str) -> str:
    """Take out of a value what the node or the operator decides."""
    if aspect.startswith("has_") and value in ("result", "present"):
        return "known"
    if aspect.startswith("handshake_") and value in _REFUSED:
        return "refused"
    if aspect.startswith("estimate_"):
        return _DAEMON if value.startswith(_DAEMON) else value.split(",", maxsplit=1)[0]
    if aspect == "donation_kind":
        return "null" if value == "null" else "text"
    return value


def _padding(conversations: Sequence[Conversation], read: Set[str]) -> str | None:
    if read:
        return "padded"
    lines = sum(len(one.lines) for one in conversations if one.transport in RAW_TRANSPORTS)
    return "never" if lines >= _FEWEST_LINES else None


def _digest(pairs: Sequence[tuple[str, str]], digits: int) -> str:
    text = "".join(f"{name}\t{_escaped(value)}\n" for name, value in pairs)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def _escaped(value: str) -> str:
    """Keep one pair on one line, whatever a server wrote."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
