"""Draw the plan of a world in time: which nodes there are, who stands on them, and what is hard about it.

Counts that a yardstick names (servers, nodes, shared nodes, hard cases, the share of alike pairs) are dealt exactly;
everything else is drawn from ``ranges``.
"""

import random
from dataclasses import replace

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.drawing_servers import draw_servers
from electrum_observatory.lab.time.hard_cases import apply_cases, choose_cases, describe
from electrum_observatory.lab.time.plans import Cell, NodePlan, Restart, Software, UptimeSpread, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw, draw_log
from electrum_observatory.lab.time.regimes import DAY_S, draw_spells
from electrum_observatory.lab.time.scripts import name_scripts

START_US = 1_767_225_600_000_000
"""World time 0 of every drawn world: 2026-01-01 00:00 UTC."""

_FROM_S = -float(DAY_S)
_LONG_AGO_S = -1000.0 * DAY_S
_WORLD_PARAMETERS = (
    "flow.vsize_mean",
    "flow.vsize_spread",
    "flow.legacy_share",
    "flow.witness_discount",
    "flow.round_share",
    "flow.rate_spread",
    "flow.daily_swing",
    "flow.replacing_share",
    "flow.signalling_share",
    "flow.data_share",
    "flow.large_data_share",
    "block.vsize",
    "block.stale_share",
    "block.passed_over",
)


def draw_plan(
    cell: Cell,
    seed: int,
    *,
    days: float = 7,
    servers: int = 300,
    nodes: int = 120,
    shared: int = 40,
    scripts: int = 0,
) -> WorldPlan:
    """Draw a world. Raises ValueError where so many servers cannot stand on so many nodes, or for too many scripts.

    Args:
        cell: Under which conditions.
        seed: Its chance.
        days: How long it is watched.
        servers: How many there are.
        nodes: How many bitcoind.
        shared: How many of these have two servers or more.
        scripts: For how many public scripts the watch asks what is pending; nothing else depends on it.
    """
    if not 0 < shared <= nodes or servers < nodes + shared:
        raise ValueError(f"{servers} servers cannot stand on {nodes} nodes of which {shared} are shared")
    sizes = _sizes(servers, nodes, shared, stream(seed, "sizes"))
    cases = choose_cases(sizes, stream(seed, "hard cases"))
    drawn = [
        _with_mempool(seed, place, _node(cell, seed, place, days, common=place in cases.common))
        for place in range(nodes)
    ]
    made = apply_cases(cases, drawn, stream(seed, "copies"))
    stand = draw_servers(seed, sizes, cases, [node.node_id for node in made])
    spells = draw_spells(cell.regime, seed, _FROM_S, days * DAY_S)
    return WorldPlan(
        name=f"{cell.regime or 'mixed'}-{cell.overlap}-{cell.uptimes}-{seed}",
        seed=seed,
        cell=cell,
        start_us=START_US,
        seconds=round(days * DAY_S),
        spells=spells,
        nodes=made,
        servers=stand,
        hard_cases=describe(cases, made, stand),
        parameters={name: draw(name, seed) for name in _WORLD_PARAMETERS}
        | {
            "flow.private_share": draw(f"{cell.overlap}.private", seed),
            "flow.backlog": draw(f"{spells[0].regime}.backlog", seed),
        },
        scripts=name_scripts(seed, scripts),
    )


def _sizes(servers: int, nodes: int, shared: int, rng: random.Random) -> list[int]:
    """Deal servers to nodes: one to each, two or more to the shared ones, heavy-tailed."""
    weights = [1 / (rank + 1.0) ** 0.8 for rank in range(shared)]
    sizes = [2] * shared + [1] * (nodes - shared)
    for place in rng.choices(range(shared), weights=weights, k=servers - sum(sizes)):
        sizes[place] += 1
    return sizes


def _node(cell: Cell, seed: int, place: int, days: float, *, common: bool) -> NodePlan:
    rng = stream(seed, "node", place)
    policy = stream(seed, "common policy") if common else rng
    knots = not common and rng.random() < draw("node.knots_share", seed)
    low = not knots and policy.random() < draw("node.low_floor_share", seed)
    version = policy.choice((290_100, 300_000)) if low else policy.choice((250_100, 270_000, 280_100, 290_000))
    small = rng.random() < draw("node.small_mempool_share", seed)
    return NodePlan(
        node_id=f"node-{place:03}",
        software=Software.KNOTS if knots else Software.CORE,
        version=290_100 if knots else version,
        relay_floor=0.1 if low else 1.0,
        full_rbf=knots or version >= 280_000 or policy.random() < draw("node.full_rbf_share", seed),
        takes_data=not knots,
        takes_large_data=not knots and version >= 300_000,
        max_mempool_mb=10 * round(RANGES["node.small_mempool"].draw(rng) / 10) if small else 300,
        usage_per_vbyte=RANGES["node.usage_per_vbyte"].draw(rng),
        missed_share=RANGES[f"{cell.overlap}.missed"].draw(rng),
        inbound_peers=rng.choice((0, 8, 16, int(RANGES["relay.inbound_peers"].high))),
        started_s=-_uptime(cell, rng, seed, place),
        mempool_since_s=_LONG_AGO_S,
        restarts=_restarts(cell, rng, days),
        block_source=f"peers of node-{place:03}",
    )


def _with_mempool(seed: int, place: int, node: NodePlan) -> NodePlan:
    """Few nodes began with an empty mempool when they were last started; the others read it back from the disk."""
    fresh = stream(seed, "fresh mempool", place).random() < draw("node.fresh_mempool_share", seed)
    return replace(node, mempool_since_s=node.started_s) if fresh else node


def _uptime(cell: Cell, rng: random.Random, seed: int, place: int) -> float:
    if cell.uptimes is UptimeSpread.WIDE:
        return draw_log("wide.uptime", seed, place) * DAY_S
    return RANGES["narrow.uptime"].draw(rng) * DAY_S


def _restarts(cell: Cell, rng: random.Random, days: float) -> tuple[Restart, ...]:
    expected = RANGES[f"{cell.uptimes}.restarts_per_week"].draw(rng) * days / 7
    found: list[Restart] = []
    at = 0.0
    while (at := at + rng.expovariate(1 / (days * DAY_S)) / max(expected, 1e-9)) < (days - 0.02) * DAY_S:
        down = RANGES["node.down"].draw(rng)
        found.append(Restart(at_s=at, down_s=down, reloads=rng.random() < RANGES["node.reloads_share"].draw(rng)))
        at += down + 3600
    return tuple(found)
