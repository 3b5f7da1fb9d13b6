"""Software in words: which program by behaviour, in which versions, and what a server calls itself beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.behaviour import EndpointBehaviour
from electrum_observatory.analysis.builds.identify import Identification
from electrum_observatory.analysis.builds.universe import NAMES
from electrum_observatory.datasets.servers import ServerRow

_MOST_DECISIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareView:
    """What the page of a machine says of the software on one or several of its endpoints.

    Attributes:
        ports: ``tcp 50001`` and the like: the endpoints that it is about.
        program: Which program, in words; None where several remain or none fits.
        versions: Its versions, in words; None where they are not known.
        claimed: What it calls itself; None where it says nothing.
        confidence: 0 to 1, rounded down to two digits.
        several_backends: Its connections are of different builds, by behaviour or by names that they bear out.
        decided: What decided: the observation in words, and the exchange that shows it.
        contradictions: What does not go together, in words, and the exchanges that show it.
        behaviour_hash: Digest of the behaviour.
        operator_hash: Digest of what the operator chose.
        conversations: How many it was read from.
    """

    ports: tuple[str, ...]
    program: str | None
    versions: str | None
    claimed: str | None
    confidence: float
    several_backends: bool
    decided: tuple[tuple[str, str, str], ...]
    contradictions: tuple[tuple[str, str], ...]
    behaviour_hash: str | None
    operator_hash: str | None
    conversations: int


def versions_of(found: Identification) -> str | None:
    """Return the versions that remain, in words; None where nothing is known of them."""
    low, high = found.version_min, found.version_max
    if low is None or low == high:
        return low or (f"up to {high}" if high else None)
    return f"{low} or later" if high is None else f"{low} to {high}"


def rounded_down(confidence: float) -> float:
    """Return a confidence with two digits: what is not certain is never shown as certain."""
    return math.floor(confidence * 100 + 1e-9) / 100


def program_of(behaviour: EndpointBehaviour | None) -> str | None:
    """Return the program in words, or None."""
    if behaviour is None or behaviour.identification.implementation is None:
        return None
    return NAMES.get(behaviour.identification.implementation, behaviour.identification.implementation)


def build_of(behaviour: EndpointBehaviour | None) -> str | None:
    """Return program and versions in words, or None."""
    program = program_of(behaviour)
    if behaviour is None or program is None:
        return None
    versions = versions_of(behaviour.identification)
    return program if versions is None else f"{program} {versions}"


def software_of(rows: Sequence[ServerRow], judged: Mapping[str, EndpointBehaviour]) -> tuple[SoftwareView, ...]:
    """Return what is known of the software of these endpoints; endpoints of which the same is known stand together."""
    together: dict[EndpointBehaviour, list[str]] = {}
    for row in rows:
        behaviour = judged.get(row.endpoint_id)
        if behaviour is not None:
            same = next((one for one in together if _alike(one, behaviour)), behaviour)
            together.setdefault(same, []).append(f"{row.transport} {row.port}")
    return tuple(_view(behaviour, tuple(dict.fromkeys(ports))) for behaviour, ports in together.items())


def _alike(one: EndpointBehaviour, other: EndpointBehaviour) -> bool:
    """Whether a page would say the same of both, but for the hashes of transports with other line ends."""
    mine, theirs = one.identification, other.identification
    return (
        (mine.implementation, versions_of(mine), mine.claimed)
        == (theirs.implementation, versions_of(theirs), theirs.claimed)
        and [told.words for told in mine.contradictions] == [told.words for told in theirs.contradictions]
        and one.fingerprint.behaviour == other.fingerprint.behaviour
    )


def _view(behaviour: EndpointBehaviour, ports: tuple[str, ...]) -> SoftwareView:
    found = behaviour.identification
    return SoftwareView(
        ports=ports,
        program=program_of(behaviour),
        versions=versions_of(found),
        claimed=None if found.claimed is None else found.claimed.text,
        confidence=rounded_down(found.confidence),
        several_backends=found.several_backends,
        decided=tuple((one.aspect, one.value, one.exchange) for one in found.decided_by[:_MOST_DECISIONS]),
        contradictions=tuple((one.words, ", ".join(one.exchanges)) for one in found.contradictions),
        behaviour_hash=behaviour.fingerprint.behaviour,
        operator_hash=behaviour.fingerprint.operator,
        conversations=behaviour.dialogues,
    )
