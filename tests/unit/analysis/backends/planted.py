"""Planted material: machines on nodes whose mempools and estimators are known, with a pinch of what hides it.

Not the lab: a few lines of normal noise, so that a test says what it plants.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.facts import ServerFacts
from electrum_observatory.analysis.backends.material import Material
from electrum_observatory.analysis.histograms.rules import Algorithm
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.watch_ports import NOTHING

FIVE_MINUTES_US = 300_000_000
ROUNDS_OF_A_BLOCK = 2
PROGRAMS = (int(Algorithm.ELECTRUMX_1_20), int(Algorithm.FULCRUM_1_9_8))
FEERATES = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """What is planted.

    Attributes:
        nodes: Node of each machine.
        rounds: How many.
        differing: How much nodes' mempools differ, as a share of their size.
        ages_s: How old a reply may be at most.
        noise: Scatter of a single reply, relative.
        told: Share of the feerates at which a reply has an edge.
        peered: Pairs of nodes whose mempools are nearly one.
        classes: A policy that moves all its nodes together, by node; None for no such thing.
        unclamped: Whether fees are above the floor, so that estimates tell.
        relay: Relay fee by node in satoshi per 1000 virtual bytes; None for one fee everywhere.
    """

    nodes: tuple[int, ...]
    rounds: int = 240
    differing: float = 0.003
    ages_s: float = 120.0
    noise: float = 0.001
    told: float = 0.7
    peered: tuple[tuple[int, int], ...] = ()
    classes: tuple[int, ...] | None = None
    unclamped: bool = True
    relay: tuple[int, ...] | None = None


def nodes_of(machines: int, shared: int, on_each: int) -> tuple[int, ...]:
    """Put machines on ``shared`` nodes, so many on each, and the rest on nodes of their own."""
    together = [node for node in range(shared) for _ in range(on_each)]
    return (*together, *range(shared, shared + machines - len(together)))


def plant(planted: Planted, seed: int) -> Material:
    """Make material."""
    chance = np.random.default_rng(seed)
    nodes, count = np.array(planted.nodes), max(planted.nodes) + 1
    curves = _curves(planted, nodes, count, chance)
    height = (
        np.full((planted.rounds, len(nodes)), 0) + (900_000 + np.arange(planted.rounds) // ROUNDS_OF_A_BLOCK)[:, None]
    )
    content = np.where(
        chance.random(curves.shape[:2]) < 0.9, np.arange(curves[:, :, 0].size).reshape(height.shape), NOTHING
    )
    facts = tuple(
        ServerFacts(
            endpoint=Endpoint(host=f"s{index}.example", port=50002, transport=Transport.SSL),
            machine=f"s{index}.example",
            algorithms=PROGRAMS[index % 2],
            relay=1000 if planted.relay is None else planted.relay[nodes[index]],
            relay_is_live=index % 2 == 0,
        )
        for index in range(len(nodes))
    )
    return Material(
        facts=facts,
        aliases=tuple((one,) for one in facts),
        servers=np.arange(len(nodes)),
        at_us=np.arange(planted.rounds, dtype=np.int64) * FIVE_MINUTES_US,
        window=height[:, 0],
        up=np.ones(height.shape, bool),
        curves=curves,
        feerates=FEERATES,
        content=content,
        estimates=_estimates(planted, nodes, count, chance),
        minimum=np.full(height.shape, np.nan),
        height=height,
        news=None,
        column=np.zeros(0, dtype=np.int64),
    )


def _walk(shape: tuple[int, ...], chance: np.random.Generator, keeps: float = 0.9) -> NDArray[np.float64]:
    steps = chance.normal(size=shape)
    for moment in range(1, shape[0]):
        steps[moment] = keeps * steps[moment - 1] + np.sqrt(1 - keeps**2) * steps[moment]
    return steps


def _curves(planted: Planted, nodes: NDArray[np.int64], count: int, chance: np.random.Generator) -> NDArray[np.float32]:
    rounds, rates = planted.rounds, len(FEERATES)
    own = _walk((rounds, count, rates), chance) * planted.differing
    for one, other in planted.peered:
        own[:, other] = own[:, one] + 0.1 * own[:, other]
    if planted.classes is not None:
        shared = _walk((rounds, max(planted.classes) + 1, rates), chance) * 3 * planted.differing
        own += shared[:, list(planted.classes)]
    phase = np.arange(rounds) % ROUNDS_OF_A_BLOCK
    arrivals = np.linspace(2e-4, 5e-5, rates)  # per second, relative
    common = np.log(3e7 / FEERATES)[None, :] + 0.05 * _walk((rounds, rates), chance) + 300 * phase[:, None] * arrivals
    ages = chance.uniform(0, planted.ages_s, (rounds, len(nodes)))
    noise = chance.normal(size=(rounds, len(nodes), rates)) * planted.noise
    logs = common[:, None, :] + own[:, nodes] - ages[:, :, None] * arrivals + noise
    told = chance.random(logs.shape) < planted.told
    return np.where(told, np.exp(logs), np.nan).astype(np.float32)


def _estimates(
    planted: Planted, nodes: NDArray[np.int64], count: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Change each node's values with each block; some servers are a block behind, a tenth of values is usual."""
    shape = (3, planted.rounds, len(nodes))
    if not planted.unclamped:
        return np.full(shape, NOTHING, dtype=np.int64)
    blocks = planted.rounds // ROUNDS_OF_A_BLOCK + 1
    values = chance.integers(1, 2**40, (3, blocks, count))
    usual = chance.random(values.shape) < 0.1
    values[usual] = 7
    block = (np.arange(planted.rounds) // ROUNDS_OF_A_BLOCK)[:, None] - (chance.random(shape[1:]) < 0.1)
    return np.stack([values[horizon][np.maximum(block, 0), nodes[None, :]] for horizon in range(3)])
