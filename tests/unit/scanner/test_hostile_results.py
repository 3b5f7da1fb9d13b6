"""Whatever JSON a server answers with, no probe of ours breaks: it completes, or the server's answer is named."""

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from electrum_observatory.model.failure import FailureKind
from electrum_observatory.scanner.hearsay import sightings_of
from tests.unit.scanner.capture import BITCOIN
from tests.unit.scanner.scripted import GENESIS_HASH, GENESIS_HEADER, RESULTS, reply, server
from tests.unit.scanner.visiting import Visited

_KEYS = st.sampled_from(["hosts", "height", "hex", "tcp_port", "genesis_hash", "a.org", "protocol_max", "\ud800"])
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**64, -(2**70), 10**30, -1, 0, 50002]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        [GENESIS_HEADER, GENESIS_HASH, "a.org", "5.9.1.2", "s50002", "t", "v1.4", "\ud83d", "=1+1", "\x1b[2J"]
    ),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
_METHODS = sorted({*RESULTS, "mempool.get_info"} - {"server.version"})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(results=st.fixed_dictionaries(dict.fromkeys(_METHODS, _JSON)))
def test_no_result_of_a_stranger_breaks_a_probe(results: dict[str, Any]) -> None:
    answers = {
        method: (lambda message, value=value: [reply(message["id"], value)]) for method, value in results.items()
    }

    visited = Visited(server(**answers))

    for one in visited.by_probe.values():
        failure = one.attempt.failure
        assert failure is None or failure.kind is FailureKind.UNEXPECTED_RESULT, failure
        if one.attempt.result is not None:
            json.dumps(dict(one.attempt.result), allow_nan=False).encode()
    assert all(isinstance(told.sightings, list) for told in sightings_of(visited.notebook.observations, BITCOIN))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lines=st.lists(st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"") + b"\n"), min_size=1, max_size=4)
)
@example(lines=[b"HTTP/\n"])
def test_no_bytes_of_a_stranger_break_the_conversation(lines: list[bytes]) -> None:
    visited = Visited(lambda _message: lines)

    failure = visited.by_probe["server_version"].attempt.failure
    assert failure is not None
    assert failure.kind in (FailureKind.NOT_JSON, FailureKind.BAD_MESSAGE, FailureKind.HTTP_REPLY)
