"""Inputs made of inputs: values of JSON replaced, repeated, wrapped or bent.

It is done to the text, so that what is spelled oddly stays so, and what is no JSON is changed where it looks like it.
Most of what comes out is a line that a parser accepts, which bytes changed at random hardly ever are.
"""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from electrum_observatory.protocol.limits import MAX_DEPTH, MAX_DIGITS

_SCALAR = rb'"(?:[^"\\\n]|\\.)*+"|[^\s\[\]{},:"]+'
_BEGIN = re.compile(_SCALAR + rb"|[\[{]", re.DOTALL)
_TOKEN = re.compile(_SCALAR + rb"|[\[\]{}]", re.DOTALL)

_VALUES = (
    *(b"null", b"true", b"0", b"-1", b"65535", b"65536", b"1e400", b"-0.0", b"NaN", b"18446744073709551616"),
    *(b'""', b"[]", b"{}", b'"result"', b'"error"', b'"id"', b'"method"', b'"params"', b'"re\\u0073ult"'),
    *(
        b'"s"',
        b'"t50001"',
        b'"s65536"',
        b'"s0"',
        b'"t\xd9\xa1"',
        b'"v1.4"',
        b'"p100"',
        b'"\xff"',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
    ),
    *(
        b'"5.9.1.2"',
        b'"h.example"',
        b'"2001:db8::1"',
        b'"::ffff:127.0.0.1"',
        b'"xn--9ca.example"',
        b'"\xc3\xa9.example"',
    ),
    b'["5.9.1.2","h.example",["v1.4","s50002","t"]]',
    b'[["5.9.1.2","h.example",["s1"]],["5.9.1.3","i.example",["t"]]]',
    b'{"h.example":{"tcp_port":50001,"ssl_port":50002}}',
    b'{"code":-32601,"message":"no"}',
    b'{"id":0,"result":null}\n',
)
_IN_STRINGS = (
    b'\\"',
    b"\\\\",
    b"]]",
    b"]],[",
    b"[[",
    b"{",
    b"\\u0000",
    b"\\ud83d",
    b"1" * 20,
    b"\xff",
    b"\xc3\xa9",
    b"\x7f",
    b" ",
    b",",
)
_BLANKS = (b" ", b"  ", b"\t", b"\t\t", b"\r\n", b"\n", b"      ")
_DIGITS = (1, 19, 20, MAX_DIGITS, MAX_DIGITS + 1)
_TIMES = (*[1] * 12, MAX_DEPTH - 2, MAX_DEPTH, MAX_DEPTH + 1)


class Place(NamedTuple):
    """A value that is to change, another one of the same input, and chance."""

    value: bytes
    other: bytes
    chance: Random

    @property
    def odd(self) -> bytes:
        """Some value that readers look for."""
        return self.chance.choice(_VALUES)

    @property
    def blank(self) -> bytes:
        """Some blanks."""
        return self.chance.choice(_BLANKS)


def _bend(place: Place) -> bytes:
    """Put something into a string, or digits into a number."""
    value, chance = place.value, place.chance
    at = chance.randrange(1, len(value)) if len(value) > 1 else 0
    piece = chance.choice(_IN_STRINGS) if value.startswith(b'"') else b"%d" % chance.randrange(1000)
    return value[:at] + piece + value[at:]


def _nest(place: Place) -> bytes:
    times = place.chance.choice(_TIMES)
    return b"[" * times + place.value + b"]" * times


_CHANGES: Sequence[Callable[[Place], bytes]] = (
    lambda place: place.odd,
    lambda place: place.other,
    lambda place: place.value + b"," + place.other,
    lambda place: place.odd + b"," + place.value,
    lambda place: b'{"a":' + place.value + b"}",
    lambda place: place.value + place.blank,
    lambda place: place.value[:-1] + place.blank + place.value[-1:],
    lambda place: place.value[1:-1],
    lambda place: b"9" * place.chance.choice(_DIGITS),
    _bend,
    _nest,
)


def change_line(data: bytes, chance: Random) -> bytes:
    """Change one value, or one name of a member."""
    starts = [found.start() for found in _BEGIN.finditer(data)]
    if not starts:
        return data + chance.choice(_VALUES)
    start, end = _value_at(data, chance.choice(starts))
    other = data[slice(*_value_at(data, chance.choice(starts)))]
    return data[:start] + chance.choice(_CHANGES)(Place(data[start:end], other, chance)) + data[end:]


def _value_at(data: bytes, start: int) -> tuple[int, int]:
    """Where the value that begins there begins and ends; a bracket that nothing closes is one by itself."""
    depth = 0
    for token in _TOKEN.finditer(data, start):
        depth += (token[0] in b"[{") - (token[0] in b"]}")
        if depth == 0:
            return start, token.end()
    return start, start + 1
