"""Six real servers on two real nodes, watched by the command: the groups that are found are the wiring."""

from electrum_observatory.analysis.backends.study import DEFAULT_THRESHOLD
from tests.servers.wired.guests import WiredWatch

REFRESHES = 10
LEAST_BLOCKS = 1


def test_the_watch_ends_well_and_saw_refreshes_and_blocks(wired: WiredWatch) -> None:
    assert wired.exit_code == 0, wired.said
    assert wired.refreshes >= REFRESHES
    assert wired.heights > LEAST_BLOCKS


def test_servers_are_grouped_as_they_are_wired(wired: WiredWatch) -> None:
    assert set(wired.groups) == wired.true_groups
    assert wired.expected_false <= 1 - DEFAULT_THRESHOLD


def test_every_pair_on_one_node_has_more_bits_than_any_on_two(wired: WiredWatch) -> None:
    together = {pair for group in wired.true_groups for pair in wired.bits if pair <= group}

    assert min(wired.bits[pair] for pair in together) > max(wired.bits[pair] for pair in wired.bits.keys() - together)


def test_contested_transactions_speak_for_one_node_and_against_two(wired: WiredWatch) -> None:
    together = {pair for group in wired.true_groups for pair in wired.contested if pair <= group}

    assert min(wired.contested[pair] for pair in together) > 0
    assert max(wired.contested[pair] for pair in wired.contested.keys() - together) < -2


def test_the_published_rule_takes_servers_of_both_nodes_for_one_cluster(wired: WiredWatch) -> None:
    """Divergences of 0.5 bits or less join whatever has a like fee landscape."""
    assert any(len({wired.wiring[name] for name in cluster}) > 1 for cluster in wired.published)


def test_what_one_node_alone_was_given_is_pending_at_its_servers_and_nowhere_else(wired: WiredWatch) -> None:
    of_node = {node: {name for name, own in wired.wiring.items() if own == node} for node in wired.wiring.values()}

    assert not wired.strangers
    assert any(wired.listed.get(txid) == of_node[node] for txid, node in wired.alone.items())
    assert any(servers == set(wired.wiring) for servers in wired.listed.values()), "most go round"
