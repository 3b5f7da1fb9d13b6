"""Lists of servers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.protocol.server_list import ListedServer, parse_lines, parse_servers_json, parse_target
from tests.unit.protocol.strategies import TEXT


@pytest.mark.parametrize(
    ("text", "host", "port", "transport"),
    [
        ("h.example", "h.example", None, None),
        (" H.Example. ", "h.example", None, None),
        ("h.example:50001", "h.example", 50001, None),
        ("h.example:50001:t", "h.example", 50001, Transport.TCP),
        ("h.example:50002:S", "h.example", 50002, Transport.SSL),
        ("h.example:50003:ws", "h.example", 50003, Transport.WS),
        ("h.example:50004:wss", "h.example", 50004, Transport.WSS),
        ("h.example:t", "h.example", None, Transport.TCP),
        ("[2001:db8::1]:50002:s", "2001:db8::1", 50002, Transport.SSL),
        ("5.9.1.2:00443:ssl", "5.9.1.2", 443, Transport.SSL),
    ],
)
def test_targets(text: str, host: str, port: int | None, transport: Transport | None) -> None:
    assert parse_target(text) == ListedServer(host=host, port=port, transport=transport)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not host, host:port or host:port:t"),
        ("h.example:50001:t:x", "is not host, host:port"),
        ("2001:db8::1", "is not host, host:port"),
        ("h.example:0:t", "port 0 is not in 1–65535"),
        ("h.example:65536", "port 65536 is not in 1–65535"),
        ("h.example:" + "9" * 5000, "is not in 1–65535"),
        ("h.example:50001:q", "transport 'q' is none of"),
        ("two words", "is not host"),
        ("bad!name:50001", "is not a host name"),
        ("1.2.3:50001:t", "neither a host name nor an address"),
        ("[h.example]:50001:t", "h.example"),
        ("h.example:५:t", "is not host"),
    ],
)
def test_what_is_no_target_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_target(text)


@given(
    text=TEXT
    | st.lists(
        st.sampled_from(["a.example", ":", "50001", "t", "[", "::1", "]", "%", "\u2028", ".", "é"]), max_size=8
    ).map("".join)
)
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    try:
        server = parse_target(text)
    except ValueError:
        return
    assert server.host.isprintable()
    assert " " not in server.host


def test_lines_skip_blanks_and_comments() -> None:
    text = "# my servers\n\nh.example:50001:t  # plain\r\n   \n\tother.example:50002:s\n"

    assert [server.host for server in parse_lines(text)] == ["h.example", "other.example"]


def test_a_malformed_line_is_named_by_number() -> None:
    with pytest.raises(ValueError, match=r"^line 3: 'no good!' is not host"):
        list(parse_lines("h.example:50001:t\n\nno good!\n"))


def test_servers_json_gives_one_entry_for_each_port() -> None:
    text = json.dumps(
        {
            "H.example": {"pruning": "-", "s": "50002", "t": 50001, "version": "1.4.2"},
            "x.onion": {"t": "1", "version": "9" * 17},
            "y.org": {},
        }
    )

    assert list(parse_servers_json(text)) == [
        ListedServer(host="h.example", port=50001, transport=Transport.TCP, protocol_max="1.4.2"),
        ListedServer(host="h.example", port=50002, transport=Transport.SSL, protocol_max="1.4.2"),
        ListedServer(host="x.onion", port=1, transport=Transport.TCP),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not an object of hosts"),
        ('{"h.example": 5}', "entry of 'h.example' is not an object"),
        ('{"h.example": {"t": "x"}}', "port x is not in"),
        ('{"h.example": {"t": "²"}}', "port ² is not in"),
        ('{"h.example": {"s": null}}', "port None is not in"),
        ('{"two words": {"s": "1"}}', "'two words' is not a host name"),
    ],
)
def test_what_is_no_servers_json_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        list(parse_servers_json(text))


def test_every_host_that_electrum_ever_listed_can_be_read(shared: Path) -> None:
    history = json.loads((shared / "data" / "electrum_bootstrap_history.json").read_bytes())

    names = [entry["host"] for entry in history]

    assert len(names) > 100
    assert all(parse_target(name).host == name.lower() for name in names)
