"""Acts of texts that are cheap to send and dear to read, all of them short enough to be taken."""

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from electrum_observatory.lab.hostile.base import HostileAct
from electrum_observatory.lab.hostile.other_services import AnswersAndCloses
from electrum_observatory.lab.hostile.twisted import ReplaceResults, twisted
from electrum_observatory.model.endpoint import Transport

INTERNATIONAL_NAMES = 2_500
"""Names of ``idna_flood`` in each of two replies; two milliseconds each for whoever spells them out."""

EMPTY_LISTS = 640_000
"""Lists of ``wide_json``: three bytes each on the wire, and eighty where they are decoded."""

_LABELS = _LETTERS = 15
_FIRST_LETTER, _SOME_LETTERS = 0x4E00, 20_000  # ideographs
_STATUS_LINE = b"HTTP/1.1 " + b"1. " * 660_000 + b"\r\n"


def international_name(number: int) -> str:
    """Return a host name of ideographs, each of its labels short."""
    letters = (chr(_FIRST_LETTER + (number * 7_919 + place * 6_971) % _SOME_LETTERS) for place in range(_LETTERS**2))
    text = "".join(letters)
    return ".".join(text[at : at + _LETTERS] for at in range(0, _LABELS * _LETTERS, _LETTERS))


@cache
def _international() -> Mapping[str, Sequence[bytes]]:
    names = [international_name(number) for number in range(INTERNATIONAL_NAMES)]
    peers = msgspec.json.encode([["", name, ["t"]] for name in names])
    features = msgspec.json.encode({"hosts": {name: {"tcp_port": 50001} for name in names}})
    return {"server.peers.subscribe": (peers,), "server.features": (features,)}


DEAR_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="idna_flood",
        summary="Lists 2,500 long names of ideographs as peers, and as its own hosts.",
        seen="Known of everything that spells names in ASCII (CVE-2022-45061: quadratic in older Pythons).",
        transports=(Transport.TCP,),
        play=twisted(lambda _: ReplaceResults(_international())),
    ),
    HostileAct(
        id="wide_json",
        summary="Answers server.features with 640,000 empty lists side by side.",
        seen="Known of every parser that makes an object of each member.",
        transports=(Transport.TCP,),
        play=twisted(
            lambda _: ReplaceResults({"server.features": (b'{"hosts":[' + b"[]," * (EMPTY_LISTS - 1) + b"[]]}",)})
        ),
    ),
    HostileAct(
        id="long_status_line",
        summary="A web server whose status line is two megabytes of what might be addresses.",
        seen="Attacks on HTTP parsers, and on patterns that look for addresses (CWE-1333).",
        transports=(Transport.TCP, Transport.SSL, Transport.WS),
        play=lambda _: AnswersAndCloses(_STATUS_LINE),
    ),
)
