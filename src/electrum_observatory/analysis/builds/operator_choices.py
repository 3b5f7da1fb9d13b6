"""What the operator of a server chose, as far as its own words show it; defaults of the software are no choice.

The words are templates: numbers in a banner are live (heights, versions, fees), host names differ between the servers
of one operator, so both are taken out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from electrum_observatory.analysis.builds.turns import Turn

_DEFAULT_BANNERS = re.compile(
    r"(?:You are connected to an ElectrumX \S+ server\.?"
    r"|Connected to a Fulcrum \S+ server"
    r"|Welcome to electrs \S+ \(Electrum Rust Server\)!"
    r"|Welcome to (?:electrs-esplora|mempool-electrs) \S+"
    r"|Welcome to Floresta's Electrum Server\."
    r"|Welcome to bwt\b[^\n]*"
    r"|Frigate \S+\s+/Satoshi:\S+/\S*"
    r"|)\s*"
)
_DEFAULT_DONATIONS = frozenset(
    {
        "",
        "bitcoincash:qplw0d304x9fshz420lkvys2jxup38m9symky6k028",
        "1Ca1inCimwRhhcpFX84TPRrPQSryTgKW6N",
        "bc1qe74qzd256kxevq2gn7gmscs564lfk5tqrxqsuy",
        "bc1qmuagsjvq0lh3admnafk0qnlql0vvxv08au9l2d",
    }
)
"""Nothing, and what Fulcrum, EPS and bwt show for their authors: field reference §3.2."""
_DEFAULT_PORTS = {"tcp_port": 50001, "ssl_port": 50002, "ws_port": 50003, "wss_port": 50004}
_NUMBER = re.compile(r"\d[\d.,:]*")
_SPACE = re.compile(r"\s+")


def choices(turns: tuple[Turn, ...]) -> Iterator[tuple[str, str]]:
    """Yield what was chosen: name of the choice, and its template."""
    for turn in turns:
        value = turn.reply.value if turn.reply is not None else None
        if isinstance(value, dict) and "result" in value and turn.request.method in _READERS:
            chosen = _READERS[turn.request.method](value["result"])
            if chosen is not None:
                yield turn.request.method, chosen


def _banner(text: Any) -> str | None:
    if not isinstance(text, str) or _DEFAULT_BANNERS.fullmatch(text):
        return None
    return _SPACE.sub(" ", _NUMBER.sub("#", text)).strip() or None


def _donation(text: Any) -> str | None:
    return text.strip() if isinstance(text, str) and text.strip() not in _DEFAULT_DONATIONS else None


def _ports(features: Any) -> str | None:
    """Return the ports that its hosts name, each host's sorted; None where they are the usual ones or not named."""
    hosts = features.get("hosts") if isinstance(features, Mapping) else None
    if not isinstance(hosts, Mapping):
        return None
    named = sorted({_port_text(ports) for ports in hosts.values() if isinstance(ports, Mapping)} - {""})
    return ";".join(named) or None


def _port_text(ports: Mapping[str, Any]) -> str:
    unusual = {name: port for name, port in ports.items() if name in _DEFAULT_PORTS and type(port) is int}
    if all(port == _DEFAULT_PORTS[name] for name, port in unusual.items()):
        return ""
    return ",".join(f"{name}={port}" for name, port in sorted(unusual.items()))


_READERS = {"server.banner": _banner, "server.donation_address": _donation, "server.features": _ports}
