"""What a probe is: one kind of question, what it costs the server, and the frozen result it yields."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Stage
from electrum_observatory.model.observation import Json, Witness
from electrum_observatory.net.connection import ConnectionFacts, ReceivedLine
from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.protocol.versions import parse_version
from electrum_observatory.scanner.costs import ProbeCost

ResultT_co = TypeVar("ResultT_co", covariant=True)


class Phase(IntEnum):
    """When in a visit a probe is put."""

    HANDSHAKE = 0  # the first message of the connection
    TIMING = 1  # sequential, right after the handshake, while padding servers still answer at once
    QUESTIONS = 2  # all pipelined together: see PipelinedProbe
    OUTSIDE = 3  # asks somebody else (DNS), or reads what the connection itself showed


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A decoded reply and how it came.

    Attributes:
        reply: The reply, its line included.
        received_monotonic_ns: Arrival of its last byte.
        sent_monotonic_ns: When its request was handed to the connection.
    """

    reply: Reply
    received_monotonic_ns: int
    sent_monotonic_ns: int


class Visit(Protocol):
    """What a probe sees of the conversation with one endpoint. Everything raises VisitError and nothing else."""

    @property
    def endpoint(self) -> Endpoint:
        """Who is asked."""

    @property
    def facts(self) -> ConnectionFacts:
        """How the connection came about."""

    @property
    def client_name(self) -> str:
        """What we call ourselves."""

    @property
    def negotiated(self) -> str | None:
        """Protocol version that the handshake settled on; None before it or where the server named none."""

    async def request(self, request_id: int, method: str, params: Sequence[Json] = ()) -> Received:
        """Ask and wait for the reply with this id. The reply's bytes become a witness of the asking probe."""

    def keep(self, witness: Witness) -> None:
        """Keep bytes that are no reply (a certificate) as a witness of the asking probe."""

    async def resolve_pointer(self, address: str) -> Sequence[str]:
        """Return the names that reverse DNS gives an address; empty where it has none."""

    async def resolve_host(self, host: str) -> Sequence[str]:
        """Return the addresses of a name, unchecked and not for dialling.

        Empty where the name does not exist, and where nobody is to be asked for it (local names, opt-outs).
        """


class Probe(Protocol[ResultT_co]):
    """One kind of question that has a conversation of its own.

    Implementations are frozen, hold no state of a visit, and know no other probe.

    Attributes:
        id: Stable snake_case name: file, table, schema and doc page carry it too.
        version: Grows when the same bytes would give another result.
        phase: When it is put.
        cost: What it costs the server.
        stage: Where its failures belong; None for the stage of the conversation.
        first_id: Its request ids are first_id, first_id + 1, … (fixed, disjoint between probes).
        result_type: The frozen dataclass that ``run`` returns; its field docs are the reference.
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def phase(self) -> Phase: ...  # noqa: D102
    @property
    def cost(self) -> ProbeCost: ...  # noqa: D102
    @property
    def stage(self) -> Stage | None: ...  # noqa: D102
    @property
    def first_id(self) -> int: ...  # noqa: D102
    @property
    def result_type(self) -> type[ResultT_co]: ...  # noqa: D102

    def not_applicable(self, endpoint: Endpoint) -> str | None:
        """Say in a few words why the question has no meaning for this endpoint, or None."""

    async def run(self, visit: Visit) -> ResultT_co:
        """Ask, wait and read. A JSON-RPC error reply is a result."""


class AppliesEverywhere:
    """For probes whose question goes to the server and has a meaning for every endpoint."""

    __slots__ = ()
    stage: ClassVar[Stage | None] = None

    def not_applicable(self, endpoint: Endpoint) -> str | None:  # noqa: ARG002
        """Never is."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What the handshake settled, for questions that not every program is asked.

    Attributes:
        software: What the server calls itself; None where it did not say. A claim, good enough to spare it an error.
        negotiated: Protocol version; None where the server named none.
    """

    software: str | None = None
    negotiated: str | None = None

    def speaks(self, version: tuple[int, ...]) -> bool:
        """Whether this protocol version or a later one was negotiated."""
        return (parse_version(self.negotiated or "") or ()) >= version

    def is_called(self, *names: str) -> str | None:
        """Return what the server calls itself where that begins with one of the names; None elsewhere."""
        return self.software if self.software is not None and self.software.startswith(names) else None


class PipelinedProbe(AppliesEverywhere, ABC, Generic[ResultT_co]):
    """For probes that only ask one method, once or with several parameters: all these are asked in one breath.

    Attributes:
        method: What is asked.
        params: With which parameters, for each request; its id is ``first_id`` plus its place.
        lacked_by: How programs call themselves that are known to lack the method, as they are usually built.
    """

    __slots__ = ()
    id: ClassVar[str]
    version: ClassVar[int]
    phase: ClassVar[Phase] = Phase.QUESTIONS
    cost: ClassVar[ProbeCost]
    first_id: ClassVar[int]
    result_type: ClassVar[type[Any]]
    method: ClassVar[str]
    params: ClassVar[Sequence[Sequence[Json]]] = ((),)
    lacked_by: ClassVar[tuple[str, ...]] = ()

    def not_asked(self, handshake: Handshake) -> str | None:
        """Say in a few words why this server is spared the question: it is known to answer by an error. Or None."""
        name = handshake.is_called(*self.lacked_by)
        return None if name is None else f"{name} is known to lack {self.method}"

    @abstractmethod
    def read(self, *replies: Reply) -> ResultT_co:
        """Read the replies, in the order asked. A JSON-RPC error reply is a result; raises VisitError."""


AnyProbe: TypeAlias = Probe[Any] | PipelinedProbe[Any]


__all__ = [
    "AnyProbe",
    "AppliesEverywhere",
    "Handshake",
    "Phase",
    "PipelinedProbe",
    "Probe",
    "ProbeCost",
    "Received",
    "ReceivedLine",
    "RpcError",
    "Visit",
    "Witness",
]
