"""The wire rendering of a world: real sockets on 127.0.0.0/8, one address per machine."""

import asyncio
import contextlib
import functools
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.exchange import Exchange, WorldClock
from electrum_observatory.lab.hostile.base import Scene
from electrum_observatory.lab.hostile.playing import play_on
from electrum_observatory.lab.hostile.registry import act_of
from electrum_observatory.lab.machines import Machine
from electrum_observatory.lab.misbehaviour import Mute, PlainSpeaker, Resetter, WebServer
from electrum_observatory.lab.mutators.starting import start_program
from electrum_observatory.lab.personalities.base import Personality, Program
from electrum_observatory.lab.server_tls import TlsContexts
from electrum_observatory.lab.visits import Arrival, VisitorBook
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_options import Fault
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.listener import Handler, Listener, serve

PersonalityTable: TypeAlias = Mapping[str, Personality]
HandlerMaker: TypeAlias = Callable[[Arrival], Handler]

HONEST_SELF = "fulcrum_2"
"""What a hostile machine would run if it were honest: a program that answers at once and pads nothing."""
_SHORTEST_UPTIME_S = 600.0
_LONGEST_UPTIME_S = 7200.0
_IMPOSTORS: dict[Fault | None, type[Mute]] = {Fault.MUTE: Mute, Fault.HTTP: WebServer, Fault.RESET: Resetter}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSocket:
    """One listening socket of a machine.

    Attributes:
        machine: The machine's id.
        transport: What is spoken there.
        port: The real port on the machine's loopback address.
    """

    machine: str
    transport: Transport
    port: int


class WireRendering:
    """Some machines of a world, listening. Everything runs on the current event loop."""

    def __init__(
        self, world: World, personalities: PersonalityTable, clock: WorldClock, *, visitors: VisitorBook
    ) -> None:
        """Take the world, the programs it names, its clock, and the book that visitors are entered in."""
        self._world = world
        self._personalities = personalities
        self._clock = clock
        self._visitors = visitors
        self._contexts = TlsContexts()
        self._listeners: list[Listener] = []

    async def open(self, machine_ids: Sequence[str]) -> list[OpenSocket]:
        """Open every socket of these machines; dead and silent ones have none.

        Raises:
            UsageError: A loopback address cannot be bound.
        """
        opened: list[OpenSocket] = []
        for machine_id in machine_ids:
            machine = self._world.machine(machine_id)
            if machine.fault in (Fault.DEAD, Fault.SILENT):
                continue
            programs = itertools.cycle([self._start(*numbered) for numbered in enumerate(machine.behind)])
            for transport in machine.ports:
                listener = await self._listen(machine, transport, programs)
                self._listeners.append(listener)
                opened.append(OpenSocket(machine=machine_id, transport=transport, port=listener.port))
        return opened

    def close(self) -> None:
        """Close every socket and drop every visitor."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def _start(self, backend: int, machine: Machine) -> Program:
        personality = self._personalities[HONEST_SELF if machine.hostile else machine.personality]
        rng = stream(self._world.seed, "program", machine.machine_id, *([backend] if backend else []))
        uptime = rng.uniform(_SHORTEST_UPTIME_S, _LONGEST_UPTIME_S)
        return start_program(
            personality,
            machine.modified,
            version=machine.version,
            state=functools.partial(self._world.state, machine.machine_id, backend=backend),
            started_at=0.0 if machine.just_started else -uptime,
            rng=rng,
            seed=self._world.seed,
            machine=machine.machine_id,
        )

    async def _listen(self, machine: Machine, transport: Transport, programs: Iterator[Program]) -> Listener:
        if machine.hostile and machine.fault is None:
            return await self._play(machine, transport, next(programs))
        plain = machine.fault is Fault.PLAIN_ON_SSL and transport.encrypted
        spoken = Transport.TCP if plain else transport
        minted = self._world.certificate(machine.machine_id) if spoken.encrypted else None
        context = None if minted is None else self._contexts.get(minted, old_tls=machine.old_tls)
        make = self._handler_maker(machine, programs)

        def factory(peer: tuple[str, int]) -> Handler:  # noqa: ARG001 -- lab servers treat all visitors alike
            arrival = self._visitors.enter(machine.machine_id, transport, asyncio.get_running_loop().time())
            return PlainSpeaker() if plain else make(arrival)

        return await serve(machine.loopback, 0, spoken, context, factory)

    async def _play(self, machine: Machine, transport: Transport, program: Program) -> Listener:
        act = act_of(machine.personality)
        assert act is not None, "world files name no unknown act"
        scene = Scene(
            transport=transport,
            address=machine.addresses[0],
            name=machine.announced[0],
            honest=program,
            clock=self._clock,
            certificate=self._world.certificate(machine.machine_id),
            contexts=self._contexts,
            rng=stream(self._world.seed, "act", machine.machine_id, transport),
        )

        def arrived() -> None:
            self._visitors.enter(machine.machine_id, transport, asyncio.get_running_loop().time())

        return await play_on(machine.loopback, act, scene, arrived)

    def _handler_maker(self, machine: Machine, programs: Iterator[Program]) -> HandlerMaker:
        impostor = _IMPOSTORS.get(machine.fault)
        if impostor is not None:
            return lambda _arrival: impostor()
        delay = self._world.round_trip_s(machine.machine_id) + machine.delay_s / self._clock.scale
        return lambda arrival: Exchange(next(programs), arrival, self._clock, delay)


@contextlib.asynccontextmanager
async def rendered(
    world: World,
    personalities: PersonalityTable,
    clock: WorldClock,
    machine_ids: Sequence[str],
    *,
    visitors: VisitorBook,
) -> AsyncIterator[list[OpenSocket]]:
    """Hold these machines' sockets open on the current event loop for the length of the block."""
    rendering = WireRendering(world, personalities, clock, visitors=visitors)
    try:
        yield await rendering.open(machine_ids)
    finally:
        rendering.close()
