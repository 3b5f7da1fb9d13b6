"""What our visits cost real servers that keep their own limits, with the real ten minutes between two visits.

The servers, their node and the product's campaign run in a network namespace (``tests.servers.priced_visits``); the
numbers are those of the servers' own books. The small twin waits two seconds and comes from another network each time.
"""

import asyncio
import os

from bench.frame import Bench, Figure, RowResult
from tests.servers.costs import AT_ONCE, SOFT_LIMIT
from tests.servers.guests import PRICED_VERSIONS, PricedCampaign, read_priced_campaign, start_priced_campaign
from tests.servers.priced_visits import REAL_PAUSE_S

SMALL_PAUSE_S = 2.0
FURTHER_VISITS = 2
"""After the routine visit: twenty minutes, which is what a row may take."""
MOST_RETAINED = 600.0


async def run(bench: Bench) -> RowResult:
    """Visit each version three times, and read what each visit cost it and what was left of it at the next."""
    pause_s = SMALL_PAUSE_S if bench.small else REAL_PAUSE_S
    environment = {**os.environ, "OBSERVATORY_SCAN__VISITS": str(FURTHER_VISITS)}
    process = start_priced_campaign(bench.folder / "priced", pause_s=pause_s, environment=environment)
    try:
        found = await asyncio.to_thread(read_priced_campaign, process, timeout_s=(FURTHER_VISITS + 1) * (pause_s + 120))
    finally:
        process.kill()
    return RowResult(
        figures=(
            Figure(
                name="highest cost of a visit, what earlier ones left included",
                measured=max(one["highest"] for visits in found.visits.values() for one in visits),
                at_most=SOFT_LIMIT,
                always=True,
            ),
            Figure(
                name="most that was left of a visit when the next began",
                measured=max(one["before"] for visits in found.visits.values() for one in visits),
                at_most=MOST_RETAINED,
            ),
            Figure(
                name="fewest requests that a server worked on at once",
                measured=min(one["at_once"] for visits in found.visits.values() for one in visits),
                at_least=AT_ONCE,
                always=True,
            ),
            Figure(
                name="visitors slowed down or turned out, by the servers' logs",
                measured=sum(map(len, found.throttling.values())),
                at_most=0,
                always=True,
            ),
            Figure(
                name="visits that a server did not see",
                measured=sum(FURTHER_VISITS + 1 - len(visits) for visits in found.visits.values()),
                at_most=0,
                always=True,
            ),
        ),
        facts={"versions": PRICED_VERSIONS, "pause_s": pause_s, "costs": _costs(found)},
    )


def _costs(found: PricedCampaign) -> dict[str, list[float]]:
    return {version: [round(one["highest"], 1) for one in visits] for version, visits in found.visits.items()}
