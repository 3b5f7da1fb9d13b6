"""Whatever a server says, it is read: strange values at any place end in an answer, never in an error."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.analysis.behaviour import judge
from electrum_observatory.analysis.builds.evidence import read_dialogue
from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.analysis.builds.names import read_claim
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport

ODD = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["1.6", "ElectrumX 1.18.0", "Fulcrum 9", 10**300, -101, "e", [[1e300, 10**20]], {"hosts": 3}])
)
VALUES = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
METHODS = st.sampled_from(
    [
        ("server.version", ["x", ["1.4", "1.6"]]),
        ("server.features", []),
        ("server.banner", []),
        ("server.peers.subscribe", []),
        ("server.ping", []),
        ("mempool.get_fee_histogram", []),
        ("mempool.get_info", []),
        ("blockchain.estimatefee", [2]),
        ("blockchain.headers.subscribe", []),
        ("blockchain.block.header", [99_999_999]),
        ("blockchain.transaction.id_from_pos", [1, 0]),
        ("no.such", []),
    ]
)
REPLY = st.fixed_dictionaries(
    {},
    optional={"jsonrpc": VALUES, "id": VALUES, "result": VALUES, "error": VALUES, "method": VALUES, "params": VALUES},
)

AGREED = {"jsonrpc": "2.0", "result": ["x", "1.6"], "id": 0}


def spoken(pairs: list[tuple[tuple[str, list[Any]], Any]]) -> Dialogue:
    exchanges = [
        Exchange(
            name=f"{number}",
            sent=json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n",
            lines=(Line(data=json.dumps(reply).encode() + b"\n"),),
            alive_after=True,
        )
        for number, ((method, params), reply) in enumerate(pairs)
    ]
    return Dialogue(transport=Transport.TCP, exchanges=tuple(exchanges))


@settings(max_examples=40)
@given(pairs=st.lists(st.tuples(METHODS, REPLY), max_size=5))
def test_any_reply_is_read(pairs: list[tuple[tuple[str, list[Any]], Any]]) -> None:
    found = identify([spoken(pairs)])

    assert 0 <= found.confidence <= 1


@settings(max_examples=40)
@given(pairs=st.lists(st.tuples(METHODS, VALUES), max_size=5))
def test_any_result_and_any_error_is_read(pairs: list[tuple[tuple[str, list[Any]], Any]]) -> None:
    for member in ("result", "error"):
        replies = [
            (asked, {"jsonrpc": "2.0", member: value, "id": number}) for number, (asked, value) in enumerate(pairs)
        ]
        found = identify([spoken(replies), spoken([])])

        assert (found.implementation is None) == (found.confidence == 0)


@settings(max_examples=40)
@given(
    sent=st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode() + b"\n"),
    reply=st.binary(max_size=60),
    closed=st.none() | st.booleans(),
    websocket=st.booleans(),
)
def test_any_bytes_are_read(sent: bytes, reply: bytes, closed: bool | None, websocket: bool) -> None:
    transport = Transport.WS if websocket else Transport.SSL
    exchange = Exchange(name="x", sent=sent, lines=(Line(data=reply),), closed=closed)

    identify([Dialogue(transport=transport, exchanges=(exchange, exchange))])


def test_what_is_kept_of_a_text_without_end_is_short() -> None:
    endless = "x" * 100_000
    asked = ("no.such", [])

    found = read_dialogue(spoken([(asked, {"jsonrpc": "2.0", "error": {"code": 1, "message": endless}, "id": 0})]))
    named = read_claim(f"ElectrumX 1.{endless}")

    assert max(len(one.value) for one in found.observations) <= 200
    assert len(named.text) <= 200


@pytest.mark.parametrize(
    ("method", "reply"),
    [
        (
            "server.peers.subscribe",
            {"result": [[None, None, None], ["a", "b", 5], ["a", "b", "s"], ["a", "b", {"s": 1}]]},
        ),
        ("no.such", {"error": {"code": [1], "message": {"a": 1}}}),
        ("no.such", {"error": {"code": {"a": 1}, "message": None}}),
        ("blockchain.estimatefee", [{"result": 1}]),
        ("mempool.get_fee_histogram", [{"result": 1}, "result"]),
        ("server.features", {"result": {"hosts": [1], "protocol_max": {}, "server_version": []}}),
    ],
)
def test_replies_of_a_strange_shape_are_read(method: str, reply: Any) -> None:
    whole = {"jsonrpc": "2.0", "id": 1, **reply} if isinstance(reply, dict) else reply
    greeting = ("server.version", ["x", ["1.4", "1.6"]])

    found = judge([spoken([(greeting, AGREED), ((method, [2]), whole)])])

    assert found.dialogues == 1
    assert 0 <= found.identification.confidence <= 1


def test_hundreds_of_different_answers_to_one_question_leave_an_answer() -> None:
    asked = ("no.such", [])
    texts = [(asked, {"jsonrpc": "2.0", "error": {"code": 1, "message": f"no {n}"}, "id": n}) for n in range(300)]
    greeting = ("server.version", ["x", ["1.4", "1.6"]])
    agreed = [
        spoken([(greeting, {"jsonrpc": "2.0", "result": ["x", f"1.{n}"], "id": 0}), *texts[n : n + 1]])
        for n in range(300)
    ]

    for dialogues in ([spoken([(greeting, AGREED), *texts[1:]])], agreed):
        found = identify(dialogues)

        assert 0 <= found.confidence <= 1
