import dataclasses
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.protocol.messages import RpcError
from electrum_observatory.scanner.storable import storable
from electrum_observatory.store.json_text import from_json_text, to_json_text


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
    plain = dict(result)
    assert json.loads(msgspec.json.encode(plain)) == json.loads(json.dumps(plain, allow_nan=False))


_NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1)
_TEXTS = st.text(st.characters(max_codepoint=0x80)) | st.sampled_from(["$text", "$", "1e22,", "f00e-", "\u2028", "é"])
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(value=_VALUES)
@example(value=[1e-05, 0.0001, 0.00012, 9.9e-6, 1.5e-7, 5e-324, -1e-5, 100.00001])
@example(value=[1e15, 1e16, 123456789012345.6, 1e22, 1.5e300, -1e17, 1.7976931348623157e308])
@example(value={"$float": "nan"})
@example(value=[2**63 - 1, -(2**63), 10**18, "9" * 30])
def test_text_that_is_kept_is_the_text_that_is_stored(value: Any) -> None:
    plain = {"value": value}

    stored = storable(Holder(value=value))

    assert to_json_text(stored) == to_json_text(plain)
    assert from_json_text(to_json_text(stored)) == plain == dict(stored)


@pytest.mark.parametrize("character", [chr(point) for point in range(0x80)])
def test_every_character_of_ascii_is_escaped_as_the_store_does_it(character: str) -> None:
    assert to_json_text(storable(Holder(value=character))) == to_json_text({"value": character})


@pytest.mark.parametrize("number", [10.0**exponent * 1.25 for exponent in range(-30, 30)])
def test_every_size_of_number_is_spelled_as_the_store_does_it(number: float) -> None:
    for value in (number, -number, float(f"{number:.0e}")):
        assert to_json_text(storable(Holder(value=[value]))) == to_json_text({"value": [value]})


def test_usual_results_are_kept_as_text_and_let_go_of_what_they_were_made_of() -> None:
    holder = Holder(value=["ElectrumX 1.18.0", 902_114, 12.5, None, "00e0c0ffee" * 6])

    stored = storable(holder)

    assert isinstance(stored, JsonObject)
    assert stored.of is None, "a stranger's values take many times the memory of their text"
