"""A peer list stored as text is what a peer list stored as JSON would be."""

import json
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.protocol.peers import AdvertisedHost, KnownPeers, PeerRows
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
    assert first.peers[0].text in storable(second).text


def test_the_spelling_of_a_row_that_is_not_remembered_is_not_kept_either() -> None:
    result = result_of([["5.9.1.2", "long.example.org", ["s"] * 9], ["5.9.1.2", "a.example.org", ["s"]]])

    assert isinstance(storable(result), JsonObject)
    assert [hasattr(peer, "text") for peer in result.peers] == [False, True]


def test_room_for_a_spelling_is_no_part_of_the_fact() -> None:
    remembered, bare = result_of([["5.9.1.2", "a.example.org", ["s"]]]).peers[0], AdvertisedHost(host="a.example.org")

    assert replace(remembered, address=None, services=()) == bare
    assert not hasattr(bare, "text")
    assert set(msgspec.to_builtins(remembered)) == {"host", "address", "services", "protocol_max", "pruning"}


@pytest.mark.parametrize("shape", [["5.9.1.2", "a.example.org", "s"], ["5.9.1.2", "a.example.org", ["s"]]])
def test_features_that_are_no_list_are_not_taken_for_a_list_seen_before(shape: list) -> None:
    result_of([["5.9.1.2", "a.example.org", ["s"]]])

    assert len(result_of([shape]).peers) == int(isinstance(shape[2], list))


def test_half_of_a_surrogate_pair_in_a_claim_is_stored_as_any_other_odd_text_is() -> None:
    stored = storable(result_of([["5.9.1.2", "a.example.org", ["v\ud800"]], ["5.9.1.2", "b.example.org", ["s"]]]))

    assert [peer["protocol_max"] for peer in stored["peers"]] == ["\ufffd", None]


ROW_TEXTS = [
    b'["5.9.1.2","a.example.org",["v1.4","s","t"]]',
    b'["5.9.1.3","b.example.org",["s50002"]]',
    b'["5.9.1.4","]],[",["s"]]',
    b'["5.9.1.5","c.example.org",[]]',
    b'["5.9.1.6", "d.example.org", ["t"]]',
    b'["5.9.1.7","e.example.org",["\xc3\xa9"]]',
    b"[]",
    b"[[]]",
    b'[[],["5.9.1.8"]]',
    b'["5.9.1.8","f.example.org"]',
    b'["5.9.1.8",{"f":1},["s"]]',
    b'["5.9.1.3","b.example.org",{"s50002":1},[]]',
    b'["5.9.1.9","g.example.org",["s"]]',
    b'["5.9.1.9","g.example.org","s",[]]',
    b"7",
]


@given(lists=st.lists(st.lists(st.sampled_from(ROW_TEXTS), max_size=5), min_size=2, max_size=6))
def test_lists_of_known_spelling_are_read_as_if_they_were_decoded(lists: list) -> None:
    remembering = PeerRows()

    for texts in lists:
        text = b"[" + b",".join(texts) + b"]"
        decoded = json.loads(text)
        assert remembering.read(remembering.decode(text), text) == PeerRows().read(decoded)


def test_a_list_of_known_rows_is_not_decoded_again() -> None:
    remembering = PeerRows()
    text = b"[" + b",".join(ROW_TEXTS[:2]) + b"]"

    first = remembering.read(remembering.decode(text), text)

    again = remembering.decode(b"[" + b",".join(ROW_TEXTS[1::-1]) + b"]")
    assert type(again) is KnownPeers
    assert again[1] is first[0]


@pytest.mark.parametrize("text", [b'[["5.9.1.2","a.example.org",["s"]]', b'[["x"]]]', b'[["\xff"]]]', b'[["a"]]]]]'])
def test_text_that_only_looks_like_a_list_of_rows_is_refused_as_ever(text: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        PeerRows().decode(text)
