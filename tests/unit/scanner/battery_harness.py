"""Put one question about behaviour to a server that follows a script of bytes."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import bundled_reference
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.connection import Connection, LineReceiver, ReceivedLine
from electrum_observatory.scanner.battery import BatteryCaller, Call
from electrum_observatory.scanner.behaviour import BehaviourProbe, BehaviourResult, Opening, Subject
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.packing import PlannedConnection
from electrum_observatory.scanner.sheet import Share
from tests.factories import make_campaign, make_endpoint
from tests.unit.scanner.scripted import CLOSE, Pause, make_facts
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

MAINNET = Subject(
    network=NETWORKS["bitcoin"], reference=bundled_reference("bitcoin"), client_name="electrum-observatory/0.1.0"
)
VERSION = b'{"jsonrpc":"2.0","result":["ElectrumX 1.20.0","1.6"],"id":0}\n'
Script = Callable[[bytes], Sequence[Any]]


class RawConnection:
    """Answers each line with what the script says: bytes, a ``Pause`` or ``CLOSE``."""

    def __init__(self, endpoint: Endpoint, script: Script, greeting: Sequence[Any] = ()) -> None:
        self.facts = make_facts(endpoint)
        self.sent: list[bytes] = []
        self._script = script
        self._receiver: LineReceiver | None = None
        self._greeting = greeting
        self._queue: deque[Any] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def send(self, data: bytes) -> None:
        if self._over:
            raise VisitError(Stage.REQUEST, FailureKind.EOF)
        self.sent.append(data)
        self._queue += self._script(data)
        self._go_on()

    def hand_over(self, receiver: LineReceiver) -> None:
        """What came before is told at once, as a connection does."""
        self._receiver = receiver
        for line in self._greeting:
            receiver.line_received(ReceivedLine(data=line, received_monotonic_ns=0))

    def abort(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    def _go_on(self, after_s: float = 0.0) -> None:
        if self._timer is None and self._queue and self._receiver is not None and not self._over:
            self._timer = asyncio.get_running_loop().call_later(after_s, self._say)

    def _say(self) -> None:
        assert self._receiver is not None
        self._timer = None
        item = self._queue.popleft()
        if item is CLOSE:
            self._over = True
            self._receiver.connection_ended(VisitError(Stage.REQUEST, FailureKind.EOF))
        elif isinstance(item, Pause):
            self._go_on(item)
        else:
            now_ns = round(asyncio.get_running_loop().time() * 1e9)
            self._receiver.line_received(ReceivedLine(data=item, received_monotonic_ns=now_ns))
        self._go_on()


class RawDialer:
    """Hands out one raw connection after the other."""

    def __init__(self, script: Script, greeting: Sequence[Any] = (), refuses: Exception | None = None) -> None:
        self.connections: list[RawConnection] = []
        self._script = script
        self._greeting = greeting
        self._refuses = refuses

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Connection:
        if self._refuses is not None:
            raise self._refuses
        self.connections.append(RawConnection(endpoint, self._script, self._greeting))
        return self.connections[-1]


class Called:
    """One battery connection that was made, and what was noted."""

    def __init__(
        self,
        *probes: BehaviourProbe,
        script: Script,
        opening: Opening | None = None,
        subject: Subject = MAINNET,
        requests: int = 40,
        errors: int = 6,
        config: ScanConfig | None = None,
        greeting: Sequence[Any] = (),
        refuses: Exception | None = None,
        cancel_after_s: float | None = None,
    ) -> None:
        self.dialer = RawDialer(script, greeting, refuses)
        endpoint = make_endpoint(port=50001)
        self.notebook = Notebook(campaign=make_campaign(), endpoint=endpoint, clock=VirtualClock(), lag=LoopLag())
        config = config or ScanConfig()
        caller = BatteryCaller(dialer=self.dialer, clock=VirtualClock(), config=config, subject=subject)
        planned = PlannedConnection(number=0, opening=opening or probes[0].opening, probes=probes)
        share = Share(visit=1, connection=0, requests=requests, errors=errors)

        async def main() -> float:
            task = asyncio.create_task(caller.call(self.notebook, Call(share=share, planned=planned)))
            if cancel_after_s is not None:
                await asyncio.sleep(cancel_after_s)
                task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
            return asyncio.get_running_loop().time()

        self.seconds = run_virtually(main())
        self.by_probe = {one.probe: one for one in self.notebook.observations}

    @property
    def sent(self) -> list[bytes]:
        return [line for connection in self.dialer.connections for line in connection.sent]

    def result(self, probe: BehaviourProbe | str) -> BehaviourResult:
        name = probe if isinstance(probe, str) else probe.id
        attempt = self.by_probe[name].attempt
        assert attempt.result is not None, attempt
        return msgspec.convert({**attempt.result}, BehaviourResult)

    def lines(self, probe: BehaviourProbe) -> list[tuple[str, list[bytes]]]:
        """Return name and lines of each exchange, as the witnesses hold them."""
        held = {one.label: one.data for one in self.by_probe[probe.id].witnesses}
        return [(one.name, [held[label] for label in one.lines]) for one in self.result(probe).exchanges]


def steady(*answers: Any) -> Script:
    """Answer the handshake, then give one answer after the other; further messages (pings) get an empty result."""
    left = deque(answers)

    def script(line: bytes) -> Sequence[Any]:
        if b'"id":0,' in line and b"server.version" in line:
            return [VERSION]
        if b'"id":90' in line and b"server.ping" in line:
            return [b'{"jsonrpc":"2.0","result":null,"id":' + line.partition(b'"id":')[2][:3] + b"}\n"]
        answer = left.popleft() if left else b'{"jsonrpc":"2.0","result":null,"id":null}\n'
        return answer if isinstance(answer, list) else [answer]

    return script


def put(probe: BehaviourProbe, *answers: Any, subject: Subject = MAINNET) -> Called:
    """Put one question; the answers come in the order of its messages."""
    return Called(probe, script=steady(*answers), subject=subject, requests=200)


def question_lines(called: Called) -> list[bytes]:
    """Return what was sent beside the handshake and the pings that follow a question."""
    return [line for line in called.sent if b'"id":0,' not in line and b'"id":90' not in line]
