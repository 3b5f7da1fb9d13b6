"""What is left out of a peer list is what the frontier would not have kept."""

import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.protocol.peers import PeerRows
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.discovery.peers_subscribe import peer_sightings
from electrum_observatory.scanner.frontier import TELLERS_KEPT, Frontier
from electrum_observatory.scanner.heard import Heard
from electrum_observatory.scanner.rules import Rules

NETWORK = NETWORKS["bitcoin"]
ROWS = [[f"5.9.1.{place}", f"h{place}.example.org", ["v1.4", "s", "t"]] for place in range(1, 20)]


def frontier() -> Frontier:
    return Rules().frontier(ScanConfig())


@pytest.mark.parametrize("most", [1000, 40])  # with and without a need to count what a list says
@pytest.mark.parametrize("lists", [[ROWS] * 12, [ROWS[:5], *[ROWS[3:]] * 10, ROWS], [[*ROWS[:2], ROWS[0]]] * 11])
def test_the_frontier_keeps_the_same_and_counts_the_same(lists: list, most: int) -> None:
    told_all, told_news = frontier(), frontier()
    heard = Heard(told_news, NETWORK, most=most)
    rows = PeerRows()
    spared = 0

    for number, sent in enumerate(lists):
        peers, teller = rows.read(sent), f"teller {number}"
        everything = [
            one for peer in peers for one in peer_sightings(peer, network=NETWORK, told_by=teller, seen_at_us=number)
        ]
        news = heard.news(peers, told_by=teller, seen_at_us=number)
        kept = told_all.offer(everything, depth=1, trusted=False)
        assert told_news.offer(news.sightings, depth=1, trusted=False) == kept
        spared += len(everything) - len(news.sightings)

    assert told_news.counts == told_all.counts
    assert told_news.known == told_all.known
    assert spared, "nothing was spared"


def test_of_a_list_longer_than_what_is_looked_at_the_beginning_is_told_and_the_rest_is_counted() -> None:
    heard = Heard(frontier_that_heard_all := frontier(), NETWORK, most=10)
    peers = PeerRows().read(ROWS)

    for number in range(TELLERS_KEPT + 3):
        news = heard.news(peers, told_by=str(number), seen_at_us=0)
        frontier_that_heard_all.offer(news.sightings, depth=1, trusted=False)

    assert len(news.sightings) == 10
    assert len(news.sightings) + news.beyond == 2 * len(ROWS)
