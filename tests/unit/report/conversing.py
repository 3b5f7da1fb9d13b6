"""A campaign whose servers left their bytes: an honest one, one that names another program, one with a hostile name."""

import json
from typing import Any

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation
from tests.factories import GENESIS, make_campaign, make_endpoint, make_observation, make_seal, make_witness
from tests.unit.report.campaigns import Places, Stored

HOSTILE = "Fulcrum 2.1.0<script>alert(1)</script>\u202e=1+1"
HONEST, LYING, STRANGE = (
    make_endpoint(host=f"{name}.example", address=None) for name in ("honest", "lying", "strange")
)


def talking_campaign() -> tuple[Stored, Places]:
    """Three machines: ElectrumX 1.18, Fulcrum that says ElectrumX, and Fulcrum with a name full of poison."""
    observations = [
        *_visit(HONEST, "ElectrumX 1.18.0", "1.4.3", _electrumx_padded),
        *_visit(LYING, "ElectrumX 1.20.0", "1.6", _fulcrum),
        *_visit(STRANGE, HOSTILE, "1.6", _fulcrum),
    ]
    return Stored([(make_campaign(), make_seal(), observations, [])]), Places()


def _visit(endpoint: Endpoint, software: str, protocol: str, spelled: Any) -> list[Observation]:
    def asked(probe: str, result: dict[str, Any], **replies: bytes) -> Observation:
        witnesses = [make_witness(label=label.removeprefix("id"), data=line) for label, line in replies.items()]
        return make_observation(probe, result, endpoint=endpoint, witnesses=tuple(witnesses))

    offered = {"offered": ["1.4", "1.6"], "retried_plain": False, "error": None}
    pings = {"pings_ms": [10.0, 14.0], "min_ms": 10.0, "median_ms": 12.0}
    return [
        make_observation("connection", {"connect_ms": 1.0, "via_proxy": False}, endpoint=endpoint),
        asked(
            "server_version",
            {"software": software, "protocol": protocol, **offered},
            id0=spelled(0, result=[software, protocol]),
        ),
        make_observation("genesis", {"block_hash": GENESIS, "error": None}, endpoint=endpoint),
        asked("latency", pings, id10=spelled(10, result=None), id11=spelled(11, result=None)),
        asked("donation_address", {"address": "", "error": None}, id50=spelled(50, result="")),
        asked(
            "mempool_info",
            {"fields": None, "error": {"code": -32601, "message": "no", "bare_string": False}},
            id100=spelled(100, error={"code": -32601, "message": "Unsupported request: mempool.get_info"}),
        ),
    ]


def _fulcrum(request_id: int, **members: Any) -> bytes:
    return (
        json.dumps(
            {"id": request_id, "jsonrpc": "2.0", **members}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        + b"\r\n"
    )


def _electrumx_padded(request_id: int, **members: Any) -> bytes:
    if "error" in members:
        members = {"error": {"code": -32601, "message": 'unknown method "mempool.get_info"'}}
    line = json.dumps({"jsonrpc": "2.0", **members, "id": request_id}, separators=(",", ":")).encode()
    return line[:-1] + b" " * (1023 - len(line)) + b"}\n"
