"""A worker process of the lab: renders some machines of a world until its parent goes away.

Spoken with its parent over pipes, one JSON line each way: first the assignment, answered by the sockets that are open
(or by an error), then any number of ``"visits"``, answered by the visitor book. The end of its input ends it, so it
never outlives its parent, however that died.
"""

import asyncio
import sys
from dataclasses import dataclass
from datetime import datetime

import msgspec

from electrum_observatory.lab.exchange import WorldClock
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.visits import VisitorBook
from electrum_observatory.lab.wire import rendered
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_file import WORLD_FILE
from electrum_observatory.model.errors import ObservatoryError
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.loop import run

_LINE_LIMIT = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a worker is to render.

    Attributes:
        world: The world file as JSON text.
        seed: The world's chance.
        start: World time zero, ISO 8601.
        origin: The monotonic clock at world time zero.
        machines: Ids of its machines.
    """

    world: str
    seed: int
    start: datetime
    origin: float
    machines: tuple[str, ...]


async def work() -> None:
    """Take the assignment from standard input, and serve until it ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    assignment = msgspec.json.decode(await reader.readline(), type=Assignment)
    file = WORLD_FILE.validate_json(assignment.world)
    clock = WorldClock(origin=assignment.origin, scale=file.time_scale)
    visitors = VisitorBook()
    try:
        world = World(file, seed=assignment.seed, start=assignment.start)
        async with rendered(world, PERSONALITIES, clock, assignment.machines, visitors=visitors) as sockets:
            _tell({"sockets": sockets})
            while await reader.readline():
                _tell(list(visitors.arrivals))
    except ObservatoryError as error:
        _tell({"error": str(error)})


def _tell(message: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Run one worker, with as many descriptors as the system allows and uvloop where there is one."""
    raise_descriptor_limit()
    run(work())


if __name__ == "__main__":
    main()
