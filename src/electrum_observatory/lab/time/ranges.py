"""Every parameter of the lab in time: the range it is drawn from, and where the range comes from.

Committed before anything is scored. A world draws each value by :func:`draw` from its own seed; nothing in ``analysis``
may read this table. "assumed" marks what nobody has measured for us: such a range is wide on purpose.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from electrum_observatory.lab.chance import stream

ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where a parameter is drawn from, uniformly; a constant has equal ends.

    Attributes:
        low: Smallest value.
        high: Largest value.
        unit: Of both.
        source: Source file of the program, or "assumed" with a word why.
    """

    low: float
    high: float
    unit: str
    source: str

    def draw(self, rng: random.Random) -> float:
        """Draw one value."""
        return rng.uniform(self.low, self.high)


def _range(low: float, high: float, unit: str, source: str = ASSUMED) -> Range:
    return Range(low=low, high=high, unit=unit, source=source)


_NET = "Bitcoin Core net_processing.cpp"
_MEMPOOL = "Bitcoin Core txmempool.cpp, kernel/mempool_options.h"
_KNOTS = "Bitcoin Knots 29 policy/policy.h, init.cpp (defaults)"

RANGES: Mapping[str, Range] = MappingProxyType(
    {
        # The stream of transactions.
        "flow.vsize_mean": _range(
            1200, 1500, "vB", "assumed: one transaction of the lab stands for three or four real"
        ),
        "flow.vsize_spread": _range(1.0, 1.4, "log units", "assumed: log-normal, heavier than a payment's"),
        "flow.legacy_share": _range(0.04, 0.10, "share", "lab/mempool.py: one in fourteen without witness"),
        "flow.witness_discount": _range(0.30, 0.50, "bytes per weight unit", "lab/mempool.py"),
        "flow.round_share": _range(0.20, 0.60, "share", "issue 5: 20-60 % round fee rates"),
        "flow.rate_spread": _range(0.45, 0.85, "log units", "assumed"),
        "flow.daily_swing": _range(0.10, 0.25, "share", "assumed: arrivals follow a day of 24 h"),
        "flow.replacing_share": _range(0.02, 0.06, "share", "assumed"),
        "flow.replacing_after": _range(60, 5400, "s", "assumed"),
        "flow.signalling_share": _range(0.70, 0.90, "share", "assumed: BIP 125 opt-in"),
        "flow.data_share": _range(0.05, 0.30, "share", "assumed: tokens and inscriptions, which Knots refuses"),
        "flow.large_data_share": _range(0.001, 0.01, "share", "assumed: OP_RETURN over 83 bytes, allowed by Core 30"),
        # Public scripts, where a watch asks for what is pending there.
        "script.share": _range(
            0.0002, 0.003, "share", "assumed: 100 to 1,500 of half a million a day, as exchanges' wallets; log-uniform"
        ),
        # Fee regimes: level of the market in sat/vB, and demand in shares of what blocks can carry.
        "quiet.level": _range(0.25, 0.9, "sat/vB", "assumed: fees below 1 sat/vB, as in 2025"),
        "quiet.demand": _range(0.60, 0.82, "of capacity", ASSUMED),
        "quiet.backlog": _range(0.1, 0.6, "MvB", ASSUMED),
        "calm.level": _range(1.8, 6.0, "sat/vB", ASSUMED),
        "calm.demand": _range(0.85, 0.97, "of capacity", ASSUMED),
        "calm.backlog": _range(1.0, 5.0, "MvB", ASSUMED),
        "busy.level": _range(10.0, 40.0, "sat/vB", ASSUMED),
        "busy.demand": _range(0.99, 1.03, "of capacity", ASSUMED),
        "busy.backlog": _range(12.0, 30.0, "MvB", ASSUMED),
        "regime.spell": _range(1.0, 3.0, "days", "issue 5: a day or more each"),
        "regime.wander": _range(0.10, 0.25, "log units", "assumed: how far the market wanders within a spell"),
        # Blocks.
        "block.interval": _range(600, 600, "s", "Bitcoin's target"),
        "block.vsize": _range(985_000, 999_000, "vB", "consensus: 4 MWU, less coinbase and headers"),
        "block.template_age": _range(1, 45, "s", "assumed: age of the template that a miner works on"),
        "block.passed_over": _range(0.002, 0.02, "share", "assumed: not in that miner's view"),
        "block.stale_share": _range(0.002, 0.02, "share", "assumed: more than mainnet's, so that a week holds some"),
        "block.stale_lead": _range(0.2, 8.0, "s", "assumed: how long after the winner the loser is found"),
        "block.travel": _range(0.3, 2.5, "s", "assumed: mean time of a block from its miner to a node"),
        "block.shared_relay_jitter": _range(0.02, 0.3, "s", "assumed: two nodes behind one relay"),
        # Relay.
        "relay.outbound_mean": _range(2, 2, "s", f"{_NET} OUTBOUND_INVENTORY_BROADCAST_INTERVAL"),
        "relay.inbound_mean": _range(5, 5, "s", f"{_NET} INBOUND_INVENTORY_BROADCAST_INTERVAL"),
        "relay.non_preferred": _range(2, 2, "s", f"{_NET} NONPREF_PEER_TX_DELAY"),
        "relay.outbound_peers": _range(8, 8, "peers", "Bitcoin Core net.h MAX_OUTBOUND_FULL_RELAY_CONNECTIONS"),
        "relay.inbound_peers": _range(0, 24, "peers", "assumed: 0 where nobody can connect"),
        "relay.hop": _range(0.02, 0.25, "s", "assumed: one way, with validation"),
        "low.missed": _range(0.02, 0.05, "share", "issue 5: 0.1-5 % never seen by a node"),
        "moderate.missed": _range(0.005, 0.02, "share", "issue 5"),
        "high.missed": _range(0.001, 0.003, "share", "issue 5"),
        "low.private": _range(0.015, 0.03, "share", "issue 5: 0.5-3 % private"),
        "moderate.private": _range(0.008, 0.015, "share", "issue 5"),
        "high.private": _range(0.005, 0.006, "share", "issue 5"),
        "private.known_to": _range(1, 3, "nodes", "issue 5: one node or few"),
        # Nodes.
        "node.low_floor_share": _range(0.35, 0.65, "share", "Core PR 33106: 0.1 sat/vB from 29.1 on; share assumed"),
        "node.knots_share": _range(0.08, 0.20, "share", f"assumed; {_KNOTS}: datacarriersize 42, rejecttokens"),
        "node.full_rbf_share": _range(0.75, 0.95, "share", "Core 28 made it the default; share assumed"),
        "node.small_mempool_share": _range(0.15, 0.30, "share", "assumed: maxmempool below the default of 300 MB"),
        "node.small_mempool": _range(50, 250, "MB", "issue 5: 50-300 MB"),
        "node.usage_per_vbyte": _range(2.7, 3.3, "bytes", f"{_MEMPOOL} DynamicMemoryUsage; ratio assumed"),
        "node.rolling_half_life": _range(43_200, 43_200, "s", f"{_MEMPOOL} ROLLING_FEE_HALFLIFE"),
        "node.expiry": _range(1_209_600, 1_209_600, "s", f"{_MEMPOOL} DEFAULT_MEMPOOL_EXPIRY_HOURS"),
        "node.down": _range(20, 900, "s", "assumed: a restart"),
        "node.reloads_share": _range(0.85, 1.0, "share", "Core -persistmempool is on by default; share assumed"),
        "node.fresh_mempool_share": _range(0.02, 0.15, "share", "assumed: nodes that began with an empty mempool"),
        "node.caught_up_share": _range(0.0, 0.15, "share", "assumed: of what came while it was down, told again later"),
        "narrow.uptime": _range(20, 365, "days", "issue 5: to a year"),
        "narrow.restarts_per_week": _range(0.0, 0.15, "restarts", ASSUMED),
        "wide.uptime": _range(1 / 24, 365, "days", "issue 5: an hour to a year; drawn log-uniformly"),
        "wide.restarts_per_week": _range(0.2, 1.5, "restarts", ASSUMED),
        # Servers.
        "server.path": _range(5, 300, "ms, there and back", "issue 5; drawn log-uniformly"),
        "server.path_jitter": _range(0.02, 0.25, "share of the path", "assumed: exponential"),
        "server.loss": _range(0.0, 0.05, "share", "issue 5; squared, so that most lose little"),
        "server.resent": _range(0.2, 3.0, "s", "assumed: TCP sends again after 0.2 s and more"),
        "server.never_came": _range(0.1, 0.4, "share", "assumed: of what got lost, that which does not come in time"),
        "server.electrumx_work": _range(0.05, 2.5, "s", "assumed: mempool walk, added to 120 s"),
        "server.poll_work": _range(0.05, 1.0, "s", "assumed: added to each poll of the mempool"),
        "server.zmq_share": _range(0.5, 0.8, "share", "assumed: of Fulcrum"),
        "server.syncing": _range(5, 90, "s", "assumed: from a server's start until its first histogram"),
        "server.shared_load_delay": _range(0.0, 0.4, "s", "assumed: what a busy server takes to answer, exponential"),
        # Fee files and estimates.
        "node.fee_file_share": _range(
            0.60, 0.95, "share", "assumed: nodes that found a fee_estimates.dat at their start"
        ),
        "node.fee_file_age": _range(0.05, 240, "h", "assumed; drawn log-uniformly"),
        "node.fee_file_oldest": _range(60, 60, "h", "Bitcoin Core policy/fees.h MAX_FILE_AGE (PR 27622)"),
        "node.fee_file_history": _range(1, 365, "days", "assumed; drawn log-uniformly"),
        "server.fee_clients": _range(0.2, 60, "questions per h", "assumed: other clients', for 2 blocks; log-uniform"),
        "server.rare_target_share": _range(0.05, 0.30, "share", "assumed: of those for any other target"),
        "server.daemon_cache": _range(60, 60, "s", "ElectrumX server/daemon.py, 1.16 and later"),
        "server.estimate_cache": _range(60, 60, "s", "electrs-esplora new_index/query.rs FEE_ESTIMATES_TTL"),
        # How servers learn of blocks, and tell.
        "poll.electrumx": _range(5, 5, "s", "ElectrumX server/env.py DAEMON_POLL_INTERVAL_BLOCKS"),
        "poll.electrumx_mempool": _range(5, 5, "s", "ElectrumX server/env.py DAEMON_POLL_INTERVAL_MEMPOOL"),
        "poll.fulcrum": _range(2, 2, "s", "Fulcrum Options.h defaultPollTimeSecs"),
        "poll.esplora": _range(5, 5, "s", "electrs-esplora bin/electrs.rs main loop"),
        "poll.mempool": _range(0.5, 0.5, "s", "mempool-electrs bin/electrs.rs main loop"),
        "poll.drift": _range(0.0005, 0.02, "share of the period", "assumed: a poll sleeps, then works"),
        "tip.electrumx_work": _range(0.1, 2.0, "s", "assumed: fetches and processes a block"),
        "tip.fulcrum_work": _range(0.1, 2.0, "s", "implementations.md 5.3"),
        "tip.romanz_work": _range(0.05, 1.0, "s", "implementations.md 5.3: mempool sync precedes, below 1-2 s"),
        "tip.esplora_work": _range(0.1, 1.5, "s", "assumed: indexes a block"),
        "tip.padding": _range(0.0, 1.0, "s", "ElectrumX server/transport.py, 1.18 and later"),
        "tip.resent": _range(0.2, 1.2, "s", "assumed: a lost packet comes again after the retransmission time"),
        # Lives.
        "life.diurnal_share": _range(0.03, 0.10, "share", "assumed: machines that are off at night"),
        "life.sporadic_share": _range(0.08, 0.20, "share", "assumed: now and then away"),
        "life.churning_share": _range(0.03, 0.10, "share", "assumed: come or go for good"),
        "life.diurnal_hours": _range(8, 18, "h a day", ASSUMED),
        "life.sporadic_up": _range(6, 96, "h", "assumed: mean; drawn log-uniformly"),
        "life.sporadic_down": _range(0.1, 12, "h", "assumed: mean; drawn log-uniformly"),
        "life.shares_host_share": _range(
            0.3, 0.7, "share", "assumed: servers of one operator and provider, on one host"
        ),
        "life.host_stops_per_week": _range(0.0, 0.4, "stops", ASSUMED),
        "life.host_down": _range(120, 7200, "s", "assumed; drawn log-uniformly"),
        "life.falls_with_node_share": _range(0.2, 0.6, "share", "assumed: servers stopped and started with their node"),
        "life.refuses_share": _range(
            0.5, 0.9, "share", "assumed: stops in which the host refuses rather than is silent"
        ),
        "life.releases_per_week": _range(0.3, 1.2, "releases", "assumed: of any program that operators follow"),
        "life.follows_share": _range(0.15, 0.5, "share", "assumed: operators that upgrade after a release"),
        "life.follows_after": _range(1, 96, "h", "assumed: mean lag of an operator; drawn log-uniformly"),
        "life.upgrade_spread": _range(0.1, 6, "h", "assumed: an operator's servers follow each other"),
        "life.upgrade_down": _range(15, 300, "s", "assumed: the process is restarted"),
        "life.rekeys_per_week": _range(0.01, 0.08, "new keys per operator", ASSUMED),
        "life.moves_per_week": _range(0.01, 0.05, "new addresses per server", "assumed: home connections, mostly"),
        "life.move_down": _range(60, 3600, "s", "assumed: until the name follows"),
        "blind.per_week": _range(0.5, 3, "spells of ours", ASSUMED),
        "blind.length": _range(600, 21_600, "s", "assumed; drawn log-uniformly"),
    }
)


def draw(name: str, seed: int, *about: object) -> float:
    """Draw a parameter by its name, for this seed and whomever it is about."""
    return RANGES[name].draw(stream(seed, name, *about))


def draw_log(name: str, seed: int, *about: object) -> float:
    """Draw a parameter log-uniformly: as many between 1 and 10 as between 10 and 100."""
    found = RANGES[name]
    return float(found.low * (found.high / found.low) ** stream(seed, name, *about).random())
