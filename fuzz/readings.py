"""One reply, read by every probe.

Whatever the server meant by it, the outcome is a result that can be stored, or ``unexpected_result``; and what it tells
of other servers can be followed up or left alone.
"""

import json
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.observation import Json, Witness
from electrum_observatory.net.connection import ConnectionFacts
from electrum_observatory.protocol.messages import Reply
from electrum_observatory.scanner.discovery.features_hosts import features_sightings
from electrum_observatory.scanner.discovery.peers_subscribe import peers_sightings
from electrum_observatory.scanner.probes.base import AnyProbe, Phase, PipelinedProbe, Received
from electrum_observatory.scanner.probes.features import FeaturesProbe
from electrum_observatory.scanner.probes.peers import PeersProbe
from electrum_observatory.scanner.probes.registry import all_probes
from electrum_observatory.scanner.storable import storable
from electrum_observatory.store.json_text import from_json_text, to_json_text
from fuzz.oracles import alike, harmless

_TELLER = Endpoint(host="hostile.example", port=50002, transport=Transport.SSL, address="5.9.1.2")
_ASKING = tuple(probe for probe in all_probes() if probe.phase is not Phase.OUTSIDE)


def check_readings(reply: Reply) -> None:
    """Raise AssertionError where a probe does anything but complete or call the reply unexpected."""
    for probe in _ASKING:
        result = _outcome(probe, reply)
        if result is not None:
            _check_stored(probe, storable(result), result)


def _outcome(probe: AnyProbe, reply: Reply) -> Any:
    try:
        if isinstance(probe, PipelinedProbe):
            return probe.read(*[reply for _ in probe.params])
        return _run(probe.run(_OneReply(reply)))
    except VisitError as error:
        if error.failure.kind is not FailureKind.UNEXPECTED_RESULT:
            raise AssertionError(f"{probe.id} says {error}") from error
        return None


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run what never waits, without a loop."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    finally:
        coroutine.close()
    raise AssertionError("a probe waits for something else than its replies")


def _check_stored(probe: AnyProbe, result: Mapping[str, Json], made_of: Any) -> None:
    text = to_json_text(result)
    assert text.isascii()
    assert json.loads(text) == from_json_text(text) or '"$' in text, "no other program would read the same"
    assert alike(from_json_text(text), harmless(msgspec.to_builtins(made_of))), "a short cut leads elsewhere"
    told: Sequence[object] = ()
    if isinstance(probe, PeersProbe):
        told = list(peers_sightings(result, network=NETWORKS["bitcoin"], told_by="x", seen_at_us=0))
    elif isinstance(probe, FeaturesProbe):
        told = list(features_sightings(result, told_by="x", seen_at_us=0))
    assert all(told)


class _OneReply:
    """A conversation in which every question gets the same reply."""

    endpoint = _TELLER
    facts = ConnectionFacts(endpoint=_TELLER, connect_ms=1.0)
    client_name = "fuzz"
    negotiated = None

    def __init__(self, reply: Reply) -> None:
        self._received = Received(reply=reply, received_monotonic_ns=2, sent_monotonic_ns=1)

    async def request(self, request_id: int, method: str, params: Sequence[Json] = ()) -> Received:
        return self._received

    def keep(self, witness: Witness) -> None:
        """Nothing is kept."""

    async def resolve_pointer(self, address: str) -> Sequence[str]:
        return ()

    async def resolve_host(self, host: str) -> Sequence[str]:
        return ()
