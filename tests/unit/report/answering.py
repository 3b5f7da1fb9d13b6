"""A campaign whose servers said things that do not fit: markup in a banner, an address in an error, another block."""

import json
from typing import Any

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation
from tests.factories import make_campaign, make_endpoint, make_observation, make_seal, make_witness
from tests.unit.report.campaigns import Places, Stored

POISON = "<script>alert(1)</script> \u202e=1+1"
PLAIN, STRANGE = (make_endpoint(host=f"{name}.example", address=None) for name in ("plain", "strange"))


def answering_campaign() -> tuple[Stored, Places]:
    """Two machines: one with an ordinary banner, one with a banner and an error full of poison."""
    observations = [
        *_visit(PLAIN, "Welcome to https://plain.example", "unknown method"),
        *_visit(STRANGE, f"Welcome {POISON}", f"update at https://evil.example {POISON}"),
    ]
    return Stored([(make_campaign(), make_seal(), observations, [])]), Places()


def _visit(endpoint: Endpoint, banner: str, error: str) -> list[Observation]:
    offered = {"offered": ["1.4", "1.6"], "retried_plain": False, "error": None}
    version = {"software": "Fulcrum 2.1.0", "protocol": "1.6"}
    failed = {"code": -32601, "message": error}

    def asked(probe: str, meaning: dict[str, Any], request_id: int, **members: Any) -> Observation:
        line = json.dumps({"id": request_id, "jsonrpc": "2.0", **members}, ensure_ascii=False).encode() + b"\r\n"
        witness = make_witness(label=str(request_id), data=line)
        return make_observation(probe, meaning, endpoint=endpoint, witnesses=(witness,))

    return [
        make_observation("connection", {"connect_ms": 1.0, "via_proxy": False}, endpoint=endpoint),
        asked("server_version", version | offered, 0, result=list(version.values())),
        make_observation("genesis", {"block_hash": NETWORKS["bitcoin"].genesis_hash, "error": None}, endpoint=endpoint),
        asked("banner", {"text": banner, "error": None}, 40, result=banner),
        asked("mempool_info", {"fields": None, "error": failed | {"bare_string": False}}, 100, error=failed),
    ]
