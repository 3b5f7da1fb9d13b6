"""What hypothesis draws from: JSON as text that no library would write, streams, hosts and addresses."""

import ipaddress

from hypothesis import strategies as st

from tests.unit.protocol.strategies import TEXT

NUMBER_TEXTS = st.sampled_from(
    ["0", "-0", "-0.0", "1e-05", "0.00001000", "1e400", "NaN", "-Infinity", "9223372036854775808", "1" * 400, "1" * 401]
) | st.integers().map(str)
STRING_TEXTS = st.sampled_from(
    ['""', '"\\ud800"', '"\\u0000"', '"\\u202e"', '"5.9.1.2"', '"\\"result\\": 3"', '"[[[["']
) | TEXT.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
KEYS = st.sampled_from(['"id"', '"result"', '"re\\u0073ult"', '"error"', '"method"', '"hosts"', '"tcp_port"', '""'])
SPACE = st.sampled_from(["", " ", "  ", "\t", "\r"])


def _members(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(KEYS | STRING_TEXTS, SPACE, inner).map(lambda parts: f"{parts[0]}:{parts[1]}{parts[2]}")
    return st.lists(member, max_size=4).map(lambda members: "{" + ",".join(members) + "}")


JSON_TEXTS = st.recursive(
    NUMBER_TEXTS | STRING_TEXTS | st.sampled_from(["null", "true", "false"]),
    lambda inner: _members(inner) | st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
    max_leaves=10,
)
"""JSON as a stranger writes it: duplicate and escaped keys, numbers and text that only some libraries accept."""

REPLIES = st.tuples(st.sampled_from(["0", "1", '"0"', "null", "[0]", "1.0"]), JSON_TEXTS, SPACE).map(
    lambda parts: f'{{"jsonrpc":"2.0","id":{parts[0]},"result":{parts[1]}{parts[2]}}}\n'
)
LINES = (
    (JSON_TEXTS | REPLIES)
    .map(lambda text: text.encode("utf-8", "surrogatepass"))
    .flatmap(lambda line: st.just(line) | _dented(line))
)
"""Lines of such JSON, whole or with a few bytes overwritten."""


def _dented(line: bytes) -> st.SearchStrategy[bytes]:
    place = st.integers(0, max(len(line) - 1, 0))
    return st.tuples(place, st.binary(max_size=3)).map(lambda dent: line[: dent[0]] + dent[1] + line[dent[0] + 1 :])


IPV4 = st.ip_addresses(v=4)
IPV6 = st.ip_addresses(v=6)


def inside(text: str) -> st.SearchStrategy[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Addresses of one network: any of them, and most of all its first and last."""
    network = ipaddress.ip_network(text)
    first, last = int(network.network_address), int(network.broadcast_address)
    number = st.sampled_from([first, last]) | st.integers(first, last)
    return number.map(type(network.network_address))
