"""When each endpoint was last dialled, and what came of it: what the scanner must know to leave servers in peace."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.reader import StoreReader

_DIALS = """
SELECT e.host, e.address, e.port, e.transport, o.started_at_us, o.started_monotonic_ns, o.boot_id,
    o.probe = 'server_version', o.failure_stage, o.failure_kind
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDial:
    """A dial, or the handshake that followed it.

    Attributes:
        endpoint: Who was dialled.
        at_us: When, by the wall clock of then; UTC microseconds.
        monotonic_ns: When, by the monotonic clock of ``boot_id``; None where that was not recorded.
        boot_id: The boot of the machine that dialled.
        is_handshake: Which of the two.
        failure: None for success.
    """

    endpoint: Endpoint
    at_us: int
    monotonic_ns: int | None
    boot_id: str | None
    is_handshake: bool
    failure: Failure | None


def dials_since(
    reader: StoreReader, since_us: int, *, overlay_sha256: str | None, without: Collection[str] = ()
) -> Iterator[StoredDial]:
    """Yield the dials of all scans, and the handshakes that followed them, in the order of their wall clocks.

    Args:
        reader: The data folder.
        since_us: Leave out what is older; UTC microseconds.
        overlay_sha256: The lab that was dialled; None for the real network. Two runs of one lab are two labs.
        without: Ids of campaigns to leave out.
    """
    values = {"since": since_us, "overlay": overlay_sha256, "without": to_json_text(sorted(without))}
    for host, address, port, transport, at_us, monotonic_ns, boot_id, is_handshake, stage, kind in reader.select(
        _DIALS, values
    ):
        yield StoredDial(
            endpoint=Endpoint(host=host, address=address, port=port, transport=Transport(transport)),
            at_us=at_us,
            monotonic_ns=monotonic_ns,
            boot_id=boot_id,
            is_handshake=bool(is_handshake),
            failure=None if kind is None else Failure(stage=Stage(stage), kind=FailureKind(kind)),
        )
