"""Conversations written by hand, in the spelling of one program or another."""

import json
from collections.abc import Sequence
from typing import Any

from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport

PADDED = 1024


class Style:
    """How a program spells its lines."""

    def __init__(self, *, alphabetical: bool, spaced: bool = False, crlf: bool = False, padded: bool = False) -> None:
        self.alphabetical = alphabetical
        self.separators = (", ", ": ") if spaced else (",", ":")
        self.end = b"\r\n" if crlf else b"\n"
        self.padded = padded

    def line(self, member: str, value: Any, request_id: Any = 1) -> bytes:
        """Spell a reply."""
        message = {"jsonrpc": "2.0", member: value, "id": request_id}
        text = json.dumps(
            message, separators=self.separators, sort_keys=self.alphabetical, ensure_ascii=not self.alphabetical
        )
        body = text.encode()
        if self.padded:
            body = body[:-1] + b" " * (PADDED - len(body) - 1) + body[-1:]
        return body + self.end


ELECTRUMX = Style(alphabetical=False)
ELECTRUMX_SPACED = Style(alphabetical=False, spaced=True)
ELECTRUMX_PADDED = Style(alphabetical=False, padded=True)
FULCRUM = Style(alphabetical=True, crlf=True)
RUST = Style(alphabetical=True)


def result(value: Any) -> tuple[str, Any]:
    """Return a result to script."""
    return "result", value


def error(code: int, message: str) -> tuple[str, Any]:
    """Return an error to script."""
    return "error", {"code": code, "message": message}


def hello(name: str, version: str, offered: Any = ("1.4", "1.6")) -> tuple[str, Sequence[Any], tuple[str, Any]]:
    """Return a handshake to script."""
    asked = list(offered) if isinstance(offered, tuple) else offered
    return "server.version", ["obs/1.0", asked], result([name, version])


def talk(
    style: Style,
    *asked: tuple[str, Sequence[Any], tuple[str, Any] | None],
    transport: Transport = Transport.TCP,
    terminators: bool = True,
) -> Dialogue:
    """Script one connection: each row is a method, its params, and the reply (None where none came)."""
    exchanges = []
    for number, (method, params, reply) in enumerate(asked):
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        lines = [] if reply is None else [style.line(*reply, request_id=number)]
        data = lines if terminators else [line.rstrip(b"\r\n") for line in lines]
        exchanges.append(
            Exchange(
                name=f"{method}#{number}",
                sent=json.dumps(request).encode() + b"\n",
                lines=tuple(Line(data=line) for line in data),
                closed=None,
                alive_after=number + 1 < len(asked),
            )
        )
    return Dialogue(transport=transport, exchanges=tuple(exchanges), terminators=terminators)


def exchange(name: str, sent: bytes, *lines: bytes, closed: bool | None = None, alive: bool | None = None) -> Exchange:
    """Return an exchange of plain bytes."""
    return Exchange(
        name=name, sent=sent, lines=tuple(Line(data=line) for line in lines), closed=closed, alive_after=alive
    )
