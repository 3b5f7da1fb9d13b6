"""The routine conversation, rebuilt from the witnesses of its probes.

A reply's label is the id of its request, ids are fixed, and so the line that was sent can be written again. Questions
went out in one breath and answers came as they liked: exchanges stand in the order of ids, and a question without an
answer is left out rather than called silence.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.observation import Json, Observation, Witness, WitnessKind
from electrum_observatory.protocol.messages import encode_request
from electrum_observatory.protocol.versions import PROTOCOL_MAX, PROTOCOL_MIN

_HANDSHAKE, _DIAL, _PINGS = "server_version", "connection", "latency"
_RANGE_ID, _PLAIN_ID = 0, 1
_ID = re.compile(r"\d{1,9}", re.ASCII)
_NS_PER_MS = 1_000_000
_CLOSED = frozenset({FailureKind.EOF, FailureKind.CONNECTION_RESET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a routine probe asks.

    Attributes:
        first_id: Id of its first request; each further one is one more.
        method: What is asked.
        params: For each request; empty for a question that is repeated as it is.
    """

    first_id: int
    method: str
    params: tuple[tuple[Json, ...], ...] = ()


ROUTINE: Mapping[str, Asked] = {
    "latency": Asked(first_id=10, method="server.ping"),
    "features": Asked(first_id=30, method="server.features"),
    "banner": Asked(first_id=40, method="server.banner"),
    "donation_address": Asked(first_id=50, method="server.donation_address"),
    "peers": Asked(first_id=60, method="server.peers.subscribe"),
    "chain_tip": Asked(first_id=70, method="blockchain.headers.subscribe"),
    "genesis": Asked(first_id=80, method="blockchain.block.header", params=((0,),)),
    "relay_fee": Asked(first_id=90, method="blockchain.relayfee"),
    "mempool_info": Asked(first_id=100, method="mempool.get_info"),
    "fee_estimates": Asked(first_id=110, method="blockchain.estimatefee", params=((2,), (6,), (12,), (25,), (144,))),
    "fee_histogram": Asked(first_id=120, method="mempool.get_fee_histogram"),
}
"""As the scanner's probes ask; a contract test holds the two equal."""


def routine_dialogues(asked: Mapping[str, Observation], client_name: str) -> Sequence[Dialogue]:
    """Return one routine visit: a dialogue, or two where the server closed on the first handshake.

    Args:
        asked: Probe → its observation.
        client_name: What we called ourselves.
    """
    earlier, opening = _handshakes(asked, client_name)
    heard = sorted(pair for probe in ROUTINE.keys() & asked.keys() for pair in _answers(asked[probe]))
    found = [_dialogue(asked, [earlier])] if earlier is not None else []
    exchanges = [*opening, *(exchange for *_, exchange in heard)]
    if exchanges:
        found.append(_dialogue(asked, exchanges, from_start=bool(opening)))
    return found


def _dialogue(asked: Mapping[str, Observation], exchanges: Sequence[Exchange], *, from_start: bool = True) -> Dialogue:
    one = next(iter(asked.values()))
    return Dialogue(
        transport=one.endpoint.transport,
        exchanges=tuple(exchanges),
        from_start=from_start,
        origin=f"{one.campaign_id} routine {one.endpoint.canonical}",
    )


def _answers(observation: Observation) -> Iterator[tuple[int, int, Exchange]]:
    """Yield id, place and exchange; what bears another label was not in answer to this probe."""
    asked = ROUTINE[observation.probe]
    for place, (label, witness) in enumerate(_replies(observation)):
        nth = label - asked.first_id
        if nth < 0 or nth >= (len(asked.params) or nth + 1):
            continue
        params = asked.params[nth] if asked.params else ()
        line = Line(data=witness.data, after_ms=_ping_ms(observation, nth))
        sent = encode_request(label, asked.method, params)
        yield label, place, Exchange(name=f"{observation.probe}#{nth}", sent=sent, lines=(line,))


def _replies(observation: Observation) -> Iterator[tuple[int, Witness]]:
    for witness in observation.witnesses:
        if witness.kind is WitnessKind.REPLY and _ID.fullmatch(witness.label):
            yield int(witness.label), witness


def _ping_ms(observation: Observation, nth: int) -> float | None:
    """Only pings went out one by one; what was asked in one breath has no time of its own."""
    if observation.probe != _PINGS:
        return None
    times = (observation.attempt.result or {}).get("pings_ms")
    return times[nth] if isinstance(times, list | tuple) and nth < len(times) else None


def _handshakes(asked: Mapping[str, Observation], client_name: str) -> tuple[Exchange | None, list[Exchange]]:
    """Return the handshake on which an earlier connection ended, if one did, and those that opened the last."""
    handshake = asked.get(_HANDSHAKE)
    if handshake is None or _offered_is_unknown(handshake):
        return None, []
    replies = dict(_replies(handshake))
    times = _times(asked, replies)
    made = {
        label: Exchange(
            name=f"{_HANDSHAKE}#{label}",
            sent=encode_request(label, "server.version", [_sendable(client_name), offered]),
            lines=(Line(data=replies[label].data, after_ms=times.get(label)),) if label in replies else (),
        )
        for label, offered in ((_RANGE_ID, [PROTOCOL_MIN, PROTOCOL_MAX]), (_PLAIN_ID, PROTOCOL_MIN))
    }
    retried = bool((handshake.attempt.result or {}).get("retried_plain")) or _PLAIN_ID in replies
    if not retried:
        return None, [_ended(made[_RANGE_ID], handshake)]
    if _RANGE_ID in replies and not _came_before_the_dial(replies[_RANGE_ID], asked):
        return None, [made[_RANGE_ID], made[_PLAIN_ID]]
    return _closed(made[_RANGE_ID]), [made[_PLAIN_ID]]


def _sendable(name: str) -> str:
    """Return a name as bytes can hold it: a file of somebody's may tell of half a character."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _offered_is_unknown(handshake: Observation) -> bool:
    """Whether somebody else asked, in words that were not told."""
    result = handshake.attempt.result
    return result is not None and result.get("offered") not in (
        [PROTOCOL_MIN, PROTOCOL_MAX],
        (PROTOCOL_MIN, PROTOCOL_MAX),
        [PROTOCOL_MIN],
        (PROTOCOL_MIN,),
    )


def _times(asked: Mapping[str, Observation], replies: Mapping[int, Witness]) -> Mapping[int, float]:
    """The first was sent as the probe began, the second as soon as the first was answered on the same connection."""
    began = asked[_HANDSHAKE].started_monotonic_ns
    times: dict[int, float] = {}
    for label in (_RANGE_ID, _PLAIN_ID):
        if label in replies and not _came_before_the_dial(replies[label], asked):
            came = replies[label].received_monotonic_ns
            if came is not None and began is not None and came >= began:
                times[label] = (came - began) / _NS_PER_MS
            began = came
    return times


def _came_before_the_dial(reply: Witness, asked: Mapping[str, Observation]) -> bool:
    dialled = asked[_DIAL].started_monotonic_ns if _DIAL in asked else None
    came = reply.received_monotonic_ns
    return dialled is not None and came is not None and came < dialled


def _ended(exchange: Exchange, handshake: Observation) -> Exchange:
    failure = handshake.attempt.failure
    return _closed(exchange) if failure is not None and failure.kind in _CLOSED else exchange


def _closed(exchange: Exchange) -> Exchange:
    return Exchange(name=exchange.name, sent=exchange.sent, lines=exchange.lines, closed=True)
