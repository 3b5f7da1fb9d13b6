"""Visit one scripted server and keep everything that came of it."""

import asyncio
from typing import Any

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.probes.registry import all_probes
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.visit import Visitor
from tests.factories import make_campaign, make_endpoint
from tests.unit.scanner.scripted import ScriptedDialer, ScriptedResolver
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

TCP = make_endpoint(port=50001, transport=Transport.TCP)


class Visited:
    """A finished visit: outcomes by probe, the dialer, the notebook, and how long it took."""

    def __init__(
        self,
        script: Any,
        *,
        endpoint: Endpoint = TCP,
        plain: bool = False,
        legacy_tls: bool = False,
        cancel_after_s: float | None = None,
        config: ScanConfig | None = None,
    ) -> None:
        self.dialer = ScriptedDialer({(endpoint.address or endpoint.host, endpoint.port): script})
        clock = VirtualClock()
        self.notebook = Notebook(campaign=make_campaign(), endpoint=endpoint, clock=clock, lag=LoopLag())
        visitor = Visitor(
            dialer=self.dialer,
            resolver=ScriptedResolver(),
            may_look_up=Rules().may_look_up,
            clock=clock,
            config=config or ScanConfig(),
            probes=all_probes(),
        )

        async def main() -> float:
            task = asyncio.get_running_loop().create_task(
                visitor.visit(self.notebook, plain=plain, legacy_tls=legacy_tls)
            )
            if cancel_after_s is not None:
                await asyncio.sleep(cancel_after_s)
                task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
            return asyncio.get_running_loop().time()

        self.seconds = run_virtually(main())
        self.by_probe = {one.probe: one for one in self.notebook.observations}
        assert len(self.by_probe) == len(self.notebook.observations)

    def failure(self, probe: str) -> tuple[Stage, FailureKind]:
        failure = self.by_probe[probe].attempt.failure
        assert failure is not None
        return failure.stage, failure.kind

    @property
    def methods(self) -> list[str]:
        return self.dialer.connections[0].methods()
