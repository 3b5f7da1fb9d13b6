"""When each endpoint was last dialled, and what came of it: what the scanner must know to leave servers in peace."""

from collections.abc import Collection, Iterator

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.reader import StoreReader

_DIALS = """
SELECT e.host, e.address, e.port, e.transport, o.started_at_us, o.probe = 'server_version',
    o.failure_stage, o.failure_kind
FROM observations o JOIN endpoints e USING (endpoint_pk)
WHERE o.probe IN ('connection', 'server_version', 'opening') AND o.started_at_us >= :since
AND o.status IN ('completed', 'failed')
AND o.campaign_pk IN (
    SELECT campaign_pk FROM campaigns
    WHERE kind = 'scan' AND json_extract(overlay, '$.sha256') IS :overlay
    AND campaign_id NOT IN (SELECT value FROM json_each(:without))
    AND coalesce(sealed_at_us, :since) >= :since
)
ORDER BY o.started_at_us, o.observation_pk
"""


def dials_since(
    reader: StoreReader, since_us: int, *, overlay_sha256: str | None, without: Collection[str] = ()
) -> Iterator[tuple[Endpoint, int, bool, Failure | None]]:
    """Yield the dials of all scans, and the handshakes that followed them, in the order they were made.

    Of each: the endpoint, the time, whether it is a handshake, and the failure (None for success).

    Args:
        reader: The data folder.
        since_us: Leave out what is older; UTC microseconds.
        overlay_sha256: The lab that was dialled; None for the real network. Two runs of one lab are two labs.
        without: Ids of campaigns to leave out.
    """
    values = {"since": since_us, "overlay": overlay_sha256, "without": to_json_text(sorted(without))}
    for host, address, port, transport, at_us, is_handshake, stage, kind in reader.select(_DIALS, values):
        endpoint = Endpoint(host=host, address=address, port=port, transport=Transport(transport))
        failure = None if kind is None else Failure(stage=Stage(stage), kind=FailureKind(kind))
        yield endpoint, at_us, bool(is_handshake), failure
