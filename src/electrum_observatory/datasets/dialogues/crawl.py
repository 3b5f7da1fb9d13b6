"""The conversations of the crawl of December 2025, as far as it kept them.

Its scanner (gabrielcaixeta01/electrum-observatory, ``scanner/validator.py``, MIT) opened a connection, sent
``server.version`` for protocol 1.4 and, after its reply, ``server.banner``, both without a ``jsonrpc`` member. That
banner and handshake share a connection shows in the data too: ElectrumX 1.19 answers banners there, and refuses them
where no handshake came before. The replies were stripped of their ends; when a connection was closed was not kept.
"""

import json
from collections.abc import Mapping, Sequence

from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.observation import Json, Observation

_MARK = "crawl_2025_12_row"
_SENT: tuple[tuple[str, Json], ...] = (
    ("server_version", {"id": 1, "method": "server.version", "params": ["Electrum 4.4.5", "1.4"]}),
    ("banner", {"id": 2, "method": "server.banner", "params": []}),
)


def is_of_crawl(asked: Mapping[str, Observation]) -> bool:
    """Whether these observations are one row of that crawl."""
    return _MARK in asked


def crawl_dialogues(asked: Mapping[str, Observation]) -> Sequence[Dialogue]:
    """Return the one connection of a row; nothing where no reply was kept."""
    exchanges = tuple(
        Exchange(
            name=f"{probe}#0",
            sent=json.dumps(sent).encode() + b"\n",
            lines=tuple(Line(data=witness.data) for witness in asked[probe].witnesses),
        )
        for probe, sent in _SENT
        if probe in asked and asked[probe].witnesses
    )
    if not exchanges:
        return ()
    one = asked[_MARK]
    origin = f"crawl of December 2025 {one.endpoint.canonical}"
    return (
        Dialogue(
            transport=one.endpoint.transport,
            exchanges=exchanges,
            from_start=exchanges[0].name.startswith(_SENT[0][0]),
            terminators=False,
            origin=origin,
        ),
    )
