import dataclasses
import json
from typing import Any

import msgspec
import pytest

from electrum_observatory.protocol.messages import RpcError
from electrum_observatory.scanner.storable import storable


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    value: Any


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("lone \ud800 surrogate", "lone � surrogate"),
        ("é 😀", "é 😀"),
        (float("nan"), None),
        ([float("inf"), -0.5], [None, -0.5]),
        (2**63, str(2**63)),
        (-(2**63), -(2**63)),
        (True, True),
        ({"\udfff": (1, (2,))}, {"�": [1, [2]]}),
        (RpcError(code=1, message="no"), {"code": 1, "message": "no", "bare_string": False}),
    ],
)
def test_whatever_a_stranger_sent_becomes_json_that_every_library_writes(value: Any, stored: Any) -> None:
    result = storable(Holder(value=value))

    assert result == {"value": stored}
    assert json.loads(msgspec.json.encode(result)) == json.loads(json.dumps(result, allow_nan=False))
