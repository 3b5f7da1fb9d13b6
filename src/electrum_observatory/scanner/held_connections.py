"""Connections that are held: dialled without hurry, handed over to whoever takes their lines, and then without a task.

Thousands are held by one process, so none of them costs a task after its dial. What is said over them, and whether and
when to come back, is for others to decide.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.net.connection import Connection
from electrum_observatory.scanner.attempts import bug_detail
from electrum_observatory.scanner.ports import Dialing


class Holding(Protocol):
    """Whoever a connection was handed over to."""

    def begin(self) -> None:
        """Speak first."""

    def drop(self) -> None:
        """End it from our side; nobody is told."""


HeldT = TypeVar("HeldT", bound=Holding)


class HeldConnections(Generic[HeldT]):
    """Holds connections while it is entered as an asynchronous context; leaving drops them all."""

    def __init__(
        self,
        *,
        dialer: Dialing,
        hold: Callable[[Connection], HeldT],
        failed: Callable[[Endpoint, Failure], None],
        dial_s: float,
        dials_at_once: int,
    ) -> None:
        """Take the borders and the rules.

        Args:
            dialer: Opens the connections.
            hold: Makes of a connection what speaks over it; it calls :meth:`forget` when it is over.
            failed: Told of each dial that led to no connection.
            dial_s: Longest wait for a connection, all handshakes included.
            dials_at_once: Connections that are under way at the same time.
        """
        self._dialer = dialer
        self._hold = hold
        self._failed = failed
        self._dial_s = dial_s
        self._gate = asyncio.Semaphore(dials_at_once)
        self._tasks = asyncio.TaskGroup()
        self._dials: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, HeldT] = {}

    async def __aenter__(self) -> Self:
        """Begin to hold."""
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop every connection and wait for the dials that this cuts short; nobody is told anything more."""
        for key in (*self._dials, *self._held):
            self._drop(key)
        await self._tasks.__aexit__(kind, error, trace)

    def add(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> None:
        """Dial a server; ignored while it is held or dialled already."""
        key = endpoint.canonical
        if key in self._dials or key in self._held:
            return
        self._dials[key] = self._tasks.create_task(self._dial(endpoint, legacy_tls=legacy_tls))

    def remove(self, endpoint: Endpoint) -> None:
        """Drop a server, held or dialled; nobody is told."""
        self._drop(endpoint.canonical)

    def forget(self, endpoint: Endpoint) -> None:
        """Note that a held connection is over."""
        self._held.pop(endpoint.canonical, None)

    def _drop(self, key: str) -> None:
        dial, held = self._dials.pop(key, None), self._held.pop(key, None)
        if dial is not None:
            dial.cancel()
        if held is not None:
            held.drop()

    async def _dial(self, endpoint: Endpoint, *, legacy_tls: bool) -> None:
        """Dial, hand the connection over, and be done."""
        key = endpoint.canonical
        try:
            async with self._gate, asyncio.timeout(self._dial_s):
                connection = await self._dialer.connect(endpoint, legacy_tls=legacy_tls)
        except VisitError as error:
            failure = error.failure
        except TimeoutError:
            words = f"not connected within {self._dial_s:g} s"
            failure = Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_TIMEOUT, detail=words)
        except Exception as error:  # noqa: BLE001  a bug of ours costs one connection, and says so
            failure = Failure(stage=Stage.CONNECT, kind=FailureKind.BUG_IN_OBSERVATORY, detail=bug_detail(error))
        else:
            self._dials.pop(key, None)
            held = self._held[key] = self._hold(connection)
            held.begin()
            return
        self._dials.pop(key, None)
        self._failed(endpoint, failure)
