"""The JSON-RPC layer below ElectrumX: one connection, its dialect, its batches, its notifications.

Follows aiorpcX ``jsonrpc.py`` (``JSONRPCConnection``) and ``session.py``. The first message of a connection fixes the
dialect: ``"jsonrpc":"2.0"`` is strict from then on, ``"1.0"`` gets version 1 replies, no member at all is "loose".
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import Any

from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.aiorpcx_requests import (
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    BadRequestError,
    Dialect,
    Request,
    detect,
    parse,
    read_request,
)
from electrum_observatory.lab.personalities.base import Action
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.json_reading import TooDeepError
from electrum_observatory.lab.personalities.json_text import python_json
from electrum_observatory.lab.personalities.padding import OutgoingWire
from electrum_observatory.lab.personalities.tip_watch import soonest
from electrum_observatory.model.observation import Json

MAX_LINE_BYTES = 1_000_000
LOOK_UP_SECONDS = 0.0015
"""How long an answer takes that needs the disk or bitcoind (recorded: 1–3 ms)."""


class Handlers(ABC):
    """What a session tells this layer: its methods, and what must happen before any of them."""

    @abstractmethod
    def lookup(self, method: str) -> Method | None:
        """Return the handler of a method that this connection may call now."""

    def before_request(self, method: str | None, connection: "Connection", at: float) -> None:  # noqa: B027
        """Called for every request and notification (``method`` None). Raises MethodError to refuse it."""

    @property
    def look_ups(self) -> int:
        """How often the program has needed the disk or bitcoind so far: an answer that did comes later than others."""
        return 0

    @property
    def next_wake(self) -> float | None:
        """When the session has something to say by itself; None for never."""
        return None

    def wake(self, connection: "Connection", at: float) -> None:  # noqa: B027
        """Called when the connection is woken: say through ``connection.notify`` what is due."""


class Connection:
    """One connection: takes lines, gives the actions of its wire."""

    def __init__(
        self, *, wire: OutgoingWire, handlers: Handlers, compact: bool, hangs_on_depth: bool, look_up_s: float
    ) -> None:
        """Take wire, methods and dialect.

        ``hangs_on_depth`` is ElectrumX to 1.17: a line nested too deep leaves the session open and dead. ``look_up_s``
        is how much later slow answers come.
        """
        self._wire = wire
        self._handlers = handlers
        self._compact = compact
        self._hangs_on_depth = hangs_on_depth
        self._look_up_s = look_up_s
        self._late: deque[tuple[float, bytes]] = deque()
        self._dialect: Dialect | None = None
        self._gone = False
        self._looked_up = False
        self._actions: list[Action] = []

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line."""
        if self._gone or len(line) > MAX_LINE_BYTES:
            return []
        self._actions = self._wire.wake(at)
        self._write_late(at)
        try:
            self._take(line, at)
        except MethodError as error:
            self._write(self.error(error, None), at)
        except TooDeepError:
            self._gone = True
            if not self._hangs_on_depth:
                self._actions += self._wire.close()
        return self._actions

    def wake(self, at: float) -> Sequence[Action]:
        """Let the session say what is due, and the wire send what has waited."""
        if self._gone:
            return []
        self._actions = self._wire.wake(at)
        self._write_late(at)
        self._handlers.wake(self, at)
        return self._actions

    @property
    def next_wake(self) -> float | None:
        """When the wire or the session wants to be woken, or a slow answer is ready."""
        ready = self._late[0][0] if self._late else None
        return None if self._gone else soonest(ready, self._wire.next_wake, self._handlers.next_wake)

    def notify(self, method: str, at: float, params: Sequence[Json] = ()) -> None:
        """Send a notification (version 2 leaves ``params`` out where there are none)."""
        if self._dialect is Dialect.V1:
            self._write(self._text({"method": method, "params": list(params), "id": None}), at)
        else:
            arguments = {"params": list(params)} if params else {}
            self._write(self._text({"jsonrpc": "2.0", "method": method, **arguments}), at)

    def error(self, error: MethodError, request_id: Json) -> bytes:
        """The text of an error reply."""
        member = {"code": error.code, "message": error.message}
        if self._dialect is Dialect.V1:
            return self._text({"result": None, "error": member, "id": request_id})
        return self._text({"jsonrpc": "2.0", "error": member, "id": request_id})

    def _take(self, line: bytes, at: float) -> None:
        payload = parse(line)
        if self._dialect is None:
            self._dialect = detect(payload)
        if isinstance(payload, dict):
            if "method" in payload:
                self._take_request(payload, at)
        elif isinstance(payload, list) and self._dialect is not Dialect.V1:
            self._take_batch(payload, at)
        else:
            raise MethodError(INVALID_REQUEST, "request object must be a dictionary")

    def _take_request(self, payload: dict[str, Any], at: float) -> None:
        try:
            request = read_request(payload, self._dialect)
        except BadRequestError as bad:
            self._write(self.error(bad.error, bad.request_id), at)
            return
        reply, disconnect = self._answer(request, at)
        if reply is not None:
            self._say(reply, at, late=self._looked_up)
        if disconnect:
            self._close()

    def _say(self, reply: bytes, at: float, *, late: bool) -> None:
        if late:
            self._late.append((at + self._look_up_s, reply))
        else:
            self._write(reply, at)

    def _write_late(self, at: float) -> None:
        while self._late and self._late[0][0] <= at:
            self._write(self._late.popleft()[1], at)

    def _take_batch(self, payload: list[Json], at: float) -> None:
        if not payload:
            raise MethodError(INVALID_REQUEST, "batch is empty")
        if all(isinstance(part, dict) and ("result" in part or "error" in part) for part in payload):
            return
        parts: list[bytes] = []
        requests: list[Request] = []
        for part in payload:
            try:
                requests.append(read_request(part, self._dialect))
            except BadRequestError as bad:
                parts.append(self.error(bad.error, bad.request_id))
        late: list[bytes] = []
        for position, request in enumerate(requests):
            reply, disconnect = self._answer(request, at)
            if reply is not None:
                (late if self._looked_up else parts).append(reply)
            if disconnect:
                # The batch is only sent once it is complete; a program that hangs up before never sends it.
                if position == len(requests) - 1:
                    self._say_batch([*parts, *late], at, late=False)
                self._close()
                return
        self._say_batch([*parts, *late], at, late=bool(late))

    def _say_batch(self, parts: list[bytes], at: float, *, late: bool) -> None:
        if parts:
            self._say(b"[" + b", ".join(parts) + b"]", at, late=late)

    def _answer(self, request: Request, at: float) -> tuple[bytes | None, bool]:
        """Return the reply (None for a notification) and whether the connection ends."""
        before = self._handlers.look_ups
        try:
            result = self._call(request, at)
        except MethodError as error:
            return (self.error(error, request.request_id) if request.expects_reply else None), error.disconnect
        finally:
            self._looked_up = self._handlers.look_ups > before
        if not request.expects_reply:
            return None, False
        if self._dialect is Dialect.V1:
            return self._text({"result": result, "error": None, "id": request.request_id}), False
        return self._text({"jsonrpc": "2.0", "result": result, "id": request.request_id}), False

    def _call(self, request: Request, at: float) -> Json:
        self._handlers.before_request(request.method if request.expects_reply else None, self, at)
        method = self._handlers.lookup(request.method) if request.expects_reply else None
        if method is None:
            raise MethodError(METHOD_NOT_FOUND, f'unknown method "{request.method}"')
        return method.invoke(request.method, request.arguments, at)

    def _write(self, message: bytes, at: float) -> None:
        self._actions += self._wire.write(message, at)

    def _close(self) -> None:
        self._gone = True
        self._actions += self._wire.close()

    def _text(self, payload: Json) -> bytes:
        return python_json(payload, compact=self._compact)
