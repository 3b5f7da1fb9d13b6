"""How a connection for questions about behaviour began.

Made for every such connection, as ``connection`` is in a routine visit; its failure is that of the dial.
"""

from electrum_observatory.protocol.messages import Reply
from electrum_observatory.protocol.versions import PROTOCOL_MAX, PROTOCOL_MIN
from electrum_observatory.scanner.behaviour import BehaviourResult, Opening, Step, ask

PROBE_ID = "opening"
VERSION = 1
REQUEST_ID = 0
RESULT_TYPE = BehaviourResult
_LONGEST_VERSION = 64  # it stands in the result of every question; what is longer is read in the witness


def handshake(opening: Opening, client_name: str) -> Step | None:
    """Return the first message, or None where the first question is to be the first message (P1)."""
    if opening is Opening.BARE:
        return None
    version = PROTOCOL_MIN if opening is Opening.PLAIN else [PROTOCOL_MIN, PROTOCOL_MAX]
    return ask(REQUEST_ID, "server.version", client_name, version, name=PROBE_ID)


def read_handshake(reply: Reply | None) -> tuple[str | None, bool]:
    """Return the version that was negotiated, and whether the handshake was refused or left unanswered."""
    if reply is None or reply.error is not None:
        return None, True
    parts = reply.result if isinstance(reply.result, list) else []
    version = parts[1] if len(parts) > 1 else None
    return version if isinstance(version, str) and len(version) <= _LONGEST_VERSION else None, False
