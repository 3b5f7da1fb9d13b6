"""Six real servers of three versions on two real nodes: are those put together that stand on one node?

Only how often the servers remake their histogram differs from what they are on Bitcoin's mainnet in the small twin
(5 s); at full size it is the 120 s of mainnet, where Litecoin's own constant is 500 s.
"""

import asyncio

from bench.frame import Bench, Figure, RowResult
from tests.servers.wired.guests import WiredWatch, read_wired_watch, start_wired_watch

REFRESH_S, SMALL_REFRESH_S = 120.0, 5.0
REFRESHES = 10
_MORE = 1.15  # histograms of two refreshes may be equal where nothing came between them
_ROUNDS_A_REFRESH = 2


async def run(bench: Bench) -> RowResult:
    """Watch them for some refreshes while blocks and transactions arrive, then group them."""
    refresh_s = SMALL_REFRESH_S if bench.small else REFRESH_S
    seconds = (REFRESHES + 1) * _MORE * refresh_s
    every_s = refresh_s / _ROUNDS_A_REFRESH
    folder = bench.folder / "wired"
    process = start_wired_watch(folder, refresh_s=refresh_s, every_s=every_s, seconds=seconds, seed=bench.seed)
    try:
        found = await asyncio.to_thread(read_wired_watch, process, seconds=seconds)
    finally:
        process.kill()
    return RowResult(figures=_figures(found, bench), facts=_facts(found, refresh_s))


def _figures(found: WiredWatch, bench: Bench) -> tuple[Figure, ...]:
    right = set(found.groups) == found.true_groups
    mixed = [one for one in found.published if len({found.wiring[name] for name in one}) > 1]
    return (
        Figure(name="groups that are not the wiring", measured=0 if right else 1, at_most=0, always=True),
        Figure(name="refreshes of the server with the fewest", measured=found.refreshes, at_least=REFRESHES),
        Figure(name="blocks that came meanwhile", measured=found.heights - 1, at_least=1),
        Figure(
            name="transactions of one node that the other's servers listed",
            measured=len(found.strangers),
            # What no peer has asked for is announced anew every 10 to 15 minutes (net_processing.cpp), so a long watch
            # sees these go round as well.
            at_most=0 if bench.small else None,
            always=bench.small,
        ),
        Figure(name="share of false links that is expected", measured=100 * found.expected_false, unit="%"),
        Figure(name="clusters of the published rule that mix both nodes", measured=len(mixed)),
    )


def _facts(found: WiredWatch, refresh_s: float) -> dict[str, object]:
    return {
        "refresh_s": refresh_s,
        "rounds": found.rounds,
        "groups": [sorted(group) for group in found.groups],
        "published": [sorted(cluster) for cluster in found.published],
        "bits": {" ".join(sorted(pair)): round(bits, 2) for pair, bits in found.bits.items()},
    }
