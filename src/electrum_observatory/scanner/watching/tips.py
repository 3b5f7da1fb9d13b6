"""A tip as a server tells of it: eighty bytes and a height, or no tip at all."""

import re
from dataclasses import dataclass

from electrum_observatory.bitcoin.header import HEADER_BYTES
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json

TIPS = "blockchain.headers.subscribe"
"""The method that subscribes to tips, which their notifications carry too."""

_HEX = re.compile(rf"[0-9a-fA-F]{{{2 * HEADER_BYTES}}}")
_HIGHEST = 100_000_000
"""Two thousand years of blocks, or five of the fastest chain that we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A tip.

    Attributes:
        height: Of the block.
        header: Its 80 bytes.
    """

    height: int
    header: bytes


def read_tip(content: Json, stage: Stage) -> Tip:
    """Read ``{"hex": …, "height": …}``. Raises VisitError bad_message where it is anything else."""
    members = content if isinstance(content, dict) else {}
    height, text = members.get("height"), members.get("hex")
    if type(height) is not int or not 0 <= height <= _HIGHEST:
        raise VisitError(stage, FailureKind.BAD_MESSAGE, "a tip without a height that a chain could have")
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise VisitError(stage, FailureKind.BAD_MESSAGE, f"a tip without {HEADER_BYTES} bytes of hex")
    return Tip(height=height, header=bytes.fromhex(text))
