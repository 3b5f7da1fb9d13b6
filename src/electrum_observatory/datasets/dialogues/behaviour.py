"""The visits that ask about behaviour: each probe recorded its own lines, sent and heard, and its place.

Probes of one connection are put together again by their places. Where the first of them is missing, what began the
connection is not known, and the dialogue says so.
"""

import base64
import binascii
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from electrum_observatory.datasets import fields
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.observation import Json, Observation

TREATMENT = "treatment"
"""The probe whose connections are no conversation of ours: each speaks in the form of another client."""

_MEMBERS = ("visit", "connection", "place", "exchanges")
_Connection: TypeAlias = tuple[int, int]
"""Number of the visit, and of the connection within it."""


def is_behaviour(observation: Observation) -> bool:
    """Whether the result is a list of exchanges with their place (``BehaviourResult`` of the scanner)."""
    result = observation.attempt.result
    return result is not None and all(member in result for member in _MEMBERS)


def without_arms(observations: Sequence[Observation]) -> list[Observation]:
    """Leave out what was asked in another form than our own to compare treatment; its connections hold nothing else."""
    arms = {_connection(one.attempt.result or {}) for one in observations if _is_arm(one) and one.attempt.result}
    return [one for one in observations if not _is_arm(one) and _connection(one.attempt.result or {}) not in arms]


def _is_arm(observation: Observation) -> bool:
    return observation.probe == TREATMENT


def _connection(result: Mapping[str, Json]) -> tuple[int | None, int | None]:
    return fields.integer(result, "visit"), fields.integer(result, "connection")


def behaviour_dialogues(observations: Sequence[Observation]) -> Sequence[Dialogue]:
    """Return one dialogue for each connection, in the order of visits."""
    connections: defaultdict[_Connection, list[tuple[int, Observation]]] = defaultdict(list)
    for one in observations:
        result = one.attempt.result or {}
        visit, connection, place = (fields.integer(result, member) for member in _MEMBERS[:3])
        if visit is not None and connection is not None and place is not None:
            connections[visit, connection].append((place, one))
    return [_dialogue(key, connections[key]) for key in sorted(connections)]


def _dialogue(key: _Connection, placed: list[tuple[int, Observation]]) -> Dialogue:
    placed.sort(key=lambda pair: pair[0])
    first_place, one = placed[0]
    return Dialogue(
        transport=one.endpoint.transport,
        exchanges=tuple(exchange for _, observation in placed for exchange in _exchanges(observation)),
        from_start=first_place == 0,
        origin=f"{one.campaign_id} visit {key[0]} connection {key[1]} {one.endpoint.canonical}",
    )


def _exchanges(observation: Observation) -> Iterator[Exchange]:
    heard = {witness.label: witness.data for witness in observation.witnesses}
    for told in fields.mappings(observation.attempt.result or {}, "exchanges"):
        labels = fields.texts(told, "lines")
        times = fields.numbers(told, "after_ms")
        lines = itertools.zip_longest(labels, times[: len(labels)])
        yield Exchange(
            name=_name(observation.probe, fields.text(told, "name") or ""),
            sent=_sent(told),
            lines=tuple(Line(data=heard[label], after_ms=after_ms) for label, after_ms in lines if label in heard),
            closed=fields.boolean(told, "closed"),
            alive_after=fields.boolean(told, "alive_after"),
        )


def _name(probe: str, name: str) -> str:
    """Name an exchange by its probe, and by its own name where that is another."""
    return name if name.startswith(probe) else f"{probe} {name}".rstrip()


def _sent(told: Mapping[str, Json]) -> bytes:
    sent = fields.text(told, "sent") or ""
    if not fields.boolean(told, "sent_base64"):
        return sent.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(sent, validate=True)
    except (binascii.Error, ValueError):  # of another program than ours: nothing can be said of it
        return b""
