"""The mempool limits of the node behind a server, where the server passes them on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import Handshake, PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MempoolInfoResult:
    """The reply to ``mempool.get_info``.

    Attributes:
        fields: The object as sent (mempoolminfee, minrelaytxfee, incrementalrelayfee, …); null for an error reply.
        error: The error reply, or null. ElectrumX 1.19 fails where its node names no incremental relay fee.
    """

    fields: Mapping[str, Json] | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MempoolInfoProbe(PipelinedProbe[MempoolInfoResult]):
    """Asks ``mempool.get_info`` where protocol 1.6 or later was negotiated: elsewhere hardly anybody knows it."""

    id: ClassVar[str] = "mempool_info"
    version: ClassVar[int] = 2
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 100
    result_type: ClassVar[type[MempoolInfoResult]] = MempoolInfoResult
    method: ClassVar[str] = "mempool.get_info"

    def not_asked(self, handshake: Handshake) -> str | None:
        """Spare whoever speaks less than 1.6."""
        return None if handshake.speaks((1, 6)) else "less than protocol 1.6 was negotiated, which has no such method"

    def read(self, *replies: Reply) -> MempoolInfoResult:
        """Read the one reply."""
        (reply,) = replies
        return MempoolInfoResult(fields=mapping(reply), error=reply.error)
