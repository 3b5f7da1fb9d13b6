"""The mempool limits of the node behind a server, where the server passes them on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MempoolInfoResult:
    """The reply to ``mempool.get_info``.

    Attributes:
        fields: The object as sent (mempoolminfee, minrelaytxfee, incrementalrelayfee, …); null for an error reply.
        error: The error reply, or null. Only Fulcrum ≥ 2.1, and ElectrumX ≥ 1.19 at protocol 1.6, know the method.
    """

    fields: Mapping[str, Json] | None
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MempoolInfoProbe(PipelinedProbe[MempoolInfoResult]):
    """Asks ``mempool.get_info``. Old esplora builds close on an unknown method, so it is the last question."""

    id: ClassVar[str] = "mempool_info"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 100
    result_type: ClassVar[type[MempoolInfoResult]] = MempoolInfoResult
    method: ClassVar[str] = "mempool.get_info"

    def read(self, *replies: Reply) -> MempoolInfoResult:
        """Read the one reply."""
        (reply,) = replies
        return MempoolInfoResult(fields=mapping(reply), error=reply.error)
