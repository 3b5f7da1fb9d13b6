"""Draw the servers of a world: which build each is, who runs it, where it stands, how far away it is."""

import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.providers import PROVIDERS
from electrum_observatory.lab.time.hard_cases import Cases
from electrum_observatory.lab.time.plans import ServerPlan
from electrum_observatory.lab.time.ranges import RANGES, draw, draw_log
from electrum_observatory.model.endpoint import Endpoint, Transport

_PORT = 50002
_STAYS_COMMON = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A build that worlds may hold.

    Attributes:
        personality: Its id.
        negotiated: Protocol version that it and a watch agree on.
        weight: Its share among the uncommon (assumed).
    """

    personality: str
    negotiated: str
    weight: float


BUILDS = (
    Build(personality="electrumx_1_15", negotiated="1.4.2", weight=3),
    Build(personality="electrumx_1_16", negotiated="1.4.2", weight=4),
    Build(personality="electrumx_1_16_git", negotiated="1.4.2", weight=12),
    Build(personality="electrumx_1_18", negotiated="1.4.3", weight=8),
    Build(personality="electrumx_1_20", negotiated="1.6", weight=8),
    Build(personality="fulcrum_1_9", negotiated="1.5", weight=3),
    Build(personality="fulcrum_1_9_2", negotiated="1.5", weight=3),
    Build(personality="fulcrum_1_12", negotiated="1.5.3", weight=18),
    Build(personality="fulcrum_2_1_1", negotiated="1.6", weight=16),
    Build(personality="electrs_romanz_0_10_6", negotiated="1.4", weight=12),
    Build(personality="electrs_romanz_0_11_1", negotiated="1.4", weight=5),
    Build(personality="electrs_esplora", negotiated="1.4", weight=1),
    Build(personality="electrs_esplora_coded", negotiated="1.4", weight=1),
    Build(personality="mempool_electrs", negotiated="1.4", weight=1),
)
"""Every histogram algorithm that public servers have."""

_COMMON = ("electrumx_1_16_git", "electrumx_1_18", "electrumx_1_20", "fulcrum_1_12", "fulcrum_2_1_1")


def draw_servers(seed: int, sizes: Sequence[int], cases: Cases, node_ids: Sequence[str]) -> tuple[ServerPlan, ...]:
    """Draw the servers of nodes that have so many each; they come in a random order."""
    rng = stream(seed, "servers")
    by_id = {build.personality: build for build in BUILDS}
    common = by_id[rng.choice(_COMMON)], rng.choice(sorted(PROVIDERS))
    second = dict(cases.balanced)
    places = [(node, number) for node, size in enumerate(sizes) for number in range(size)]
    rng.shuffle(places)
    made: list[ServerPlan] = []
    for index, (node, number) in enumerate(places):
        build, provider = _kind(cases, node, number, common, rng)
        balances = node in second and number == sizes[node] - 1
        operator = cases.operators[node] + (1000 if node in cases.crossed and number % 2 else 0)
        nodes = (node_ids[node], node_ids[second[node]]) if balances else (node_ids[node],)
        made.append(_server(seed, index, build, provider, nodes, f"operator-{operator:04}"))
    return tuple(made)


def _kind(cases: Cases, node: int, number: int, common: tuple[Build, str], rng: random.Random) -> tuple[Build, str]:
    """The common build and provider on common nodes, except for some servers of mixed ones."""
    stays = node in cases.common and (node not in cases.mixed or number % 3 or rng.random() < _STAYS_COMMON)
    if stays:
        return common
    drawn = rng.choices(BUILDS, weights=[build.weight for build in BUILDS])[0]
    return drawn, rng.choice(sorted(PROVIDERS))


def _server(seed: int, index: int, build: Build, provider: str, nodes: tuple[str, ...], operator: str) -> ServerPlan:
    rng = stream(seed, "server", index)
    personality = PERSONALITIES[build.personality]
    block = ipaddress.IPv4Network(rng.choice(PROVIDERS[provider].blocks).ipv4)
    address = str(block[rng.randrange(1, block.num_addresses - 1)])
    return ServerPlan(
        server_id=f"server-{index:03}",
        endpoint=Endpoint(host=f"electrum{index:03}.example", address=address, port=_PORT, transport=Transport.SSL),
        personality=build.personality,
        implementation=personality.implementation,
        version=personality.default_version,
        negotiated=build.negotiated,
        nodes=nodes,
        operator=operator,
        provider=provider,
        path_s=draw_log("server.path", seed, index) / 1000,
        loss=RANGES["server.loss"].high * rng.random() ** 2,
        zmq=personality.implementation == "fulcrum" and rng.random() < draw("server.zmq_share", seed),
    )
