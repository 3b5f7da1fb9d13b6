"""A peer list stored as text is what a peer list stored as JSON would be."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.protocol.peers import PeerRows
from electrum_observatory.scanner.probes.peers import PeersResult
from electrum_observatory.scanner.storable import storable
from electrum_observatory.store.json_text import from_json_text, to_json_text

ROWS = PeerRows()
HOSTS = st.sampled_from(["a.example.org", "5.9.1.2", "2001:db8::1", "büro.example", "x" * 56 + ".onion", "no host"])
FEATURES = st.lists(
    st.sampled_from(["v1.4.2", "v\u007f", 'v"$', "v\\", "vé", "s", "t50001", "s443", "p5", 7]), max_size=4
)


def result_of(rows: list) -> PeersResult:
    peers = ROWS.read(rows)
    return PeersResult(peers=peers, rows=len(rows), malformed=len(rows) - len(peers), error=None)


@given(rows=st.lists(st.tuples(st.none() | HOSTS, HOSTS, FEATURES).map(list), max_size=6))
def test_text_and_members_are_those_of_any_other_result(rows: list) -> None:
    result = result_of(rows)
    plain = json.loads(msgspec.json.encode(result))

    stored = storable(result)

    assert to_json_text(stored) == to_json_text(plain)
    assert from_json_text(to_json_text(stored)) == plain == dict(stored)


def test_rows_seen_before_are_the_same_objects_and_spelled_once() -> None:
    row = ["5.9.1.2", "a.example.org", ["v1.4", "s"]]

    first, second = result_of([row]), result_of([row[:2], list(row)])

    assert first.peers[0] is second.peers[1]
    assert isinstance(storable(first), JsonObject)
    assert [peer["protocol_max"] for peer in storable(second)["peers"]] == [None, "1.4"]


@pytest.mark.parametrize("shape", [["5.9.1.2", "a.example.org", "s"], ["5.9.1.2", "a.example.org", ["s"]]])
def test_features_that_are_no_list_are_not_taken_for_a_list_seen_before(shape: list) -> None:
    result_of([["5.9.1.2", "a.example.org", ["s"]]])

    assert len(result_of([shape]).peers) == int(isinstance(shape[2], list))


def test_half_of_a_surrogate_pair_in_a_claim_is_stored_as_any_other_odd_text_is() -> None:
    stored = storable(result_of([["5.9.1.2", "a.example.org", ["v\ud800"]], ["5.9.1.2", "b.example.org", ["s"]]]))

    assert [peer["protocol_max"] for peer in stored["peers"]] == ["\ufffd", None]
