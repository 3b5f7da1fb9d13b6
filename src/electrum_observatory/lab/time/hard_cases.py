"""Choose what is hard about a world: which nodes a careless method would join, and which servers it would part.

Hard negatives are pairs of different nodes that look alike for a reason other than being one: peered by hand, behind
one block relay, started from one data folder, given one fee file. Hard positives are servers of one node that look
different: other implementations, a load balancer in front of two nodes. Crossed cases tell node and operator apart.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from electrum_observatory.lab.time.plans import HardCase, HardKind, NodePlan, ServerPlan
from electrum_observatory.lab.time.regimes import DAY_S

_COMMON_SHARE = 0.7
"""Of the servers, those on nodes of the common policy; few of them differ, so a third of all pairs is alike."""
_FULL_SIZE = 120
_COPIED_DAYS = (0.2, 2.0)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The choice, by places of nodes.

    Attributes:
        common: Nodes of one policy, whose servers have one build and one provider unless their node is mixed.
        peered: Connected by hand.
        block_relay: Behind one relay of blocks.
        data_folder: The second was started from a copy of the first one's data folder.
        fee_file: The second was given the first one's fee file.
        mixed: Shared nodes with servers of several programs.
        balanced: Nodes whose last server deals its rounds out to a second node as well.
        crossed: Shared nodes whose servers belong to two operators.
        operators: Place of the operator of each node.
    """

    common: frozenset[int]
    peered: tuple[Pair, ...]
    block_relay: tuple[Pair, ...]
    data_folder: tuple[Pair, ...]
    fee_file: tuple[Pair, ...]
    mixed: frozenset[int]
    balanced: tuple[Pair, ...]
    crossed: frozenset[int]
    operators: tuple[int, ...]


def choose_cases(sizes: Sequence[int], rng: random.Random) -> Cases:
    """Choose for nodes with these numbers of servers."""
    count = len(sizes)
    shared = [place for place, size in enumerate(sizes) if size > 1]
    common = _common(sizes, rng)
    pool = rng.sample(range(count), count)
    peered, relay, folder, fee_file, balanced = (
        tuple((pool.pop(), pool.pop()) for _ in range(_scaled(many, count)) if len(pool) > 1)
        for many in (5, 4, 3, 3, 4)
    )
    return Cases(
        common=common,
        peered=peered,
        block_relay=relay,
        data_folder=folder,
        fee_file=fee_file,
        mixed=frozenset(rng.sample(shared, max(1, len(shared) // 3))),
        balanced=balanced,
        crossed=frozenset(rng.sample(shared, max(1, len(shared) // 5))),
        operators=_operators(count, peered, rng),
    )


def apply_cases(cases: Cases, nodes: Sequence[NodePlan], rng: random.Random) -> tuple[NodePlan, ...]:
    """Write into the nodes what their cases need of them."""
    made = list(nodes)
    for first, second in cases.peered:
        made[first] = replace(made[first], peered_with=(made[second].node_id,))
        made[second] = replace(made[second], peered_with=(made[first].node_id,))
    for first, second in cases.block_relay:
        made[second] = replace(made[second], block_source=made[first].block_source)
    for first, second in cases.data_folder:
        at = -rng.uniform(*_COPIED_DAYS) * DAY_S
        source = replace(made[first], started_s=min(made[first].started_s, at - 20 * DAY_S))
        made[first] = source
        made[second] = replace(
            made[second],
            started_s=at,
            mempool_since_s=at,
            copied_at_s=at,
            mempool_from=source.node_id,
            fee_file_from=source.node_id,
        )
    for first, second in cases.fee_file:
        at = -rng.uniform(*_COPIED_DAYS) * DAY_S
        made[first] = replace(made[first], started_s=min(made[first].started_s, at - 20 * DAY_S))
        made[second] = replace(
            made[second], started_s=at, mempool_since_s=at, copied_at_s=at, fee_file_from=made[first].node_id
        )
    return tuple(made)


def describe(cases: Cases, nodes: Sequence[NodePlan], servers: Sequence[ServerPlan]) -> tuple[HardCase, ...]:
    """Say what was chosen, in names."""
    pairs = {
        HardKind.PEERED_NODES: cases.peered,
        HardKind.SHARED_BLOCK_RELAY: cases.block_relay,
        HardKind.COPIED_DATA_FOLDER: cases.data_folder,
        HardKind.COPIED_FEE_FILE: cases.fee_file,
    }
    found = [_case(kind, pair, nodes, servers) for kind, chosen in pairs.items() for pair in chosen]
    for node in nodes:
        on_it = [server for server in servers if node.node_id in server.nodes]
        if len({server.implementation for server in on_it}) > 1:
            found.append(_named(HardKind.MIXED_IMPLEMENTATIONS, [node.node_id], on_it))
        if len({server.operator for server in on_it}) > 1:
            found.append(_named(HardKind.CROSSED_OPERATORS, [node.node_id], on_it))
    found += [_named(HardKind.LOAD_BALANCER, one.nodes, [one]) for one in servers if len(one.nodes) > 1]
    for operator in sorted({server.operator for server in servers}):
        own = [server for server in servers if server.operator == operator]
        stands_on = sorted({node for server in own for node in server.nodes})
        if len(stands_on) > 1:
            found.append(_named(HardKind.OPERATOR_OF_SEVERAL_NODES, stands_on, own))
    return tuple(found)


def _case(kind: HardKind, pair: Pair, nodes: Sequence[NodePlan], servers: Sequence[ServerPlan]) -> HardCase:
    names = [nodes[place].node_id for place in pair]
    return _named(kind, names, [server for server in servers if not set(names).isdisjoint(server.nodes)])


def _named(kind: HardKind, nodes: Sequence[str], servers: Sequence[ServerPlan]) -> HardCase:
    return HardCase(kind=kind, nodes=tuple(nodes), servers=tuple(server.server_id for server in servers))


def _common(sizes: Sequence[int], rng: random.Random) -> frozenset[int]:
    """Take nodes in random order until they hold the wanted share of the servers."""
    wanted = _COMMON_SHARE * sum(sizes)
    found: set[int] = set()
    for place in rng.sample(range(len(sizes)), len(sizes)):
        if sum(sizes[one] for one in found) >= wanted:
            break
        found.add(place)
    return frozenset(found)


def _operators(count: int, peered: Sequence[Pair], rng: random.Random) -> tuple[int, ...]:
    """Deal nodes to operators: most run one, some run several, and two nodes peered by hand have one."""
    found: list[int] = []
    operator = 0
    while len(found) < count:
        found += [operator] * rng.choice((1, 1, 1, 1, 1, 2, 2, 3, 6))
        operator += 1
    del found[count:]
    rng.shuffle(found)
    for first, second in peered:
        found[second] = found[first]
    return tuple(found)


def _scaled(many: int, count: int) -> int:
    return max(1, round(many * count / _FULL_SIZE))
