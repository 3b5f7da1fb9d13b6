"""What a server calls itself: software texts of the handshake, of the features and of default banners.

A name is a claim. It never excludes a build; see ``identify`` for the little that it may do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from electrum_observatory.analysis.builds.turns import Turn

_LONGEST = 200
_VERSION = r"v?(?P<version>\d[\w.-]{0,60})"
_PROGRAMS = tuple(
    (re.compile(rf"(?<![\w.-]){pattern}", re.IGNORECASE), implementation)
    for pattern, implementation in (
        (rf"electrs-esplora[ /]{_VERSION}", "blockstream_electrs"),
        (rf"mempool-electrs[ /]{_VERSION}", "mempool_electrs"),
        (rf"ElectrumPersonalServer[ /]{_VERSION}", "eps"),
        (rf"ElectrumX[ /]{_VERSION}", "electrumx"),
        (rf"Fulcrum[ /]{_VERSION}", "fulcrum"),
        (rf"electrs[ /]{_VERSION}", "romanz_electrs"),
        (rf"Floresta[ /]{_VERSION}", "floresta"),
        (rf"bwt[ /]{_VERSION}", "bwt"),
        (rf"Frigate[ /]{_VERSION}", "frigate"),
        (r"^ElectrumX$", "electrumx"),
        (r"^Fulcrum$", "fulcrum"),
        (r"^Floresta$", "floresta"),
    )
)
_DEFAULT_BANNERS = (
    re.compile(rf"You are connected to an (ElectrumX {_VERSION}) server\.\s*"),
    re.compile(rf"Connected to a (Fulcrum {_VERSION}) server\s*"),
    re.compile(rf"Welcome to (electrs {_VERSION}) \(Electrum Rust Server\)!\s*"),
    re.compile(rf"Welcome to (electrs-esplora {_VERSION})\s*"),
    re.compile(rf"Welcome to (mempool-electrs {_VERSION})\s*"),
)
"""Whole banners that programs come with; an operator's own text may say what it likes, and names no software."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a server says that it is.

    Attributes:
        text: As said.
        implementation: Id of the program that it names; None where we know none of that name.
        version: The version that it names; None without one.
    """

    text: str
    implementation: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfName:
    """A claim, and where it was made.

    Attributes:
        place: "handshake", "features" or "banner".
        claim: What was said.
        exchange: Name of the exchange.
    """

    place: str
    claim: Claim
    exchange: str


def read_claim(text: str) -> Claim:
    """Read a software text; of a longer one than any program has, the beginning."""
    text = text[:_LONGEST]
    for pattern, implementation in _PROGRAMS:
        found = pattern.search(text)
        if found is not None:
            version = found.groupdict().get("version")
            return Claim(text=text, implementation=implementation, version=version)
    return Claim(text=text, implementation=None, version=None)


def self_names(turns: tuple[Turn, ...]) -> Iterator[SelfName]:
    """Find every place in which a server names its software."""
    for turn in turns:
        value = turn.reply.value if turn.reply is not None else None
        result = value.get("result") if isinstance(value, dict) else None
        for place, text in _texts(turn.request.method, result):
            yield SelfName(place=place, claim=read_claim(text), exchange=turn.exchange)


def _texts(method: str | None, result: Any) -> Iterator[tuple[str, str]]:
    if method == "server.version" and isinstance(result, list) and result and isinstance(result[0], str):
        yield "handshake", result[0]
    elif method == "server.features" and isinstance(result, dict) and isinstance(result.get("server_version"), str):
        yield "features", result["server_version"]
    elif method == "server.banner" and isinstance(result, str):
        for pattern in _DEFAULT_BANNERS:
            found = pattern.fullmatch(result)
            if found is not None:
                yield "banner", found.group(1)
                return
