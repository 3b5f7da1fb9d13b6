"""A small world in time for tests: half a day, and parts of it that tests may exchange."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.flow import History, happen
from electrum_observatory.lab.time.life import AllLives
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.plans import Cell, FeeRegime, Overlap, UptimeSpread, WorldPlan
from electrum_observatory.lab.time.tips import Tips

BUILDS = {
    "electrumx": ("electrumx_1_16_git", "1.16.0", "1.4.2"),
    "electrumx_1_15": ("electrumx_1_15", "1.15.0", "1.4.2"),
    "electrumx_1_20": ("electrumx_1_20", "1.20.0", "1.6"),
    "fulcrum": ("fulcrum_2_1_1", "2.1.1", "1.6"),
    "fulcrum_1_12": ("fulcrum_1_12", "1.12.0", "1.5.3"),
    "romanz_electrs": ("electrs_romanz_0_10_6", "0.10.10", "1.4"),
    "blockstream_electrs": ("electrs_esplora", "0.4.1", "1.4"),
    "mempool_electrs": ("mempool_electrs", "3.1.0-dev", "1.4"),
}
"""Personality, version and negotiated protocol of builds, by a short name that begins with the implementation's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWorld:
    plan: WorldPlan
    history: History
    mempools: Mempools
    lives: AllLives
    tips: Tips


@cache
def small_world(seed: int = 3, *, regime: FeeRegime = FeeRegime.CALM) -> SmallWorld:
    """Eight nodes and a server of each build on every node, so that only the build tells servers of a node apart."""
    cell = Cell(regime=regime, overlap=Overlap.MODERATE, uptimes=UptimeSpread.WIDE)
    drawn = draw_plan(cell, seed, days=0.5, servers=14, nodes=8, shared=4)
    plan = replace(drawn, servers=tuple(_servers(drawn)))
    history = happen(plan)
    mempools = Mempools(plan, history)
    lives = AllLives(plan, mempools)
    return SmallWorld(plan=plan, history=history, mempools=mempools, lives=lives, tips=Tips(plan, mempools, lives))


def _servers(plan):
    number = 0
    for node in plan.nodes:
        for name, (personality, version, negotiated) in BUILDS.items():
            like = plan.servers[number % len(plan.servers)]
            yield replace(
                like,
                server_id=f"server-{number:03}",
                endpoint=replace(like.endpoint, host=f"electrum{number:03}.example"),
                personality=personality,
                implementation="electrumx" if name.startswith("electrumx") else name.removesuffix("_1_12"),
                version=version,
                negotiated=negotiated,
                nodes=(node.node_id,),
                zmq=name == "fulcrum",
            )
            number += 1


def servers_of(world: SmallWorld, name: str) -> list[int]:
    """Places of the servers of a build."""
    return [place for place, one in enumerate(world.plan.servers) if one.personality == BUILDS[name][0]]


def node_of(world: SmallWorld, server: int) -> int:
    return world.plan.node_number(world.plan.servers[server].nodes[0])


def made_up_estimates(world: SmallWorld) -> np.ndarray:
    """Block × node × target: numbers that tell block and node, and no estimate for the last target."""
    blocks, nodes = len(world.history.blocks.found_s), len(world.plan.nodes)
    made = 100_000 + 100 * np.arange(blocks)[:, None, None] + np.arange(nodes)[:, None] + np.zeros(7, dtype=np.int64)
    made[..., -1] = 0
    return made.astype(np.int32)
