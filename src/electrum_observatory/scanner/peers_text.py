"""A peer list as the text that is stored: the rows that every list repeats are spelled once.

Spelling each of 200 rows anew, in every visit, was a fifth of the CPU time of a whole scan.
"""

from electrum_observatory.model.json_object import JsonObject
from electrum_observatory.protocol.peers import AdvertisedHost
from electrum_observatory.scanner.json_spelling import ENCODER, is_spelled_alike
from electrum_observatory.scanner.probes.peers import PeersResult

_REMEMBERED = 16_384


class PeersText:
    """Spells the results of the ``peers`` probe."""

    def __init__(self) -> None:
        # By identity: equal rows are one object (see PeerRows), and hashing its members would cost more than spelling.
        self._rows: dict[int, tuple[AdvertisedHost, str]] = {}

    def spell(self, result: PeersResult) -> JsonObject | None:
        """Return the result as text; None where it holds anything that is not plain."""
        if result.error is not None:
            return None
        try:
            peers = ",".join([self._rows[id(peer)][1] for peer in result.peers])
        except KeyError:
            rows = [self._row(peer) for peer in result.peers]
            if not all(rows):
                return None
            peers = ",".join(rows)
        text = f'{{"peers":[{peers}],"rows":{result.rows},"malformed":{result.malformed},"error":null}}'
        return JsonObject(text, of=result)

    def _row(self, peer: AdvertisedHost) -> str:
        known = self._rows.get(id(peer))
        if known is not None:
            return known[1]
        try:
            spelled = ENCODER.encode(peer)
        except UnicodeEncodeError:  # a claim with half of a surrogate pair
            return ""
        if not is_spelled_alike(spelled):
            return ""
        if len(self._rows) >= _REMEMBERED:
            self._rows.clear()
        text = spelled.decode("ascii")
        self._rows[id(peer)] = (peer, text)
        return text
