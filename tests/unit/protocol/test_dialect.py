"""Padding taken out and put back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.protocol.dialect import Unpadded, repad, unpad

LIKELY = st.lists(st.sampled_from([b" ", b"  ", b"}", b"]", b"\r", b"\n", b"{", b'"', b"x"]), max_size=12).map(b"".join)


@given(line=LIKELY | st.binary())
def test_the_way_back_restores_every_line(line: bytes) -> None:
    assert repad(unpad(line)) == line


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"], ids=["websocket", "lf", "crlf"])
@pytest.mark.parametrize("bracket", [b"}", b"]"])
def test_padding_of_electrumx_is_taken_out_whatever_ends_the_line(end: bytes, bracket: bytes) -> None:
    bare = b'{"jsonrpc":"2.0","result":null,"id":0' + bracket + end

    padded = bare.replace(bracket + end, b" " * 986 + bracket + end)

    assert unpad(padded) == Unpadded(line=bare, pad_at=37, pad_length=986)


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": 0 }\n',
        b'{"result": "two  spaces"}\n',
        b'{"result": {"a": 1  }}\n',
        b'{"id":0}   \n',
        b"  \n",
        b"\n",
        b"",
        b"}",
    ],
)
def test_other_white_space_is_no_padding(line: bytes) -> None:
    assert unpad(line) == Unpadded(line=line, pad_at=None, pad_length=0)


def test_a_megabyte_of_spaces_is_read_in_one_pass() -> None:
    spaces = b" " * (1 << 20)

    assert unpad(b'{"result":"' + spaces + b'"}\n').pad_at is None
    assert unpad(b"{" + spaces + b"}\n").pad_length == 1 << 20
