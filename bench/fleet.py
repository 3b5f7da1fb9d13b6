"""Many simulated servers visited in world time: what a campaign would have heard, without its sockets and its waiting.

The machines of a round begin one after the other, in a drawn order, within some minutes, as a campaign's do; a
machine's battery then takes as long as ten minutes between visits make it.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.visiting import BETWEEN_VISITS_S, battery_visit, routine_visit, spelled
from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.mutators.starting import start_program
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.world import World
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.scanner.behaviour import Group, Subject
from electrum_observatory.scanner.packing import PlannedVisit, pack
from electrum_observatory.scanner.probes.registry import BATTERY

CLIENT_NAME = "electrum-observatory/bench"
REQUESTS, ERRORS = 40, 6
BUSY = "{initial: 1200, transactions_per_s: 1}"
"""A mempool with many transactions; most of a round's time goes into drawing them."""
CALM = "{initial: 1200, transactions_per_s: 0.3}"
"""One to which fewer come, for the small twins: histograms still have many bins and change from round to round."""
BETWEEN_ROUNDS_S = 3600.0
ROUND_S = 300.0
"""So long a round takes until its last machine begins: a block takes longer."""
_UPTIME_S = 5000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitedMachine:
    """What one machine said in one round.

    Attributes:
        machine: Its id.
        number: Of the round, from 0.
        heard: Its connections; each visit has a name of its own.
        visits: How many visits they were.
        over_at: World time at which the last was over.
    """

    machine: str
    number: int
    heard: tuple[Heard, ...]
    visits: int
    over_at: float

    @property
    def dialogues(self) -> tuple[Dialogue, ...]:
        """Its conversations."""
        return tuple(one.dialogue for one in self.heard)


class Fleet:
    """The machines of a world, running since before it began.

    Attributes:
        world: The world.
        reference: What is known of its chain beforehand.
        battery: The visits of the battery, as the scanner packs them; aggressive questions stay out.
    """

    def __init__(self, world: World) -> None:
        """Take the world; programs are started as they are first visited."""
        self.world = world
        self.reference: ChainReference = world.reference
        wanted = [probe for probe in BATTERY if probe.group is not Group.AGGRESSIVE]
        self.battery: Sequence[PlannedVisit] = pack(wanted, requests=REQUESTS, errors=ERRORS)
        subject = Subject(network=NETWORKS[world.file.network], reference=self.reference, client_name=CLIENT_NAME)
        self._spelled = {planned.number: spelled(planned, subject) for planned in self.battery}
        self._programs: dict[str, Program] = {}

    def program(self, machine_id: str) -> Program:
        """Return the running program of a machine."""
        if machine_id not in self._programs:
            machine = self.world.machine(machine_id)
            self._programs[machine_id] = start_program(
                PERSONALITIES[machine.personality],
                machine.modified,
                version=machine.version,
                state=functools.partial(self.world.state, machine_id),
                started_at=-_UPTIME_S,
                rng=stream(self.world.seed, "program", machine_id),
                seed=self.world.seed,
                machine=machine_id,
            )
        return self._programs[machine_id]

    def visit(
        self,
        machine_id: str,
        number: int,
        at: float,
        *,
        battery: bool = True,
        transport: Transport = Transport.TCP,
    ) -> VisitedMachine:
        """Make a routine visit and the visits of the battery, and say what was heard."""
        program = self.program(machine_id)
        routine = routine_visit(program, client_name=CLIENT_NAME, at=at, transport=transport)
        heard = [self._heard(machine_id, f"{number}.0", at, one) for one in routine.dialogues]
        over = routine.over_at
        for planned in self.battery if battery else ():
            began = over + BETWEEN_VISITS_S
            visited = battery_visit(
                program,
                self._spelled[planned.number],
                client_name=CLIENT_NAME,
                at=began,
                refuses_ranges=routine.refuses_ranges,
            )
            heard += [self._heard(machine_id, f"{number}.{planned.number}", began, one) for one in visited.dialogues]
            over = visited.over_at
        visits = 1 + (len(self.battery) if battery else 0)
        return VisitedMachine(machine=machine_id, number=number, heard=tuple(heard), visits=visits, over_at=over)

    def rounds(
        self, count: int, *, machines: Sequence[str], batteries: int | None = None, began_at: float = 100.0
    ) -> Iterator[VisitedMachine]:
        """Visit all of these machines, so many times; a round begins an hour after the last at the earliest.

        The battery is part of the first ``batteries`` rounds, or of all; the others are routine.
        """
        at = began_at
        for number in range(count):
            over = at + BETWEEN_ROUNDS_S
            order = list(machines)
            stream(self.world.seed, "round", number).shuffle(order)
            for place, machine_id in enumerate(order):
                began = at + place * ROUND_S / len(order)
                visited = self.visit(machine_id, number, began, battery=batteries is None or number < batteries)
                over = max(over, visited.over_at + BETWEEN_VISITS_S)
                yield visited
            at = over

    def _heard(self, machine_id: str, visit: str, at: float, dialogue: Dialogue) -> Heard:
        return Heard(server=machine_id, visit=visit, at_s=self.world.start.timestamp() + at, dialogue=dialogue)
