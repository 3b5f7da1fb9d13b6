"""The simple members of a scan line, as anybody can write them, turned into observations and sightings."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.endpoint import Endpoint, Transport, normalise_host
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json, Observation, Witness, WitnessKind
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.protocol.messages import Reply, RpcError, decode_server_message
from electrum_observatory.store.importers import results
from electrum_observatory.store.records import FailureRecord, decode_base64
from electrum_observatory.store.scan_format import EXTRA_FIELDS, ScanLine
from electrum_observatory.store.times import to_us

_Read: TypeAlias = Callable[[Json, RpcError | None], results.Result]
_ANSWERS: tuple[tuple[str, str, _Read], ...] = (
    ("features", "features", results.features),
    ("banner", "banner", results.banner),
    ("donation_address", "donation_address", results.donation_address),
    ("peers", "peers", results.peers),
)
_Fact: TypeAlias = tuple[str, Attempt[Mapping[str, Json]], tuple[Witness, ...]]
_OFFERED = "unknown"
IMPORTED_LIST = "imported_list"
"""Source id of a line that only names an endpoint: the file is then a list of servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a line does not say itself.

    Attributes:
        campaign_id: The campaign of the import.
        vantage: Where the scan ran, unless the line says otherwise.
        network: For the default ports of peers that name none.
    """

    campaign_id: str
    vantage: str
    network: Network


def read_line(
    line: ScanLine, extra: dict[str, Json], endpoint: Endpoint, context: Context
) -> tuple[list[Observation], list[Sighting]]:
    """Return what a hand-written line says. Raises ValueError with words for a person."""
    raw = _raw_replies(line)
    found: list[_Fact] = [
        (probe, Attempt.completed(result), witnesses) for probe, result, witnesses in _answers(line, raw, extra)
    ]
    if line.failure is not None:
        found.insert(0, ("connection", _failed(line.failure), ()))
    elif found:
        found.insert(0, ("connection", Attempt.completed(results.connection()), ()))
    if extra:
        found.append((EXTRA_FIELDS, Attempt.completed({"fields": extra}), ()))
    observations = [
        Observation(
            campaign_id=context.campaign_id,
            vantage=line.vantage or context.vantage,
            endpoint=endpoint,
            probe=probe,
            probe_version=1,
            started_at_us=to_us(line.time),
            attempt=attempt,
            witnesses=witnesses,
        )
        for probe, attempt, witnesses in found
    ]
    return observations, list(_sightings(observations, endpoint, context))


def named(line: ScanLine, endpoint: Endpoint) -> Sighting:
    """Return what a line says that has nothing to tell of its endpoint: that somebody knows of it."""
    return Sighting(
        host=endpoint.host,
        port=endpoint.port,
        transport=endpoint.transport,
        source=IMPORTED_LIST,
        address_claimed=endpoint.address,
        seen_at_us=to_us(line.time),
    )


def _answers(
    line: ScanLine, raw: dict[str, Witness], extra: dict[str, Json]
) -> Iterator[tuple[str, results.Result, tuple[Witness, ...]]]:
    if line.server_version is not None or line.protocol is not None:
        value = [line.server_version, line.protocol]
        yield "server_version", results.server_version(value, None, _OFFERED), _one(raw.get("server_version"))
    elif "server_version" in raw:
        value, error = _reply(raw["server_version"])
        yield "server_version", results.server_version(value, error, _OFFERED), (raw["server_version"],)
    for probe, member, read in _ANSWERS:
        value = getattr(line, member)
        if value is not None:
            yield probe, read(value, None), _one(raw.get(probe))
        elif probe in raw:
            yield probe, read(*_reply(raw[probe])), (raw[probe],)
    if line.latency_ms is not None:
        yield "latency", results.latency(line.latency_ms), ()
    if line.certificate is not None:
        result, witnesses, unknown = _certificate(line.certificate)
        if unknown:
            extra["certificate"] = unknown
        yield "tls_certificate", result, witnesses


def _raw_replies(line: ScanLine) -> dict[str, Witness]:
    known = {"server_version", *(probe for probe, _, _ in _ANSWERS)}
    unknown = set(line.raw or {}) - known
    if unknown:
        raise ValueError(f"raw: {min(unknown)!r} is none of {', '.join(sorted(known))}")
    return {
        probe: Witness(kind=WitnessKind.REPLY, data=decode_base64(text)) for probe, text in (line.raw or {}).items()
    }


def _reply(witness: Witness) -> tuple[Json, RpcError | None]:
    message = decode_server_message(witness.data)
    if not isinstance(message, Reply):
        raise ValueError("raw: not a reply with a result or an error")
    return message.result, message.error


def _certificate(members: dict[str, Json]) -> tuple[results.Result, tuple[Witness, ...], dict[str, Json]]:
    der = members.get("der")
    if der is None:
        result, unknown = results.certificate_from_members(members)
        return result, (), unknown
    if not isinstance(der, str):
        raise ValueError("certificate: der is not base64 text")
    data = decode_base64(der)
    witness = Witness(kind=WitnessKind.CERTIFICATE, data=data, label="0")
    return results.certificate(data), (witness,), {name: value for name, value in members.items() if name != "der"}


def _failed(failure: FailureRecord | str) -> Attempt[Mapping[str, Json]]:
    if isinstance(failure, FailureRecord):
        return Attempt.failed(failure.stage, failure.kind, failure.detail)
    if failure in set(FailureKind):
        return Attempt.failed(Stage.CONNECT, FailureKind(failure))
    return Attempt.failed(Stage.CONNECT, FailureKind.UNKNOWN, failure)


def _sightings(observations: list[Observation], endpoint: Endpoint, context: Context) -> Iterator[Sighting]:
    """Say who the peers of the line are told by, as our own discovery would."""
    defaults = {Transport.TCP: context.network.tcp_port, Transport.SSL: context.network.ssl_port}
    told = (one for one in observations if one.probe == "peers" and one.attempt.result is not None)
    for observation in told:
        for peer in (observation.attempt.result or {})["peers"]:
            for service in peer["services"]:
                transport = Transport(service["transport"])
                port = service.get("port")
                yield Sighting(
                    host=normalise_host(peer["host"]),
                    port=port or defaults.get(transport, context.network.ssl_port),
                    transport=transport,
                    source="peers_subscribe",
                    told_by=endpoint.endpoint_id,
                    address_claimed=peer["address"],
                    protocol_claimed=peer["protocol_max"],
                    assumed_port=port is None,
                    seen_at_us=observation.started_at_us,
                )


def _one(witness: Witness | None) -> tuple[Witness, ...]:
    return () if witness is None else (witness,)
