"""What a server has to answer before it is asked anything else: the handshake, block 0, a subscription to tips."""

from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.protocol.messages import Reply
from electrum_observatory.scanner.probes.genesis import read_genesis
from electrum_observatory.scanner.probes.server_version import read_server_version
from electrum_observatory.scanner.watching.config import Manners
from electrum_observatory.scanner.watching.tips import TIPS, Tip, read_tip

_VERSION_ID, _TIPS_ID, _GENESIS_ID = 0, 1, 2
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Needed:
    """A request that the connection itself needs.

    Attributes:
        request_id: Fixed.
        method: Name of the method.
        params: Its parameters.
    """

    request_id: int
    method: str
    params: tuple[Json, ...] = ()


class Proof:
    """Takes the first replies of a connection.

    Attributes:
        offered_range: Whether a range of versions is offered.
        software: What the server calls itself; None before the handshake.
        protocol: The negotiated protocol version; None before the handshake.
        told: The tip that the reply to the subscription told of, and its line; None before it.
    """

    __slots__ = ("_genesis_hash", "_manners", "offered_range", "protocol", "software", "told")

    def __init__(self, manners: Manners, *, plain: bool, genesis_hash: str) -> None:
        """Take what to say, whether to offer one version alone, and block 0 of the network that is watched."""
        self.offered_range = len(manners.versions) > 1 and not plain
        self.software: str | None = None
        self.protocol: str | None = None
        self.told: tuple[Tip, ReceivedLine] | None = None
        self._manners = manners
        self._genesis_hash = genesis_hash

    def opening(self) -> Needed:
        """Return the handshake; all else follows once the server has agreed on a version."""
        versions = self._manners.versions
        offer: Json = list(versions) if self.offered_range else versions[0]
        return Needed(_VERSION_ID, "server.version", (self._manners.client_name, offer))

    def take(self, request_id: int, reply: Reply, line: ReceivedLine) -> Sequence[Needed]:
        """Take a reply; return what has to be asked next. Raises VisitError where it does not prove what it should."""
        if request_id == _VERSION_ID:
            said = read_server_version(reply, offered=self._manners.versions, retried_plain=not self.offered_range)
            self.software = (said.software or "")[:_LONGEST_NAME]
            self.protocol = (said.protocol or self._manners.versions[0])[:_LONGEST_NAME]
            return Needed(_GENESIS_ID, "blockchain.block.header", (0,)), Needed(_TIPS_ID, TIPS)
        if request_id == _TIPS_ID:
            self.told = (read_tip(reply.result, Stage.NEGOTIATE), line)
            return ()
        found = read_genesis(reply).block_hash
        if found != self._genesis_hash:
            raise VisitError(Stage.NEGOTIATE, FailureKind.WRONG_NETWORK, f"block 0 is {found}")
        return ()
