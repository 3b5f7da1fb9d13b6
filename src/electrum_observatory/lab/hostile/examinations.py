"""Acts that a routine visit hardly meets, and further visits do: what they cost adds up over many questions."""

from electrum_observatory.lab.hostile.base import HostileAct
from electrum_observatory.lab.hostile.twisted import ReplaceResults, twisted
from electrum_observatory.model.endpoint import Transport

_WORDS = 100_000
_PADDING = b'"' + b"x" * 500_000 + b'"'
_ABOUT_SCRIPTS = ("get_balance", "get_history", "get_mempool", "listunspent", "subscribe")
_TRANSPORTS = (Transport.TCP, Transport.SSL)

EXAMINATION_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="megabytes_when_examined",
        summary="Answers routine questions honestly, and each about a script with half a megabyte.",
        seen="Floods that know the cap of each question, and that many are put.",
        transports=_TRANSPORTS,
        play=twisted(lambda _: ReplaceResults({f"blockchain.scripthash.{one}": (_PADDING,) for one in _ABOUT_SCRIPTS})),
    ),
    HostileAct(
        id="novel_version",
        summary="Says at every handshake that it speaks a protocol version of 400,000 characters.",
        seen="Known of every field that is copied into many records.",
        transports=_TRANSPORTS,
        play=twisted(lambda _: ReplaceResults({"server.version": (b'["Fulcrum 2.1.1","', b"1.4 " * _WORDS, b'"]')})),
    ),
)
