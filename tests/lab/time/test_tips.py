"""When servers tell of blocks: poll phases, rivals, connections, and news that agrees with what rounds are told."""

from itertools import pairwise

import numpy as np
import pytest

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.lab.merkle import double_sha256
from electrum_observatory.lab.time.life import blind_spells
from electrum_observatory.lab.time.rounds import chunk_of
from electrum_observatory.lab.time.tip_news import TipNews
from electrum_observatory.lab.time.tips import next_poll
from tests.lab.time.small_worlds import node_of, servers_of, small_world

DELAYS_S = {
    "electrumx": (0.1, 12.5),
    "electrumx_1_20": (0.1, 12.5),
    "fulcrum": (0.1, 2.0),
    "fulcrum_1_12": (0.1, 4.1),
    "romanz_electrs": (0.05, 1.0),
    "blockstream_electrs": (0.1, 6.7),
    "mempool_electrs": (0.1, 2.1),
}
"""From a node's tip to the word: ``implementations.md`` §5.3, with the work that ranges allow."""


@pytest.fixture(scope="module")
def world():
    return small_world()


def _lags(world, server):
    """Seconds from a node's knowing a block to the server's word, for blocks that are told one by one."""
    node = node_of(world, server)
    known, _ = world.tips._known_to(node)
    timeline = world.tips.timeline(server, node)
    return timeline.told_s - known[timeline.height - 900_000]


@pytest.mark.parametrize("name", DELAYS_S)
def test_a_program_tells_of_a_block_within_its_polls_and_its_work(world, name):
    lags = np.concatenate([_lags(world, server) for server in servers_of(world, name)])

    low, high = DELAYS_S[name]
    assert low <= lags.min()
    assert np.quantile(lags, 0.999) <= high


def test_polls_have_a_phase_of_their_own_that_drifts():
    moments = np.arange(0, 86_400, 600.0)
    waits = [
        next_poll(moments, "poll.electrumx", np.array([-1000.0]), np.random.default_rng(seed)) - moments
        for seed in range(40)
    ]

    pooled = np.concatenate(waits)
    assert pooled.min() >= 0
    assert pooled.max() < 5.2
    assert abs(pooled.mean() - 2.5) < 0.25
    assert all(np.ptp(one) > 1 for one in waits)


def test_two_servers_of_one_node_differ_by_their_polls_and_zmq_by_little(world):
    by_node = {}
    for server in servers_of(world, "fulcrum"):
        by_node[node_of(world, server)] = np.median(_lags(world, server))
    slow = [np.median(_lags(world, server)) for server in servers_of(world, "electrumx")]

    assert max(by_node.values()) < 2 < np.mean(slow)


def test_headers_are_linked_and_rivals_share_a_parent(world):
    raw, winners = world.tips.headers.raw, world.tips.headers.winners
    rivals = [(height, raw[winners + height]) for height in range(1, winners) if raw[winners + height]]

    for before, after in pairwise(raw[:winners]):
        assert after[4:36] == double_sha256(before)
    assert all(loser[4:36] == double_sha256(raw[height - 1]) for height, loser in rivals)
    assert all(loser != raw[height] for height, loser in rivals)
    assert all(len(one) in (0, 80) for one in raw)
    assert parse_header(raw[5]).timestamp == int(world.plan.start_us / 1e6 + world.history.blocks.found_s[5])


def test_nodes_that_hear_of_the_loser_first_tell_of_it_and_all_agree_at_the_next_height():
    world = next(one for one in map(small_world, range(3, 40)) if np.isfinite(one.history.blocks.rival_s[100:]).any())
    winner_then_loser = {
        node: world.mempools.relay.rivals(node, world.history.blocks) for node in range(len(world.plan.nodes))
    }

    for server in range(len(world.plan.servers)):
        node = node_of(world, server)
        first, second = winner_then_loser[node]
        timeline = world.tips.timeline(server, node)
        places = timeline.height - 900_000
        assert ((timeline.header >= world.tips.headers.winners) == (second[places] < first[places])).all()


def _news(world):
    absences = [world.lives.absences(server) for server in range(len(world.plan.servers))]
    return TipNews(world.plan, world.tips, absences)


def test_news_rises_by_server_and_starts_each_connection_with_a_greeting(world):
    chunk = chunk_of(world.plan, from_s=0, to_s=43_200, every_s=300)

    news = _news(world).columns(chunk)

    assert (np.diff(news.received_at_us) >= 0).all()
    for server in range(len(world.plan.servers)):
        mine = news.endpoint_at == server
        if mine.any():
            assert news.first[mine][0] == 1
            fresh = news.height[mine][news.first[mine] == 0]
            assert (np.diff(fresh) > 0).all()


def test_chunks_together_hold_the_news_of_the_whole(world):
    whole = _news(world).columns(chunk_of(world.plan, from_s=0, to_s=43_200, every_s=300))
    spans = ((0, 20_000), (20_000, 43_200))
    parts = [_news(world).columns(chunk_of(world.plan, from_s=a, to_s=b, every_s=300)) for a, b in spans]

    assert np.concatenate([one.received_at_us for one in parts]).tolist() == whole.received_at_us.tolist()
    assert np.concatenate([one.endpoint_at for one in parts]).tolist() == whole.endpoint_at.tolist()


def test_nothing_is_heard_while_the_server_is_away_or_we_are_blind(world):
    news = _news(world).columns(chunk_of(world.plan, from_s=0, to_s=43_200, every_s=300))

    assert len(news.height) > 500
    fresh = news.first == 0
    told_after = 6_000_000  # µs that news may still be under way when a spell begins
    for spell in blind_spells(world.plan):
        inside = (news.received_at_us > spell.from_us + told_after) & (news.received_at_us < spell.to_us)
        assert not (inside & fresh).any()
    for server in range(len(world.plan.servers)):
        at = (news.received_at_us[(news.endpoint_at == server) & fresh] - world.plan.start_us) / 1e6
        absences = world.lives.absences(server)
        for began, ended in zip(absences.from_s, absences.to_s, strict=True):
            assert not ((at > began + 6) & (at < ended)).any()
