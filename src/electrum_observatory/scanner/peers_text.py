"""A peer list as the text that is stored: the rows that every list repeats are spelled once.

Spelling each of 200 rows anew, in every visit, was a fifth of the CPU time of a whole scan.
"""

from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.protocol.peers import AdvertisedHost
from electrum_observatory.scanner.json_spelling import ENCODER, is_spelled_alike
from electrum_observatory.scanner.probes.peers import PeersResult


def spell_peers(result: PeersResult) -> JsonObject | None:
    """Return a result of the ``peers`` probe as text; None where it holds anything that is not plain."""
    if result.error is not None:
        return None
    try:
        peers = ",".join([peer.text for peer in result.peers])  # type: ignore[misc]  # None raises, as it should
    except (AttributeError, TypeError):  # some row is not remembered, or not spelled yet
        rows = [_row(peer) for peer in result.peers]
        if not all(rows):
            return None
        peers = ",".join(rows)
    text = f'{{"peers":[{peers}],"rows":{result.rows},"malformed":{result.malformed},"error":null}}'
    return JsonObject(text, of=result)


def _row(peer: AdvertisedHost) -> str:
    """Spell a row, and note it on a remembered one; "" for what is not plain."""
    is_remembered = hasattr(peer, "text")
    if is_remembered and peer.text is not None:
        return peer.text
    try:
        spelled = ENCODER.encode(peer)
    except UnicodeEncodeError:  # a claim with half of a surrogate pair
        return ""
    if not is_spelled_alike(spelled):
        return ""
    text = spelled.decode("ascii")
    if is_remembered:
        object.__setattr__(peer, "text", text)
    return text
